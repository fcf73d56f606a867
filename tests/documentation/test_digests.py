"""The weekly mail: what became public and is wanted, once a week, nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documentation import compose, digests, emails, publishing, subscriptions, tasks
from documentation.models import MeetingDocumentation
from meetings import scheduling
from meetings.models import Meeting
from mobipro.outbox import checks, delivery
from mobipro.outbox.models import OutboxMessage, State
from practices.models import GoodPractice
from regions.models import Topic
from tests import factories
from tests.documentation.conftest import make_held_meeting
from tests.documentation.subscribers import at, mails, make_subscriber
from tests.meetings import world as meetings_world
from tests.practices.conftest import make_practice

pytestmark = pytest.mark.django_db

BEFORE, WITHIN, MONDAY = at(1), at(5), at(9, 7, 5)


@pytest.fixture(autouse=True)
def _words(base_data):
    """Regions and topics."""


def make_documentation(code="2031-NORD-1", region="NORD", published_at=WITHIN, **fields):
    draft = compose.create_draft(meeting=make_held_meeting(code, region), by=None)
    version = publishing.request_version(documentation=draft, by=None)
    publishing.publish(version=version, by=None, without_pdf=True)
    MeetingDocumentation.objects.filter(pk=draft.pk).update(published_at=published_at, **fields)
    return MeetingDocumentation.objects.get(pk=draft.pk)


def make_public_practice(gross, published_at=WITHIN, **fields):
    practice = make_practice(gross, "published", **fields)
    GoodPractice.objects.filter(pk=practice.pk).update(published_at=published_at)
    return practice


def make_announced(code="2031-NORD-2", region="NORD", announced_at=WITHIN, **fields):
    start = at(20, 10, month=9)
    values = {"status": Meeting.Status.INVITED, "starts_at": start, "ends_at": start + timedelta(hours=6), **fields}
    return meetings_world.make_meeting(code, region, announced_at=announced_at, **values)


def change(meeting, kind, made_at=WITHIN, **fields):
    return meeting.changes.create(kind=kind, sequence=1, made_at=made_at, **fields)


def sent(now=MONDAY):
    digests.send_due(now=now)
    return list(mails(kind=emails.DIGEST))


# --- when ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(9, 6, 59), at(2, 7)),
        (at(9, 7), at(9, 7)),
        (at(15, 23, 59), at(9, 7)),
        (at(31, 8, month=3), at(31, 7, month=3)),  # the day after the clock went forward
        (at(27, 7, month=10), at(27, 7, month=10)),  # … and back
    ],
)
def test_it_is_due_on_monday_at_seven_in_berlin(now, due):
    assert digests.due_at(now) == due


def test_it_goes_out_once_however_often_the_timetable_comes():
    make_documentation()
    make_subscriber(since=BEFORE)
    assert digests.send_due(now=at(9, 6, 30)) == 0  # Monday, too early
    assert [digests.send_due(now=at(9, hour, 5)) for hour in (7, 8, 9)] == [1, 0, 0]
    assert mails().get().key.endswith(":2031-W24")


def test_a_run_that_forgot_everything_still_sends_nothing_twice():
    make_documentation()
    row = make_subscriber(since=BEFORE)
    sent()
    type(row).objects.update(last_sent_through=BEFORE)
    assert len(sent()) == 1


def test_a_missed_monday_is_made_up_for():
    make_documentation()
    make_subscriber(since=BEFORE)
    [mail] = sent(now=at(12, 15))
    assert "Ankommen: die ersten dreißig Tage" in mail.text


def test_nothing_new_gives_no_mail():
    make_documentation(published_at=at(1, 8))
    row = make_subscriber(since=at(2))
    assert sent() == []
    row.refresh_from_db()
    assert row.last_sent_through == at(9, 6)


def test_who_confirmed_after_monday_waits_for_the_next_one():
    make_documentation()
    make_subscriber(since=at(10))
    assert sent(now=at(11)) == []


def test_what_is_published_in_the_hour_before_comes_a_week_later():
    make_documentation(published_at=at(9, 6, 30))
    make_subscriber(since=BEFORE)
    assert sent() == []
    assert len(sent(now=at(16, 7, 5))) == 1


def test_the_task_of_the_timetable_runs():
    make_subscriber(since=timezone.now() - timedelta(days=8))
    tasks.write_digests()
    assert not mails().exists()


# --- what ----------------------------------------------------------------------------------------
def test_the_subject_counts_what_is_inside(gross):
    make_documentation()
    make_documentation("2031-BY-1", "BY")
    make_public_practice(gross)
    make_announced()
    make_subscriber(since=BEFORE)
    [mail] = sent()
    assert mail.subject == "Neu im Netzwerk: 2 Dokumentationen, 1 Beispiel, 1 Termin"
    for body in (mail.text, mail.html):
        for said in ("Der Montagsbus zur Berufsschule", "Werkstatt Leer Beispiel gGmbH, Leer", "seit dem 1. Juni"):
            assert said in body
    assert "Sa, 20. September 2031, 10–16 Uhr" in mail.text


def test_only_what_a_stranger_may_read_is_told(gross):
    make_public_practice(gross, visibility="network", title="Nur für Mitglieder")
    make_practice(gross, "submitted", title="Eingereicht")
    make_announced("2031-NORD-3", visibility="network", title="Internes Treffen")
    make_announced("2031-NORD-4", announced_at=None, status="idea", title="Nur eine Idee")
    compose.create_draft(meeting=make_held_meeting("2031-NORD-5"), by=None)
    withdrawn = make_documentation("2031-NORD-6")
    publishing.withdraw(version=withdrawn.current_version, reason="Falsche Zahl", by=None)
    make_subscriber(since=BEFORE)
    assert sent() == []


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, "2 Dokumentationen, 1 Beispiel, 2 Termine"),
        ({"regions": ["NORD"]}, "1 Dokumentation, 2 Termine"),
        ({"regions": ["BY"]}, "1 Dokumentation, 1 Termin"),  # the national meeting concerns all
        ({"regions": ["NORD", "NIHB"]}, "1 Dokumentation, 1 Beispiel, 2 Termine"),
        ({"topics": ["berufsschule"]}, "1 Dokumentation, 2 Termine"),  # dates without agenda concern all topics
        ({"topics": ["berufsschule"], "regions": ["BY"]}, "1 Termin"),
        ({"documentations": False, "meetings": False}, "1 Beispiel"),
    ],
)
def test_regions_topics_and_kinds_choose(gross, choice, expected):
    make_documentation().topics.set(Topic.objects.filter(slug="berufsschule"))
    make_documentation("2031-BY-1", "BY")
    make_public_practice(gross).topics.set(Topic.objects.filter(slug="pruefungen"))
    make_announced()
    make_announced("2031-BUND", kind=Meeting.Kind.NATIONAL)
    make_subscriber(since=BEFORE, **choice)
    [mail] = sent()
    assert mail.subject == f"Neu im Netzwerk: {expected}"


def test_a_date_whose_agenda_names_other_topics_is_left_out():
    meeting = make_announced()
    item = meeting.agenda.create(position=1, title="Sprache im Betrieb")
    item.topics.set(Topic.objects.filter(slug="sprachfoerderung"))
    make_subscriber(since=BEFORE, topics=["berufsschule"])
    make_subscriber("zweite@example.org", since=BEFORE, topics=["sprachfoerderung"])
    assert [mail.recipient for mail in sent()] == ["zweite@example.org"]


def test_moved_postponed_cancelled_and_reinstated_dates_say_so():
    old = at(12, 10, month=9)
    moved = make_announced("2031-NORD-1", announced_at=BEFORE, title="Bewegt")
    change(moved, "moved", old_starts_at=old)
    same_day = make_announced("2031-NORD-2", announced_at=BEFORE, title="Anderer Saal")
    change(same_day, "moved", old_starts_at=same_day.starts_at)
    open_date = make_announced("2031-NORD-3", announced_at=BEFORE, title="Offen", status="postponed")
    change(open_date, "postponed")
    off = make_announced("2031-NORD-4", announced_at=BEFORE, title="Aus", status="cancelled", cancelled_at=WITHIN)
    change(off, "cancelled")
    on = make_announced("2031-NORD-5", announced_at=BEFORE, title="Doch", status="invited")
    change(on, "reinstated")
    corrected = make_announced("2031-NORD-6", announced_at=BEFORE, title="Nur ein Titel")
    change(corrected, "corrected")
    make_subscriber(since=BEFORE)
    [mail] = sent()
    for said in (
        "[verschoben: 12. September → 20. September] Bewegt",
        "[neue Zeit oder neuer Ort] Anderer Saal",
        "[verschoben – neuer Termin offen] Offen\nneuer Termin folgt",
        "[abgesagt] Aus",
        "[findet doch statt] Doch",
    ):
        assert said in mail.text
    assert "Nur ein Titel" not in mail.text


def test_a_real_move_is_told_with_its_old_day(kaya):
    meeting = meetings_world.make_dated_meeting()
    meeting.status, meeting.announced_at = Meeting.Status.INVITED, timezone.now() - timedelta(days=30)
    meeting.save()
    scheduling.move(
        meeting=meeting,
        starts_at=meetings_world.at(10, day=(2031, 3, 19)),
        ends_at=meetings_world.at(16, day=(2031, 3, 19)),
        venue=meeting.venue,
        reason="Der Saal ist belegt.",
        by=kaya,
    )
    make_subscriber(since=timezone.now() - timedelta(days=8))
    now = digests.next_at(timezone.now() + timedelta(days=1)) + timedelta(minutes=1)
    [mail] = sent(now=now)
    assert "[verschoben: 12. März → 19. März]" in mail.text


def test_what_is_over_and_what_happened_long_ago_is_not_told():
    meeting = make_announced("2031-NORD-1", announced_at=BEFORE)
    change(meeting, "moved", made_at=at(1, 11), old_starts_at=at(12, 10, month=9))
    make_announced("2031-NORD-2", starts_at=at(6, 10), ends_at=at(6, 16))
    make_subscriber(since=at(2))
    assert sent() == []


def test_more_than_ten_are_left_to_the_page():
    for number in range(12):
        make_announced(f"2031-NORD-{number}", title=f"Treffen Nummer {number}")
    make_subscriber(since=BEFORE)
    [mail] = sent()
    assert mail.subject == "Neu im Netzwerk: 12 Termine"
    assert "… und 2 weitere: http://localhost:8000/treffen/" in mail.text
    assert mail.text.count("Treffen Nummer") == 10


def test_words_of_a_title_reach_the_mail_only_as_words(gross):
    title = "<b>Bus</b> {{ 7 }} {link:documentation:unsubscribe|subscription.end|1|1||x}"
    make_public_practice(gross, title=title)
    make_subscriber(since=BEFORE)
    [mail] = sent()
    assert "<b>Bus</b>" not in mail.html
    assert "&lt;b&gt;Bus&lt;/b&gt; {{ 7 }}" in mail.html
    assert title in mail.text


# --- the mail itself -----------------------------------------------------------------------------
def test_each_link_is_the_readers_own_and_the_mail_says_why_it_comes():
    programme = meetings_world.make_programme()
    make_documentation()
    first = make_subscriber(since=BEFORE, regions=["NORD"])
    make_subscriber("zweite@example.org", since=BEFORE)
    mail, other = sent()
    for body in (mail.text, mail.html):
        assert f"{{link:documentation:unsubscribe|subscription.end|{first.pk}|1||" in body
        assert f"{{link:documentation:subscription|subscription.settings|{first.pk}|1||" in body
        assert "abonniert haben: Nord, alle Themen." in body
        assert programme.funding_sentence in body
    assert f"|subscription.end|{first.pk}|" not in other.text


def test_the_headers_are_those_of_rfc_8058_and_nothing_overtakes():
    make_documentation()
    row = make_subscriber(since=BEFORE)
    [mail] = sent()
    assert mail.headers == {
        "List-Id": "Neu im Netzwerk <neu-im-netzwerk.localhost>",
        "List-Unsubscribe": f"<{emails._link(row, 'unsubscribe', emails.UNSUBSCRIBE)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert mail.priority == 9
    row_of_password = OutboxMessage.objects.create(
        key="k", kind="account", priority=0, recipient="a@example.org", subject="Passwort", sender="b@example.org"
    )
    assert delivery.claim("w", limit=1) == [row_of_password]


def test_a_mail_that_waits_is_not_sent_after_the_end():
    make_documentation()
    row = make_subscriber(since=BEFORE)
    [mail] = sent()
    assert checks.reason_against(mail) is None
    subscriptions.end(subscription=row)
    assert checks.reason_against(mail) == "Das Abo ist inzwischen beendet."
    subscriptions.erase(subscription=row, by=None)
    assert checks.reason_against(mail) == "Das Abo ist inzwischen beendet."


@pytest.mark.slow
def test_many_subscribers_cost_as_many_queries_as_few(gross, django_assert_max_num_queries):
    make_documentation()
    make_public_practice(gross)
    move = change(make_announced(), "moved")
    counts = []
    for week, number in ((9, 1), (16, 30)):
        for row in (MeetingDocumentation, GoodPractice):
            row.objects.update(published_at=at(week - 4))
        move.made_at = at(week - 4)
        move.save()
        for place in range(number):
            make_subscriber(f"p{week}-{place}@example.org", since=at(week - 7), regions=["NORD"])
        with django_assert_max_num_queries(40) as queries:
            assert digests.send_due(now=at(week, 7, 5)) >= number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_batch_is_not_the_end(monkeypatch):
    monkeypatch.setattr(digests, "BATCH", 3)
    make_documentation()
    for number in range(7):
        make_subscriber(f"p{number}@example.org", since=BEFORE)
    assert digests.send_due(now=MONDAY) == 7
    assert mails(state=State.QUEUED).count() == 7


def test_a_late_subscriber_hears_only_of_what_came_after(gross):
    make_documentation(published_at=at(3))
    make_public_practice(gross, published_at=at(7))
    factories.make_traeger()
    make_subscriber(since=at(5))
    [mail] = sent()
    assert mail.subject == "Neu im Netzwerk: 1 Beispiel"
