"""The thanks: to those who were there, with the one feedback link and what comes next."""

from datetime import timedelta

import pytest
from django.urls import reverse

from meetings import attendance, checks, circulars, feedback, invitations, thanks
from meetings.invitations import InvitationError
from meetings.models import AgendaItem, Meeting
from mobipro import links
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def over(invited):
    """The meeting yesterday, attendance not recorded."""
    fields = {"starts_at": world.in_days(-1), "ends_at": world.in_days(-1) + timedelta(hours=6)}
    Meeting.objects.filter(pk=invited.pk).update(**fields)
    invited.refresh_from_db()
    return invited


@pytest.fixture
def held(over, overall):
    """Ana was there, Birgit left early, Cem was not there; Gudrun just came."""
    states = ("present", "left_early", "absent")
    rows = over.invitations.order_by("name")
    attendance.record(
        meeting=over,
        states={row.pk: state for row, state in zip(rows, states, strict=True)},
        walk_ins=[("Gudrun Überall", "Berufsschule")],
        by=overall,
    )
    over.refresh_from_db()
    return over


def send(meeting, overall):
    return circulars.send(circular=thanks.CIRCULAR, meeting=meeting, by=overall)


def dossier(client, meeting):
    return client.get(reverse("admin:meetings_meeting_change", args=[meeting.pk])).content.decode()


def test_who_was_there_gets_it_once(held, overall):
    send(held, overall)
    recipients = world.mails(kind="thanks").values_list("recipient", flat=True)
    assert sorted(recipients) == ["erste@example.org", "zweite@example.org"]
    with pytest.raises(InvitationError, match="haben sie schon"):
        send(held, overall)


def test_all_get_the_same_link_and_learn_what_comes_next(held, overall):
    send(held, overall)
    form = feedback.form_of(held)
    address = links.absolute(reverse("meetings:feedback", args=[feedback.token(form)]))
    due = f"{held.documentation_due_on:%Y}"
    for mail in world.mails(kind="thanks"):
        for part in (mail.text, mail.html):
            assert links.fill(part).count(address) == 1
            assert "/treffen/antwort/" not in links.fill(part)
            assert "anonym" in part
            assert "Die Dokumentation soll bis" in part
            assert due in part
            assert "persönlich" not in part


def test_without_an_open_form_the_link_is_left_out(held, overall):
    feedback.set_last_day(meeting=held, day=held.starts_on, by=overall)
    send(held, overall)
    mail = world.mails(kind="thanks").first()
    assert "Rückmeldung" not in mail.text + mail.html
    assert "vielen Dank, dass Sie beim Vernetzungstreffen der Region Nord dabei waren." in mail.text


def test_before_the_attendance_is_recorded_it_is_refused(over, overall):
    with pytest.raises(InvitationError, match="Erfassen Sie zuerst die Teilnahme"):
        send(over, overall)


def test_before_the_meeting_it_is_refused(invited, overall):
    with pytest.raises(InvitationError, match="erst nach dem Treffen"):
        send(invited, overall)


def test_check_withdraws_it_when_the_attendance_is_corrected(held, overall):
    send(held, overall)
    first, second = world.mails(kind="thanks").order_by("recipient")
    row = held.invitations.get(email="erste@example.org")
    attendance.record(meeting=held, states={row.pk: "absent"}, by=overall)
    assert checks.still_thanked(first) == "Die Teilnahme ist berichtigt: Die Person war nicht da."
    assert checks.still_thanked(second) is None


def test_who_was_uninvited_meanwhile_gets_none(held, overall):
    send(held, overall)
    mail = world.mails(kind="thanks", recipient="erste@example.org").get()
    invitations.uninvite(held.invitations.get(email="erste@example.org"), by=overall, reason="")
    assert checks.still_thanked(mail) == "Die Person ist inzwischen ausgeladen."


def test_it_is_the_next_step_once_the_attendance_is_recorded(client, kaya, held, overall):
    client.force_login(kaya)
    primary = f'class="step-primary" href="{reverse("admin:meetings_circular", args=[held.pk, "danke"])}"'
    assert primary in dossier(client, held)
    send(held, overall)
    page = dossier(client, held)
    assert primary not in page
    assert "Ergebnisse eintragen" in page


def test_thanks_never_stand_in_the_way_of_the_documentation(client, kaya, held):
    client.force_login(kaya)
    AgendaItem.objects.create(meeting=held, title="Auftakt", result_text="Ein Ergebnis")
    page = dossier(client, held)
    assert '<button type="submit" class="step-primary">Dokumentation anlegen</button>' in page
    assert "Danke sagen …" in page


def test_page_sends_and_preview_shows_no_link(client, kaya, held):
    client.force_login(kaya)
    row = held.invitations.get(email="erste@example.org")
    page = client.get(reverse("admin:meetings_circular", args=[held.pk, "danke"])).content.decode()
    assert "Dankmail an 2 Personen senden" in page
    assert "früher gegangen" in page
    page = client.get(reverse("admin:meetings_circular_preview", args=[held.pk, "danke", row.pk])).content.decode()
    assert "/treffen/feedback/" not in page
    assert "anonym" in page
