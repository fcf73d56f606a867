"""The page behind a project's link: filled with the last report, one click for "unverändert", mistakes named."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mobipro import links
from regions import figure_requests
from regions.models import FigureRequest, FigureRow, FormReceipt, ParticipantFigure, SourceCountry
from tests import factories

pytestmark = pytest.mark.django_db
NUMBERS = {"in_preparation": 2, "in_internship": 3, "in_training": 5, "completed": 4, "dropped_out": 1}


@pytest.fixture
def asked(base_data):
    project = factories.make_project("Nordlicht", code="NORD")
    project.source_countries.set(SourceCountry.objects.filter(iso_code__in=["ES", "IT"]))
    contact = factories.make_contact("haupt@example.org", project.lead, first_name="Ana")
    today = timezone.localdate()
    request = FigureRequest(
        project=project, contact=contact, email=contact.email, year=today.year, half=1, as_of=today,
        due_on=today + timedelta(days=20),
    )  # fmt: skip
    request.save()
    return request


@pytest.fixture
def last(asked):
    figure = ParticipantFigure(project=asked.project, as_of=asked.as_of - timedelta(days=180), **NUMBERS)
    figure.save()
    FigureRow(figure=figure, source_country=SourceCountry.objects.get(iso_code="ES"), number=10).save()
    return figure


def address(request):
    token = links.token(figure_requests.LINK_PURPOSE, request.pk, request.link_version)
    return reverse("regions:report_figures", args=[token])


def form(**changes):
    return {"aktion": "melden", "form_id": FormReceipt.new_id(), **NUMBERS, **changes}


def test_reading_the_page_changes_nothing_and_shows_no_address(client, asked, last):
    response = client.get(address(asked))
    text = response.content.decode()
    assert response.status_code == 200
    assert "Guten Tag Ana," in text
    assert "Nordlicht" in text
    assert "haupt@example.org" not in text
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert ParticipantFigure.objects.count() == 1


def test_one_click_says_unchanged_without_cookie_or_token(asked, last):
    client = Client(enforce_csrf_checks=True)
    data = {"aktion": "unveraendert", "form_id": FormReceipt.new_id()}
    assert client.post(address(asked), data).status_code == 302
    asked.refresh_from_db()
    assert asked.is_unchanged
    assert asked.figure.rows.get().number == 10
    text = client.get(address(asked)).content.decode()
    assert "Ihre Meldung ist angekommen" in text


def test_the_form_is_filled_with_the_last_report(client, asked, last):
    filled = client.get(address(asked)).context["form"]
    assert filled["in_training"].value() == 5
    spain = SourceCountry.objects.get(iso_code="ES")
    assert filled[f"land-{spain.pk}"].value() == 10


def test_new_figures_are_taken_and_can_be_corrected(client, asked):
    spain, italy, greece = (SourceCountry.objects.get(iso_code=code) for code in ("ES", "IT", "GR"))
    data = {f"land-{spain.pk}": "4", f"land-{italy.pk}": "", "land-wahl-1": greece.pk, "land-zahl-1": "6"}
    assert client.post(address(asked), form(**data)).status_code == 302
    figure = ParticipantFigure.objects.get()
    assert {(row.source_country, row.number) for row in figure.rows.all()} == {(spain, 4), (greece, 6)}
    assert client.post(address(asked), form(in_training="7")).status_code == 302
    figure.refresh_from_db()
    assert figure.in_training == 7


def test_the_same_form_twice_has_one_effect(client, asked):
    data = form()
    client.post(address(asked), data)
    response = client.post(address(asked), {**data, "in_training": "9"})
    assert response.status_code == 302
    assert ParticipantFigure.objects.get().in_training == 5


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"in_training": ""}, "in_training", "Tragen Sie eine Zahl ein, auch wenn es 0 ist."),
        ({"in_training": "zwölf"}, "in_training", "Tragen Sie eine ganze Zahl ein, zum Beispiel 12."),
        ({"in_training": "1,5"}, "in_training", "Tragen Sie eine ganze Zahl ein, zum Beispiel 12."),
        ({"in_training": "-1"}, "in_training", "Tragen Sie 0 oder eine größere Zahl ein."),
        ({"in_training": "9" * 5000}, "in_training", "Prüfen Sie die Zahl: Möglich sind höchstens 9999."),
        ({"in_training": "\x00"}, "in_training", "Tragen Sie eine ganze Zahl ein, zum Beispiel 12."),
        ({"land-wahl-1": "987654", "land-zahl-1": "1"}, "land-wahl-1", "Wählen Sie etwas aus der Liste."),
        ({"land-zahl-1": "1"}, "land-wahl-1", "Wählen Sie aus, wozu diese Anzahl gehört."),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_is_lost(client, asked, changes, field, error):
    page = client.post(address(asked), form(completed="77", **changes))
    assert page.status_code == 200
    assert error in page.context["form"].errors[field]
    assert 'value="77"' in page.content.decode()
    assert not ParticipantFigure.objects.exists()


def test_countries_that_do_not_add_up_are_named_with_both_sums(client, asked):
    spain = SourceCountry.objects.get(iso_code="ES")
    page = client.post(address(asked), form(**{f"land-{spain.pk}": "9"}))
    (error,) = page.context["form"].errors[f"land-{spain.pk}"]
    assert error.startswith("Die Herkunftsländer ergeben zusammen 9, im Projekt sind 10 junge Menschen")


def test_unchanged_without_an_earlier_report_is_a_sentence(client, asked):
    page = client.post(address(asked), {"aktion": "unveraendert", "form_id": FormReceipt.new_id()})
    assert "Es gibt noch keine frühere Meldung." in page.content.decode()
    page = client.post(address(asked), {"aktion": "unveraendert"})
    assert "Drücken Sie noch einmal" in page.content.decode()


def test_the_link_opens_its_own_request_only(client, asked):
    token = links.token(figure_requests.LINK_PURPOSE, asked.pk, 1)
    forged = [
        links.token("answer", asked.pk, 1),
        links.token(figure_requests.LINK_PURPOSE, asked.pk, 2),
        links.token(figure_requests.LINK_PURPOSE, 987654, 1),
        token[:-1],
    ]
    for one in forged:
        for method in ("get", "post"):
            response = getattr(client, method)(reverse("regions:report_figures", args=[one]), form())
            assert response.status_code == 404, one
            assert "Dieser Link ist ungültig" in response.content.decode()


def test_a_late_report_is_taken_and_a_much_too_late_one_is_not(client, asked):
    asked.due_on = timezone.localdate() - timedelta(days=1)
    asked.save()
    assert "wird trotzdem angenommen" in client.get(address(asked)).content.decode()
    asked.due_on = date(2020, 1, 1)
    asked.save()
    assert client.post(address(asked), form()).status_code == 410
    assert not ParticipantFigure.objects.exists()
