"""The pages that mix apps: they open for everybody they are meant for, say what is there, and never grow in queries."""

import socket
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django import forms
from django.db import connection
from django.forms.renderers import DjangoTemplates
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertHTMLEqual

from documentation.models import BarrierReport, Page
from meetings.models import ActionItem, Attendance, Decision, Invitation, Meeting
from regions.models import FormReceipt, Region
from regions.visibility import Visibility
from tests import factories

pytestmark = pytest.mark.django_db


def make_meeting(code="2027-NORD-1", region="NORD", days=30, **fields):
    start = timezone.now().replace(microsecond=0) + timedelta(days=days)
    fields.setdefault("status", Meeting.Status.INVITED if days > 0 else Meeting.Status.HELD)
    meeting = Meeting(
        code=code,
        slug=code.lower(),
        year=timezone.localtime(start).year,
        title=f"Ankommen {code}",
        starts_at=start,
        ends_at=start + timedelta(hours=6),
        announced_at=start - timedelta(days=60),
        **fields,
    )
    meeting.save()
    meeting.regions.set([Region.objects.get(code=region)])
    return meeting


def invite(meeting, contact, **fields):
    invitation = Invitation(
        meeting=meeting,
        contact=contact,
        name=contact.full_name,
        greeting=contact.greeting,
        email=contact.email,
        reason="project",
        reason_text="Projekt",
        **fields,
    )
    invitation.save()
    return invitation


@pytest.mark.parametrize(
    "name",
    ["home", "project", "figures", "search", "report_barrier", "regions:region_list", "regions:organisation_list"],
)
def test_a_public_page_opens_without_any_network(base_data, client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1


def test_every_region_has_a_page(base_data, client):
    for region in Region.objects.all():
        response = client.get(region.get_absolute_url())
        assert region.states[0].name in response.content.decode()


def test_an_unknown_region_is_not_found(base_data, client):
    assert client.get("/regionen/atlantis/").status_code == 404


def test_the_landing_page_shows_next_meeting_agreement_and_projects_reached(base_data, client):
    make_meeting()
    held = make_meeting("2026-BY-1", "BY", days=-1)
    Decision(meeting=held, number=1, text="Die Checkliste gilt.", visibility=Visibility.PUBLIC).save()
    Decision(meeting=held, number=2, text="Nur für das Netzwerk.").save()
    project = factories.make_project()
    contact = factories.make_contact("a@example.org")
    invitation = invite(held, contact, project=project)
    Attendance(meeting=held, invitation=invitation, name="A", state="present").save()
    held.year = timezone.localdate().year
    held.save()
    text = client.get("/").content.decode()
    assert "Ankommen 2027-NORD-1" in text
    assert "Die Checkliste gilt." in text
    assert "Nur für das Netzwerk." not in text
    assert "von 1 Projekten" not in text  # one project would be recognised


def test_the_landing_page_asks_as_often_with_three_meetings_as_with_one(base_data, client):
    make_meeting()
    client.get("/")
    with CaptureQueriesContext(connection) as one:
        client.get("/")
    make_meeting("2027-BY-1", "BY", 40)
    make_meeting("2027-BW-1", "BW", 50)
    with CaptureQueriesContext(connection) as three:
        client.get("/")
    assert len(three) == len(one)
    read = [row["sql"] for row in three.captured_queries if 'FROM "meetings_meeting"' in row["sql"].split(" WHERE ")[0]]
    assert len(read) == 1, "one list of meetings serves the ring, the year, the regions and the next ones"


def test_the_regions_of_listed_meetings_cost_one_query(base_data, django_assert_num_queries):
    for number, code in enumerate(["NORD", "BY", "BW"], 1):
        make_meeting(f"2027-{code}-{number}", code, 30 + number)
    with django_assert_num_queries(2):
        listed = [meeting.region_names for meeting in Meeting.objects.for_list()]
    assert listed == [meeting.region_names for meeting in Meeting.objects.all()]


def test_a_select_with_options_written_in_place_is_djangos_own():
    groups = [("", "alle"), ("Norden", [("hh", "Hamburg & Umland"), ("sh", "Schleswig")]), (7, "Bayern")]
    widget = forms.Select(attrs={"class": "kern", "disabled": True}, choices=groups)
    with_id = {"id": "id_land"}
    own = DjangoTemplates().render(widget.template_name, widget.get_context("land", "hh", with_id))
    assertHTMLEqual(widget.render("land", "hh", with_id), own)


def test_a_meeting_that_is_only_an_idea_is_on_no_public_page(base_data, client):
    meeting = make_meeting(status=Meeting.Status.IDEA)
    meeting.announced_at = None
    meeting.save()
    for address in ("/", "/regionen/", reverse("regions:region", args=["nord"]), "/zahlen/"):
        assert meeting.title not in client.get(address).content.decode()


def test_figures_about_few_people_are_withheld(base_data, client):
    held = make_meeting(days=-1)
    held.year = timezone.localdate().year
    held.save()
    Attendance(meeting=held, name="A", state="present").save()
    text = client.get("/zahlen/").content.decode()
    assert "unter 5" in text
    assert "Stand " in text


@pytest.mark.parametrize("year", ["abc", "0", "99999999999999999999", "²", "-1"])
def test_a_senseless_year_shows_this_year(base_data, client, year):
    response = client.get("/zahlen/", {"jahr": year})
    assert f"in Zahlen {timezone.localdate().year}" in response.content.decode()


def test_pages_have_one_address_each(base_data, client):
    response = client.get("/seite/projekt/")
    assert response.status_code == 301
    assert response["Location"] == "/projekt/"
    assert client.get("/seite/gibt-es-nicht/").status_code == 404


def test_every_page_of_the_base_data_opens(base_data, client):
    for page in Page.objects.all():
        assert client.get(page.get_absolute_url()).status_code == 200


def test_a_page_drops_markup_that_is_not_allowed(base_data, client):
    Page.objects.filter(slug="hilfe").update(body="<p>gut</p><script>alert(1)</script>")
    assert b"alert(1)" not in client.get("/seite/hilfe/").content


# --- report of a barrier -------------------------------------------------------------------------
def report(client, **data):
    values = {"form_id": FormReceipt.new_id(), "description": "Die Karte ist zu klein."}
    return client.post("/barriere-melden/", {**values, **data}, follow=True)


def test_a_reported_barrier_gets_a_number_and_a_day(base_data, client):
    text = report(client).content.decode()
    row = BarrierReport.objects.get()
    assert f"Meldung {row.number} ist eingegangen, Antwort bis {row.due_on:%d.%m.%Y}." in text


def test_a_report_sent_twice_is_one_report(base_data, client):
    form_id = FormReceipt.new_id()
    report(client, form_id=form_id)
    text = report(client, form_id=form_id).content.decode()
    assert BarrierReport.objects.count() == 1
    assert BarrierReport.objects.get().number in text


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"description": ""}, "Beschreiben Sie kurz, was nicht geht."),
        ({"description": "x" * 5001}, "Kürzen Sie den Text auf höchstens 5.000 Zeichen."),
        ({"description": "a\x00b"}, "Null"),
        ({"email": "büro@example.org"}, "Umlaute"),
        ({"form_id": "kein-uuid"}, "Ihre Eingaben stehen noch da"),
    ],
)
def test_a_report_with_a_mistake_says_what_to_do(base_data, client, data, error):
    response = report(client, **data)
    assert response.status_code == 200
    assert not BarrierReport.objects.exists()
    assert b"Fehler: Barriere melden" in response.content


def test_the_page_of_a_report_is_preset_from_the_link(base_data, client):
    assert b'value="/treffen/"' in client.get("/barriere-melden/?seite=/treffen/").content


# --- members and funders -------------------------------------------------------------------------
def test_a_member_finds_the_own_invitation_with_its_personal_link(gross, client):
    contact = factories.make_contact("gross@example.org", first_name="Jürgen", last_name="Groß", user=gross)
    meeting = make_meeting("2027-NIHB-1", "NIHB")
    invite(meeting, contact)
    other = make_meeting("2027-BY-1", "BY")
    invite(other, factories.make_contact("b@example.org"))
    ActionItem(meeting=meeting, title="Liste übersetzen", owner=contact, owner_name="Groß", due_on="2027-01-01").save()
    client.force_login(gross)
    text = client.get(reverse("member_home")).content.decode()
    assert "/treffen/antwort/" in text
    assert "Liste übersetzen" in text
    assert text.count("/treffen/antwort/") == 1


def test_a_stranger_is_sent_to_the_login(base_data, client):
    for name in ("member_home", "funder_home"):
        response = client.get(reverse(name))
        assert urlsplit(response["Location"]).path == reverse("account_login")


def test_the_funders_start_with_figures_and_year_plan(lindner, client):
    make_meeting()
    client.force_login(lindner)
    assert client.get(reverse("member_home"))["Location"] == reverse("funder_home")
    text = client.get(reverse("funder_home")).content.decode()
    assert "Jahresplan" in text
    assert "bundesweit" in text


def test_a_traeger_may_not_open_the_funders_page(gross, client):
    client.force_login(gross)
    assert client.get(reverse("funder_home")).status_code == 403


# --- search --------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["Überbetrieblich", "ueberbetrieblich"])
def test_the_search_finds_umlauts_in_every_spelling(base_data, client, words):
    factories.make_traeger("Überbetriebliche Werkstatt Beispiel", "Überbetriebliche")
    assert "Werkstatt Beispiel" in client.get("/suche/", {"q": words}).content.decode()


@pytest.mark.parametrize("words", ["", "   ", '"', "' OR 1=1 --", "x" * 5000, "a\x00b", "%%%", "😀"])
def test_the_search_bears_anything(base_data, client, words):
    assert client.get("/suche/", {"q": words}).status_code == 200


# --- for machines --------------------------------------------------------------------------------
def test_health_and_readiness_tell_no_data(base_data, client):
    assert client.get("/healthz").content == b"ok\n"
    ready = client.get("/readyz")
    assert ready.status_code in (200, 503)
    assert b"database: ok" in ready.content
    assert b"broker: ok" in ready.content


def test_readiness_fails_without_a_mail_relay(base_data, client, settings):
    with socket.socket() as free:  # bound, but nobody listens
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = free.getsockname()
        response = client.get("/readyz")
    assert response.status_code == 503
    assert b"mail relay: failed" in response.content


def test_sitemap_and_robots_name_base_url_whatever_the_host(base_data, client, settings):
    settings.ALLOWED_HOSTS = ["evil.example"]
    make_meeting()
    for address in ("/sitemap.xml", "/robots.txt"):
        text = client.get(address, headers={"host": "evil.example"}).content.decode()
        assert settings.BASE_URL in text
        assert "evil.example" not in text


def test_an_unknown_address_gets_the_portals_own_page(base_data, client):
    response = client.get("/gibt-es-nicht/")
    assert response.status_code == 404
    assert "Diese Seite gibt es nicht" in response.content.decode()


def test_a_form_without_its_secret_is_explained(base_data):
    response = Client(enforce_csrf_checks=True).post("/barriere-melden/", {"description": "x"})
    assert response.status_code == 403
    assert "Bitte senden Sie das Formular noch einmal" in response.content.decode()


def test_a_logo_that_nobody_uploaded_is_not_found(base_data, client):
    assert client.get("/logo/bmas/").status_code == 404
    assert client.get("/logo/id/").status_code == 404
