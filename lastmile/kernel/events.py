"""The one vocabulary of events: ledger, websocket frames, webhooks, messages and logs use these names.

An event says what happened, in the past tense, by ids; readers look the objects up. `durable` events are rows of the
ledger and are numbered; live-only events are worth nothing a second later and are only pushed.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events; `station_id` decides whose ledger stream and whose screens it belongs to.

    `guarded`: who did what with rights and personal data is for the audit page; screens get its number only.
    """

    name: ClassVar[str]
    durable: ClassVar[bool] = True
    guarded: ClassVar[bool] = False
    station_id: int | None

    def data(self) -> dict[str, Any]:
        """The event's own fields as JSON-ready values."""
        return {key: value for key, value in asdict(self).items() if key != "station_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQueued(Event):
    name: ClassVar[str] = "job.queued"
    job_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFinished(Event):
    """A job left the queue for good: done, failed, dead or cancelled (the row says which)."""

    name: ClassVar[str] = "job.finished"
    job_id: int
    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgressed(Event):
    name: ClassVar[str] = "job.progressed"
    durable: ClassVar[bool] = False
    job_id: int
    percent: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersChanged(Event):
    """Orders were created, edited, located, cancelled or moved; `what` is the verb."""

    name: ClassVar[str] = "orders.changed"
    what: str
    order_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCompleted(Event):
    name: ClassVar[str] = "import.completed"
    import_id: int
    created: int
    updated: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStarted(Event):
    name: ClassVar[str] = "plan.started"
    plan_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProgressed(Event):
    """The incumbent improved: cost in cents and the routes as they stand (a proposal in the making)."""

    name: ClassVar[str] = "plan.progressed"
    durable: ClassVar[bool] = False
    plan_id: int
    elapsed_s: float
    limit_s: float
    cost_cents: int
    unassigned: int
    engine: str
    routes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCompleted(Event):
    name: ClassVar[str] = "plan.completed"
    plan_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEnded(Event):
    """A run ended without a proposal, or a proposal was accepted or discarded; `state` says which."""

    name: ClassVar[str] = "plan.ended"
    plan_id: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutesChanged(Event):
    """Routes were made, edited by hand, released, departed or closed; `what` is the verb."""

    name: ClassVar[str] = "routes.changed"
    what: str
    route_ids: list[int]
    order_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopChanged(Event):
    """A stop was arrived at, completed, failed; `what` is the verb."""

    name: ClassVar[str] = "stop.changed"
    what: str
    stop_id: int
    route_id: int
    order_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EtaChanged(Event):
    name: ClassVar[str] = "eta.changed"
    route_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionChanged(Event):
    """A delivery exception was raised, acknowledged or resolved; `what` is the verb."""

    name: ClassVar[str] = "exception.changed"
    what: str
    exception_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetChanged(Event):
    """Vehicles, drivers or shifts of a day changed."""

    name: ClassVar[str] = "fleet.changed"
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChanged(Event):
    name: ClassVar[str] = "clock.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclesMoved(Event):
    """Newest fixes of vehicles: dicts of id, lat, lng, heading, speed_mps, at."""

    name: ClassVar[str] = "vehicles.moved"
    durable: ClassVar[bool] = False
    vehicles: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Event):
    """Something about who may do what: signed in or out, refused, invited, a role given or taken, a sign-in ended.

    `what` is the verb, `person` the username (or the name given by somebody unknown), `detail` the words to add.
    """

    name: ClassVar[str] = "person.changed"
    guarded: ClassVar[bool] = True
    what: str
    person: str
    user_id: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDenied(Event):
    """Somebody who is signed in asked for what is not theirs."""

    name: ClassVar[str] = "access.denied"
    guarded: ClassVar[bool] = True
    person: str
    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChanged(Event):
    """A token of a shop or of a driver's phone was made or revoked; `kind` is shop or device."""

    name: ClassVar[str] = "token.changed"
    guarded: ClassVar[bool] = True
    what: str
    kind: str
    token_id: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(Event):
    """What a station works by was changed: `noun` and row, and each field's value before and after."""

    name: ClassVar[str] = "settings.changed"
    what: str
    noun: str
    row_id: int
    label: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExported(Event):
    """Personal data left the system by somebody's hand: `what` names the list, `detail` what was asked for."""

    name: ClassVar[str] = "data.exported"
    guarded: ClassVar[bool] = True
    what: str
    rows: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataErased(Event):
    """Personal data was erased, on request or by retention; counts by kind, never the data itself."""

    name: ClassVar[str] = "data.erased"
    guarded: ClassVar[bool] = True
    what: str
    counts: dict[str, int]
    order_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChanged(Event):
    """A day of the station was closed."""

    name: ClassVar[str] = "day.changed"
    what: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverMessageChanged(Event):
    """Words between station and driver were sent or confirmed."""

    name: ClassVar[str] = "driver_message.changed"
    what: str
    message_id: int
    driver_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientMessageChanged(Event):
    """A message to a recipient was queued, sent or failed."""

    name: ClassVar[str] = "recipient_message.changed"
    what: str
    message_id: int
    order_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCaptured(Event):
    """A photo or a signature was added to the proof of an attempt."""

    name: ClassVar[str] = "proof.captured"
    kind: str
    attempt_id: int
    order_ids: list[int]


def vocabulary() -> dict[str, type[Event]]:
    """Every event class by its name."""
    return {kind.name: kind for kind in Event.__subclasses__()}
