"""Addresses of tracking."""

from django.urls import URLPattern

from tracking.api import driver, positions, tracks
from tracking.views import devices, recipient

urlpatterns: list[URLPattern] = [
    *positions.urlpatterns,
    *tracks.urlpatterns,
    *driver.urlpatterns,
    *devices.urlpatterns,
    *recipient.urlpatterns,
]
