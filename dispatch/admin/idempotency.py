from django.contrib import admin

from dispatch.models.idempotency import IdempotencyKey
from lastmile.admin import MachineryAdmin


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(MachineryAdmin):
    list_display = ("holder", "key", "status", "began_at")
    search_fields = ("holder", "key")
    ordering = ("-id",)
