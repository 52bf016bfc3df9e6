"""Today's fleet: who and what is out."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
