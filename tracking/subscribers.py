"""What tracking adds to the apps below it."""


def register() -> None:
    """Called once, when Django is ready."""
    from dispatch.api import authentication
    from dispatch.services import holders, people
    from lastmile import bus
    from lastmile.kernel import events
    from tracking.services import devices, holder, nudges

    holders.register("tracking", holder.HOLDER)
    authentication.register(devices.PREFIX, devices.device_of)
    people.register_phones(devices.revoke_phones)
    pictures = {events.StopChanged, events.RoutesChanged, events.EtaChanged, events.OrdersChanged}
    bus.subscribe("recipients", pictures, nudges.nudge_touched)
