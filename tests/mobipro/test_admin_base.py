"""The base class of the work area: words, two editors, history, lists with a fixed number of queries."""

import pytest
from django.urls import reverse

from meetings.models import Venue
from mobipro.outbox.models import OutboxMessage
from regions.models import AccountInvitation, ContactPerson, Organisation, Project, RoleAssignment
from tests import factories
from tests.meetings import world
from tests.practices.conftest import make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def text(response):
    return response.content.decode()


def contact_form(contact, **changes):
    return {
        "kind": "person",
        "last_name": contact.last_name,
        "first_name": contact.first_name,
        "organisation": contact.organisation_id,
        "email": contact.email,
        "status": "active",
        "assignments-TOTAL_FORMS": 0,
        "assignments-INITIAL_FORMS": 0,
        "seen_revision": contact.revision,
        **changes,
    }


def change(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


# --- two editors, second submit ------------------------------------------------------------------
def test_the_second_editor_sees_both_values_and_then_decides(office):
    contact = factories.make_contact("a@example.org", last_name="Alt")
    mine = contact_form(contact, last_name="Meins")
    contact.last_name = "Ihres"
    contact.save()
    page = office.post(change(contact), mine)
    assert "wurden inzwischen von" in text(page)
    assert "Gespeichert ist jetzt: „Ihres“" in text(page)
    assert 'value="Meins"' in text(page)
    contact.refresh_from_db()
    assert contact.last_name == "Ihres"
    assert office.post(change(contact), {**mine, "seen_revision": contact.revision}).status_code == 302
    contact.refresh_from_db()
    assert contact.last_name == "Meins"


def test_the_same_form_sent_twice_makes_one_contact(office):
    house = factories.make_traeger()
    data = contact_form(ContactPerson(organisation=house, email="neu@example.org", last_name="Neu"))
    del data["seen_revision"]
    for _ in range(2):
        office.post(reverse("admin:regions_contactperson_add"), data)
    assert ContactPerson.objects.filter(email="neu@example.org").count() == 1


# --- words and bad input -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_name": ""}, "Füllen Sie „Nachname“ aus."),
        ({"organisation": ""}, "Wählen Sie aus: Organisation."),
        ({"organisation": "9" * 40}, "Auswahl"),
        ({"on_leave_until": "31.02.2026"}, "Den 31.02.2026 gibt es nicht. Bitte so: 28.02.2026."),
        ({"on_leave_until": "bald"}, "„bald“ ist kein Datum."),
        ({"last_name": "a\x07b"}, "unsichtbare Steuerzeichen"),
        ({"last_name": "x" * 5000}, "höchstens"),
        ({"email": "kein"}, ""),
        ({"email": "büro@example.org"}, ""),
    ],
)
def test_a_wrong_field_says_what_to_do_and_loses_nothing(office, changes, words):
    contact = factories.make_contact("a@example.org", first_name="Bleibt")
    page = office.post(change(contact), contact_form(contact, **changes))
    assert page.status_code == 200
    assert words in text(page)
    assert 'value="Bleibt"' in text(page)
    assert "zwingend" not in text(page)
    assert contact.revision == ContactPerson.objects.get().revision


def test_no_page_speaks_django_s_words(office):
    contact = factories.make_contact("a@example.org")
    pages = text(office.get(reverse("admin:regions_contactperson_changelist"))) + text(office.get(change(contact)))
    for word in ("zur Änderung auswählen", "Geschichte", "hinzufügen</a>", ">Start<", "Sichern", "Leer</a>"):
        assert word not in pages
    assert "Ansprechperson anlegen" in pages
    assert ">Verlauf</a>" in pages


def test_related_records_are_boxes_to_tick_without_english_words(office):
    page = text(office.get(change(factories.make_project())))
    assert 'type="checkbox" name="source_countries"' in page
    assert "Remove" not in page


@pytest.mark.parametrize("make", ["contact", "organisation", "project"])
def test_the_history_says_who_changed_what(office, kaya, make):
    contact = factories.make_contact("a@example.org", last_name="Alt")
    record = {"contact": contact, "organisation": contact.organisation}.get(make) or factories.make_project()
    record._history_user = kaya
    record.save()
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_history"
    page = office.get(reverse(name, args=[record.pk]))
    assert page.status_code == 200
    assert "Derya Kaya" in text(page)


def test_a_record_that_does_not_exist_is_404(office):
    for number in ("0", "999999", "abc", "9" * 40):
        assert office.get(f"/admin/regions/contactperson/{number}/change/").status_code == 404


@pytest.mark.parametrize("query", ["?unzustellbar=1", "?unzustellbar=x", "?einrichtung=traeger", "?einrichtung=x"])
def test_a_filter_never_breaks_the_list(office, query):
    factories.make_contact("a@example.org")
    assert office.get(reverse("admin:regions_contactperson_changelist") + query).status_code == 200


# --- lists ---------------------------------------------------------------------------------------
def make_venue(number):
    return world.make_venue(f"Ort {number}")


def make_message(number):
    OutboxMessage.objects.create(
        key=f"k{number}", kind="test", recipient="a@example.org", subject="S", sender="b@example.org"
    )


def make_account_invitation(number):
    AccountInvitation.objects.create(
        email=f"{number}@example.org",
        role="traeger_staff",
        organisation=factories.make_traeger(f"H {number}", f"H{number}"),
    )


def make_role(number):
    user = factories.make_user(f"p{number}@example.org", "Pia", "Person")
    RoleAssignment.objects.create(user=user, role="coordinator", region=factories.region("NORD"))


LISTS = {
    "regions_contactperson": lambda number: factories.make_contact(f"{number}@example.org"),
    "regions_organisation": lambda number: factories.make_traeger(f"Haus {number}", f"H{number}"),
    "regions_project": lambda number: factories.make_project(f"Projekt {number}"),
    "regions_accountinvitation": make_account_invitation,
    "regions_user": make_role,
    "meetings_meeting": lambda number: world.make_dated_meeting(f"2031-NORD-{number}"),
    "meetings_venue": make_venue,
    "outbox_outboxmessage": make_message,
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_the_same_few_queries_for_one_and_three_records(boss, name, django_assert_max_num_queries):
    address = reverse(f"admin:{name}_changelist")
    LISTS[name](1)
    boss.get(address)
    with django_assert_max_num_queries(15) as one:
        assert boss.get(address).status_code == 200
    LISTS[name](2)
    LISTS[name](3)
    with django_assert_max_num_queries(15) as three:
        boss.get(address)
    assert len(one) == len(three)


def test_the_list_of_practices_takes_the_same_few_queries(
    client, gross, bavarian, overall, django_assert_max_num_queries
):
    client.force_login(overall)
    address = reverse("admin:practices_goodpractice_changelist")
    make_practice(gross, "submitted", title="Eins")
    client.get(address)
    with django_assert_max_num_queries(15) as one:
        client.get(address)
    for title in ("Zwei", "Drei"):
        make_practice(gross, "submitted", title=title)
    with django_assert_max_num_queries(15) as three:
        client.get(address)
    assert len(one) == len(three)


@pytest.mark.parametrize(
    "name",
    ["regions_region", "regions_federalstate", "regions_topic", "regions_trainingoccupation", "documentation_page"],
)
def test_the_lists_of_base_data_take_few_queries(boss, name, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        assert boss.get(reverse(f"admin:{name}_changelist")).status_code == 200


def test_every_form_of_the_work_area_opens(boss):
    """Each model's "anlegen" and first record; a template of one model once broke those beside it."""
    from django.contrib import admin

    factories.make_contact("a@example.org")
    factories.make_project()
    make_venue(1)
    wrong = []
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        record = model._default_manager.order_by("pk").first()
        places = [reverse(f"{base}_changelist"), reverse(f"{base}_add")]
        if record is not None:
            places += [reverse(f"{base}_{step}", args=[record.pk]) for step in ("change", "history", "delete")]
        wrong += [place for place in places if boss.get(place).status_code not in (200, 302, 403, 404)]
    assert wrong == []
    assert Organisation.objects.exists()
    assert Project.objects.exists()
    assert Venue.objects.exists()
