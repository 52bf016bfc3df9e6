"""Recurring orders: list and form."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
