"""What dispatch does when something happened: cards for the screens, work for the job table."""

from lastmile import bus
from lastmile.kernel import events
from lastmile.models import Event


def walk_again(event: Event) -> None:
    """Orders on routes were edited: their routes' times are old."""
    from dispatch.services.routes import rewalk_routes

    if event.data["what"] == "updated":
        rewalk_routes(order_ids=event.data["order_ids"], actor="system:routes", now=event.at)


def register() -> None:
    """Called once, when Django is ready."""
    from dispatch.selectors.board import patches
    from dispatch.services import imports, plan_run  # noqa: F401  (each registers its kind of job)

    bus.add_patch(patches)
    bus.subscribe("routes", {events.OrdersChanged}, walk_again)
