"""Every address of the site: pages, the API, the admin."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler404 = "lastmile.missing.missing"

urlpatterns = [
    path("", include("dispatch.urls")),
    path("", include("pod.urls")),
    path("", include("tracking.urls")),
    path("", include("lastmile.people_urls")),
    # One door for everybody: the admin's own form would ask for passwords that people with links do not have.
    path("admin/login/", RedirectView.as_view(pattern_name="sign-in", query_string=True)),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account")),
    path("admin/", admin.site.urls),
]
