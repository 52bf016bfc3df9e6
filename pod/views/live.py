"""The driver's websocket: says that something changed, never what. The page fetches it under its own permission."""

from dispatch.models import Driver
from dispatch.services.driver_seen import note_seen
from lastmile.sockets import Socket


def topic_of(driver_id: int) -> str:
    return f"driver.{driver_id}"


class DriverSocket(Socket):
    """Nudges for whoever is signed in and drives: `route`, `eta`, `messages`."""

    driver_id = 0

    def allowed(self) -> bool:
        user = self.user()
        if user is None:
            return False
        drivers = Driver.objects.filter(user=user, active=True, station__active=True)
        driver = drivers.select_related("station").first()
        if driver is None:
            return False
        self.driver_id = self.driver_id or driver.pk
        if driver.pk != self.driver_id:
            return False
        note_seen(driver=driver, now=driver.station.now())  # asked again each minute: an open page is in use
        return True

    def topic(self) -> str:
        return topic_of(self.driver_id)
