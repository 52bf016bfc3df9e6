"""Addresses of pod."""

from pod.api import messages, proofs, stops
from pod.views import driver
from pod.views import proofs as proof_pages

urlpatterns = [
    *stops.urlpatterns,
    *proofs.urlpatterns,
    *messages.urlpatterns,
    *driver.urlpatterns,
    *proof_pages.urlpatterns,
]
