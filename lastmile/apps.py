import sys
import types

from django.apps import AppConfig


class LastmileConfig(AppConfig):
    name = "lastmile"
    verbose_name = "Lastmile"

    def ready(self) -> None:
        # django-leaflet's admin module imports GeoDjango, which needs GDAL. We use its assets and tags only;
        # an empty module in its place lets admin autodiscovery go on for all other apps.
        sys.modules.setdefault("leaflet.admin", types.ModuleType("leaflet.admin"))
        from lastmile import celery, mail, subscribers  # noqa: F401  (mail registers its kinds of jobs)

        celery.app.set_default()
        subscribers.register()
