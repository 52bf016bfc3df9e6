"""Addresses of tracking."""

from django.urls import URLPattern

from tracking.api import driver, positions

urlpatterns: list[URLPattern] = [*positions.urlpatterns, *driver.urlpatterns]
