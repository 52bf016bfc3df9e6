"""Addresses of pod."""

from pod.api import stops
from pod.views import driver, proofs

urlpatterns = [*stops.urlpatterns, *driver.urlpatterns, *proofs.urlpatterns]
