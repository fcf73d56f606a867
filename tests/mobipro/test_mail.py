import email
import email.policy
import uuid
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobipro import mail

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Treffen – „Übergänge“\r\nEND:VCALENDAR\r\n"


def message(**fields):
    values = {
        "uuid": uuid.UUID("a59e3f89-094d-4114-8f05-d01c8c4b975a"),
        "message_id": "<a59e3f89-094d-4114-8f05-d01c8c4b975a@example.org>",
        "sender": "MobiPro-EU Vernetzung <vernetzung@example.org>",
        "reply_to": "",
        "recipient": "gross@example.org",
        "recipient_name": "Jörg Groß",
        "subject": "Einladung",
        "text": "Guten Tag\n",
        "html": "",
        "calendar": "",
        "calendar_method": "",
        "headers": {},
        "created_at": datetime(2026, 11, 24, 12, tzinfo=UTC),
    }
    return SimpleNamespace(**(values | fields))


def parsed(**fields):
    return email.message_from_bytes(mail.build(message(**fields)), policy=email.policy.default)


# --- MIME ----------------------------------------------------------------------------------------
def test_the_tree_of_an_invitation_is_what_calendar_programs_need():
    built = parsed(html="<p>Guten Tag</p>", calendar=CALENDAR, calendar_method="REQUEST")
    assert built.get_content_type() == "multipart/mixed"
    alternative, attachment = built.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    text, html, calendar = alternative.iter_parts()
    assert [part.get_content_type() for part in (text, html, calendar)] == ["text/plain", "text/html", "text/calendar"]
    assert calendar["content-type"].params == {"charset": "UTF-8", "method": "REQUEST"}
    assert calendar["content-disposition"] is None
    assert calendar["content-transfer-encoding"] == "base64"
    assert (attachment.get_content_type(), attachment.get_filename()) == ("application/ics", "invite.ics")
    assert attachment.get_payload(decode=True) == calendar.get_payload(decode=True) == CALENDAR.encode()


def test_without_calendar_there_are_only_the_two_texts():
    built = parsed(html="<p>Guten Tag</p>")
    assert built.get_content_type() == "multipart/alternative"
    assert parsed().get_content_type() == "text/plain"


def test_a_calendar_whose_method_differs_is_refused():
    with pytest.raises(ValueError, match="METHOD"):
        mail.build(message(calendar=CALENDAR, calendar_method="CANCEL"))


def test_no_line_of_the_mail_is_longer_than_78():
    raw = mail.build(message(calendar=CALENDAR, calendar_method="REQUEST"))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


def test_the_same_mail_gives_the_same_bytes():
    one = message(html="<p>x</p>", calendar=CALENDAR, calendar_method="REQUEST")
    assert mail.build(one) == mail.build(one)


def test_headers_stop_holiday_answers_and_name_the_mail():
    built = parsed(reply_to="kaya@example.org", headers={"List-Id": "<netz.example.org>"})
    assert built["auto-submitted"] == "auto-generated"
    assert built["x-auto-response-suppress"] == "OOF, AutoReply"
    assert built["x-mobipro-message"] == "a59e3f89-094d-4114-8f05-d01c8c4b975a"
    assert built["message-id"] == "<a59e3f89-094d-4114-8f05-d01c8c4b975a@example.org>"
    assert built["date"].datetime == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert (built["reply-to"], built["list-id"]) == ("kaya@example.org", "<netz.example.org>")
    assert built["to"].addresses[0].display_name == "Jörg Groß"


def test_long_german_subjects_and_texts_arrive_unchanged():
    subject = (
        "Verschoben: Vernetzungstreffen am 4. Juni 2027 – „Ausbildungsabbrüche vermeiden“ mit viel Übergangsberatung"
    )
    text = "Grüße\n.\n.Punkt am Anfang\nFrom hier\n" + "Straßenüberführung" * 90 + "\n  eingerückt  \n\tEnde =20\n"
    raw = mail.build(message(subject=subject, text=text))
    built = email.message_from_bytes(raw, policy=email.policy.default)
    assert built["subject"] == subject
    assert built.get_content().replace("\r\n", "\n") == text
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200))
def test_every_subject_and_text_survives(text):
    subject = mail.header_text(text)
    built = parsed(subject=subject, text=text + "\n", recipient_name=text)
    assert " ".join(str(built["subject"]).split()) == subject
    assert built.get_content().replace("\r\n", "\n") == text + "\n"
    assert built["to"].addresses[0].addr_spec == "gross@example.org"


@pytest.mark.parametrize("bad", ["\r\nBcc: dieb@example.org", "\n", "\r", "\x00", "\x0b", "\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize("field", ["subject", "recipient_name", "sender", "reply_to", "recipient", "message_id"])
def test_control_characters_in_headers_are_refused(field, bad):
    value = f"Name{bad} <a@example.org>" if field in {"sender", "reply_to"} else f"a{bad}@example.org"
    with pytest.raises(ValueError, match="Steuerzeichen"):
        mail.build(message(**{field: value}))


@pytest.mark.parametrize(
    "headers",
    [
        {"Bcc": "x@example.org"},
        {"X-A": "x"},
        {"List-Id: 1\r\nBcc": "x"},
        {"List-Id": "1\r\nBcc: x"},
        {"Content-Type": "text/html"},
    ],
)
def test_own_headers_can_neither_break_out_nor_replace_ours(headers):
    with pytest.raises(ValueError, match=r"header|Steuerzeichen"):
        mail.build(message(headers=headers))


def test_names_that_look_like_phishing_are_simplified():
    assert mail.simple_name('Groß, Jörg: "Leitung" <x@y>') == "Groß Jörg Leitung x y"
    assert len(mail.simple_name("Müller " * 40)) <= 75
    assert parsed(recipient_name='Groß, "J" @').get("to").addresses[0].display_name == "Groß J"


def test_a_sender_keeps_its_address_whatever_stands_in_its_name():
    assert mail.normalise_mailbox('Kaya, "Nord" <kaya@example.org>') == "Kaya Nord <kaya@example.org>"
    assert parsed(sender="Kaya, Nord <kaya@example.org>")["from"].addresses[0].addr_spec == "kaya@example.org"
    assert mail.normalise_mailbox("kaya@example.org") == "kaya@example.org"


# --- addresses -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" kaya@Example.ORG ", "kaya@example.org"),
        ("Post@straße.example", "Post@xn--strae-oqa.example"),
        ("o'neil+netz@büro.example.org", "o'neil+netz@xn--bro-hoa.example.org"),
        ("a@xn--strae-oqa.example", "a@xn--strae-oqa.example"),
    ],
)
def test_addresses_get_their_normal_form(typed, address):
    assert mail.normalise_address(typed) == address


def test_domains_are_shown_with_their_umlauts():
    assert mail.display_address("a@xn--strae-oqa.example") == "a@straße.example"
    assert mail.display_address("a@xn--\udcff.example") == "a@xn--\udcff.example"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Geben Sie"),
        ("müller@example.org", "Umlaute"),
        ("ｍueller@example.org", "Sonderbuchstaben"),
        ("a b@example.org", "Leerzeichen"),
        ("a\u2028b@example.org", "unsichtbare"),
        ("a\x00@example.org", "unsichtbare"),
        ("kaya", "vollständige"),
        ("@example.org", "vollständige"),
        ("a..b@example.org", "vor dem @"),
        ('"a b"@example.org'.replace(" ", ""), "vor dem @"),
        ("a" * 65 + "@example.org", "vor dem @"),
        ("a@localhost", "nach dem @"),
        ("a@127.0.0.1", "nach dem @"),
        ("a@-x.example", "nach dem @"),
        ("a@b_c.example", "nach dem @"),
        ("a@xn--zz--zz-ü.example", "nach dem @"),
        ("a@b,c@example.org", "vor dem @"),
        ("abcdef@" + ".".join(["b" * 60] * 4) + ".example", "zu lang"),
    ],
)
def test_addresses_that_are_none_are_refused_with_a_helpful_text(typed, words):
    with pytest.raises(ValueError, match=words):
        mail.normalise_address(typed)


@given(st.text(max_size=60))
def test_any_text_is_an_ascii_address_or_a_german_error(text):
    try:
        result = mail.normalise_address(text)
    except ValueError as error:
        result = str(error)
    assert result.isascii() or result.endswith((".", ")."))


# --- texts ---------------------------------------------------------------------------------------
@pytest.fixture
def templates(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(mail, "_contexts", [])  # what the apps register needs a database
    folder = tmp_path / "emails" / "test"
    folder.mkdir(parents=True)
    (folder / "hello.subject.txt").write_text("Gruß an\n{{ name }}\n")
    (folder / "hello.txt").write_text(
        '{% extends "emails/base.txt" %}{% block content %}Hallo {{ name }}!\n\n\n\nEnde{% endblock %}'
    )
    (folder / "hello.html").write_text(
        '{% extends "emails/base.html" %}{% block content %}<p>Hallo {{ name }}!</p>'
        '{% include "emails/_date_block.html" with starts_at=day time="10–16 Uhr" place="Leer" only %}'
        '{% include "emails/_button.html" with url=url label="Ja" first=True only %}'
        "{% endblock %}"
    )
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], tmp_path]}, *settings.TEMPLATES[1:]]


def test_texts_come_from_templates_and_only_html_is_escaped(templates):
    day, url = datetime(2027, 6, 4, tzinfo=UTC), "https://example.org/?a=1&b=2"
    subject, text, html = mail.render("test/hello", {"name": "<Groß & Söhne>", "day": day, "url": url})
    assert subject == "Gruß an <Groß & Söhne>"
    assert "Hallo <Groß & Söhne>!\n\nEnde" in text
    assert "Hallo &lt;Groß &amp; Söhne&gt;!" in html
    assert "https://example.org/?a=1&amp;b=2" in html
    assert "Freitag" in html


def test_what_an_app_registered_stands_in_each_mail(templates):
    programme = {
        "funding_sentence": "Gefördert durch das BMAS.",
        "operator": "Büro",
        "address_lines": ["Ort 1", "Ort 2"],
    }
    mail.add_context(lambda: {"programme": programme})
    _, text, html = mail.render("test/hello", {"name": "x"})
    assert "Gefördert durch das BMAS." in text
    assert "Gefördert durch das BMAS." in html
    assert "Büro, Ort 1, Ort 2" in text


def test_a_name_with_line_breaks_cannot_lengthen_the_subject(templates):
    subject, _, _ = mail.render("test/hello", {"name": "x\r\nBcc: dieb@example.org" + "y" * 400})
    assert "\n" not in subject
    assert len(subject) <= mail.MAX_SUBJECT
