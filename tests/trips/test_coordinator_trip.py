"""Trip 1, before the day: a coordinator plans a meeting, invites, moves and cancels; a Träger's employee answers."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.trips.mails import german, tuesday_from

pytestmark = pytest.mark.trip

TITLE = "Werkstatt Europa"
GROSS = "gross@example.org"
DEPUTY = "vertretung.leer@example.org"
YEAR = datetime.now(tz=UTC).date().year + 1
DAY = tuesday_from(date(YEAR, 3, 2))


def test_a_meeting_is_planned_invited_answered_moved_and_cancelled(person, portal):
    kaya = person("kaya")
    dossier = plan(kaya)
    write_agenda(kaya)
    invite(kaya)
    invitation = portal.wait_for_mail("Einladung", TITLE, to=GROSS)
    check_invitation(invitation, portal)

    gross = person(java_script_enabled=False, viewport={"width": 360, "height": 740})
    answer(gross, invitation, portal)
    name_a_deputy(gross, invitation, person, portal)

    later = move(kaya, dossier, gross, invitation, portal)
    cancel(kaya, dossier, gross, later, portal)


def plan(kaya):
    """Add the meeting, be warned of the holiday, set a day; gives the dossier's address."""
    page = kaya.page
    kaya.goes_to(f"/admin/meetings/meeting/jahresplan/{YEAR}/")
    page.get_by_role("link", name=re.compile(r"^Treffen Niedersachsen-Bremen im \w+ anlegen$")).first.click()
    kaya.press("Treffen anlegen")
    kaya.sees("Geben Sie dem Treffen einen Titel.")
    kaya.inspect()
    page.get_by_label("Titel").fill(TITLE)
    kaya.press("Treffen anlegen")
    kaya.sees("ist angelegt. Als Nächstes: Termin und Ort.")
    kaya.field("Tag").fill(f"31.02.{YEAR}")
    kaya.press("Termin festlegen")
    kaya.sees(re.compile(r"gibt es nicht\. Bitte so: 28\.02\."))
    kaya.field("Tag").fill(f"01.01.{YEAR}")
    kaya.press("Termin festlegen")
    assert "Neujahr" in page.get_by_role("alert").inner_text()
    kaya.inspect()

    kaya.field("Tag").fill(german(DAY))
    page.get_by_label("Veranstaltungsort").select_option(index=1)
    kaya.press("Termin festlegen")
    kaya.sees("Der Termin steht.")
    return page.url


def write_agenda(kaya):
    kaya.follow("Tagesordnung anlegen")
    kaya.page.get_by_label("Punkt, neuer Punkt", exact=True).nth(0).fill("Begrüßung und Vorstellung")
    kaya.page.get_by_label("Punkt, neuer Punkt", exact=True).nth(1).fill("Wohnen im ersten Jahr")
    kaya.press("Tagesordnung speichern")
    kaya.sees("Die Tagesordnung ist gespeichert.")


def invite(kaya):
    """See who gets the mail and why, look at one mail, send it to everybody."""
    page = kaya.page
    kaya.follow("Einladen …")
    row = page.get_by_role("row").filter(has_text="Groß")
    assert row.get_by_role("checkbox").is_checked()
    reasons = page.locator("tbody tr td:nth-child(4)").all_inner_texts()
    assert reasons
    assert all(reason.strip() for reason in reasons)
    row.get_by_role("link", name=re.compile("^Vorschau")).click()
    assert "Wohnen im ersten Jahr" in page.get_by_role("region", name="Textfassung der Mail").inner_text()
    assert "METHOD:REQUEST" in page.get_by_role("region", name="Kalenderteil der Mail").inner_text()
    kaya.inspect()
    kaya.follow("Zurück zur Auswahl")
    kaya.inspect()
    kaya.press(re.compile(r"^Einladung an \d+ Personen aus \d+ Projekten senden$"))
    kaya.sees("wartet im Postausgang und geht gleich hinaus")
    kaya.inspect()


def check_invitation(mail, portal):
    """The mail as invitations.md asks for it: the tree, one METHOD, one ATTENDEE, the buttons' links."""
    assert mail.tree == [
        (0, "multipart/mixed"),
        (1, "multipart/alternative"),
        (2, "text/plain"),
        (2, "text/html"),
        (2, "text/calendar"),
        (1, "application/ics"),
    ]
    part = mail.calendar_part
    assert part.get_content_disposition() is None
    assert (part.get_content_charset(), part["Content-Transfer-Encoding"]) == ("utf-8", "base64")
    assert mail.attached == part.get_payload(decode=True)
    assert mail.method == "REQUEST"
    event = mail.event
    attendee = event["ATTENDEE"]
    assert not isinstance(attendee, list)
    assert (str(attendee).lower(), attendee.params["PARTSTAT"], attendee.params["RSVP"]) == (
        f"mailto:{GROSS}",
        "NEEDS-ACTION",
        "TRUE",
    )
    assert mail.message["To"].addresses[0].addr_spec == GROSS
    sender = mail.message["From"].addresses[0].addr_spec
    assert (str(event["ORGANIZER"]).lower(), sender == GROSS) == (f"mailto:{sender}".lower(), False)
    assert event["DTSTART"].dt.date() == DAY
    assert re.fullmatch(r"[0-9a-f-]{36}", str(event["UID"]))
    assert mail.message["X-MobiPro-Message"]
    html = mail.message.get_body(("html",)).get_content()
    for wish in ("ja", "nein", "vertretung"):
        assert f"{mail.link}?antwort={wish}" in html
    assert mail.link.startswith(portal.web)


def answer(gross, invitation, portal):
    """Two taps without JavaScript; the answer can be changed."""
    page = gross.page
    gross.goes_to(f"{invitation.link}?antwort=ja")
    assert page.get_by_label("Ich nehme teil").is_checked()
    gross.press("Antwort senden")
    gross.sees("Ihre Zusage ist angekommen")
    gross.sees("Ihr Platz ist bestätigt.")
    portal.wait_for_mail("Ihr Platz ist bestätigt", TITLE, to=GROSS)

    page.get_by_text("Antwort ändern").click()
    page.get_by_label("Ich kann nicht").check()
    gross.press("Antwort senden")
    gross.sees("Ihre Absage ist angekommen")
    portal.wait_for_mail("Ihre Absage ist angekommen", TITLE, to=GROSS)


def name_a_deputy(gross, invitation, person, portal):
    """The deputy gets an invitation of her own that says who named her, and answers it."""
    page = gross.page
    gross.goes_to(f"{invitation.link}?antwort=vertretung")
    gross.press("Antwort senden")
    gross.sees("Geben Sie Vor- und Nachnamen Ihrer Vertretung ein.")
    page.get_by_label("Vor- und Nachname Ihrer Vertretung").fill("Wiebke Janssen")
    page.get_by_label("E-Mail-Adresse Ihrer Vertretung").fill(DEPUTY)
    gross.press("Antwort senden")
    gross.sees("Ihre Vertretung ist eingeladen")

    own = portal.wait_for_mail("Einladung in Vertretung", TITLE, to=DEPUTY)
    assert "Groß" in own.text
    assert (own.method, str(own.event["ATTENDEE"]).lower()) == ("REQUEST", f"mailto:{DEPUTY}")
    assert own.event["UID"] == invitation.event["UID"]
    assert own.link != invitation.link
    deputy = person(viewport={"width": 360, "height": 740})
    deputy.goes_to(f"{own.link}?antwort=nein")
    assert deputy.page.get_by_text("Ich schicke eine Vertretung").count() == 0
    deputy.inspect()
    deputy.press("Antwort senden")
    deputy.sees("Ihre Absage ist angekommen")

    gross.goes_to(invitation.link)
    gross.sees("Ihre Vertretung kann nicht teilnehmen.")
    page.get_by_label("Ich nehme teil").check()
    gross.press("Antwort senden")
    gross.sees("Ihr Platz ist bestätigt.")


def move(kaya, dossier, gross, invitation, portal):
    """Another day with a reason: the same UID, a higher SEQUENCE, old → new in mail and page; gives the new mail."""
    page, new_day = kaya.page, tuesday_from(DAY + timedelta(days=7))
    kaya.goes_to(dossier)
    kaya.follow("Verschieben …")
    kaya.press(re.compile("^Verschieben und"))
    kaya.sees("Nennen Sie den Grund: Er steht in der Mail.")
    kaya.inspect()
    kaya.field("Tag").fill(german(new_day))
    page.get_by_label(re.compile("^Grund")).fill("Der Saal ist belegt.")
    kaya.press(re.compile("^Verschieben und"))
    kaya.sees("Das Treffen ist verschoben.")

    mail = portal.wait_for_mail("Verschoben", TITLE, to=GROSS)
    assert (mail.method, mail.event["UID"]) == ("REQUEST", invitation.event["UID"])
    assert mail.sequence > invitation.sequence
    assert mail.event["DTSTART"].dt.date() == new_day
    assert "Der Saal ist belegt." in mail.text
    for day in (DAY, new_day):
        assert re.search(rf"\b{day.day}\. (März|April)", mail.text)
    gross.goes_to(invitation.link)
    gross.sees("Ihre Zusage galt dem alten Termin.")
    gross.page.get_by_label("Ich nehme teil").check()
    gross.press("Antwort senden")
    gross.sees("Ihre Zusage ist angekommen")
    return mail


def cancel(kaya, dossier, gross, moved, portal):
    """CANCEL with the same UID and a higher SEQUENCE; the personal page says so."""
    kaya.goes_to(dossier)
    kaya.follow("Absagen …")
    kaya.press("Treffen absagen")
    kaya.sees("Nennen Sie den Grund: Er steht in der Mail.")
    kaya.inspect()
    kaya.page.get_by_label(re.compile("^Grund")).fill("Zu wenige Zusagen.")
    kaya.press("Treffen absagen")
    kaya.sees("Das Treffen ist abgesagt.")

    mail = portal.wait_for_mail("Abgesagt", TITLE, to=GROSS)
    assert (mail.method, mail.event["UID"], str(mail.event["STATUS"])) == (
        "CANCEL",
        moved.event["UID"],
        "CANCELLED",
    )
    assert mail.sequence > moved.sequence
    assert "Zu wenige Zusagen." in mail.text
    gross.goes_to(moved.link)
    gross.sees("abgesagt")
    assert gross.page.get_by_role("button", name="Antwort senden").count() == 0
