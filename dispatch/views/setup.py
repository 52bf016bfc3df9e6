"""The first run: from nothing to an own station."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
