from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = "Dispatch"

    def ready(self) -> None:
        from dispatch import access, subscribers
        from dispatch.services import invitations  # noqa: F401  (registers its kind of job)
        from lastmile import sign_ins

        subscribers.register()
        sign_ins.register_roles(access.roles_anywhere)
