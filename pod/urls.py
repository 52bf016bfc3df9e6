"""Addresses of pod."""

from pod.api import stops
from pod.views import driver

urlpatterns = [*stops.urlpatterns, *driver.urlpatterns]
