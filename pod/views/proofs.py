"""Photos and signatures, to whoever may see them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
