"""A station's settings, with their history."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
