"""Changes to today's fleet."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
