"""The page behind the link of a Terminabfrage: no cookie, no script, no other person's name."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from meetings import polls
from meetings.emails.polls import POLL_PURPOSE
from meetings.models import PollVote
from mobipro import links
from tests.meetings import world
from tests.meetings.polling import vote, voter

pytestmark = pytest.mark.django_db


def address(row):
    return reverse("meetings:poll", args=[links.token(POLL_PURPOSE, row.pk, row.link_version)])


def form_of(poll, *answers, **more):
    given = {f"termin_{option.pk}": answer for option, answer in zip(poll.options.all(), answers, strict=False)}
    return {"form_id": "22222222-2222-4222-8222-222222222222", **given, **more}


@pytest.fixture
def stranger():
    """A browser that keeps no cookie and checks CSRF as a real one would."""
    return Client(enforce_csrf_checks=True)


def test_the_page_shows_dates_and_counts_and_nobody_else(stranger, poll):
    vote(poll, "zweite", "yes", "no", "maybe", comment="Geheim-4711")
    response = stranger.get(address(voter(poll)))
    page = response.content.decode()
    assert "Mi, 12. März 2031, 10–16 Uhr" in page
    assert "Bisher: 1 ja, 0 zur Not, 0 nein" in page
    for secret in ("Berger", "zweite@example.org", "erste@example.org", "Geheim-4711", "Çelik"):
        assert secret not in page
    assert "<script" not in page
    assert not response.cookies
    assert response["Referrer-Policy"] == "no-referrer"
    assert len(response.content) < 30_000


def test_one_post_without_a_cookie_answers(stranger, poll):
    row = voter(poll)
    response = stranger.post(address(row), form_of(poll, "yes", "maybe", "no", nachricht="Bitte barrierefrei."))
    assert response.status_code == 302
    page = stranger.get(address(row)).content.decode()
    assert "Ihre Antwort ist angekommen" in page
    assert page.count("checked") == 3
    assert "Bitte barrierefrei." in page


def test_reading_changes_nothing(stranger, poll):
    before = voter(poll).revision
    for query in ("", "?antwort=ja", f"?termin_{poll.options.first().pk}=yes"):
        stranger.get(address(voter(poll)) + query)
        stranger.head(address(voter(poll)) + query)
    assert voter(poll).revision == before
    assert not PollVote.objects.exists()


def test_a_forgotten_date_is_told_at_its_place_and_the_rest_is_kept(stranger, poll):
    page = stranger.post(address(voter(poll)), form_of(poll, "yes")).content.decode()
    assert "Wählen Sie für 19. März" in page
    assert page.count("checked") == 1
    assert not PollVote.objects.exists()


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"nachricht": "a\x00b"}, "Steuerzeichen"),
        ({"nachricht": "x" * 301}, "zu lang"),
        ({"form_id": "x"}, "beschädigt"),
    ],
)
def test_bad_input_is_told_and_nothing_is_stored(stranger, poll, more, error):
    page = stranger.post(address(voter(poll)), form_of(poll, "yes", "yes", "yes", **more)).content.decode()
    assert error in page
    assert not PollVote.objects.exists()


def test_twice_sent_is_one_answer_and_another_person_s_form_is_asked_again(stranger, poll):
    first, second = voter(poll), voter(poll, "zweite")
    for answers in (("yes", "yes", "yes"), ("no", "no", "no")):
        assert stranger.post(address(first), form_of(poll, *answers)).status_code == 302
    assert set(first.votes.values_list("answer", flat=True)) == {"yes"}
    page = stranger.post(address(second), form_of(poll, "no", "no", "no")).content.decode()
    assert "noch einmal" in page
    assert not second.votes.exists()


def test_after_the_end_the_page_only_tells(stranger, poll, overall):
    vote(poll, "erste", "yes", "yes", "yes")
    polls.close(poll=poll, by=overall)
    page = stranger.get(address(voter(poll))).content.decode()
    assert "geschlossen" in page
    assert "<form" not in page
    assert "geschlossen" in stranger.post(address(voter(poll)), form_of(poll, "no", "no", "no")).content.decode()
    assert set(PollVote.objects.values_list("answer", flat=True)) == {"yes"}
    polls.choose(poll=poll, option=poll.options.first(), by=overall)
    assert "Der Termin steht: Mi, 12. März 2031" in stranger.get(address(voter(poll))).content.decode()


def test_a_link_that_is_not_hers_is_invalid(stranger, poll):
    first, second = voter(poll), voter(poll, "zweite")
    genuine = links.token(POLL_PURPOSE, first.pk, 1)
    forged = [
        f"{second.pk}.1.{genuine.rpartition('.')[2]}",
        links.token(POLL_PURPOSE, first.pk, 2),
        links.token("answer", first.pk, 1),
        links.token(POLL_PURPOSE, 987654, 1),
        genuine[:-1],
    ]
    for token in forged:
        path = reverse("meetings:poll", args=[token])
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, form_of(poll, "yes", "yes", "yes")).status_code == 404
    assert not PollVote.objects.exists()


def test_the_link_is_over_three_months_after_the_poll(stranger, poll):
    with time_machine.travel(poll.closes_at + timedelta(days=91)):
        assert stranger.get(address(voter(poll))).status_code == 410


def test_the_mail_s_link_opens_the_page(stranger, poll):
    mail = world.mails(kind="date_poll", recipient="erste@example.org").get()
    path = links.fill(mail.text).split("/treffen/terminabfrage/")[1].split()[0]
    assert stranger.get(f"/treffen/terminabfrage/{path}").status_code == 200
