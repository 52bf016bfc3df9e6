"""The recipient's page."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
