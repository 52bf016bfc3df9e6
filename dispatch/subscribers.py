"""What dispatch does when something happened: cards for the screens, work for the job table."""

from lastmile import bus
from lastmile.kernel import events
from lastmile.models import Event


def walk_again(event: Event) -> None:
    """Orders on routes were edited: their routes' times are old. A job, for walking takes longer than telling."""
    from dispatch.services.rewalk import queue_rewalk

    if event.data["what"] == "updated":
        queue_rewalk(
            order_ids=event.data["order_ids"],
            station_id=event.station_id or None,
            key=f"event {event.pk}",
            actor="system:routes",
            now=event.at,
        )


def register() -> None:
    """Called once, when Django is ready."""
    import dispatch.services.recurring_days  # noqa: F401  (registers its kind of job)
    from dispatch.selectors.board import patches
    from dispatch.selectors.order_history import SUBSCRIBER, TOLD
    from dispatch.services import (  # noqa: F401  (each registers its kind of job, or what the checker asks)
        city_jobs,
        day_schedule,
        imports,
        invariants,
        plan_run,
        recipient_messages,
        retention,
        rewalk,
        road_events,
    )
    from dispatch.services.order_links import link_event

    bus.add_patch(patches)
    bus.subscribe("routes", {events.OrdersChanged}, walk_again)
    bus.subscribe(SUBSCRIBER, TOLD, link_event)
