"""Drivers' phones: listed and revocable."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
