"""Calling an order off: why, and what follows."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from dispatch.access import BOARD, actor_of, require_station
from dispatch.lifecycle import OrderState, may
from dispatch.selectors.order_page import order_at, order_page
from dispatch.services.order_fields import clean
from dispatch.services.orders import cancel_order
from dispatch.services.station_days import is_closed
from dispatch.views.order_words import state_sentence
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError
from lastmile.refusals import in_words

REASONS = (
    ("", lazy("No reason given")),
    ("recipient", lazy("The recipient asked for it")),
    ("shop", lazy("The shop asked for it")),
    ("goods", lazy("The goods are missing or damaged")),
    ("address", lazy("The address is wrong")),
    ("duplicate", lazy("It was ordered twice")),
    ("other", lazy("Another reason")),
)


class CancelForm(forms.Form):
    reason = forms.ChoiceField(label=lazy("Reason"), choices=REASONS, required=False)
    words = forms.CharField(
        label=lazy("In your words"),
        required=False,
        max_length=200,
        help_text=lazy("Kept with the note to the dispatcher."),
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def said(self) -> str:
        """The reason as one line of the dispatcher's note."""
        label = str(dict(REASONS)[self.cleaned_data["reason"]]) if self.cleaned_data["reason"] else ""
        parts = [part for part in (label, clean(self.cleaned_data["words"])) if part]
        return _("Cancelled: %(why)s") % {"why": ", ".join(parts)} if parts else ""


@require_http_methods(["GET", "HEAD", "POST"])
@page
def cancel(request: HttpRequest, station_id: int, order_id: int) -> HttpResponse:
    """Ask once more, with what follows, and why."""
    station = require_station(request.user, station_id, BOARD)
    order = order_at(station, order_id)
    form = CancelForm(request.POST or None, initial={"version": order.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                cancel_order(
                    order=order,
                    actor=actor_of(request),
                    now=station.now(),
                    version=version_of(form.cleaned_data["version"]),
                    reason=form.said(),
                )
            except LastmileError as error:
                if error.code == "reason_too_long":
                    form.add_error("words", in_words(error))
                else:
                    messages.error(request, in_words(error))
                    return redirect("order-show", station.pk, order.pk)
            else:
                messages.success(request, _("Order %(number)s is cancelled.") % {"number": order.number})
                return redirect("order-show", station.pk, order.pk)
    found = order_page(station, order_id)
    ready = may(OrderState, order.state, OrderState.CANCELLED) and not is_closed(station, order.day)
    context = frame(request, station, "orders") | {
        "order": order, "shown": found, "form": form, "words": state_sentence(found), "ready": ready,
    }  # fmt: skip
    return render(request, "dispatch/order_cancel.html", context, status=status)


def version_of(written: str) -> int:
    """The version a page was made of; what is none is a version that no order has."""
    return int(written) if written.isascii() and written.isdigit() and 0 < len(written) < 10 else -1
