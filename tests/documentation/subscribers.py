"""Subscribers for the tests, and what they were sent."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from documentation import emails
from documentation.models import Subscription
from documentation.subscriptions import Wish
from mobipro import links
from mobipro.outbox.models import OutboxMessage
from regions.models import Region, Topic

BERLIN = ZoneInfo("Europe/Berlin")
EVERYTHING = Wish(kinds=Subscription.Kind.values)


def form_id():
    return str(uuid.uuid4())


def at(day, hour=12, minute=0, month=6, year=2031):
    """A moment of June 2031, whose 2nd and 9th are Mondays."""
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def make_subscriber(email="leserin@example.org", *, since=None, regions=(), topics=(), **fields):
    """Confirmed and told about everything up to `since`."""
    since = since or timezone.now()
    row = Subscription(email=email, confirmed_at=since, last_sent_through=since, **fields)
    row.save()
    row.regions.set(Region.objects.filter(code__in=regions))
    row.topics.set(Topic.objects.filter(slug__in=topics))
    return row


def mails(**filters):
    return OutboxMessage.objects.filter(kind__in=emails.KINDS, **filters).order_by("pk")


def token(purpose, subscription):
    return links.token(purpose, subscription.pk, subscription.link_version)
