"""Taking a table over does exactly what was shown, once; taking it back leaves alone what somebody changed since."""

import pytest

from regions import contact_import
from regions.contact_import import tables
from regions.models import (
    AccountInvitation,
    ContactAssignment,
    ContactPerson,
    ImportRun,
    Organisation,
    Project,
    ProjectOrganisation,
    User,
)
from tests import factories
from tests.regions.workbooks import PERSON, PROJEKT, TRAEGER, workbook

pytestmark = pytest.mark.django_db
ALL = {"Träger": [TRAEGER], "Projekte": [PROJEKT], "Ansprechpersonen": [PERSON]}


def upload(by=None, **sheets):
    return contact_import.upload(name="Träger Nord.xlsx", content=workbook(**sheets), by=by)


def take(run, by=None, **decisions):
    fingerprint = contact_import.plan(run).fingerprint
    return contact_import.apply(run=run, fingerprint=fingerprint, decisions=decisions, by=by)


def undo(run, by=None):
    run.refresh_from_db()
    return contact_import.undo(run=run, by=by)


# --- taking over ---------------------------------------------------------------------------------
def test_new_rows_become_records_that_know_each_other(kaya):
    run = upload(kaya, **ALL)
    assert not Organisation.objects.exists()
    assert take(run, kaya)["new"] == 3
    house, project, person = Organisation.objects.get(), Project.objects.get(), ContactPerson.objects.get()
    assert (house.name, house.postcode, house.federal_state.iso_code) == ("Werkstatt Emden gGmbH", "26721", "DE-NI")
    assert (project.lead, project.region.code, project.status) == (house, "NIHB", Project.Status.RUNNING)
    assert (person.organisation, person.email) == (house, "harms@example.org")
    task = ContactAssignment.objects.get()
    assert (task.project, task.contact, task.is_primary, task.function) == (project, person, True, "project_lead")
    assert house.slug == "werkstatt-emden-ggmbh"
    assert house.search_title


def test_the_history_names_the_person_and_the_table(kaya):
    run = upload(kaya, **ALL)
    take(run, kaya)
    entry = Organisation.objects.get().history.first()
    assert entry.history_user == kaya
    assert entry.history_change_reason == f"Tabelle Traeger-Nord.xlsx (Nr. {run.pk})"


def test_only_what_the_file_says_changes(kaya):
    house = factories.make_traeger("Werkstatt Emden gGmbH", "Emden", city="Aurich", note="Bleibt", phone="1")
    take(upload(Träger=[{"Name": house.name, "Ort": "Emden", "Telefon": "[leer]"}]))
    house.refresh_from_db()
    assert (house.city, house.note, house.phone, house.slug) == ("Emden", "Bleibt", "", "emden")


def test_a_project_changes_its_traeger_fields_and_main_place(kaya):
    project = factories.make_project("Ankommen in Emden")
    other = factories.make_traeger("Werkstatt Emden gGmbH", "Emden")
    row = {
        "Nr. im Portal": project.pk,
        "Titel": project.title,
        "Träger": other.name,
        "Beteiligte Träger": project.lead.name,
        "Region": "NIHB",
        "Beginn": "01.09.2026",
        "Plätze": 12,
        "Herkunftsländer": "Spanien; Italien",
        "Hauptort": "Emden",
        "Bundesland des Hauptorts": "Niedersachsen",
    }
    old_lead = project.lead
    run = upload(Projekte=[row])
    take(run)
    project = Project.objects.get()
    assert {(part.organisation, part.role) for part in project.project_organisations.all()} == {
        (other, "lead"),
        (old_lead, "partner"),
    }
    assert (str(project.starts_on), project.planned_places) == ("2026-09-01", 12)
    assert set(project.source_countries.values_list("name", flat=True)) == {"Spanien", "Italien"}
    assert project.locations.get().city == "Emden"
    assert undo(run) == []
    project = Project.objects.get()
    assert [(part.organisation, part.role) for part in project.project_organisations.all()] == [(old_lead, "lead")]
    assert (project.starts_on, project.planned_places, project.source_countries.count()) == (None, None, 0)
    assert not project.locations.exists()


def test_a_changed_address_changes_the_login_and_takes_the_bounce_away(gross):
    person = factories.make_contact("gross@example.org", last_name="Groß", user=gross, bounced_at="2026-01-01T00:00Z")
    row = {"Nr. im Portal": person.pk, "Nachname": "Groß", "Organisation": person.organisation.name}
    run = upload(Ansprechpersonen=[{**row, "E-Mail": "neu@example.org"}])
    take(run)
    person.refresh_from_db()
    assert (person.email, person.bounced_at) == ("neu@example.org", None)
    assert User.objects.get().email == "neu@example.org"
    undo(run)
    assert User.objects.get().email == "gross@example.org"


def test_wrong_rows_stay_out_and_the_others_are_taken(base_data):
    rows = [TRAEGER, {**TRAEGER, "Name": "Haus Tirol", "Bundesland": "Tirol"}]
    counts = take(upload(Träger=rows))
    assert (counts["new"], counts["errors"]) == (1, 1)
    assert Organisation.objects.count() == 1


def test_a_duplicate_is_left_out_changed_or_new_as_decided(base_data):
    house = factories.make_traeger("Werkstatt Emden GmbH", "Emden", city="Emden")
    sheets = {"Träger": [TRAEGER], "Projekte": [PROJEKT]}
    run = upload(**sheets)
    take(run)
    assert Organisation.objects.get().name == "Werkstatt Emden GmbH"
    assert Project.objects.get().lead == house
    undo(run)
    run = upload(**sheets)
    take(run, **{"traeger:2": "use"})
    assert Organisation.objects.get().name == "Werkstatt Emden gGmbH"
    undo(run)
    take(upload(**sheets), **{"traeger:2": "new"})
    assert Organisation.objects.count() == 2
    assert Project.objects.get().lead != house


@pytest.mark.parametrize("decision", ["new", "delete", ""])
def test_a_decision_that_was_not_offered_changes_nothing(base_data, decision):
    factories.make_contact("harms@example.org", last_name="Anders")
    take(upload(**ALL), **{"personen:2": decision})
    assert ContactPerson.objects.get().last_name == "Anders"


def test_what_changed_since_it_was_shown_is_shown_again(base_data):
    run = upload(Träger=[TRAEGER])
    seen = contact_import.plan(run).fingerprint
    factories.make_traeger("Werkstatt Emden gGmbH", "Emden")
    with pytest.raises(contact_import.ResultChanged):
        contact_import.apply(run=run, fingerprint=seen, decisions={}, by=None)
    run.refresh_from_db()
    assert run.is_waiting


def test_a_table_is_taken_over_once(base_data):
    run = upload(Träger=[TRAEGER])
    seen = contact_import.plan(run).fingerprint
    contact_import.apply(run=run, fingerprint=seen, decisions={}, by=None)
    with pytest.raises(contact_import.ImportRefused):
        contact_import.apply(run=run, fingerprint=seen, decisions={}, by=None)
    assert Organisation.objects.count() == 1


def test_two_houses_with_one_short_name_get_two_addresses(base_data):
    rows = [{**TRAEGER, "Kurzname": "Emden"}, {**TRAEGER, "Name": "Ganz anders", "Ort": "Leer", "Kurzname": "Emden"}]
    take(upload(Träger=rows))
    assert set(Organisation.objects.values_list("slug", flat=True)) == {"emden", "emden-2"}


# --- taking back ---------------------------------------------------------------------------------
def test_undo_deletes_what_was_new_and_restores_what_changed(kaya):
    house = factories.make_traeger("Haus Leer", "Leer", city="Leer")
    person = factories.make_contact("alt@example.org", house, last_name="Alt")
    project = factories.make_project("Alt", lead=house)
    ContactAssignment(contact=person, project=project, function="support_worker").save()
    sheets = {
        "Träger": [TRAEGER, {"Name": "Haus Leer", "Ort": "Emden"}],
        "Projekte": [PROJEKT],
        "Ansprechpersonen": [
            PERSON,
            {
                "Nachname": "Alt",
                "Organisation": "Haus Leer",
                "E-Mail": "alt@example.org",
                "Aufgaben": "Alt (Kümmerin oder Kümmerer, Hauptkontakt); Ankommen in Emden (Verwaltung)",
            },
        ],
    }
    run = upload(kaya, **sheets)
    take(run, kaya)
    assert ContactAssignment.objects.filter(contact=person).count() == 2
    assert undo(run, kaya) == []
    house.refresh_from_db()
    assert (house.city, Organisation.objects.count(), Project.objects.count()) == ("Leer", 1, 1)
    task = ContactAssignment.objects.get()
    assert (task.contact, task.project, task.is_primary) == (person, project, False)
    assert house.history.first().history_change_reason.startswith("Rückgängig: Tabelle")
    assert run.state == ImportRun.State.APPLIED
    run.refresh_from_db()
    assert (run.state, run.undone_by) == (ImportRun.State.UNDONE, kaya)


def test_undo_leaves_a_record_that_somebody_saved_since(kaya):
    house = factories.make_traeger("Haus Leer", "Leer", city="Leer")
    run = upload(Träger=[TRAEGER, {"Name": "Haus Leer", "Ort": "Emden"}])
    take(run)
    house.refresh_from_db()
    house.note = "Neu"
    house.save()
    assert [str(row) for row in undo(run)] == ["Haus Leer: wurde seitdem geändert"]
    house.refresh_from_db()
    assert (house.city, house.note) == ("Emden", "Neu")
    assert Organisation.objects.count() == 1


def test_undo_leaves_a_new_record_that_something_refers_to(kaya):
    run = upload(**ALL)
    take(run)
    AccountInvitation(email="harms@example.org", contact=ContactPerson.objects.get()).save()
    left = {row.label: row.why for row in undo(run)}
    assert left["Imke Harms"] == "wird inzwischen verwendet (Kontoeinladungen)"
    assert "Ansprechpersonen" in left["Werkstatt Emden gGmbH"]
    assert ContactPerson.objects.exists()
    assert AccountInvitation.objects.exists()


def test_undo_leaves_a_house_with_a_project_that_came_later(kaya):
    run = upload(Träger=[TRAEGER])
    take(run)
    factories.make_project("Später", lead=Organisation.objects.get())
    (left,) = undo(run)
    assert "Träger des Projekts" in left.why
    assert ProjectOrganisation.objects.count() == 1


def test_a_table_is_taken_back_once(kaya):
    run = upload(Träger=[TRAEGER])
    take(run)
    undo(run)
    with pytest.raises(contact_import.ImportRefused):
        undo(run)


# --- out and in again ----------------------------------------------------------------------------
def test_an_export_read_in_again_changes_nothing(kaya, gross):
    take(upload(**ALL))
    house = Organisation.objects.get(short_name="")
    house.about = "Zwei Zeilen;\r\nmit Strichpunkt – und „Zeichen“\r\n"
    house.postcode = "A-1010"
    house.website, house.is_active = "https://www.example.org/a?b=c", False
    house.save()
    factories.make_traeger("A-B", "A-B")
    twin = factories.make_project("Zwilling", code="BY", lead=factories.make_traeger("A; B", "AB"))
    double = factories.make_project("Doppelt", lead=twin.lead)
    double.title = "Ankommen in Emden"
    double.save()
    twin.title = "Ankommen in Emden"
    twin.save()
    twin_person = factories.make_contact("Mailbox@example.org", house, last_name="Postfach", kind="mailbox")
    ContactAssignment(contact=twin_person, project=twin, function="press", is_deputy=True).save()
    run = contact_import.upload(name="aus.xlsx", content=tables.export(), by=None)
    plan = contact_import.plan(run)
    assert [str(row) for row in plan.problems] == []
    changes = [(item.label, change) for item in plan.items for change in item.changes]
    assert changes == []
    assert plan.counts["unchanged"] == Organisation.objects.count() + Project.objects.count() + 2


def test_the_template_is_a_table_without_rows_of_its_own(base_data):
    run = contact_import.upload(name="vorlage.xlsx", content=tables.template(), by=None)
    assert run.counts == {"new": 0, "changed": 0, "unchanged": 0, "duplicate": 0, "errors": 0}
    assert run.rows["notes"] == []
