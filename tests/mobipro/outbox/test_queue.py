from datetime import timedelta

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mobipro.outbox import delivery, queue
from mobipro.outbox.models import OutboxMessage, State

MAIL = {"key": "k", "kind": "test", "recipient": "gross@example.org", "subject": "Einladung", "text": "Guten Tag\n"}


@pytest.fixture
def bells(monkeypatch):
    """What was sent to the broker: (task, options)."""
    rung = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: rung.append((name, options)))
    return rung


@pytest.mark.django_db
def test_the_same_key_gives_the_same_row(put):
    first, second = put(key="invitation:1:5:0"), put(key="invitation:1:5:0", subject="Anders")
    assert first.pk == second.pk
    assert OutboxMessage.objects.get().subject == "Einladung"


@pytest.mark.django_db
def test_what_goes_into_headers_is_one_line(put):
    row = put(subject="Treffen\r\nBcc: dieb@example.org", recipient_name="Jörg\u2028Groß\x00", text="a\x00b\n")
    assert (row.subject, row.recipient_name, row.text) == ("Treffen Bcc: dieb@example.org", "Jörg Groß", "ab\n")


@pytest.mark.django_db
def test_an_address_that_is_none_is_refused(put):
    with pytest.raises(ValueError, match="Umlaute"):
        put("müller@example.org")
    assert put("post@straße.example").recipient == "post@xn--strae-oqa.example"


@pytest.mark.django_db
def test_own_headers_are_checked_before_anything_is_written(put):
    with pytest.raises(ValueError, match="header"):
        put(headers={"Bcc": "dieb@example.org"})
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_mail_belongs_into_the_transaction_that_causes_it():
    with pytest.raises(RuntimeError):
        queue.put(**MAIL)
    with transaction.atomic():
        queue.put(**MAIL)
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_the_bell_rings_once_a_transaction_and_only_after_the_commit(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            for number in range(3):
                queue.put(**(MAIL | {"key": str(number)}))
        assert bells == []
    assert [name for name, _ in bells] == ["mobipro.outbox.tasks.deliver"]


@pytest.mark.django_db
def test_the_bell_for_a_sending_with_a_pause_rings_when_it_is_over(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        queue.put(**MAIL, not_before=timezone.now() + timedelta(minutes=2))
    [(_, options)] = bells
    assert 110 < options["countdown"] < 121


@pytest.mark.django_db
def test_far_mails_wait_for_the_sweeper_alone(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        queue.put(**MAIL, not_before=timezone.now() + timedelta(days=2))
    assert bells == []


@pytest.mark.django_db
def test_a_broker_that_is_down_stops_nobody(monkeypatch, django_capture_on_commit_callbacks, relay, caplog):
    def down(*args, **options):
        raise ConnectionRefusedError("broker")

    monkeypatch.setattr(current_app, "send_task", down)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        row = queue.put(**MAIL)
    assert "broker does not answer" in caplog.text
    assert delivery.run() == 1
    row.refresh_from_db()
    assert row.state == State.SENT


@pytest.mark.django_db
def test_a_held_sending_waits_until_it_is_released(put, relay, state):
    held, other = put(group="meeting:12:invitation:1"), put("b@example.org", group="meeting:12:invitation:2")
    assert queue.hold(group="meeting:12:invitation:1", by="Frau Kaya") == 1
    delivery.run()
    assert state(held, other) == [State.HELD, State.SENT]
    held.refresh_from_db()
    assert "Frau Kaya" in held.note
    assert queue.release(group="meeting:12:invitation:1", by="Frau Kaya") == 1
    delivery.run()
    assert state(held) == [State.SENT]
    assert queue.hold(group="meeting:12:invitation:1", by=None) == 0


@pytest.mark.django_db
def test_only_what_has_not_gone_out_is_withdrawn(put, relay, state):
    gone = put(group="g")
    delivery.run()
    rows = [put(group="g"), put(key="by-key"), put(thread="t"), put("b@example.org")]
    assert queue.withdraw(group="g", by=None) == 1
    assert queue.withdraw(keys=["by-key"], by=None, reason="Ausgeladen") == 1
    assert queue.withdraw(thread="t", by=None) == 1
    assert state(gone, *rows) == [State.SENT, State.WITHDRAWN, State.WITHDRAWN, State.WITHDRAWN, State.QUEUED]
    with pytest.raises(ValueError, match="Nothing"):
        queue.withdraw(by=None)


@pytest.mark.django_db
def test_a_failed_mail_is_sent_again_as_the_same_row(put, relay, state):
    relay.on["rcpt", "gross@example.org"] = "550 weg"
    row = put()
    delivery.run()
    relay.on.clear()
    queue.resend(message=row, by="Frau Kaya")
    delivery.run()
    assert state(row) == [State.SENT]
    assert OutboxMessage.objects.count() == 1
    assert relay.accepted[0][1]["message-id"] == row.message_id


@pytest.mark.django_db
def test_an_old_mail_is_not_sent_again_after_a_newer_one(put, relay):
    relay.on["rcpt", "gross@example.org"] = "550 weg"
    old = put(thread="t")
    delivery.run()
    relay.on.clear()
    put(thread="t", subject="Absage")
    delivery.run()
    with pytest.raises(queue.OutboxError, match="neuere"):
        queue.resend(message=old, by=None)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [State.QUEUED, State.HELD, State.WITHDRAWN])
def test_mails_in_other_states_are_neither_sent_again_nor_marked(put, wrong):
    row = put()
    OutboxMessage.objects.update(state=wrong)
    with pytest.raises(queue.OutboxError):
        queue.resend(message=row, by=None)
    with pytest.raises(queue.OutboxError):
        queue.mark_arrived(message=row, by=None)


@pytest.mark.django_db
def test_a_person_says_that_an_unclear_mail_arrived(put, state):
    row = put()
    OutboxMessage.objects.update(state=State.UNCLEAR)
    queue.mark_arrived(message=row, by="Frau Kaya")
    row.refresh_from_db()
    assert row.state == State.SENT
    assert row.sent_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "nonsense",
    [
        {"state": State.SENT},
        {"sent_at": timezone.now()},
        {"state": State.HANDING_OVER},
        {"state": "lost"},
        {"calendar": "BEGIN:VCALENDAR"},
    ],
)
def test_the_database_refuses_impossible_rows(put, nonsense):
    row = put()
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.filter(pk=row.pk).update(**nonsense)


@pytest.mark.django_db
def test_the_outbox_is_searched_without_umlauts_getting_in_the_way(put):
    row = put("joerg@example.org", recipient_name="Jörg Groß", subject="Einladung nach Köln")
    put("b@example.org")
    for text in ("GROSS", "groß köln", "joerg@example", "koeln"):
        assert list(OutboxMessage.objects.search(text)) == [row], text
    assert not OutboxMessage.objects.search("groß bremen").exists()


@pytest.mark.django_db
def test_open_and_to_decide_tell_what_is_left(put):
    rows = [put(f"p{number}@example.org") for number in range(4)]
    for row, value in zip(rows, [State.QUEUED, State.HELD, State.FAILED, State.UNCLEAR], strict=True):
        OutboxMessage.objects.filter(pk=row.pk).update(state=value)
    assert set(OutboxMessage.objects.open()) == set(rows[:2])
    assert set(OutboxMessage.objects.to_decide()) == set(rows[2:])


@pytest.mark.django_db
def test_looking_for_due_mails_uses_an_index(put):
    if connection.vendor == "sqlite":
        plan = OutboxMessage.objects.due(timezone.now()).explain()
        assert "outbox_due" in plan


# --- many at once, and none any more -------------------------------------------------------------
def letters(*names, **fields):
    return [{**MAIL, "key": f"digest:{name}", "recipient": f"{name}@example.org", **fields} for name in names]


@pytest.mark.django_db
def test_many_mails_cost_as_many_queries_as_few(django_assert_max_num_queries):
    counts = []
    for batch in (letters("a", "b"), letters(*(f"p{number}" for number in range(30)))):
        with transaction.atomic(), django_assert_max_num_queries(4) as queries:
            queue.put_all(batch)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert OutboxMessage.objects.count() == 32
    assert OutboxMessage.objects.search("p29").get().recipient == "p29@example.org"


@pytest.mark.django_db
def test_a_known_key_among_many_gives_no_second_mail_and_changes_nothing():
    with transaction.atomic():
        queue.put_all(letters("a"))
        queue.put_all(letters("a", "b", subject="Anders"))
        queue.put_all([])
    assert list(OutboxMessage.objects.order_by("pk").values_list("recipient", "subject")) == [
        ("a@example.org", MAIL["subject"]),
        ("b@example.org", "Anders"),
    ]


@pytest.mark.django_db(transaction=True)
def test_many_mails_belong_into_a_transaction_too():
    with pytest.raises(RuntimeError):
        queue.put_all(letters("a"))


@pytest.mark.django_db
def test_forgotten_mails_are_gone_but_for_the_one_on_its_way(put):
    now = timezone.now()
    rows = [put(kind="digest", reference="abo:1"), put(kind="digest", reference="abo:2"), put(reference="abo:1")]
    flying = put(kind="digest", reference="abo:1")
    OutboxMessage.objects.filter(pk=flying.pk).update(state=State.HANDING_OVER, claimed_by="w", claimed_at=now)
    assert queue.forget(kinds=["digest"], references=["abo:1"]) == 1
    assert queue.forget(kinds=["digest"], created_before=now - timedelta(days=1)) == 0
    assert queue.forget(kinds=["digest"], created_before=now + timedelta(days=1)) == 1
    assert set(OutboxMessage.objects.all()) == {rows[2], flying}
    with pytest.raises(ValueError, match="Nothing chosen"):
        queue.forget(kinds=["digest"])
