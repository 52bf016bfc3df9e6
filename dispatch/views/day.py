"""The manager's day: its numbers, and closing it."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
