"""The network in the work area: search in every spelling, accounts by invitation, safe logos, two editors."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from mobipro.outbox.models import OutboxMessage
from regions.models import AccountInvitation, Organisation, ProgrammeSettings, Region, RoleAssignment
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(kaya, client):
    client.force_login(kaya)
    return client


@pytest.fixture
def boss(administrator, client):
    client.force_login(administrator)
    return client


def found(client, model, words):
    page = client.get(reverse(f"admin:regions_{model}_changelist"), {"q": words})
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


@pytest.mark.parametrize("words", ["Müller", "Mueller", "muller", "mü", "mueller@example.org"])
def test_a_contact_is_found_in_every_spelling(office, words):
    contact = factories.make_contact("mueller@example.org", last_name="Müller", first_name="Zoë")
    factories.make_contact("x@example.org", last_name="Anders")
    assert found(office, "contactperson", words) == [contact]


@pytest.mark.parametrize("words", ["Straße", "STRASSE", "strass"])
def test_an_organisation_is_found_in_every_spelling(office, words):
    house = factories.make_traeger("Straße und Bau", "Straße")
    assert found(office, "organisation", words) == [house]


def test_a_coordinator_invites_a_contact_by_a_post_only(office):
    contact = factories.make_contact("neu@example.org")
    address = reverse("admin:regions_contactperson_invite", args=[contact.pk])
    office.get(address)
    assert not AccountInvitation.objects.exists()
    page = office.post(address, follow=True)
    assert "ist unterwegs" in page.content.decode()
    assert AccountInvitation.objects.get().contact == contact
    assert OutboxMessage.objects.count() == 1


def invitation_form(**changes):
    return {
        "email": "neu@example.org",
        "role": "traeger_staff",
        "contact": "",
        "organisation": "",
        "region": "",
        **changes,
    }


def test_the_form_invites_and_sends(office):
    house = factories.make_traeger()
    address = reverse("admin:regions_accountinvitation_add")
    assert office.post(address, invitation_form(organisation=house.pk)).status_code == 302
    assert AccountInvitation.objects.get().organisation == house
    assert OutboxMessage.objects.count() == 1


@pytest.mark.parametrize(
    "changes", [{"role": "administrator"}, {"role": "funder"}, {"email": "büro@example.org"}, {"region": "1"}, {}]
)
def test_the_form_refuses_what_must_not_be(office, changes):
    page = office.post(reverse("admin:regions_accountinvitation_add"), invitation_form(**changes))
    assert page.status_code == 200
    assert not AccountInvitation.objects.exists()


def test_the_cut_of_a_region_is_marked_as_an_assumption(office):
    region = Region.objects.get(code="NORD")
    text = office.get(reverse("admin:regions_region_change", args=[region.pk])).content.decode()
    assert "Annahme – bitte an die Programmvorgabe anpassen" in text
    assert "Derya Kaya (zuständig)" in text


def test_a_regional_coordinator_does_not_change_the_cut(office):
    region = Region.objects.get(code="NORD")
    response = office.post(reverse("admin:regions_region_change", args=[region.pk]), {"name": "Süd"})
    assert response.status_code == 403
    region.refresh_from_db()
    assert region.name == "Nord"


def picture(kind="PNG", size=(300, 150)):
    buffer = io.BytesIO()
    Image.new("RGB", size, "#12215A").save(buffer, kind)
    return buffer.getvalue()


def settings_form(**changes):
    data = {
        "valid_from": "01.01.2026",
        "operator": "Betreiber",
        "address": "Musterstraße 1",
        "contact_email": "a@example.org",
        "sender_name": "MobiPro",
        "sender_email": "a@example.org",
        "funding_sentence": "Gefördert.",
    }
    return {**data, **changes}


def test_a_logo_is_drawn_anew_and_stands_on_every_page(boss, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    upload = SimpleUploadedFile("Logo Süß.png", picture() + b"<script>", "image/png")
    page = boss.post(reverse("admin:regions_programmesettings_add"), settings_form(logo_bmas=upload))
    assert page.status_code == 302
    row = ProgrammeSettings.objects.get(operator="Betreiber")
    with row.logo_bmas.open() as stored:
        assert b"<script>" not in stored.read()
    assert '/logo/bmas/"' in boss.get("/").content.decode()
    response = boss.get("/logo/bmas/")
    assert response.status_code == 200
    assert response["Content-Type"] in {"image/png", "image/jpeg"}
    response.close()


@pytest.mark.parametrize("content", [b"", b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\n" + b"x" * 100])
def test_a_logo_that_is_no_picture_is_refused(boss, content):
    upload = SimpleUploadedFile("logo.png", content, "image/png")
    page = boss.post(reverse("admin:regions_programmesettings_add"), settings_form(logo_bmas=upload))
    assert page.status_code == 200
    assert not ProgrammeSettings.objects.filter(operator="Betreiber").exists()


def test_a_changed_address_of_a_contact_changes_the_login(boss, gross):
    contact = factories.make_contact("gross@example.org", user=gross)
    data = {
        "kind": "person",
        "last_name": "Groß",
        "organisation": contact.organisation_id,
        "email": "neu@example.org",
        "status": "active",
        "seen_revision": contact.revision,
        "assignments-TOTAL_FORMS": 0,
        "assignments-INITIAL_FORMS": 0,
    }
    response = boss.post(reverse("admin:regions_contactperson_change", args=[contact.pk]), data)
    assert response.status_code == 302
    gross.refresh_from_db()
    assert gross.email == "neu@example.org"


@pytest.mark.parametrize("model", ["organisation", "project", "contactperson", "region", "programmesettings", "topic"])
def test_lists_and_empty_forms_open(boss, model):
    assert boss.get(reverse(f"admin:regions_{model}_changelist")).status_code == 200
    assert boss.get(reverse(f"admin:regions_{model}_add")).status_code == 200


def test_an_administrator_gives_a_role(boss, lindner):
    data = {
        "first_name": "Helene",
        "last_name": "Lindner",
        "is_active": "on",
        "roles-TOTAL_FORMS": 1,
        "roles-INITIAL_FORMS": 0,
        "roles-0-role": "coordinator",
        "roles-0-region": Region.objects.get(code="NORD").pk,
        "roles-0-valid_from": "01.01.2026",
    }
    response = boss.post(reverse("admin:regions_user_change", args=[lindner.pk]), data)
    assert response.status_code == 302
    assert RoleAssignment.objects.filter(user=lindner).count() == 2


def test_a_traeger_with_projects_is_never_deleted(boss):
    project = factories.make_project()
    house = project.lead
    boss.post(reverse("admin:regions_organisation_delete", args=[house.pk]), {"post": "yes"})
    assert Organisation.objects.filter(pk=house.pk).exists()
