"""What dispatch does when something happened: cards for the screens, work for the job table."""

from lastmile import bus


def register() -> None:
    """Called once, when Django is ready."""
    from dispatch.selectors.board import patches
    from dispatch.services import imports, plan_run  # noqa: F401  (each registers its kind of job)

    bus.add_patch(patches)
