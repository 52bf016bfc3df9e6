"""What tracking adds to the apps below it."""


def register() -> None:
    """Called once, when Django is ready."""
    from dispatch.api import authentication
    from tracking.services import devices

    authentication.register(devices.PREFIX, devices.device_of)
