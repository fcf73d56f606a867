"""The page behind the link in the mail about a task, and where the list of open tasks is shown."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetings import followups, invitations, minutes
from meetings.emails.followups import ACTION_PURPOSE
from meetings.models import ActionItem, Meeting
from mobipro import links
from tests.meetings import world
from tests.meetings.test_followups import agreed, later, moved_to

pytestmark = pytest.mark.django_db
FORM = "33333333-3333-4333-8333-333333333333"


@pytest.fixture
def stranger():
    """A browser that keeps no cookie and checks CSRF as a real one would."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def held(meeting):
    return moved_to(meeting, -3)


@pytest.fixture
def following():
    announced = {"announced_at": timezone.now(), "status": Meeting.Status.SAVE_THE_DATE}
    return moved_to(
        world.make_meeting("2031-NORD-2", **announced, starts_at=world.in_days(90), ends_at=later(days=91)), 90
    )


@pytest.fixture
def action(held, people):
    return agreed(held, people[0], 5)


def address(row):
    return reverse("meetings:action", args=[links.token(ACTION_PURPOSE, row.pk, row.link_version)])


def fresh(row):
    return ActionItem.objects.get(pk=row.pk)


def test_the_mail_s_link_shows_the_task_and_no_name(stranger, action):
    followups.remind_owners_due(now=later(days=1))
    path = links.fill(world.mails(kind="action_due").get().text).split("/treffen/aufgabe/")[1].split()[0]
    response = stranger.get(f"/treffen/aufgabe/{path}")
    page = response.content.decode()
    for words in (action.title, action.meeting.title, "Erledigt", "In Arbeit", "Wird nichts daraus"):
        assert words in page
    for secret in ("Arndt", "erste@example.org"):
        assert secret not in page
    assert "<script" not in page
    assert not response.cookies
    assert response["Referrer-Policy"] == "no-referrer"


def test_one_post_without_a_cookie_notes_it_and_it_can_be_corrected(stranger, action):
    data = {"form_id": FORM, "stand": "done", "ergebnis": "Die Liste ist verschickt."}
    for _ in range(2):
        assert stranger.post(address(action), data).status_code == 302
    assert (fresh(action).status, fresh(action).result) == ("done", "Die Liste ist verschickt.")
    assert fresh(action).history.count() == 2
    page = stranger.get(address(action)).content.decode()
    assert "Diese Aufgabe ist erledigt" in page
    assert "Stand berichtigen" in page
    again = {"form_id": FORM.replace("3333-3333", "4444-3333"), "stand": "in_progress", "ergebnis": ""}
    assert stranger.post(address(action), again).status_code == 302
    assert fresh(action).status == "in_progress"


def test_reading_changes_nothing(stranger, action):
    for query in ("", "?stand=done"):
        stranger.get(address(action) + query)
        stranger.head(address(action) + query)
    assert fresh(action).revision == action.revision


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"stand": "open"}, "einen der drei Knöpfe"),
        ({"stand": ""}, "einen der drei Knöpfe"),
        ({"ergebnis": "x" * 501}, "zu lang"),
        ({"ergebnis": "a\x00b"}, "Steuerzeichen"),
        ({"form_id": "x"}, "beschädigt"),
    ],
)
def test_bad_input_is_told_and_nothing_is_stored(stranger, action, values, error):
    data = {"form_id": FORM, "stand": "done", "ergebnis": "Bleibt stehen", **values}
    page = stranger.post(address(action), data).content.decode()
    assert error in page
    if "ergebnis" not in values:
        assert "Bleibt stehen" in page
    assert fresh(action).status == "open"


def test_a_link_that_is_not_hers_is_invalid(stranger, action, held):
    other = agreed(held)
    genuine = links.token(ACTION_PURPOSE, action.pk, 1)
    forged = [
        f"{other.pk}.1.{genuine.rpartition('.')[2]}",
        links.token(ACTION_PURPOSE, action.pk, 2),
        links.token("date_poll", action.pk, 1),
        links.token(ACTION_PURPOSE, 987654, 1),
    ]
    for token in forged:
        path = reverse("meetings:action", args=[token])
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, {"form_id": FORM, "stand": "done"}).status_code == 404
    assert not ActionItem.objects.exclude(status="open").exists()


def test_the_link_is_over_a_year_after_the_day(stranger, action):
    with time_machine.travel(later(days=380)):
        assert stranger.get(address(action)).status_code == 410


# --- where the list is shown ---------------------------------------------------------------------
def test_the_public_page_of_the_next_meeting_lists_public_tasks_only(client, held, following):
    agreed(held, title="Intern-4711")
    agreed(held, title="Ausbildungsatlas ergänzen", visibility="public")
    page = client.get(following.get_absolute_url()).content.decode()
    assert "Stand der Vereinbarungen" in page
    assert "Ausbildungsatlas ergänzen (Frau Kaya, bis " in page
    assert "Intern-4711" not in page


def test_the_invitation_lists_public_tasks_beneath_the_point(held, following, people, overall):
    agreed(held, title="Intern-4711")
    agreed(held, title="Ausbildungsatlas ergänzen", visibility="public")
    invitations.invite(meeting=following, contacts=people[:1], by=overall)
    mail = world.mails(kind="invitation").get()
    for text in (mail.text, mail.html):
        assert "Stand der Vereinbarungen" in text
        assert "Ausbildungsatlas ergänzen" in text
        assert "Intern-4711" not in text


def test_the_agenda_step_shows_what_is_open(client, kaya, held, following):
    agreed(held, title="Raum suchen")
    client.force_login(kaya)
    page = client.get(reverse("admin:meetings_agenda", args=[following.pk])).content.decode()
    assert "Raum suchen (Frau Kaya, bis " in page


def test_the_minutes_of_the_next_meeting_set_the_state(client, kaya, held, following):
    row = agreed(held, title="Raum suchen")
    client.force_login(kaya)
    place = reverse("admin:meetings_minutes", args=[following.pk])
    page = client.get(place).content.decode()
    assert "offene Aufgaben aus früheren Treffen" in page
    assert f"Raum suchen: Frau Kaya, bis {row.due_on:%d.%m.%Y} (offen, {held.code})" in page
    client.post(place, {"step": f"state-done-{row.pk}", "result": "Gefunden"})
    assert (fresh(row).status, fresh(row).result) == ("done", "Gefunden")
    assert "offene Aufgaben aus früheren Treffen" not in client.get(place).content.decode()


def test_own_tasks_get_their_state_there_too_and_foreign_ones_do_not(client, kaya, held, following):
    row = agreed(held)
    elsewhere = moved_to(world.make_meeting("2031-NIHB-1", "NIHB"), -5)
    due = timezone.localdate() + timedelta(days=3)
    foreign = minutes.add_action(meeting=elsewhere, title="Fremd", due_on=due, by=None, owner_name="Wer")
    client.force_login(kaya)
    place = reverse("admin:meetings_minutes", args=[held.pk])
    client.post(place, {"step": f"state-in_progress-{row.pk}"})
    assert fresh(row).status == "in_progress"
    assert client.post(place, {"step": f"state-done-{foreign.pk}"}).status_code == 404
    page = client.post(place, {"step": f"state-quatsch-{row.pk}"}).content.decode()
    assert "Wählen Sie, wie die Aufgabe steht." in page
