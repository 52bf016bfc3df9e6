"""Who works at a station: members and invitations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
