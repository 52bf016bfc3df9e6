"""One order: its page, its form."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
