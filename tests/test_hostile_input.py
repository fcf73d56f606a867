"""Bad input against every public and member form and every query: an answer in German, nothing lost, never a crash."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from documentation.models import BarrierReport
from meetings.models import Meeting
from mobipro.outbox.models import OutboxMessage
from mobipro.routes import Who, all_routes
from practices.models import GoodPractice
from regions.models import FormReceipt
from tests.meetings import world as meetings_world
from tests.practices.conftest import make_practice

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TEXTS = [
    "\x00",
    "Zeile\x0bTabulator",
    "Zeile\u2028Ende",
    "\ufeff\u202egnp.exe",
    "a" + "\u0300" * 400,
    "\U0001d4b3 🦄 İ ß",
    "<script>alert(1)</script>",
    "'; DROP TABLE regions_user; --",
    "{{ 7 }}{% csrf_token %}{link:meetings:answer|answer|1|1||xxxxxxxxxxxxxxxxxxxxxx}",
    "Betreff\r\nBcc: fremd@example.org",
    "x" * 30_000,
    "31.02.2026",
    "9" * 5_000,
    "-1",
    '"offen OR (a* NEAR b): ^c -',
]
RAW = ["%FF%FE", "%ED%A0%80", "%C0%80", "%", "%zz", "%00", "%F0%9F%98"]  # no UTF-8
WORDS_OF_DJANGO = ("zwingend erforderlich", "Dieses Feld", "This field", "Stellen Sie sicher")
PARAMETERS = sorted(
    {"q", "seite", "jahr", "region", "land", "thema", "stand", "art", "phase", "beruf", "herkunft", "jahrgang"}
    | {"berufsfeld", "sortierung", "antwort", "angefragt", "next", "p", "was"}
)


@pytest.fixture
def national(base_data):
    return meetings_world.make_dated_meeting(
        "2031-BUND", kind=Meeting.Kind.NATIONAL, announced_at=meetings_world.in_days(-1)
    )


def open_addresses():
    for route in all_routes():
        if route.rule and route.rule.who == Who.EVERYBODY and not route.ids and route.name not in ("readyz", "healthz"):
            yield reverse(route.name)


# --- addresses -----------------------------------------------------------------------------------
def test_no_page_breaks_at_a_senseless_query(client, base_data):
    wrong = []
    for address in open_addresses():
        for number in range(0, len(TEXTS) + len(RAW), 3):
            values = [quote(text, safe="") for text in TEXTS] + RAW
            chosen = [values[(number + place) % len(values)] for place in range(len(PARAMETERS))]
            query = "&".join(f"{name}={value}" for name, value in zip(PARAMETERS, chosen, strict=True))
            response = client.generic("GET", address, QUERY_STRING=query)
            if response.status_code >= 500 or (response.status_code == 400 and b'lang="de"' not in response.content):
                wrong.append((address, query[:80], response.status_code))
    assert wrong == []


@pytest.mark.parametrize("page", ["0", "-1", "999999", "9" * 5000, "eins", "1.5", "²", "٣"])
def test_a_page_number_that_is_none_shows_a_page(client, base_data, page):
    for name in ("practices:practice_list", "regions:organisation_list", "documentation:documentation_list", "search"):
        assert client.get(reverse(name), {"seite": page, "q": "Träger"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/gute-praxis/99999999999999999999/", "/treffen/%00/", "/regionen/%FF/", "/%ED%A0%80"]
)
def test_a_senseless_address_is_not_found(client, kaya, path):
    client.force_login(kaya)
    assert client.generic("GET", path).status_code == 404


@pytest.mark.parametrize("key", ["²", "٣", "9" * 30, "-1", "x"])
def test_a_senseless_number_in_the_work_area_is_not_found(client, kaya, key):
    client.force_login(kaya)
    for name in ("practices_goodpractice", "meetings_meeting", "regions_contactperson", "outbox_outboxmessage"):
        assert client.get(reverse(f"admin:{name}_change", args=[key])).status_code == 404, name
    assert client.get(reverse("admin:practices_goodpractice_changelist"), {"region": key}).status_code in (200, 302)
    assert client.get(reverse("admin:meetings_meeting_add"), {"jahr": key}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "a b", "x\u00e4"])
def test_a_foreign_host_gets_no_page(client, base_data, host):
    response = client.get("/", headers={"host": host})
    assert response.status_code == 400
    assert b"evil.example" not in response.content


# --- forms ---------------------------------------------------------------------------------------
def check(response, text, field=""):
    """An answer in our words that loses nothing."""
    assert response.status_code in (200, 302, 404), text[:40]
    if response.status_code != 200:
        return
    page = response.content.decode()
    assert not [word for word in WORDS_OF_DJANGO if word in page], text[:40]
    if field:
        form = next(row["form"] for row in response.context if "form" in row)
        assert form.errors
        assert form[field].value() == text


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:16]))
def test_public_forms_answer_every_text_and_keep_it(client, national, text):
    key = {"form_id": str(uuid.uuid4())}
    report = {"page": text, "description": text, "assistive_technology": text, "email": text}
    check(client.post(reverse("report_barrier"), {**key, **report}), text, "email")
    ask = {"name": text, "einrichtung": text, "funktion": text, "email": text, "nachricht": text}
    address = reverse("meetings:request_invitation", args=[national.slug])
    check(client.post(address, {**key, **ask}), text, "email")
    check(client.post(address, {**key, **ask, "email": "gast@example.org"}), text)
    check(client.post(reverse("meetings:new_link"), {"email": text}), text, "email")
    wish = {"was": ["termine"], "region": text, "thema": text}
    check(client.post(reverse("documentation:subscribe"), {**key, **wish, "email": text}), text, "email")
    for mail in OutboxMessage.objects.all():
        assert mail.recipient == "gast@example.org"
        assert "\n" not in mail.subject + mail.recipient_name


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:16]))
def test_member_forms_answer_every_text_and_keep_it(client, gross, text):
    client.force_login(gross)
    practice = make_practice(gross)
    check(client.post(reverse("practices:create"), {"form_id": str(uuid.uuid4()), "title": text}), text)
    for step in (1, 2, 3, 4):
        address = reverse("practices:edit", args=[practice.pk, step])
        form = client.get(address).context["form"]
        response = client.post(address, dict.fromkeys(form.fields, text))
        check(response, text)
        if response.status_code == 200:
            bound = response.context["form"]
            assert all(bound[name].value() in (text, [text]) for name in bound.errors if name != "seen"), step
    for kind in ("add_image", "add_file"):
        response = client.post(
            reverse(f"practices:{kind}", args=[practice.pk]), {"bild-alt": text, "datei-title": text}
        )
        check(response, text)
    check(client.post(reverse("practices:submit", args=[practice.pk]), {"form_id": text, "consent": text}), text)
    practice.refresh_from_db()
    assert practice.status == GoodPractice.Status.DRAFT


@pytest.mark.parametrize("name", ["phases", "topics", "occupational_fields", "source_countries", "project"])
@pytest.mark.parametrize("number", ["9" * 30, "-" + "9" * 30, "0", "1e5"])
def test_a_number_that_no_database_holds_is_a_wrong_choice(client, gross, name, number):
    client.force_login(gross)
    practice = make_practice(gross)
    address = reverse("practices:edit", args=[practice.pk, 1])
    response = client.post(address, {"title": "Neuer Titel", "seen": practice.revision, name: number})
    assert response.status_code == 200
    assert "noch einmal aus" in " ".join(response.context["form"].errors[name]) or name == "project"
    practice.refresh_from_db()
    assert practice.title == "Neuer Titel"


# --- the same form twice, and forged keys ---------------------------------------------------------
def test_a_form_under_the_key_of_another_one_asks_once_more_and_keeps_the_text(client, base_data):
    receipt = FormReceipt.take(uuid.uuid4(), purpose="practice-create", result="/gute-praxis/1/")
    data = {"form_id": str(receipt.form_id), "description": "Die Karte ist nicht bedienbar."}
    response = client.post(reverse("report_barrier"), data)
    assert response.status_code == 200
    assert "Ihre Eingaben stehen noch da" in response.content.decode()
    form = response.context["form"]
    assert form["description"].value() == data["description"]
    again = client.post(reverse("report_barrier"), {**data, "form_id": form["form_id"].value()})
    assert again.status_code == 302
    assert BarrierReport.objects.get().description == data["description"]


def test_a_draft_under_the_key_of_another_form_leads_to_the_own_list(client, gross):
    receipt = FormReceipt.take(uuid.uuid4(), purpose="barrier", result="14")
    client.force_login(gross)
    response = client.post(reverse("practices:create"), {"form_id": str(receipt.form_id), "title": "Der Montagsbus"})
    assert (response.status_code, response["Location"]) == (302, reverse("practices:own_list"))


@pytest.mark.parametrize("key", ["", "kaputt", "\x00", "9" * 400])
def test_a_broken_key_is_replaced_so_that_sending_again_works(client, base_data, key):
    data = {"form_id": key, "description": "Die Karte ist nicht bedienbar."}
    form = client.post(reverse("report_barrier"), data).context["form"]
    assert form["description"].value() == data["description"]
    assert client.post(reverse("report_barrier"), {**data, "form_id": form["form_id"].value()}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_of_one_form_at_the_same_moment_have_one_effect(gross):
    report = {"form_id": str(uuid.uuid4()), "description": "Die Karte ist nicht bedienbar."}
    draft = {"form_id": str(uuid.uuid4()), "title": "Der Montagsbus"}

    def post(number):
        client = Client()
        try:
            if number % 2:
                return client.post(reverse("report_barrier"), report).status_code
            client.force_login(gross)
            return client.post(reverse("practices:create"), draft).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=20) as pool:
        assert set(pool.map(post, range(20))) == {302}
    assert BarrierReport.objects.count() == 1
    assert GoodPractice.objects.count() == 1


# --- how it is sent ------------------------------------------------------------------------------
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"description=%ED%A0%80&page=%FF"),
        (FORM, b"description=\xff\xfe\x00"),
        (f"{FORM}; charset=utf-7", b"description=+AGE-"),
        (f"{FORM}; charset=gibt-es-nicht", b"description=a"),
        ("application/json", b'{"description": "\\ud800"}'),
        ("text/plain", b"description=a"),
        ("", b"description=a"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="description"\r\n\r\nabge'),
        ("multipart/form-data; boundary=\xff", b"--x--"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(6_000))),
        (FORM, b"description=" + b"x" * 10_000_000),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_form_sent_in_a_strange_way_is_answered_in_german(client, base_data, content_type, body):
    response = client.generic("POST", reverse("report_barrier"), body, content_type=content_type)
    assert response.status_code in (200, 400)
    assert '<html lang="de"' in response.content.decode()
    assert not BarrierReport.objects.exists()


def test_too_much_text_is_answered_with_the_limit(client, base_data):
    body = urlencode({"description": "x" * 6_000_000})
    response = client.generic("POST", reverse("report_barrier"), body, content_type=FORM)
    assert response.status_code == 400
    assert "5 MB" in response.content.decode()
    assert response.wsgi_request.read(1) == b""  # taken in to its end: the browser shows the page, no broken line


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_a_wrong_method_is_refused(client, national, method):
    for address in (reverse("report_barrier"), reverse("meetings:new_link"), reverse("home")):
        assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("foto.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("foto.png", b"<!doctype html><script>alert(1)</script>"),
        ("foto.jpg", b"GIF89a" + b"\x00" * 40),
        ("../../etc/passwd", b"\xff\xd8\xff\xe0" + b"\x00" * 40),
        ("foto\x00.jpg", b""),
        ("a" * 400 + ".jpg", b"PK\x03\x04" + b"\x00" * 40),
    ],
)
def test_a_file_that_only_pretends_is_refused_and_the_words_stay(client, gross, name, content):
    client.force_login(gross)
    practice = make_practice(gross)
    words = {
        "bild-form_id": str(uuid.uuid4()),
        "bild-alt": "Ein Bus",
        "bild-credit": "Foto: Leer",
        "bild-consent": "on",
    }
    upload = SimpleUploadedFile("x", content, "image/jpeg")
    upload._name = name
    response = client.post(reverse("practices:add_image", args=[practice.pk]), {**words, "bild-file": upload})
    assert response.status_code == 200
    form = response.context["image_form"]
    assert "Wählen Sie" in " ".join(form.errors["file"])
    assert form["alt"].value() == "Ein Bus"
    assert not practice.images.exists()
