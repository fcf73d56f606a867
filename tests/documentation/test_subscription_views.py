"""The pages of the subscription: no cookie, no script, a GET changes nothing, RFC 8058 for the mail programs."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from documentation import emails, subscription_views, subscriptions
from documentation.models import Subscription
from mobipro import links
from mobipro.outbox.models import OutboxMessage
from regions.models import FormReceipt
from tests.documentation.subscribers import form_id, mails, make_subscriber, token

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def _fresh(base_data):
    """Regions, topics, and nobody who has asked too often yet."""
    cache.clear()


@pytest.fixture
def strict():
    """A browser without cookies that would notice a missing CSRF token."""
    return Client(enforce_csrf_checks=True)


def subscribe(client, **data):
    values = {"form_id": form_id(), "email": "leserin@example.org", "was": ["dokumentationen"], **data}
    return client.post(reverse("documentation:subscribe"), values)


def address(name, purpose, row):
    return reverse(f"documentation:{name}", args=[token(purpose, row)])


def unsubscribe_address(row):
    return address("unsubscribe", emails.UNSUBSCRIBE, row)


def settings_address(row):
    return address("subscription", emails.SETTINGS, row)


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


# --- asking --------------------------------------------------------------------------------------
def test_the_answer_is_the_same_for_every_address(strict):
    make_subscriber("schon@example.org")
    pages = [text(subscribe(strict, email=name)) for name in ("schon@example.org", "neuX@example.org")]
    assert pages[0].replace("schon@example.org", "") == pages[1].replace("neuX@example.org", "")
    assert "Wir haben Ihnen eine Mail geschickt." in pages[0]
    assert mails().count() == 2


def test_neither_reading_nor_asking_sets_a_cookie(strict):
    response = strict.get(reverse("documentation:subscribe"))
    assert not response.cookies
    assert not subscribe(strict).cookies
    assert strict.get(reverse("documentation:subscribe")).status_code == 200
    assert Subscription.objects.count() == 1


def test_the_page_is_preset_from_where_she_came(client, gross):
    page = reverse("documentation:subscribe")
    form = client.get(page, {"was": "termine", "region": ["nord", "x"], "thema": "berufsschule"}).context["form"]
    assert form["was"].value() == ["termine"]
    assert 'value="nord" class="kern-form-check__checkbox" id="id_region_0"' not in str(form["region"])
    html = text(client.get(page, {"was": "termine", "region": "nord"}))
    checked = re.findall(r'value="([a-z-]+)"[^>]*checked', html)
    assert checked == ["termine", "nord"]
    client.force_login(gross)
    assert 'value="gross@example.org"' in text(client.get(page))


@pytest.mark.parametrize(
    "name", ["documentation:documentation_list", "practices:practice_list", "meetings:meeting_list", "home"]
)
def test_the_lists_and_the_footer_lead_there(client, name):
    assert reverse("documentation:subscribe") in text(client.get(reverse(name)))


def test_a_list_hands_its_filter_over(client):
    page = text(client.get(reverse("documentation:documentation_list"), {"region": "nord", "thema": '"><script>'}))
    assert "?was=dokumentationen&amp;region=nord&amp;thema=%22%3E%3Cscript%3E" in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"email": ""}, "Geben Sie eine E-Mail-Adresse ein."),
        ({"email": "müller@example.org"}, "Vor dem @ sind Umlaute"),
        ({"was": []}, "Wählen Sie mindestens eines aus."),
        ({"was": ["alles"]}, "nur Einträge der Liste"),
        ({"region": ["gibt-es-nicht"]}, "nur Einträge der Liste"),
        ({"thema": ["\x00", "1' OR 1"]}, "nur Einträge der Liste"),
        ({"form_id": "x"}, "Das Formular war beschädigt."),
    ],
)
def test_bad_input_is_answered_at_its_field_and_nothing_is_lost(client, data, words):
    page = text(subscribe(client, **data))
    assert words in page
    assert "<title>Fehler:" in page
    assert f'value="{data.get("email", "leserin@example.org")}"' in page or data.get("email") == ""
    assert not OutboxMessage.objects.exists()
    assert not Subscription.objects.exists()


def test_a_form_sent_twice_is_answered_twice_and_mails_once(client):
    key = form_id()
    pages = [text(subscribe(client, form_id=key)) for _ in range(2)]
    assert "Wir haben Ihnen eine Mail geschickt." in pages[1]
    assert mails().count() == 1


def test_the_id_of_another_form_is_asked_again(client):
    key = form_id()
    FormReceipt.take(key, purpose="barrier")
    assert "Das Formular war schon einmal unterwegs." in text(subscribe(client, form_id=key))
    assert not mails().exists()


def test_a_program_that_asks_for_hundreds_is_stopped_and_a_person_told_why(client, monkeypatch):
    monkeypatch.setattr(subscription_views, "MOST_AN_HOUR", 3)
    answers = [subscribe(client, email=f"p{number}@example.org") for number in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert "in einer Stunde noch einmal" in answers[4].content.decode()
    assert mails().count() == 3


def test_without_a_cache_nobody_is_refused(client, monkeypatch):
    monkeypatch.setattr(cache, "add", lambda *args: 1 / 0)
    assert "Wir haben Ihnen eine Mail geschickt." in text(subscribe(client))


# --- confirming ----------------------------------------------------------------------------------
def test_only_the_button_confirms(strict):
    subscribe(strict, region=["nord"])
    row = Subscription.objects.get()
    link = address("subscription_confirm", emails.CONFIRM, row)
    for _ in range(3):
        page = text(strict.get(link))
    assert "Nord" in page
    assert not Subscription.objects.active().exists()
    response = strict.post(link)
    assert (response.status_code, response["Location"]) == (302, settings_address(row))
    assert "Ihr Abo läuft." in text(strict.get(response["Location"]))
    assert strict.get(link)["Location"] == settings_address(row)


def test_the_settings_are_closed_before_the_confirmation(client):
    subscribe(client)
    row = Subscription.objects.get()
    assert "ungültig" in text(client.get(settings_address(row)), 404)


def test_links_open_nothing_but_their_own_page(client):
    row, other = make_subscriber(), make_subscriber("andere@example.org", link_version=2)
    pages = {"subscription_confirm": emails.CONFIRM, "subscription": emails.SETTINGS, "unsubscribe": emails.UNSUBSCRIBE}
    for name, purpose in pages.items():
        genuine = token(purpose, row)
        forged = [
            f"{other.pk}.2.{genuine.rpartition('.')[2]}",
            f"{row.pk}.2.{genuine.rpartition('.')[2]}",
            genuine[:-1],
            f"{genuine}.",
            *[token(wrong, row) for wrong in [*pages.values(), "answer"] if wrong != purpose],
        ]
        for key in forged:
            for method in (client.get, client.post):
                assert method(reverse(f"documentation:{name}", args=[key])).status_code == 404, (name, key)
    assert Subscription.objects.active().count() == 2


# --- the settings --------------------------------------------------------------------------------
def test_the_choice_is_changed_without_cookie_and_the_address_not_shown(strict):
    row = make_subscriber("geheim-4711@example.org")
    data = {"form_id": form_id(), "was": ["beispiele"], "region": ["nord", "bayern"], "thema": ["berufsschule"]}
    for _ in range(2):
        page = text(strict.post(settings_address(row), data, follow=True))
        assert "Ihre Auswahl ist gespeichert." in page
    assert "4711" not in page
    row.refresh_from_db()
    assert (row.kind_names, row.region_names, row.topic_names) == ("Gute Praxis", "Nord und Bayern", "„Berufsschule“")


def test_a_choice_of_nothing_is_told_at_its_field(client):
    row = make_subscriber()
    page = text(client.post(settings_address(row), {"form_id": form_id(), "region": ["nord"]}))
    assert "Wählen Sie mindestens eines aus." in page
    assert re.search(r'value="nord"[^>]*checked', page)


# --- ending (RFC 8058) ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        ('--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
         "multipart/form-data; boundary=b"),
        ("", "application/x-www-form-urlencoded"),
        ("\xff\x00 nonsense", "multipart/form-data"),
        ("{}", "application/json"),
    ],
)  # fmt: skip
def test_a_post_of_a_mail_program_ends_it_with_200(strict, body, content_type):
    row = make_subscriber()
    response = strict.generic("POST", unsubscribe_address(row), body.encode("latin-1"), content_type=content_type)
    assert response.status_code == 200
    assert not response.cookies
    row.refresh_from_db()
    assert not row.is_active


def test_looking_at_the_link_ends_nothing(strict):
    row = make_subscriber()
    for method in (strict.get, strict.head, strict.get):
        response = method(unsubscribe_address(row))
        assert response.status_code == 200
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == "no-referrer"
    assert strict.put(unsubscribe_address(row)).status_code == 405
    row.refresh_from_db()
    assert row.is_active


def test_a_second_post_and_one_after_the_deletion_are_answered_alike(strict):
    row = make_subscriber()
    link = unsubscribe_address(row)
    for _ in range(2):
        assert "Ihr Abo ist beendet." in text(strict.post(link, ONE_CLICK))
    row.delete()
    assert "gibt es kein Abo mehr" in text(strict.post(link, ONE_CLICK))
    assert "gibt es kein Abo mehr" in text(strict.get(link))


def test_an_old_mail_ends_also_what_was_asked_for_anew(strict):
    row = make_subscriber()
    old_link, old_settings = unsubscribe_address(row), settings_address(row)
    subscriptions.end(subscription=row)
    subscribe(strict, email=row.email)
    row.refresh_from_db()
    assert "gibt es kein Abo mehr" in text(strict.get(old_link))
    row = subscriptions.confirm(subscription=row)
    assert strict.get(old_settings).status_code == 404
    assert "Ihr Abo ist beendet." in text(strict.post(old_link, ONE_CLICK))
    row.refresh_from_db()
    assert not row.is_active


def test_ended_by_mistake_is_taken_up_again_with_one_button(strict):
    row = make_subscriber(regions=["NORD"])
    page = text(strict.post(unsubscribe_address(row), ONE_CLICK))
    [form] = re.findall(r'<form method="post" action="([^"]+)"', page)
    assert form == settings_address(row)
    assert "Ihr Abo ist beendet." in text(strict.get(form))
    assert "Ihr Abo läuft." in text(strict.post(form, {"aktion": "wieder"}, follow=True))
    row.refresh_from_db()
    assert (row.is_active, row.region_names) == (True, "Nord")


def test_the_link_in_the_mail_is_the_pages_own(settings):
    settings.BASE_URL = "https://portal.example.org"
    row = make_subscriber()
    header = emails.list_headers(emails._link(row, "unsubscribe", emails.UNSUBSCRIBE))
    assert links.fill(header["List-Unsubscribe"]) == f"<https://portal.example.org{unsubscribe_address(row)}>"
    assert header["List-Id"] == "Neu im Netzwerk <neu-im-netzwerk.portal.example.org>"
