"""The ASGI application: pages and API over http, live push over websockets."""

import os
from threading import Thread

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.urls import path

from dispatch.planning.warm import load_walker
from dispatch.views.live import BoardSocket
from pod.views.live import DriverSocket
from tracking.views.live import TrackSocket

sockets = [
    path("ws/stations/<int:station_id>/", BoardSocket.as_asgi()),
    path("ws/driver/", DriverSocket.as_asgi()),
    path("ws/track/<str:token>/", TrackSocket.as_asgi()),
]

application = ProtocolTypeRouter(
    {
        "http": http,
        # The allowed origins name scheme, host and port: an "allowed hosts" check would let other ports in.
        "websocket": OriginValidator(AuthMiddlewareStack(URLRouter(sockets)), settings.ORIGINS),
    }
)

# The first price of a drag should not be the one that loads the planner.
Thread(target=load_walker, name="load-walker", daemon=True).start()
