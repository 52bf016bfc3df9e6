"""Messages between station and drivers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
