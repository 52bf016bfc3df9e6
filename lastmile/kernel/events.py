"""The one vocabulary of events: ledger, websocket frames, webhooks, messages and logs use these names.

An event says what happened, in the past tense, by ids; readers look the objects up. `durable` events are rows of the
ledger and are numbered; live-only events are worth nothing a second later and are only pushed.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events; `station_id` decides whose ledger stream and whose screens it belongs to."""

    name: ClassVar[str]
    durable: ClassVar[bool] = True
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


def vocabulary() -> dict[str, type[Event]]:
    """Every event class by its name."""
    return {kind.name: kind for kind in Event.__subclasses__()}
