import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from mobipro import links
from mobipro.outbox import breaker, checks, delivery, smtp
from mobipro.outbox.models import OutboxMessage, Relay, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def check():
    """A last-moment check for the kind "checked" that can be changed."""
    answers = {"function": lambda message: None}
    checks._checks["checked"] = lambda message: answers["function"](message)
    yield answers
    del checks._checks["checked"]


def test_a_mail_arrives_with_its_ids_and_is_sent(relay, put):
    row = put(recipient_name="Jörg Groß", subject="Grüße aus Nord", html="<p>Guten Tag</p>")
    assert delivery.run() == 1
    row.refresh_from_db()
    [(recipient, mail)] = relay.accepted
    assert recipient == "gross@example.org"
    assert mail["message-id"] == row.message_id
    assert mail["x-mobipro-message"] == str(row.uuid)
    assert mail["subject"] == "Grüße aus Nord"
    assert (row.state, row.attempts, row.relay_reply[:3]) == (State.SENT, 1, "250")
    assert row.sent_at is not None


def test_one_connection_carries_many_mails(relay, put):
    for number in range(20):
        put(f"p{number}@example.org")
    delivery.run()
    assert relay.connections == 1
    assert relay.recipients == [f"p{number}@example.org" for number in range(20)]


def test_a_connection_is_renewed_after_a_batch(relay, put, monkeypatch):
    monkeypatch.setattr(delivery, "BATCH", 3)
    for number in range(7):
        put(f"p{number}@example.org")
    delivery.run()
    assert (relay.connections, len(relay.accepted)) == (3, 7)


def test_links_are_filled_at_hand_over_and_never_stored(relay, put, answer_page):
    placeholder = links.placeholder("answer", "answer", 7, 1, "?wahl=ja")
    row = put(text=f"Antworten: {placeholder}\n", html=f'<a href="{placeholder}">Ja</a>')
    delivery.run()
    row.refresh_from_db()
    [(_, mail)] = relay.accepted
    link = f"https://portal.example.org/antwort/{links.token('answer', 7, 1)}/?wahl=ja"
    assert link in mail.get_body(("plain",)).get_content()
    assert f'href="{link}"' in mail.get_body(("html",)).get_content()
    assert links.token("answer", 7, 1) not in row.text + row.html


def test_a_refused_recipient_fails_visibly_and_the_others_get_theirs(relay, put, state):
    relay.on["rcpt", "weg@example.org"] = "550 5.1.1 User unknown"
    rows = [put("a@example.org"), put("weg@example.org"), put("b@example.org")]
    delivery.run()
    assert state(*rows) == [State.SENT, State.FAILED, State.SENT]
    rows[1].refresh_from_db()
    assert rows[1].last_error == rows[1].relay_reply == "550 5.1.1 User unknown"


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_a_temporary_refusal_is_tried_again_later(relay, put, phase):
    who = "vernetzung@example.org" if phase == "mail" else "gross@example.org"
    relay.on[phase, who] = "451 4.7.1 Greylisted"
    row = put()
    delivery.run()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.claimed_by) == (State.QUEUED, 1, "")
    assert "Greylisted" in row.last_error
    wait = row.not_before - timezone.now()
    assert timedelta(seconds=20) < wait <= timedelta(seconds=30)
    relay.on.clear()
    assert delivery.run() == 0
    OutboxMessage.objects.update(not_before=timezone.now())
    assert delivery.run() == 1
    assert len(relay.accepted) == 1


def test_the_back_off_doubles_up_to_four_hours_and_ends(relay, put):
    relay.on["rcpt", "gross@example.org"] = "450 4.2.2 Mailbox full"
    row = put()
    OutboxMessage.objects.update(attempts=15)
    delivery.run()
    row.refresh_from_db()
    assert timedelta(hours=3, minutes=59) < row.not_before - timezone.now() <= timedelta(hours=4)
    OutboxMessage.objects.update(attempts=delivery.MAX_ATTEMPTS - 1, not_before=timezone.now())
    delivery.run()
    row.refresh_from_db()
    assert row.state == State.FAILED


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data"])
def test_a_connection_lost_before_the_content_is_tried_again(relay, put, state, phase):
    who = "vernetzung@example.org" if phase == "mail" else "gross@example.org"
    relay.on[phase, who] = "drop"
    row = put()
    delivery.run()
    assert state(row) == [State.QUEUED]
    assert relay.accepted == []


def test_a_connection_lost_inside_the_content_is_tried_again(relay, put, state):
    relay.on["data", "gross@example.org"] = "hang up inside"
    row = put(text="Eine lange Zeile im Text\n" * 400_000)  # more than the network holds back
    delivery.run()
    assert state(row) == [State.QUEUED]
    relay.on.clear()
    OutboxMessage.objects.update(not_before=timezone.now(), text="kurz\n")
    assert delivery.run() == 1


def test_a_connection_lost_after_the_final_dot_is_unclear_and_never_sent_again(relay, put, state):
    relay.on["reply", "gross@example.org"] = "drop"
    rows = [put(), put("b@example.org")]
    delivery.run()
    assert state(*rows) == [State.UNCLEAR, State.SENT]
    delivery.recover()
    delivery.run()
    assert relay.recipients.count("gross@example.org") == 1


def test_with_a_relay_log_the_sweeper_learns_that_it_arrived(relay, relay_log, put, state, a_minute_later):
    relay.on["reply", "gross@example.org"] = "drop"
    row = put()
    delivery.run()
    assert state(row) == [State.HANDING_OVER]
    assert delivery.recover() == 0  # the relay gets its minute
    a_minute_later()
    assert delivery.recover() == 1
    row.refresh_from_db()
    assert row.state == State.SENT
    assert "queue active" in row.relay_reply


def test_with_a_relay_log_a_mail_that_was_not_taken_goes_out_again(relay, relay_log, put, state, a_minute_later):
    row = put()
    OutboxMessage.objects.update(state=State.HANDING_OVER, claimed_by="gone", claimed_at=timezone.now())
    a_minute_later()
    delivery.recover()
    assert state(row) == [State.QUEUED]
    delivery.run()
    assert (state(row), len(relay.accepted)) == ([State.SENT], 1)


def test_a_relay_that_stalls_costs_one_mail_its_time_and_not_the_others(relay, put, state, settings):
    settings.EMAIL_TIMEOUT = 0.2
    relay.on["rcpt", "zaeh@example.org"] = "stall"
    rows = [put("zaeh@example.org"), put("a@example.org"), put("b@example.org")]
    delivery.run()
    assert state(*rows) == [State.QUEUED, State.SENT, State.SENT]
    rows[0].refresh_from_db()
    assert "Zeit abgelaufen" in rows[0].last_error


def test_a_relay_that_stalls_after_the_dot_leaves_the_mail_unclear(relay, put, state, settings, monkeypatch):
    settings.EMAIL_TIMEOUT = 20
    monkeypatch.setattr(smtp, "MESSAGE_SECONDS", 0.3)  # the deadline ends what single reads would allow
    relay.on["dot", "gross@example.org"] = "stall"
    row = put()
    delivery.run()
    assert state(row) == [State.UNCLEAR]


def test_a_dead_relay_opens_the_breaker_and_blames_no_mail(put, state, settings, relay):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    row = put()
    assert delivery.run() == 0
    row.refresh_from_db()
    assert (row.state, row.attempts, row.claimed_by) == (State.QUEUED, 0, "")
    assert row.last_error
    pause = breaker.paused_until() - timezone.now()
    assert pause <= timedelta(seconds=breaker.FIRST_PAUSE)
    settings.EMAIL_PORT = port
    assert delivery.run() == 0  # nobody tries during the pause
    Relay.objects.update(closed_until=timezone.now())
    assert delivery.run() == 1
    assert Relay.objects.get().failures == 0


def test_the_pause_of_the_breaker_never_exceeds_a_minute():
    for _ in range(12):
        breaker.record_failure("weg")
    assert breaker.paused_until() - timezone.now() <= timedelta(seconds=60)


def test_a_relay_that_drops_every_mail_is_left_alone_after_three(relay, put):
    relay.on["reply", "*"] = "drop"
    for number in range(10):
        put(f"p{number}@example.org")
    delivery.run()
    assert OutboxMessage.objects.filter(state=State.UNCLEAR).count() == delivery.BROKEN_IN_A_ROW
    assert breaker.paused_until() is not None


def test_the_last_moment_check_withdraws_with_its_reason(relay, put, check):
    check["function"] = lambda message: "Das Treffen wurde abgesagt." if message.reference == "12" else None
    gone, stays = put(kind="checked", reference="12"), put("b@example.org", kind="checked", reference="13")
    delivery.run()
    gone.refresh_from_db()
    stays.refresh_from_db()
    assert (gone.state, gone.note) == (State.WITHDRAWN, "Das Treffen wurde abgesagt.")
    assert stays.state == State.SENT
    assert relay.recipients == ["b@example.org"]


def test_a_check_that_raises_stops_only_its_own_mail(relay, put, check, state):
    def broken(message):
        raise LookupError("kein Treffen")

    check["function"] = broken
    rows = [put(kind="checked"), put("b@example.org")]
    delivery.run()
    assert state(*rows) == [State.QUEUED, State.SENT]


def test_a_mail_that_cannot_be_built_fails_visibly(relay, put, state):
    row = put()
    OutboxMessage.objects.filter(pk=row.pk).update(subject="Ein\nBcc: dieb@example.org")
    other = put("b@example.org")
    delivery.run()
    assert state(row, other) == [State.FAILED, State.SENT]


def test_a_mail_that_is_held_after_the_claim_does_not_go_out(relay, put, check, state):
    def hold(message):
        OutboxMessage.objects.filter(pk=message.pk).update(state=State.HELD, claimed_by="", claimed_at=None)

    check["function"] = hold
    rows = [put(kind="checked"), put("b@example.org")]
    delivery.run()
    assert state(*rows) == [State.HELD, State.SENT]
    assert relay.recipients == ["b@example.org"]


def test_mails_of_a_thread_go_out_in_their_order(relay, put):
    for number in range(3):
        put(thread="meeting:12:contact:5", subject=f"Nachricht {number}", priority=9 - number)
    delivery.run()
    assert [mail["subject"] for _, mail in relay.accepted] == ["Nachricht 0", "Nachricht 1", "Nachricht 2"]


def test_a_later_mail_of_a_thread_waits_for_an_earlier_one(relay, put, state):
    relay.on["rcpt", "gross@example.org"] = "450 later"
    first, second, other = put(thread="t"), put(thread="t"), put("b@example.org", thread="u")
    delivery.run()
    assert state(first, second, other) == [State.QUEUED, State.QUEUED, State.SENT]
    relay.on["rcpt", "gross@example.org"] = "550 weg"
    OutboxMessage.objects.update(not_before=timezone.now())
    delivery.run()
    assert state(first, second) == [State.FAILED, State.FAILED]  # the second was tried once the first was decided


def test_a_password_mail_goes_before_bulk_mail(relay, put):
    put("bulk@example.org", priority=9)
    put("login@example.org", priority=0)
    delivery.run()
    assert relay.recipients == ["login@example.org", "bulk@example.org"]


def test_a_password_mail_overtakes_a_batch_that_is_already_claimed(relay, put, monkeypatch):
    monkeypatch.setattr(delivery, "URGENT_EVERY", -1.0)
    put("a@example.org", priority=9, kind="urgent-comes")
    put("b@example.org", priority=9)
    put("c@example.org", priority=9)
    checks._checks["urgent-comes"] = lambda message: put("login@example.org", priority=0) and None
    try:
        delivery.run()
    finally:
        del checks._checks["urgent-comes"]
    assert relay.recipients == ["a@example.org", "login@example.org", "b@example.org", "c@example.org"]


def test_nothing_goes_out_before_its_time(relay, put):
    put(not_before=timezone.now() + timedelta(minutes=2))
    assert delivery.run() == 0


def test_account_mails_forget_their_codes_once_sent(relay, put):
    row = put(kind="account", text="Ihr Code: 123456\n")
    delivery.run()
    row.refresh_from_db()
    assert (row.state, row.text, row.html) == (State.SENT, "", "")


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_send_each_mail_once(relay, put):
    for number in range(60):
        put(f"p{number}@example.org", thread=f"t{number % 20}")
    errors = []

    def work():
        try:
            delivery.run()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivery.run()  # what waited in a thread while all others had nothing to do
    assert errors == []
    assert sorted(relay.recipients) == sorted(f"p{number}@example.org" for number in range(60))
    for group in range(20):
        numbers = [number for number in map(_number, relay.recipients) if number % 20 == group]
        assert numbers == sorted(numbers)


def _number(address):
    return int(address.partition("@")[0][1:])


def test_links_in_headers_are_filled_at_hand_over_and_never_stored(relay, put, answer_page):
    placeholder = links.placeholder("answer", "answer", 7, 1)
    row = put(
        headers={"List-Unsubscribe": f"<{placeholder}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    delivery.run()
    row.refresh_from_db()
    [(_, mail)] = relay.accepted
    link = f"https://portal.example.org/antwort/{links.token('answer', 7, 1)}/"
    assert mail.get_all("list-unsubscribe") == [f"<{link}>"]
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert row.headers["List-Unsubscribe"] == f"<{placeholder}>"
