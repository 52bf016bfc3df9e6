from django.apps import AppConfig


class PodConfig(AppConfig):
    name = "pod"
    verbose_name = "Pod"

    def ready(self) -> None:
        from pod import subscribers

        subscribers.register()
