from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from dispatch.admin.base import Inline, SuperuserAdmin
from dispatch.models import Membership
from lastmile.models import User
from lastmile.people import make_login_link


class MembershipInline(Inline):
    model = Membership
    autocomplete_fields = ("station",)


@admin.register(User)
class PersonAdmin(SuperuserAdmin, UserAdmin):
    form = UserChangeForm
    list_display = ("username", "full_name", "email", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "memberships__role")
    search_fields = ("username", "full_name", "email")
    inlines = (MembershipInline,)
    actions = ("send_link",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("full_name", "email", "language")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    @admin.action(description="Make a one-time sign-in link")
    def send_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Shown once, to the admin, who hands it on."""
        for person in people.filter(is_active=True)[:20]:
            path = make_login_link(user=person, now=timezone.now())
            words = "{}: <code class='token-once'>{}</code>, good once within 15 minutes."
            messages.success(request, format_html(words, person.username, request.build_absolute_uri(path)))
