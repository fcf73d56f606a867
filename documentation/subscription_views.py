"""Pages of the subscription by e-mail: ask, confirm, change, end. A GET never changes anything.

No form here needs a cookie: asking only causes a mail to the address, and everything else is authorised by the link
in a mail. That is also what RFC 8058 demands of the address in List-Unsubscribe: a POST without cookie, login or
Referer, answered with 200 and never with a redirect.
"""

import hashlib
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from documentation import digests, emails, subscriptions
from documentation.forms import SubscribeForm, WishForm
from documentation.models import Subscription
from mobipro import links
from mobipro.headers import private
from regions.models import AlreadyReceived, FormReceipt

log = logging.getLogger(__name__)

AN_HOUR: Final = 60 * 60
MOST_AN_HOUR: Final = 30  # from one internet address
TOO_OFTEN = "Von Ihrem Anschluss kamen sehr viele Bestellungen. Senden Sie Ihre in einer Stunde noch einmal."

View = Callable[..., HttpResponse]


def _page(view: View) -> View:
    """Without cookie check, kept by nobody, found by no search engine, and the address told to no other site."""

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return private(view(request, *args, **kwargs))

    return answer


# --- asking --------------------------------------------------------------------------------------
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """The public form; its answer is the same for every address."""
    if request.method != "POST":
        return render(request, "documentation/subscribe.html", {"form": SubscribeForm(initial=_preset(request))})
    form = SubscribeForm(request.POST)
    if not form.is_valid():
        return render(request, "documentation/subscribe.html", {"form": form})
    if _comes_too_often(request):
        form.add_error(None, TOO_OFTEN)
        return render(request, "documentation/subscribe.html", {"form": form}, status=429)
    try:
        subscriptions.request(email=form.cleaned_data["email"], wish=form.wish, form_id=form.receipt_id)
    except AlreadyReceived as received:
        if received.receipt.purpose != subscriptions.PURPOSE:  # another form's id
            form.ask_again()
            return render(request, "documentation/subscribe.html", {"form": form})
    return render(request, "documentation/subscribe.html", {"email": form.cleaned_data["email"]})


def _preset(request: HttpRequest) -> dict[str, Any]:
    """What the page she came from had filtered, and her address when she is signed in."""
    kinds = [kind for kind in request.GET.getlist("was") if kind in Subscription.Kind.values]
    return {
        "form_id": FormReceipt.new_id(),
        "email": request.user.email if request.user.is_authenticated else "",
        "was": kinds or Subscription.Kind.values,
        "region": request.GET.getlist("region")[:50],
        "thema": request.GET.getlist("thema")[:50],
    }


def _comes_too_often(request: HttpRequest) -> bool:
    """Whether this internet address asks as only a program does. Without a cache nobody is refused."""
    try:
        address = get_adapter().get_client_ip(request)
        key = f"subscribe:{hashlib.sha256(address.encode()).hexdigest()}"
        cache.add(key, 0, AN_HOUR)
        return cache.incr(key) > MOST_AN_HOUR
    except Exception:  # whatever the cache raises: its limit is a comfort, the limit of each address is the database's
        log.warning("No limit for subscriptions", exc_info=True)
        return False


# --- by the links in the mails -------------------------------------------------------------------
def _of(purpose: str, token: str, *, or_older: bool = False) -> Subscription | None:
    """The subscription of a genuine, current token; `or_older` also takes those of before it was asked for anew."""
    found = links.verify(purpose, token)
    if found is None:
        return None
    rows = Subscription.objects.filter(pk=found[0], link_version__gte=found[1])
    return (rows if or_older else rows.filter(link_version=found[1])).first()


def _invalid(request: HttpRequest) -> HttpResponse:
    return render(request, "documentation/subscription_invalid.html", status=404)


def _to_settings(subscription: Subscription, query: str = "") -> HttpResponse:
    token = links.token(emails.SETTINGS, subscription.pk, subscription.link_version)
    return redirect(reverse("documentation:subscription", args=[token]) + query)


@_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what was ordered and one button; whoever confirmed before is led to the settings."""
    row = _of(emails.CONFIRM, token)
    if row is None:
        return _invalid(request)
    if request.method == "POST":
        row = subscriptions.confirm(subscription=row)
    if row.confirmed_at is not None:
        return _to_settings(row)
    return render(request, "documentation/subscription_confirm.html", {"subscription": row})


@_page
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """The choice of a subscriber, and the way to end it; after its end the way to take it up again."""
    row = _of(emails.SETTINGS, token)
    if row is None or row.confirmed_at is None:
        return _invalid(request)
    form = WishForm(initial=WishForm.chosen_by(row))
    if request.method == "POST" and request.POST.get("aktion") == "wieder":
        subscriptions.resume(subscription=row)
        return _to_settings(row)
    if request.method == "POST":
        form = WishForm(request.POST)
        if form.is_valid() and _change(row, form):
            return _to_settings(row, "?gespeichert=1")
    context = {
        "subscription": row,
        "form": form,
        "is_saved": "gespeichert" in request.GET and not form.is_bound,
        "next_at": digests.next_at(timezone.now()),
        "unsubscribe_token": links.token(emails.UNSUBSCRIBE, row.pk, row.link_version),
    }
    return render(request, "documentation/subscription.html", context)


def _change(row: Subscription, form: WishForm) -> bool:
    """Whether the choice is stored now."""
    try:
        subscriptions.change(subscription=row, wish=form.wish, form_id=form.receipt_id)
    except AlreadyReceived as received:
        if received.receipt.purpose == subscriptions.purpose_of_change(row):
            return True  # stored by the first of the two
        form.ask_again()
        return False
    except subscriptions.SubscriptionError as error:
        form.add_error(None, str(error))
        return False
    return True


@_page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: a POST ends the subscription whatever its body says; a GET only shows the button.

    A subscription that is deleted already has ended, too: mail programs show an error as "not unsubscribed".
    """
    if links.verify(emails.UNSUBSCRIBE, token) is None:
        return _invalid(request)
    row = _of(emails.UNSUBSCRIBE, token, or_older=True)
    if request.method == "POST" and row is not None:
        row = subscriptions.end(subscription=row)
    context: dict[str, Any] = {"subscription": row}
    if row is not None and row.ended_at is not None:
        context["settings_token"] = links.token(emails.SETTINGS, row.pk, row.link_version)
    return render(request, "documentation/unsubscribe.html", context)
