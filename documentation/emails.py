"""Mails of the subscription "Neu im Netzwerk": confirm, settings, and the weekly one with its headers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from documentation.models import Subscription
from mobipro import links, mail
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage
from mobipro.outbox.queue import Letter

NOTICE: Final = "subscription"
DIGEST: Final = "digest"
KINDS: Final = (NOTICE, DIGEST)
CONFIRM, SETTINGS, UNSUBSCRIBE = "subscription.confirm", "subscription.settings", "subscription.end"
NOTICE_PRIORITY: Final = 3
DIGEST_PRIORITY: Final = 9  # everything else goes first
_MODEL: Final = "documentation.Subscription"


def reference_of(subscription: Subscription) -> str:
    return f"{_MODEL}:{subscription.pk}"


def subscription_of(message: OutboxMessage) -> Subscription | None:
    """Whose mail this is, read from its reference."""
    model, _, number = message.reference.partition(":")
    if model != _MODEL or not number.isdigit():
        return None
    return Subscription.objects.filter(pk=int(number)).first()


def still_subscribed(message: OutboxMessage) -> str | None:
    """The last question before a weekly mail goes out. None: send; else the reason in German why not."""
    row = subscription_of(message)
    return None if row is not None and row.is_active else "Das Abo ist inzwischen beendet."


def _link(subscription: Subscription, url_name: str, purpose: str) -> str:
    return links.placeholder(f"documentation:{url_name}", purpose, subscription.pk, subscription.link_version)


def confirmation(subscription: Subscription, *, now: datetime) -> OutboxMessage:
    """ "Bitte bestätigen Sie Ihr Abo" with what was chosen."""
    link = _link(subscription, "subscription_confirm", CONFIRM)
    return _notice("subscription_confirmation", subscription, now, link)


def settings_link(subscription: Subscription, *, now: datetime) -> OutboxMessage:
    """Somebody typed the address of a subscriber: only she learns that there is a subscription."""
    link = _link(subscription, "subscription", SETTINGS)
    return _notice("subscription_settings", subscription, now, link)


def _notice(template: str, subscription: Subscription, now: datetime, link: str) -> OutboxMessage:
    subject, text, html = mail.render(f"documentation/{template}", {"subscription": subscription, "link": link})
    return queue.put(
        key=f"{template}:{subscription.pk}:{now:%Y%m%d%H}",  # one an hour
        kind=NOTICE,
        recipient=subscription.email,
        subject=subject,
        text=text,
        html=html,
        priority=NOTICE_PRIORITY,
        reference=reference_of(subscription),
    )


def digest(
    subscription: Subscription, *, week: str, context: Mapping[str, Any], common: Mapping[str, Any] | None = None
) -> Letter:
    """The weekly mail, once a subscription and `week` ("2027-W22"); `context` holds the sections."""
    unsubscribe_link = _link(subscription, "unsubscribe", UNSUBSCRIBE)
    personal = {
        "subscription": subscription,
        "settings_link": _link(subscription, "subscription", SETTINGS),
        "unsubscribe_link": unsubscribe_link,
    }
    subject, text, html = mail.render("documentation/digest", {**context, **personal}, common)
    return Letter(
        key=f"digest:{subscription.pk}:{week}",
        kind=DIGEST,
        recipient=subscription.email,
        subject=subject,
        text=text,
        html=html,
        headers=list_headers(unsubscribe_link),
        priority=DIGEST_PRIORITY,
        group=f"digest:{week}",
        reference=reference_of(subscription),
    )


def list_headers(unsubscribe_link: str) -> dict[str, str]:
    """RFC 2919 and RFC 8058 §3.1: one address that takes a POST, and no mailto, since nobody would read it."""
    host = urlsplit(settings.BASE_URL).hostname
    return {
        "List-Id": f"Neu im Netzwerk <neu-im-netzwerk.{host}>",
        "List-Unsubscribe": f"<{unsubscribe_link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
