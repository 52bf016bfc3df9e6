from django.contrib import admin

from dispatch.admin.base import Mine, ReadOnlyAdmin
from dispatch.admin.maps import PlaceShown
from pod.models import Proof


@admin.register(Proof)
class ProofAdmin(PlaceShown, ReadOnlyAdmin):
    station_path = "attempt__order__station"
    list_display = ("captured_at", "attempt", "order", "received_by", "relation", "distance_m")
    list_select_related = ("attempt__order__station",)
    list_filter = (("attempt__order__station", Mine),)
    search_fields = ("attempt__order__number", "received_by")
    date_hierarchy = "captured_at"
    readonly_fields = ("map",)

    @admin.display(description="order")
    def order(self, proof: Proof) -> str:
        return proof.attempt.order.number
