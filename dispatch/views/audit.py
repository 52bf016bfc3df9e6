"""Who did what: the ledger to read."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
