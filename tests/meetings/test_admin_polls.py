"""The coordinator's side of a Terminabfrage: start, matrix, reminder, choice; from the dossier and back."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from meetings.admin.poll_steps import proposed_days
from meetings.models import DatePoll, MeetingRound, MeetingSeries
from tests.meetings import world
from tests.meetings.polling import vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def text(response):
    return response.content.decode()


def address(meeting, name="poll"):
    return reverse(f"admin:meetings_{name}", args=[meeting.pk])


def form_of(people, *days, **more):
    rows = {}
    for number in range(1, 7):
        day = days[number - 1] if number <= len(days) else ""
        rows |= {f"termin{number}-day": day, f"termin{number}-start": "10:00", f"termin{number}-end": "16:00"}
    closes_on = f"{timezone.localdate() + timedelta(days=9):%d.%m.%Y}"
    return {**rows, "closes_on": closes_on, "contact": [row.pk for row in people], **more}


def test_from_the_dossier_to_the_running_poll(office, undated, people):
    assert address(undated, "poll_start") in text(office.get(address(undated, "meeting_change")))
    page = text(office.get(address(undated, "poll_start")))
    assert page.count(" checked") == 3
    response = office.post(address(undated, "poll_start"), form_of(people, "12.03.2031", "19.03.2031"))
    assert response["Location"] == address(undated)
    poll = DatePoll.objects.get()
    assert (poll.options.count(), poll.voters.count()) == (2, 3)
    assert timezone.localtime(poll.closes_at).hour == 23
    dossier = text(office.get(address(undated, "meeting_change")))
    assert "Antworten auf die Terminabfrage ansehen" in dossier
    assert "3 Antworten fehlen" in dossier
    assert "3 Mails warten" in dossier  # and can be stopped


def test_twice_sent_is_one_poll(office, undated, people):
    form = form_of(people, "12.03.2031", "19.03.2031", form_id="33333333-3333-4333-8333-333333333333")
    for _ in range(2):
        assert office.post(address(undated, "poll_start"), form).status_code == 302
    assert DatePoll.objects.count() == 1


@pytest.mark.parametrize(
    ("days", "more", "error"),
    [
        (["12.03.2031"], {}, "Geben Sie 2 bis 6 Termine ein."),
        (["12.03.2031", "14.04.2031"], {}, "Ostermontag"),
        (["12.03.2031", "31.02.2031"], {}, "Den 31.02.2031 gibt es nicht"),
        (["12.03.2031", "12.03.2020"], {}, "liegt in der Vergangenheit"),
        (["12.03.2031", "19.03.2031"], {"closes_on": "01.01.2020"}, "liegt in der Vergangenheit"),
        (["12.03.2031", "19.03.2031"], {"termin1-end": "09:00"}, "Das Ende muss nach dem Beginn liegen."),
        (["12.03.2031", "19.03.2031"], {"message": "a\x00b"}, "Steuerzeichen"),
        (["12.03.2031", "19.03.2031"], {"message": "x" * 1001}, "zu lang"),
        (["12.03.2031", "19.03.2031"], {"contact": []}, "Wählen Sie mindestens eine Person aus."),
        (["12.03.2031", "19.03.2031"], {"contact": ["999999", "x"]}, "Wählen Sie mindestens eine Person aus."),
    ],
)
def test_bad_input_is_told_and_what_was_typed_stays(office, undated, people, days, more, error):
    page = text(office.post(address(undated, "poll_start"), form_of(people, *days, **more)))
    assert error in page
    assert f'value="{days[-1]}"' in page
    assert not DatePoll.objects.exists()


def test_the_days_filled_in_are_free_and_inside_the_round(office, undated):
    series = MeetingSeries.objects.create(year=2031)
    undated.round = MeetingRound.objects.create(
        series=series, number=1, window_start=date(2031, 2, 1), window_end=date(2031, 4, 10)
    )
    undated.save()
    with time_machine.travel("2030-11-04 09:00+01:00"):
        days = proposed_days(undated)
    assert days == [date(2031, 2, 4), date(2031, 2, 12), date(2031, 2, 20)]  # Tuesday, Wednesday, Thursday


def test_the_matrix_says_everything_in_words_and_signs(office, undated, poll):
    vote(poll, "erste", "yes", "maybe", "no", comment="Bitte ohne Abend.")
    page = text(office.get(address(undated)))
    for words in (
        "Arndt",
        "Bitte ohne Abend.",
        " zur Not</span>",
        " nein</span>",
        "fehlt noch",
        "1 von 1",
        "tragfähig",
    ):
        assert words in page, words
    missing = page[page.index('id="fehlt"') :]
    assert "Berger" in missing
    assert "Arndt" not in missing


def test_remind_close_and_choose(office, undated, poll):
    vote(poll, "erste", "no", "yes", "no")
    office.post(address(undated), {"step": "remind"})
    assert world.mails(kind="date_poll_reminder").count() == 2
    assert "ohne Antwort erinnern" not in text(office.get(address(undated)))
    assert "schon einmal" in text(office.post(address(undated), {"step": "remind"}))
    office.post(address(undated), {"step": "close"})
    assert "Termin wählen" in text(office.get(address(undated, "meeting_change")))
    assert f"Termin wählen: {undated.title}" in text(office.get(reverse("admin:index")))
    option = poll.options.all()[1]
    response = office.post(address(undated), {"step": f"choose-{option.pk}"})
    assert response["Location"] == address(undated, "invite")
    undated.refresh_from_db()
    assert undated.starts_at == option.starts_at
    assert "Termin wählen" not in text(office.get(reverse("admin:index")))
    assert "Der Termin steht: Mi, 19. März 2031" in text(office.get(address(undated)))


def test_unknown_steps_and_foreign_dates_are_not_found(office, undated, poll):
    for step in ("choose-999999", "choose-", "choose-x", "explode", ""):
        assert office.post(address(undated), {"step": step}).status_code == 404
    undated.refresh_from_db()
    assert undated.starts_at is None


def test_reading_changes_nothing_and_without_a_poll_one_is_offered(office, undated, people):
    assert office.get(address(undated))["Location"] == address(undated, "poll_start")
    office.get(address(undated, "poll_start"))
    assert not DatePoll.objects.exists()
    assert not world.mails().exists()


def test_only_the_region_s_coordination_asks_and_sees_the_answers(client, undated, poll, bavarian, gross):
    for person in (bavarian, gross):
        client.force_login(person)
        for name in ("poll", "poll_start"):
            assert client.get(address(undated, name)).status_code in (302, 403, 404)
            assert "Arndt" not in text(client.get(address(undated, name)))
        client.post(address(undated), {"step": "close"})
    poll.refresh_from_db()
    assert poll.state == "open"


def test_an_announced_meeting_has_no_poll_to_start(office, invited, people):
    assert "solange keiner angekündigt ist" in text(office.get(address(invited, "poll_start")))
    assert address(invited, "poll_start") not in text(office.get(address(invited, "meeting_change")))
