"""The walk over the admin: who opens which page of which model, at one's own and at a foreign station."""

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.authorization.world import ROLES, World, make_world

pytestmark = pytest.mark.django_db
# What a manager opens of their own station: rows they may also add and delete, and rows they look at or correct.
MAKES = ("Carrier", "Driver", "Holiday", "ServiceLevel", "Shift", "Vehicle", "Zone")
READS = (
    *("Absence", "Attempt", "DeliveryException", "Device", "DriverMessage", "Event", "Invitation", "Job"),
    *("LivePosition", "Membership", "Order", "OrderImport", "Outage", "Parcel", "Plan", "Position", "Proof"),
    *("ProofFile", "RecipientMessage", "RecurringOrder", "Route", "Shop", "Station", "StationDay", "Stop"),
    *("StopOrder", "VehicleType"),
)


@pytest.fixture
def world() -> World:
    return make_world()


def pages(model: Any) -> dict[str, str]:
    """The addresses of a model in the admin, of its first row where there is one."""
    row = model._default_manager.order_by("pk").first()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    found = {"list": reverse(f"{name}_changelist"), "add": reverse(f"{name}_add")}
    if row is not None:
        found |= {verb: reverse(f"{name}_{verb}", args=[row.pk]) for verb in ("change", "delete", "history")}
    return found


def opened(world: World, role: str) -> set[str]:
    every = [(model, page, url) for model in admin.site._registry for page, url in pages(model).items()]
    client = world.clients[role]
    return {f"{m.__name__} {page}" for m, page, url in every if client.get(url).status_code == 200}


@pytest.mark.long
@pytest.mark.parametrize("role", sorted(set(ROLES) - {"manager", "admin"}))
def test_nobody_but_managers_and_admins_has_the_admin(world: World, role: str) -> None:
    """Every page of every model, of what Django brings along too, and the pages beside them."""
    beside = [
        reverse("admin:index"),
        reverse("admin:app_list", args=["dispatch"]),
        reverse("admin:autocomplete"),
    ]
    assert opened(world, role) == set()
    assert all(world.clients[role].get(url).status_code != 200 for url in beside)


def test_a_manager_opens_what_the_table_names(world: World) -> None:
    """A new model in the admin is closed to managers until somebody writes it down here."""
    wanted = {
        f"{name} {page}" for name in (*MAKES, *READS, "ShopToken") for page in ("list", "change", "history")
    }
    wanted |= {f"{name} {page}" for name in MAKES for page in ("add", "delete")} | {"ShopToken add"}
    assert opened(world, "manager") == wanted
