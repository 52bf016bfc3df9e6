"""Addresses of pod."""

from pod.api import stops

urlpatterns = [*stops.urlpatterns]
