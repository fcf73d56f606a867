"""Subscribing: only the person herself begins it, anybody's silence ends it, nothing is kept longer than said."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from documentation import emails, subscriptions
from documentation.models import Subscription
from documentation.subscriptions import Wish
from meetings import incoming
from mobipro.outbox import bounces
from mobipro.outbox.models import OutboxMessage, State
from regions.models import FormReceipt, Region, Topic
from regions.models.record import AlreadyReceived
from tests.documentation.subscribers import EVERYTHING, form_id, mails, make_subscriber
from tests.meetings import replies

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words(base_data):
    """Regions and topics."""


def ask(email="leserin@example.org", wish=EVERYTHING, **options):
    subscriptions.request(email=email, wish=wish, form_id=form_id(), **options)
    return Subscription.objects.filter(email__iexact=email).first()


def test_asking_gives_one_mail_and_no_subscription_yet():
    row = ask(" Leserin@Straße.example ")
    row = Subscription.objects.get()
    assert row.email == "Leserin@xn--strae-oqa.example"
    assert not row.is_active
    assert not Subscription.objects.active().exists()
    mail = mails().get()
    assert (mail.recipient, mail.subject) == (row.email, "Bitte bestätigen Sie Ihr Abo: Neu im Netzwerk")
    assert "{link:documentation:subscription_confirm|subscription.confirm|" in mail.text


def test_confirming_begins_it_from_now_on_and_twice_changes_nothing():
    now = timezone.now()
    row = subscriptions.confirm(subscription=ask(), now=now)
    assert (row.is_active, row.last_sent_through) == (True, now)
    again = subscriptions.confirm(subscription=row, now=now + timedelta(days=3))
    assert again.confirmed_at == now


def test_one_address_has_one_subscription_however_it_is_written():
    ask("Leserin@Example.org")
    ask("leserin@example.org", Wish(kinds=["termine"], regions=[Region.objects.get(code="BY")]))
    row = Subscription.objects.get()
    assert ([str(kind) for kind in row.kinds], row.region_names) == (["termine"], "Bayern")
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.create(email="LESERIN@example.org")


def test_asking_again_within_the_hour_sends_no_second_mail():
    now = timezone.now().replace(minute=10)
    for minutes in (0, 1, 2, 90):
        ask(now=now + timedelta(minutes=minutes))
    assert mails().count() == 2


def test_a_subscriber_who_asks_gets_her_link_and_keeps_her_choice():
    row = make_subscriber(regions=["NORD"])
    ask(row.email, Wish(kinds=["termine"]))
    row.refresh_from_db()
    assert (row.is_active, row.region_names, len(row.kinds)) == (True, "Nord", 3)
    mail = mails().get()
    assert mail.subject == "Ihr Abo läuft schon: Neu im Netzwerk"
    assert "{link:documentation:subscription|subscription.settings|" in mail.text


def test_a_form_sent_twice_has_one_effect_and_a_wrong_address_none():
    key = form_id()
    subscriptions.request(email="leserin@example.org", wish=EVERYTHING, form_id=key)
    with pytest.raises(AlreadyReceived):
        subscriptions.request(email="leserin@example.org", wish=EVERYTHING, form_id=key)
    with pytest.raises(ValueError, match="Umlaute"):
        subscriptions.request(email="müller@example.org", wish=EVERYTHING, form_id=form_id())
    assert (mails().count(), FormReceipt.objects.count()) == (1, 1)


def test_a_choice_of_nothing_is_refused():
    row = make_subscriber()
    with pytest.raises(subscriptions.SubscriptionError, match="mindestens eines"):
        subscriptions.change(subscription=row, wish=Wish(kinds=[]), form_id=form_id())
    row.refresh_from_db()
    assert len(row.kinds) == 3


def test_the_choice_changes_until_it_ended_and_comes_back_with_resuming():
    row = make_subscriber()
    topic = Topic.objects.get(slug="berufsschule")
    wish = Wish(kinds=["beispiele"], topics=[topic])
    subscriptions.change(subscription=row, wish=wish, form_id=form_id())
    subscriptions.end(subscription=row)
    with pytest.raises(subscriptions.SubscriptionError, match="beendet"):
        subscriptions.change(subscription=row, wish=EVERYTHING, form_id=form_id())
    later = timezone.now() + timedelta(days=5)
    row = subscriptions.resume(subscription=row, now=later)
    assert (row.is_active, row.kind_names, row.topic_names) == (True, "Gute Praxis", "„Berufsschule“")
    assert row.last_sent_through == later  # what came meanwhile is not made up for


def test_ending_twice_keeps_the_first_day():
    now = timezone.now()
    row = subscriptions.end(subscription=make_subscriber(), now=now)
    row = subscriptions.end(subscription=row, now=now + timedelta(days=1), reason="unreachable")
    assert (row.ended_at, row.end_reason) == (now, "person")


def test_asking_after_the_end_needs_a_new_confirmation_and_gives_new_links():
    row = subscriptions.end(subscription=make_subscriber())
    row = ask(row.email)
    assert (row.is_active, row.link_version) == (False, 2)
    assert mails().get().subject.startswith("Bitte bestätigen")


# --- what is over --------------------------------------------------------------------------------
def test_unconfirmed_addresses_go_after_seven_days_and_ended_ones_after_thirty():
    now = timezone.now()
    young, old = ask("jung@example.org", now=now), ask("alt@example.org", now=now - timedelta(days=8))
    ended = subscriptions.end(subscription=make_subscriber("a@example.org"), now=now - timedelta(days=29))
    gone = subscriptions.end(subscription=make_subscriber("b@example.org"), now=now - timedelta(days=31))
    active = make_subscriber("c@example.org", since=now - timedelta(days=900))
    assert subscriptions.tidy(now=now) == 2
    assert set(Subscription.objects.all()) == {young, ended, active}
    assert {mail.recipient for mail in mails()} == {"jung@example.org"}
    assert not OutboxMessage.objects.filter(recipient__in=[old.email, gone.email]).exists()


def test_weekly_mails_are_kept_thirty_days_and_other_mails_stay():
    now = timezone.now()
    for number, kind in enumerate((emails.DIGEST, emails.DIGEST, "invitation")):
        OutboxMessage.objects.create(key=str(number), kind=kind, recipient="a@example.org", sender="b@example.org")
    OutboxMessage.objects.exclude(key="1").update(created_at=now - timedelta(days=31))
    subscriptions.tidy(now=now)
    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {"1", "2"}


def test_two_weekly_mails_refused_for_good_end_it():
    row, other = make_subscriber(), make_subscriber("andere@example.org")
    for number in (1, 2):
        OutboxMessage.objects.create(
            key=f"digest:{number}",
            kind=emails.DIGEST,
            recipient=row.email,
            subject="x",
            sender="a@example.org",
            reference=emails.reference_of(row if number == 1 else other),
            state=State.FAILED,
        )
    subscriptions.tidy()
    assert Subscription.objects.active().count() == 2
    OutboxMessage.objects.update(reference=emails.reference_of(row))
    subscriptions.tidy()
    row.refresh_from_db()
    assert (row.end_reason, list(Subscription.objects.active())) == ("unreachable", [other])


def test_erasing_leaves_no_trace_of_the_address(administrator):
    row = ask()
    subscriptions.erase(subscription=row, by=administrator)
    assert not Subscription.objects.exists()
    assert not OutboxMessage.objects.filter(recipient="leserin@example.org").exists()


# --- mails that came back ------------------------------------------------------------------------
def sent_digest(row, settings):
    settings.BOUNCE_ADDRESS = "bounce@netz.example"
    return OutboxMessage.objects.create(
        key="digest:1",
        kind=emails.DIGEST,
        recipient=row.email,
        subject="Neu im Netzwerk",
        sender="vernetzung@example.org",
        reference=emails.reference_of(row),
        state=State.SENT,
        sent_at=timezone.now(),
    )


def test_a_hard_bounce_ends_the_subscription(settings):
    row = make_subscriber("Leserin@example.org")
    mail = sent_digest(row, settings)
    incoming.receive(replies.report(to=bounces.envelope_sender(mail), final_recipient=row.email))
    row.refresh_from_db()
    assert (row.is_active, row.end_reason) == (False, "unreachable")


def test_a_delay_does_not_end_it(settings):
    row = make_subscriber()
    to = bounces.envelope_sender(sent_digest(row, settings))
    incoming.receive(replies.report(to=to, final_recipient=row.email, action="delayed", status="4.4.1"))
    row.refresh_from_db()
    assert row.is_active


# --- at the same time ----------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_ten_forms_at_once_give_one_row_and_one_mail():
    problems = []
    now = timezone.now()

    def post():
        try:
            ask(now=now)
        except Exception as error:  # whatever it is: the test shows it
            problems.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert (Subscription.objects.count(), mails().count()) == (1, 1)
