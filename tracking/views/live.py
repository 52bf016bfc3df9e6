"""The websocket of a recipient's page: it says that something changed, never what."""

from channels.db import database_sync_to_async
from django.utils import timezone

from lastmile import limits, sockets
from lastmile.kernel.errors import LastmileError
from tracking.selectors.recipient import shown_order, topic_of
from tracking.services.nudges import watch

PER_MINUTE = 20  # handshakes for one link: a page that comes back needs a few


class TrackSocket(sockets.Socket):
    """Open while its link shows something; an ended or revoked link ends it within a minute."""

    def allowed(self) -> bool:
        found = shown_order(self.token)
        if found is None:
            return False
        watch(found[0].pk)
        return True

    def topic(self) -> str:
        found = shown_order(self.token)
        return topic_of(found[0]) if found else "order.0"

    async def connect(self) -> None:
        self.token = self.scope["url_route"]["kwargs"]["token"]
        if not await database_sync_to_async(self._in_time)():
            await self.close(code=sockets.STRANGER)
            return
        await super().connect()

    def _in_time(self) -> bool:
        try:
            limits.take("recipient-socket", self.token, amount=PER_MINUTE, per_s=60, at=timezone.now())
        except LastmileError:
            return False
        return True
