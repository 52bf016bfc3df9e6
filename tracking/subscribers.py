"""What tracking adds to the apps below it."""


def register() -> None:
    """Called once, when Django is ready."""
    from dispatch.api import authentication
    from dispatch.services import holders
    from tracking.services import devices, holder

    holders.register("tracking", holder.HOLDER)
    authentication.register(devices.PREFIX, devices.device_of)
