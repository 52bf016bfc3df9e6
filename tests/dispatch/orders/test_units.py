"""Where people weigh in pounds the form is in pounds: stored in grams, and what nobody changed stays to the gram."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.models import Order
from dispatch.order_forms import size_words
from dispatch.services.order_draft import MAX_VOLUME_CM3, MAX_WEIGHT_G
from dispatch.services.order_fields import scaled
from lastmile.kernel.units import CUBIC_FOOT_CM3, POUND_G
from tests.dispatch.orders.conftest import Desk
from tests.scenarios import make_orders


@pytest.fixture
def abroad(desk: Desk) -> Desk:
    desk.station.units = "imperial"
    desk.station.save()
    return desk


@given(st.integers(0, MAX_WEIGHT_G), st.integers(0, MAX_VOLUME_CM3))
def test_what_the_form_shows_reads_back_to_the_gram(grams: int, cm3: int) -> None:
    """Or an order that is opened and saved, or copied, would weigh something else each time."""
    order = SimpleNamespace(weight_g=grams, volume_cm3=cm3, station=SimpleNamespace(units="imperial"))
    words = size_words(order)  # type: ignore[arg-type]
    assert scaled(words["weight_lb"], POUND_G, MAX_WEIGHT_G) == grams
    assert scaled(words["volume_ft3"], CUBIC_FOOT_CM3, MAX_VOLUME_CM3) == cm3


@pytest.mark.django_db
def test_the_form_is_in_pounds_and_cubic_feet(abroad: Desk) -> None:
    page = abroad.client.get(abroad.url("order-new")).text
    assert "Weight, lb" in page
    assert "Volume, cu ft" in page
    assert "Weight, kg" not in page
    sent = abroad.written(address="Teststreet 5", weight_lb="2.5", volume_ft3="0,5")
    assert abroad.client.post(abroad.url("order-new"), sent).status_code == 302
    order = Order.objects.get()
    assert (order.weight_g, order.volume_cm3) == (1134, 14158)


@pytest.mark.django_db
def test_an_edit_of_something_else_changes_no_weight(abroad: Desk) -> None:
    """And one that is changed is read in the unit it was shown in."""
    order = make_orders(abroad.station, abroad.shop, 1, weight_g=350, volume_cm3=2000)[0]
    address = abroad.url("order-edit", order.pk)
    assert 'value="0.772"' in abroad.client.get(address).text
    abroad.client.post(address, abroad.written(order, note="ring"))
    order.refresh_from_db()
    assert (order.note, order.weight_g, order.volume_cm3) == ("ring", 350, 2000)
    abroad.client.post(address, abroad.written(order, weight_lb="1"))
    order.refresh_from_db()
    assert (order.weight_g, order.volume_cm3) == (454, 2000)


@pytest.mark.django_db
def test_a_page_opened_before_the_units_changed_is_not_misread(desk: Desk) -> None:
    """5 kg must not become 5 lb: what was typed in the other unit is not taken."""
    order = make_orders(desk.station, desk.shop, 1, weight_g=350)[0]
    sent = desk.written(order, weight_kg="5")
    desk.station.units = "imperial"
    desk.station.save()
    desk.client.post(desk.url("order-edit", order.pk), sent)
    order.refresh_from_db()
    assert order.weight_g == 350


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "typed"), [("weight_lb", "heavy"), ("weight_lb", "-1"), ("volume_ft3", "9e9")]
)
def test_a_refusal_stands_at_the_field(abroad: Desk, field: str, typed: str) -> None:
    answer = abroad.client.post(
        abroad.url("order-new"), abroad.written(address="Teststreet 5", **{field: typed})
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
