"""The machinery's own rows: for superusers to look at. People, events and jobs are shown by dispatch, by station."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from lastmile.models import DeadLetter, LoginLink, SignIn, Stream, Subscription


class MachineryAdmin(admin.ModelAdmin):
    """Readable by superusers, changed by nobody."""

    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LoginLink)
class LoginLinkAdmin(MachineryAdmin):
    list_display = ("user", "created_at", "expires_at", "used_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "created_at", "expires_at", "used_at")
    ordering = ("-id",)


@admin.register(SignIn)
class SignInAdmin(MachineryAdmin):
    list_display = ("user", "agent", "address", "created_at", "seen_at", "ended_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    exclude = ("session_key",)


@admin.register(Stream)
class StreamAdmin(MachineryAdmin):
    list_display = ("station_id", "epoch", "last")


@admin.register(Subscription)
class SubscriptionAdmin(MachineryAdmin):
    list_display = ("name", "position")
    search_fields = ("name",)


@admin.register(DeadLetter)
class DeadLetterAdmin(MachineryAdmin):
    list_display = ("subscriber", "event", "error", "created_at")
    list_select_related = ("event",)
    list_filter = ("subscriber",)
    search_fields = ("subscriber", "error")
    ordering = ("-id",)
