"""Tables in the work area: upload, look, take over, take back, export – for those who keep the address book."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from regions.models import ImportRun, Organisation
from tests import factories
from tests.regions.workbooks import PERSON, PROJEKT, TRAEGER, opened, workbook

pytestmark = pytest.mark.django_db
ALL = {"Träger": [TRAEGER], "Projekte": [PROJEKT], "Ansprechpersonen": [PERSON]}


@pytest.fixture
def office(kaya, client):
    client.force_login(kaya)
    return client


def send(client, content, name="tabelle.xlsx"):
    return client.post(reverse("admin:imports"), {"file": SimpleUploadedFile(name, content)})


def test_a_coordinator_uploads_looks_decides_takes_over_and_takes_back(office):
    factories.make_traeger("Werkstatt Emden GmbH", "Emden", city="Emden")
    response = send(office, workbook(**ALL))
    address = response["Location"]
    page = office.get(address)
    text = page.content.decode()
    assert "2 neu, 0 geändert, 0 unverändert, 1 mögliche Dubletten, 0 Fehler." in text
    assert "Name: Werkstatt Emden GmbH → Werkstatt Emden gGmbH" in text
    assert Organisation.objects.count() == 1
    data = {"fingerprint": page.context["plan"].fingerprint, "d-traeger:2": "new"}
    page = office.post(address, data, follow=True)
    assert "Übernommen: 3 neu, 0 geändert." in page.content.decode()
    assert Organisation.objects.count() == 2
    run = ImportRun.objects.get()
    undo = reverse("admin:import_undo", args=[run.pk])
    office.get(undo)
    assert Organisation.objects.count() == 2
    page = office.post(undo, follow=True)
    assert "Die Tabelle ist rückgängig gemacht." in page.content.decode()
    assert Organisation.objects.count() == 1


def test_an_old_page_is_told_that_the_data_changed(office):
    address = send(office, workbook(Träger=[TRAEGER]))["Location"]
    page = office.post(address, {"fingerprint": "alt"}, follow=True)
    assert "haben sich inzwischen geändert. Es wurde nichts übernommen." in page.content.decode()
    assert not Organisation.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xd0\xcf\x11\xe0" + b"0" * 99, "im alten Excel-Format"), (b"abc", "keine Excel-Arbeitsmappe")],
)
def test_an_unreadable_file_is_named_at_its_field(office, content, words):
    page = send(office, content, "tabelle.xls")
    assert words in page.context["form"].errors["file"][0]
    assert not ImportRun.objects.exists()


def test_no_file_is_a_sentence(office):
    page = office.post(reverse("admin:imports"), {})
    assert page.context["form"].errors["file"] == ["Wählen Sie eine Datei aus."]


def test_names_from_a_file_are_text_and_not_markup(office):
    row = {**TRAEGER, "Name": "<script>alert(1)</script>", "Bundesland": "<b>Tirol</b>"}
    text = office.get(send(office, workbook(Träger=[row]))["Location"]).content.decode()
    assert "<b>Tirol</b>" not in text
    assert "&lt;b&gt;Tirol" in text


def test_the_lists_lead_to_import_and_export(office):
    for model, key in (("organisation", "traeger"), ("project", "projekte"), ("contactperson", "personen")):
        text = office.get(reverse(f"admin:regions_{model}_changelist")).content.decode()
        assert reverse("admin:imports") in text
        assert reverse("admin:export", args=[key]) in text


def test_an_export_holds_the_columns_of_the_import(office):
    house = factories.make_traeger(city="Leer", note="=1+1")
    response = office.get(reverse("admin:export", args=["traeger"]))
    assert "no-store" in response["Cache-Control"]
    page = opened(response.content)["Träger"]
    rows = list(page.iter_rows(values_only=True))
    assert rows[2][:2] == ("Nr. im Portal", "Name")
    assert rows[3][:2] == (house.pk, house.name)
    assert page["O4"].data_type == "s"
    everything = opened(office.get(reverse("admin:export", args=["alles"])).content)
    assert everything.sheetnames == ["Träger", "Projekte", "Ansprechpersonen"]
    assert office.get(reverse("admin:export", args=["unsinn"])).status_code == 404


def test_the_template_and_the_result_are_files(office):
    assert opened(office.get(reverse("admin:import_template")).content).sheetnames[-1] == "Zulässige Werte"
    run_address = send(office, workbook(**ALL))["Location"]
    result = opened(office.get(f"{run_address}pruefung.xlsx").content)
    assert result.sheetnames == ["Fehler", "Änderungen", "Dubletten", "Neu", "Unverändert"]


@pytest.mark.parametrize("person", ["gross", "lindner"])
def test_members_and_funders_get_no_table(client, person, request):
    client.force_login(request.getfixturevalue(person))
    for name, args in (("imports", []), ("export", ["personen"]), ("import_template", [])):
        assert client.get(reverse(f"admin:{name}", args=args)).status_code in (302, 403)
