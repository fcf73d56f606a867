"""The coordinator asks her projects for figures and sees who has answered."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobipro.outbox.models import OutboxMessage
from regions import figure_requests
from regions.models import ContactAssignment, FigureRequest, FormReceipt
from tests import factories
from tests.regions.workbooks import opened

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/zahlen-abfragen/"


def make_project(title, code, email):
    project = factories.make_project(title, code=code)
    contact = factories.make_contact(email, project.lead)
    ContactAssignment(contact=contact, project=project, function="project_lead", is_primary=True).save()
    return project


@pytest.fixture
def own(base_data):
    return make_project("Nordlicht", "NORD", "nord@example.org")


@pytest.fixture
def foreign(base_data):
    return make_project("Rheinlicht", "NRW", "rhein@example.org")


def form(*projects, **changes):
    today = timezone.localdate()
    fields = {"as_of": today.isoformat(), "due_on": (today + timedelta(days=20)).isoformat()}
    ids = [row.pk for row in projects]
    return {**fields, "projekt": ids, "form_id": FormReceipt.new_id(), **changes}


def test_she_sees_her_own_projects_and_asks_them(client, kaya, own, foreign):
    client.force_login(kaya)
    text = client.get(ADDRESS).content.decode()
    assert "Nordlicht" in text
    assert "Rheinlicht" not in text
    assert "noch nicht gefragt" in text
    page = client.post(ADDRESS, form(own, foreign), follow=True)
    assert "Die Abfrage an 1 Projekt ist unterwegs." in page.content.decode()
    assert [row.recipient for row in OutboxMessage.objects.all()] == ["nord@example.org"]


def test_who_answered_is_seen_on_the_page_and_in_the_table(client, kaya, own):
    client.force_login(kaya)
    client.post(ADDRESS, form(own))
    request = FigureRequest.objects.get()
    numbers = dict.fromkeys(figure_requests.NUMBERS, 3)
    figure_requests.report(request=request, numbers=numbers, countries={}, fields={})
    text = client.get(ADDRESS).content.decode()
    assert "Meldungen von 1 der 1 gefragten Projekte" in text
    assert "9 im Projekt, davon 3 in Ausbildung" in text
    rows = list(opened(client.get(reverse("admin:figure_requests_file")).content)["Zahlen"].iter_rows(values_only=True))
    assert rows[3][:4] == ("Nord", "Nordlicht", "Muster", "gemeldet")
    assert rows[3][8:] == (3, 3, 3, 3, 3)


@pytest.mark.parametrize("changes", [{"due_on": ""}, {"due_on": "31.02.2027"}, {"as_of": "x"}, {"projekt": ["²", "x"]}])
def test_a_mistake_is_named_and_nobody_is_asked(client, kaya, own, changes):
    client.force_login(kaya)
    page = client.post(ADDRESS, form(own, **changes))
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not FigureRequest.objects.exists()


@pytest.mark.parametrize("query", ["?jahr=²&halbjahr=1", "?jahr=99999&halbjahr=2", "?jahr=2027&halbjahr=3", "?jahr=1"])
def test_a_senseless_half_year_shows_this_one(client, kaya, own, query):
    client.force_login(kaya)
    year, half = figure_requests.half_of(timezone.localdate())
    assert f"{half}. Halbjahr {year}" in client.get(ADDRESS + query).context["title"]


def test_the_administrator_looks_and_does_not_ask(client, administrator, own):
    client.force_login(administrator)
    assert "Nordlicht" in client.get(ADDRESS).content.decode()
    client.post(ADDRESS, form(own))
    assert not FigureRequest.objects.exists()
