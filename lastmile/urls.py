"""Every address of the site: pages, the API, the admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("dispatch.urls")),
    path("", include("pod.urls")),
    path("", include("tracking.urls")),
    path("", include("lastmile.people_urls")),
    path("admin/", admin.site.urls),
]
