"""Who did what with a station's day, newest first: the work of the people at the board, not the machinery's."""

from django.db.models import QuerySet

from dispatch.models import Station
from lastmile.kernel import events
from lastmile.models import Event

PAGE = 50
WORK = (
    *(
        events.RoutesChanged.name,
        events.OrdersChanged.name,
        events.StopChanged.name,
        events.FleetChanged.name,
    ),
    *(events.PlanStarted.name, events.PlanCompleted.name, events.PlanEnded.name),
    *(events.ExceptionChanged.name, events.DayChanged.name, events.ImportCompleted.name),
)


def dispatch_log(station: Station, *, before: int | None = None) -> QuerySet[Event]:
    """Events of the day's work, from `before` (an event's id) back."""
    rows = Event.objects.filter(station_id=station.pk, name__in=WORK)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.order_by("-pk")
