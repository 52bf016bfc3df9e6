"""Shops of a station and their API tokens."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
