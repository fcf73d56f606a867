import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from mobipro.outbox import delivery, tasks
from mobipro.outbox.models import OutboxMessage, State

BACKEND = "mobipro.outbox.backend.OutboxBackend"
pytestmark = pytest.mark.django_db


def send(*messages):
    return get_connection(BACKEND).send_messages(messages)


def test_a_mail_of_another_package_becomes_an_urgent_row():
    email = EmailMultiAlternatives("Ihr Code", "123456", "Portal <portal@example.org>", ["gross@example.org"])
    email.attach_alternative("<p>123456</p>", "text/html")
    assert send(email) == 1
    row = OutboxMessage.objects.get()
    assert (row.kind, row.priority, row.state) == ("account", 0, State.QUEUED)
    assert (row.recipient, row.sender, row.html) == (
        "gross@example.org",
        "Portal <portal@example.org>",
        "<p>123456</p>",
    )


def test_the_task_hands_it_over(relay):
    send(EmailMessage("Betreff", "Text", "portal@example.org", ["gross@example.org"]))
    tasks.deliver()
    assert relay.recipients == ["gross@example.org"]


def test_each_recipient_gets_a_mail_of_their_own(relay):
    send(EmailMessage("Betreff", "Text", "portal@example.org", ["a@example.org"], bcc=["b@example.org"]))
    delivery.run()
    assert relay.recipients == ["a@example.org", "b@example.org"]
    assert all("b@" not in mail["to"] for _, mail in relay.accepted[:1])


def test_an_impossible_address_is_left_out_without_an_error_page(caplog):
    assert send(EmailMessage("Betreff", "Text", "portal@example.org", ["müller@example.org", "a@example.org"])) == 1
    assert "not written" in caplog.text


def test_attachments_are_refused():
    email = EmailMessage("Betreff", "Text", "portal@example.org", ["a@example.org"])
    email.attach("a.txt", "x", "text/plain")
    with pytest.raises(ValueError, match="attachments"):
        send(email)


def test_the_sweeper_finds_what_the_broker_lost(relay):
    send(EmailMessage("Betreff", "Text", "portal@example.org", ["gross@example.org"]))
    tasks.sweep()
    assert OutboxMessage.objects.get().state == State.SENT
