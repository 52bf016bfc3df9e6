from django.contrib import admin

from dispatch.admin.base import Mine, ReadOnlyAdmin
from dispatch.admin.maps import PlaceShown
from pod.models import Proof, ProofFile


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


@admin.register(ProofFile)
class ProofFileAdmin(ReadOnlyAdmin):
    station_path = "proof__attempt__order__station"
    list_display = ("recorded_at", "kind", "proof", "width", "height", "bytes", "erased_at")
    list_select_related = ("proof__attempt__order__station",)
    search_fields = ("proof__attempt__order__number", "sha256")
