"""Addresses of signing in and out."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from lastmile import people

urlpatterns = [
    path("sign-in/", LoginView.as_view(template_name="lastmile/sign_in.html"), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("enter/<str:token>/", people.enter, name="enter"),
    path("health/", people.health, name="health"),
]
