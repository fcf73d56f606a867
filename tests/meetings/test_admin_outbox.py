"""The Postausgang in the work area: what a coordinator reads of a mail, and what she never reads."""

import pytest
from django.db import transaction

from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State

pytestmark = pytest.mark.django_db
LIST = "/admin/outbox/outboxmessage/"


def put(kind, text):
    with transaction.atomic():
        return queue.put(
            key=queue.random_key("test"),
            kind=kind,
            recipient="seidel@example.org",
            subject="Betreff",
            text=text,
            html=f"<p>{text}</p>",
        )


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def pages(office, mail):
    return [office.get(address).content.decode() for address in (f"{LIST}{mail.pk}/change/", f"{LIST}{mail.pk}/html/")]


def test_code_of_a_colleague_is_shown_to_nobody(office):
    mail = put("account", "Ihr Code: 4711-0815")
    for page in pages(office, mail):
        assert "4711" not in page
        assert "ihr Text ist hier nicht zu sehen" in page


def test_other_mails_are_readable_with_links_masked(office):
    for page in pages(office, put("invitation", "Guten Tag")):
        assert "Guten Tag" in page


def test_unclear_mail_is_settled_once(office):
    mail = put("invitation", "Guten Tag")
    OutboxMessage.objects.update(state=State.UNCLEAR)
    first = office.post(f"{LIST}{mail.pk}/change/", {"step": "arrived"}, follow=True).content.decode()
    second = office.post(f"{LIST}{mail.pk}/change/", {"step": "arrived"}, follow=True).content.decode()
    assert "Als angekommen vermerkt." in first
    assert "Nur unklare Mails lassen sich so abschließen" in second
