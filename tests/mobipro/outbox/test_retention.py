"""Mails a year after: the row stays and keeps its key, what it said is gone."""

from datetime import UTC, datetime, timedelta

import pytest

from mobipro import retention
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State
from mobipro.outbox.retention import ERASED

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 3, 12, 9, tzinfo=UTC)
YEAR_AGO = datetime(2030, 3, 12, 9, tzinfo=UTC)


def mail(key, state=State.SENT, at=YEAR_AGO, **fields):
    row = OutboxMessage(
        key=key,
        kind="invitation",
        recipient="erste@example.org",
        recipient_name="Ana Arndt",
        sender="vernetzung@example.org",
        subject="Einladung",
        text="Guten Tag Ana Arndt",
        html="<p>Guten Tag Ana Arndt</p>",
        calendar="BEGIN:VCALENDAR",
        calendar_method="REQUEST",
        state=state,
        created_at=at,
        sent_at=at if state == State.SENT else None,
        **fields,
    )
    row.save()
    return row


def erase():
    return {done.rule.key: done.number for done in retention.run(now=NOW)}["mails"]


def test_a_mail_sent_a_year_ago_is_emptied_and_a_younger_one_kept():
    old, young = mail("old"), mail("young", at=YEAR_AGO + timedelta(seconds=1))
    assert erase() == 1
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.text, old.html, old.recipient_name) == ("", "", "")
    assert (old.state, old.sent_at, old.key, old.subject) == ("sent", YEAR_AGO, "old", "Einladung")
    assert "arndt" not in old.search_text
    assert OutboxMessage.objects.search("einladung erste").count() == 2
    assert young.text
    assert erase() == 0


def test_that_there_was_a_calendar_entry_still_counts():
    old = mail("old")
    erase()
    assert list(OutboxMessage.objects.exclude(calendar="").values_list("calendar", flat=True)) == [ERASED]
    assert OutboxMessage.objects.get(pk=old.pk).calendar_method == "REQUEST"


@pytest.mark.parametrize(
    ("state", "number"), [(State.WITHDRAWN, 1), (State.FAILED, 0), (State.UNCLEAR, 0), (State.HELD, 0)]
)
def test_what_a_person_may_still_send_keeps_its_text(state, number):
    mail("old", state)
    assert erase() == number


@pytest.mark.django_db(transaction=True)
def test_the_same_cause_sends_no_second_mail_afterwards():
    from django.db import transaction

    mail("old")
    erase()
    with transaction.atomic():
        again = queue.put(key="old", kind="invitation", recipient="erste@example.org", subject="S", text="T")
    assert (again.state, again.text) == ("sent", "")
