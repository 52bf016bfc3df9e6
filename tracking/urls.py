"""Addresses of tracking."""

from django.urls import URLPattern

from tracking.api import driver, positions
from tracking.views import devices, recipient

urlpatterns: list[URLPattern] = [
    *positions.urlpatterns,
    *driver.urlpatterns,
    *devices.urlpatterns,
    *recipient.urlpatterns,
]
