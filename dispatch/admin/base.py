"""What all admin pages share: only the rows of one's own stations, also in choices and filters."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from dispatch.access import stations_of
from dispatch.admin.fields import FIELDS, SameStationForm
from dispatch.models import Station
from lastmile.kernel.errors import LastmileError


def is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


def visible(site: admin.AdminSite, model: type[Model], request: HttpRequest) -> QuerySet[Any]:
    """The rows of a model that this person may see: as its own admin lists them."""
    if site.is_registered(model):
        return site.get_model_admin(model).get_queryset(request)
    return model._default_manager.all()


class Scope(BaseModelAdmin):
    """Limits choices of related rows to what the person may see, and reads words and phones as people write them."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in FIELDS:
            return FIELDS[db_field.name](required=False, help_text=db_field.help_text)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", visible(self.admin_site, db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", visible(self.admin_site, db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class StationAdmin(Scope, admin.ModelAdmin):
    """Rows reached from a station by `station_path`; None: rows that belong to no station."""

    station_path: ClassVar[str | None] = "station"
    form = SameStationForm
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if self.station_path is None:
            return rows
        if is_superuser(request):
            return self.real(rows)
        return self.scope(rows, stations_of(request.user).values("pk"))

    def real(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Without what hangs on sandboxes: nobody at the stations meets trial orders."""
        path = "" if self.station_path == "pk" else f"{self.station_path}__"
        return rows.exclude(**{f"{path}sandbox_of__isnull": False})

    def scope(self, rows: QuerySet[Any], station_ids: QuerySet[Any, Any]) -> QuerySet[Any]:
        """Narrow rows to these stations."""
        return rows.filter(**{f"{self.station_path}__in": station_ids})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A service's refusal becomes a message; nothing is saved then."""
        row = self.get_object(request, unquote(object_id)) if object_id else None
        with timezone.override(self.zone(request, row)):
            try:
                return rendered(super().changeform_view(request, object_id, form_url, extra_context))
            except LastmileError as problem:
                messages.error(request, f"{problem.cause} {problem.action}")
                return redirect(request.get_full_path())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with timezone.override(self.zone(request, None)):
            return rendered(super().changelist_view(request, extra_context))

    def zone(self, request: HttpRequest, row: Any) -> ZoneInfo:
        """Whose clocks a page shows: the row's station's, or else the person's first station's."""
        station = row if isinstance(row, Station) else getattr(row, "station", None)
        if not isinstance(station, Station):
            station = self.station_of(row) if row is not None else None
        station = station or stations_of(request.user).first()
        return station.zone if station else ZoneInfo("UTC")

    def station_of(self, row: Any) -> Station | None:
        """The station at the end of `station_path`."""
        for step in (self.station_path or "").split("__"):
            row = getattr(row, step, None)
        return row if isinstance(row, Station) else None


def rendered(response: HttpResponse) -> HttpResponse:
    """Drawn now, while the time zone holds: admin pages are drawn after their view has returned otherwise."""
    return response.render() if isinstance(response, TemplateResponse) else response


class SuperuserAdmin(admin.ModelAdmin):
    """Rows that could give their editor more rights: superusers only, whatever model permissions say."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)


class ReadOnlyAdmin(StationAdmin):
    """Rows that services write and people only read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Inline(Scope, admin.TabularInline):
    """Rows below another, scoped like their own page."""

    extra = 0
    show_change_link = True


class ReadOnlyInline(Inline):
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Mine(RelatedFieldListFilter):
    """A filter by related row that offers only what the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rows = visible(model_admin.admin_site, field.remote_field.model, request)
        return [(row.pk, str(row)) for row in rows[:200]]
