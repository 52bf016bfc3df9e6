"""What dispatch does when something happened elsewhere."""


def register() -> None:
    """Called once, when Django is ready."""
