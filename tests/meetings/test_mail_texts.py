"""The editable words of the mails: placeholders, escaping, and what a sending makes of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from meetings import emails, invitations, mail_texts, previews, registrations, save_the_date, scheduling
from meetings.models import MailText
from meetings.models.invitation import PartStat
from mobipro.outbox.models import State
from tests.meetings import world

VALUES = {name: f"<{name}>" for name in mail_texts.MEANINGS}
HOSTILE = [
    "{titel.__class__}",
    "{titel!r}",
    "{titel:>9999999}",
    "{titel|safe}",
    "{0}",
    "{}",
    "{{titel}}",
    "{{ titel }}",
    "{% load x %}",
    "{ titel }",
    "{titel",
    "titel}",
    "{link:meetings:answer|answer|1|1||aaaaaaaaaaaaaaaaaaaaaa}",
    "{{vorname}.__init__}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_allowed_placeholder_is_refused_with_the_list(text):
    found = mail_texts.problems("invitation", f"Guten Tag {text}")
    assert found
    assert all("{vorname}, {anrede}, {titel}" in sentence for sentence in found)


def test_an_unknown_placeholder_is_named():
    assert mail_texts.problems("reminder", "{foo}, {titel}") == [
        "Den Platzhalter {foo} gibt es hier nicht. Möglich sind: {vorname}, {anrede}, {titel}, {treffen}, {termin}, "
        "{ort}, {frist}."
    ]


def test_a_placeholder_of_another_kind_is_refused():
    assert mail_texts.problems("invitation", "{grund}")
    assert not mail_texts.problems("cancellation", "{grund}")


@pytest.mark.parametrize("kind", mail_texts.KINDS)
def test_the_standard_text_is_allowed_and_every_placeholder_has_a_meaning(kind):
    wording = mail_texts.KINDS[kind]
    assert mail_texts.problems(kind, wording.text) == []
    assert set(wording.placeholders) <= set(mail_texts.MEANINGS)
    assert kind in MailText.Kind.values


@given(st.text(alphabet="{}%.|_:!ab <>&titelvorname\n", max_size=80))
def test_only_listed_names_are_ever_replaced(text):
    result = mail_texts.fill("invitation", text, {"titel": "", "vorname": ""})
    expected = text
    for name in mail_texts.KINDS["invitation"].placeholders:
        expected = expected.replace(f"{{{name}}}", "\x00")
    assert result == expected.replace("\x00", "").strip()


@given(st.text(max_size=60))
def test_a_value_is_never_read_as_a_placeholder_and_never_as_markup(value):
    text = mail_texts.fill("invitation", "A{titel}Z", {"titel": f"{{vorname}}{value}", "vorname": "geheim"})
    assert text == f"A{{vorname}}{value}Z".strip()
    html = mail_texts.as_html(text).replace('<p style="margin:0 0 14px;">', "").replace("</p>", "").replace("<br>", "")
    assert "<" not in html
    assert ">" not in html


def test_blank_lines_part_paragraphs_and_a_line_end_stays_one():
    html = mail_texts.as_html("Eins\nzwei\n\n\n<b>Drei</b>")
    assert html.count("<p ") == 2
    assert "Eins<br>zwei" in html
    assert "&lt;b&gt;Drei&lt;/b&gt;" in html


# --- in a sending --------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_standard_text_is_sent_where_nobody_wrote_another(invited):
    mail = world.mails(kind="invitation").first()
    assert "wir laden Sie herzlich ein zum Vernetzungstreffen der Region Nord." in mail.text
    assert "wir laden Sie herzlich ein zum Vernetzungstreffen der Region Nord.</p>" in mail.html


@pytest.mark.django_db
def test_the_own_text_is_sent_with_escaped_values_and_fixed_parts(meeting, people, overall):
    MailText.objects.create(
        kind="invitation", subject="{vorname}, kommen Sie?", text="liebe {vorname},\n\n<b>{titel}</b>: {termin}, {ort}."
    )
    meeting.title = "Träger & <Kümmerer>"
    meeting.save()
    invitations.invite(meeting=meeting, contacts=people[:1], by=overall)
    mail = world.mails(kind="invitation").get()
    assert mail.subject == "Ana, kommen Sie?"
    assert "liebe Ana,\n\n<b>Träger & <Kümmerer></b>: Mi, 12. März 2031, 10–16 Uhr, Haus der Begegnung" in mail.text
    assert "&lt;b&gt;Träger &amp; &lt;Kümmerer&gt;&lt;/b&gt;" in mail.html
    assert "herzlich" not in mail.text
    for fixed in ("Ich nehme teil", "Ich kann nicht", "gefördert."):
        assert fixed in mail.text
        assert fixed in mail.html
    assert "BEGIN:VCALENDAR" in mail.calendar


@pytest.mark.django_db
def test_a_deputy_keeps_the_fixed_text(invitation):
    MailText.objects.create(kind="invitation", subject="Betreff", text="Eigener Text")
    invitation.reason, invitation.named_by = "deputy", invitation
    subject, text, html = emails.render("invitation", invitation, emails.meeting_context(invitation.meeting))
    assert subject.startswith("Einladung in Vertretung")
    assert "Eigener Text" not in text + html


@pytest.mark.django_db
@pytest.mark.parametrize("kind", mail_texts.KINDS)
def test_every_kind_shows_its_own_words_in_text_and_html(invitation, kind):
    allowed = mail_texts.KINDS[kind].placeholders
    words = " ".join(f"{{{name}}}" for name in allowed)
    row = MailText(kind=kind, subject="Eigener Betreff {titel}", text=f"Eigene Worte {words}")
    subject, text, html = previews.worded_mail(invitation, row)
    assert subject == f"Eigener Betreff {invitation.meeting.title}"
    for part in (text, html):
        assert "Eigene Worte Ana" in part
        assert not any(f"{{{name}}}" in part for name in allowed)
        assert "{link:" not in part


@pytest.mark.django_db
def test_reason_of_a_cancellation_stays_whatever_the_text_says(invited, overall):
    MailText.objects.create(kind="cancellation", text="Bis bald, {vorname}.")
    world.mails().update(state=State.SENT, sent_at=timezone.now())
    scheduling.cancel(meeting=invited, reason="Wasserschaden", by=overall)
    mail = world.mails(kind="meeting_cancellation").first()
    assert "Grund: Wasserschaden" in mail.text
    assert "Bis bald, Ana." in mail.text
    assert "findet nicht statt" in mail.text


@pytest.mark.django_db
def test_the_texts_are_read_once_a_sending_whatever_the_number_of_people(meeting, people, overall):
    MailText.objects.create(kind="invitation", text="Eigener Text für {vorname}")
    invitations.invite(meeting=meeting, contacts=people, by=overall)
    rows = list(meeting.invitations.all())
    for number in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            shared = emails.meeting_context(meeting)
            for row in rows[:number]:
                row.meeting = meeting
                assert "Eigener Text für" in emails.render("invitation", row, shared)[1]
        assert sum("meetings_mailtext" in query["sql"] for query in queries) == 1, number


@pytest.mark.django_db
def test_an_undecided_person_keeps_her_reminder(invitation):
    MailText.objects.create(kind="reminder", text="Eigene Erinnerung")
    shared = emails.meeting_context(invitation.meeting)
    assert "Eigene Erinnerung" in emails.render("reminder", invitation, shared)[2]
    invitation.partstat = PartStat.TENTATIVE
    text = emails.render("reminder", invitation, shared)[1]
    assert "Eigene Erinnerung" not in text
    assert "„vielleicht“" in text


@pytest.mark.django_db
def test_save_the_date_has_own_words_and_keeps_what_is_asked(meeting, people, overall):
    MailText.objects.create(kind="save_the_date", subject="Vormerken: {titel}", text="den {termin} bitte freihalten.")
    save_the_date.send(meeting=meeting, contacts=people[:1], by=overall)
    mail = world.mails(kind="save_the_date").get()
    assert mail.subject == f"Vormerken: {meeting.title}"
    assert "den Mi, 12. März 2031, 10–16 Uhr bitte freihalten." in mail.text
    assert "Antworten müssen Sie noch nicht" in mail.text
    assert "antwort=" not in mail.html


@pytest.mark.django_db
def test_own_words_of_the_confirmation_come_with_a_seat_only(meeting, invitation, overall):
    MailText.objects.create(kind="confirmation", subject="Bis bald", text="Schön, dass Sie kommen, {vorname}.")
    registrations.record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    with_seat = world.mails(kind="confirmation").last()
    assert with_seat.subject == "Bis bald"
    for part in (with_seat.text, with_seat.html):
        assert "Ihr Platz ist bestätigt." in part
        assert "Schön, dass Sie kommen, Ana." in part
    registrations.record_answer(invitation=invitation, partstat=PartStat.DECLINED)
    without = world.mails(kind="confirmation").last()
    assert without.subject.startswith("Ihre Absage ist angekommen")
    assert "Schön, dass Sie kommen" not in without.text + without.html


@pytest.mark.django_db
def test_who_has_only_the_date_is_not_told_that_she_is_asked_again(meeting, people, overall):
    save_the_date.send(meeting=meeting, contacts=people[:1], by=overall)
    world.mails().update(state=State.SENT, sent_at=timezone.now())
    meeting.refresh_from_db()
    scheduling.postpone(meeting=meeting, reason="Der Saal ist gesperrt.", by=overall)
    mail = world.mails(kind="meeting_change").get()
    for part in (mail.text, mail.html):
        assert "Sie müssen nichts tun." in part
        assert "Stornieren" not in part
        assert "erneut" not in part


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["confirmation", "participant_info", "thanks"])
def test_preview_of_a_mail_to_those_who_come_does_not_ask_for_an_answer(invitation, kind):
    row = MailText(kind=kind, text=mail_texts.KINDS[kind].text)
    assert "Bitte antworten Sie bis" not in previews.worded_mail(invitation, row)[1]
