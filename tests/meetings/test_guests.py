import pytest
from django.urls import reverse

from meetings import guests, invitations, save_the_date
from meetings.models import Invitation, Meeting
from regions.models import AlreadyReceived, ContactPerson, FormReceipt
from tests import factories
from tests.meetings import world

pytestmark = pytest.mark.django_db

LIST = """Name; Einrichtung; E-Mail
Gerd Gast; Berufsschule Musterstadt; gerd@example.org
Dr. Rita Rede\tHandwerkskammer Beispiel\tRITA@Example.org

"Frau Weiler"; ; weiler@example.org"""


@pytest.fixture
def office(client, overall):
    client.force_login(overall)
    return client


@pytest.fixture
def address(meeting):
    return reverse("admin:meetings_guests", args=[meeting.pk])


def invite(meeting, by, text=LIST, **more):
    return guests.invite(meeting=meeting, text=text, reason=more.pop("reason", "guest"), by=by, **more)


def text_of(response):
    return " ".join(response.content.decode().split())


def test_a_pasted_list_invites_everybody_once(meeting, overall):
    mailing = invite(meeting, overall, note="Wir freuen uns auf Ihren Bericht.")
    rows = {row.email: row for row in Invitation.objects.all()}
    assert set(rows) == {"gerd@example.org", "RITA@example.org", "weiler@example.org"}
    assert mailing.recipient_count == 3
    gerd = rows["gerd@example.org"]
    assert (gerd.name, gerd.organisation_name, gerd.reason) == ("Gerd Gast", "Berufsschule Musterstadt", "guest")
    assert {row.first_name for row in rows.values()} == {"Gerd", ""}
    mail = world.mails(recipient="gerd@example.org").get()
    assert (mail.kind, mail.group) == ("invitation", mailing.group)
    assert "Wir freuen uns auf Ihren Bericht." in mail.text
    assert "RSVP=TRUE" in world.unfolded(mail.calendar)


def test_a_speaker_is_told_why(meeting, overall):
    invite(meeting, overall, reason="speaker")
    assert Invitation.objects.first().reason == "speaker"
    assert "Sie tragen etwas vor" in world.mails().first().text


def test_the_first_invitation_opens_the_meeting(meeting, overall):
    invite(meeting, overall)
    meeting.refresh_from_db()
    assert (meeting.status, bool(meeting.organizer_email)) == ("invited", True)


def test_who_is_invited_gets_no_second_mail(meeting, overall):
    invite(meeting, overall)
    invite(meeting, overall, text=LIST + "\nNeu Neumann; Betrieb; neu@example.org")
    assert world.mails(recipient="gerd@example.org").count() == 1
    assert world.mails().count() == 4
    with pytest.raises(guests.GuestError, match="schon eingeladen"):
        invite(meeting, overall)


def test_a_form_sent_twice_invites_once(meeting, overall):
    form_id = FormReceipt.new_id()
    invite(meeting, overall, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        invite(meeting, overall, text="Neu; Haus; neu@example.org", form_id=form_id)
    assert world.mails().count() == 3


def test_somebody_un_invited_gets_a_new_link(meeting, overall):
    invite(meeting, overall)
    row = Invitation.objects.get(email="gerd@example.org")
    invitations.withdraw(invitation=row, by=overall)
    invite(meeting, overall)
    row.refresh_from_db()
    assert (row.withdrawn_at, row.link_version) == (None, 2)


def test_who_has_only_the_date_becomes_invited(meeting, people, overall):
    save_the_date.send(meeting=meeting, contacts=people[:1], by=overall)
    invite(meeting, overall, text=f"Ana Arndt; Werkstatt; {people[0].email}")
    row = Invitation.objects.get(email=people[0].email)
    assert (row.is_only_noted, row.contact) == (False, people[0])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Gerd Gast", "Zeile 1: Bitte so: Name; Einrichtung; E-Mail-Adresse"),
        ("a;b;c;d", "Zeile 1: Bitte so:"),
        ("; Haus; gerd@example.org", "Zeile 1: Der Name fehlt."),
        ("Gerd; Haus; gerd@", "Zeile 1: "),
        ("Gerd; Haus; dörte@example.org", "Zeile 1: "),
        ("x" * 200 + "; Haus; gerd@example.org", "zu lang"),
        ("A; B; gerd@example.org\nC; D; GERD@example.org", "Zeile 2: GERD@example.org steht zweimal in der Liste"),
        (" ; ;\n", "Geben Sie mindestens eine Person ein."),
        ("\n".join(f"G; H; g{number}@example.org" for number in range(101)), "Höchstens 100 Personen auf einmal"),
        ("Weg; Haus; weg@example.org", "steht im Adressbuch, aber: ausgeschieden"),
    ],
)
def test_a_wrong_line_is_named_and_nobody_is_invited(meeting, overall, line, problem):
    factories.make_contact("weg@example.org", status=ContactPerson.Status.LEFT)
    with pytest.raises(guests.GuestError, match=problem):
        invite(meeting, overall, text=line)
    assert not Invitation.objects.exists()


def test_line_ends_cannot_reach_a_header(meeting, overall):
    invite(meeting, overall, text="Gerd\x0bBcc: x@example.org; Haus; gerd@example.org".replace("\x0b", " "))
    assert "\n" not in world.mails().get().recipient_name


# --- the step ------------------------------------------------------------------------------------
def test_the_list_is_looked_at_before_it_is_sent(office, address):
    data = {"people": LIST, "reason": "speaker", "note": "Bis bald.", "step": "preview"}
    page = text_of(office.post(address, data))
    assert "3 Personen werden eingeladen" in page
    assert "Vorschau der Mail (noch nicht gesendet)" in page
    assert "Bis bald." in page
    assert not Invitation.objects.exists()
    done = office.post(address, {**data, "step": "send", "form_id": FormReceipt.new_id()}, follow=True)
    assert "Die Einladung an 3 Personen wartet im Postausgang" in text_of(done)
    assert Invitation.objects.filter(reason="speaker").count() == 3
    page = text_of(office.post(address, {**data, "people": LIST + "\nNeu; Haus; neu@example.org"}))
    assert "1 Person wird eingeladen" in page
    assert "Schon eingeladen, keine zweite Mail" in page


def test_errors_stand_at_the_list_and_nothing_typed_is_lost(office, address):
    page = text_of(
        office.post(address, {"people": "Gerd Gast, Haus", "reason": "guest", "note": "Hallo", "step": "send"})
    )
    assert "Zeile 1: Bitte so: Name; Einrichtung; E-Mail-Adresse" in page
    assert "Gerd Gast, Haus" in page
    assert "Hallo" in page


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"people": "\x00", "reason": "guest"},
        {"people": "Gerd; Haus; gerd@example.org", "reason": "office"},
        {"people": "x" * 50_000, "reason": "guest"},
        {"people": "Gerd; Haus; gerd@example.org", "reason": "guest", "note": "\x07"},
        {"people": "\u2028; ;", "reason": "guest"},
    ],
)
def test_bad_input_is_told_in_german(office, address, data):
    response = office.post(address, {**data, "step": "send"})
    assert response.status_code == 200
    assert 'class="errornote"' in response.content.decode()
    assert "zwingend" not in response.content.decode()
    assert not Invitation.objects.exists()


def test_without_a_date_or_after_the_start_the_page_says_so(office, address, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=world.in_days(-1), ends_at=world.in_days(1))
    page = text_of(office.post(address, {"people": LIST, "reason": "guest", "step": "send"}))
    assert "hat schon begonnen" in page


def test_foreign_meetings_are_closed(client, address, bavarian, gross):
    for who, status in ((bavarian, 403), (gross, 404)):
        client.force_login(who)
        assert client.get(address).status_code in (status, 302)
