"""Every address of a single record as every person: own, a colleague's, a foreign, an unpublished and a deleted one.

Whoever may not read a record gets "not found" as for one that never was; strangers are led to the login where
an address needs one. The last test fails on an address with an id that is not asked here.
"""

from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import rules
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documentation import compose, publishing
from documentation.models import Publication
from meetings.emails import LINK_PURPOSE
from meetings.models import Invitation, Meeting
from mobipro import links
from mobipro.routes import Who, all_routes
from practices.models import PracticeFile, PracticeImage
from regions import accounts
from regions.models import RoleAssignment
from regions.visibility import access_of
from tests import factories
from tests.documentation.conftest import make_held_meeting
from tests.meetings import world as meetings_world
from tests.practices.conftest import make_practice, picture

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HOUSE = {"gross", "colleague"}
OFFICE = {"kaya", "bavarian", "overall", "administrator"}
REGION = {"coordinator", "overall"}  # who coordinates Niedersachsen-Bremen
MEMBERS = {*HOUSE, "foreigner", "lindner", "coordinator", *OFFICE}
EVERYBODY = {"guest", *MEMBERS}
NOBODY: set[str] = set()
MARK = "Streng-vertraulich-4711"  # in every unpublished record; no page of a stranger may hold it


def make_person(name):
    """One of the fixed people, or the three that only this file needs."""
    staff = RoleAssignment.Role.TRAEGER_STAFF
    if name == "colleague":
        return factories.make_user("kollegin@example.org", role=staff, organisation=factories.make_traeger())
    if name == "foreigner":
        other = factories.make_traeger("Haus der Berufe Beispiel e. V.", "Haus der Berufe")
        return factories.make_user("fremd@example.org", role=staff, organisation=other)
    if name == "coordinator":
        role = RoleAssignment.Role.COORDINATOR
        return factories.make_user("behrens@example.org", role=role, region=factories.region("NIHB"))
    return getattr(factories, f"make_{name}")()


def with_files(practice):
    drawn = ContentFile(picture(size=(40, 30), image_format="WEBP"), "bild.webp")
    practice.image = PracticeImage.objects.create(practice=practice, web=drawn, alt="Ein Bus", credit="Foto: Leer")
    practice.file = PracticeFile.objects.create(practice=practice, file=ContentFile(b"%PDF-1.7", "a.pdf"), title="Plan")
    return practice


def make_invited(code, **fields):
    meeting = meetings_world.make_dated_meeting(code)
    row = Invitation(meeting=meeting, email="erste@example.org", name="Ana Arndt", first_name="Ana", **fields)
    row.save()
    return row


@pytest.fixture
def records(base_data):
    """Records in each state; gross is the author, everything unpublished holds the mark."""
    people = {name: make_person(name) for name in sorted(MEMBERS)}
    gross = people["gross"]
    rows = SimpleNamespace(people=people)
    rows.draft = with_files(make_practice(gross, "draft", title=f"Entwurf {MARK}", slug="entwurf"))
    rows.submitted = with_files(make_practice(gross, "submitted", title=f"Eingereicht {MARK}", slug="eingereicht"))
    rows.published = with_files(make_practice(gross, "published", title="Der Montagsbus", slug="der-montagsbus"))
    rows.internal = with_files(
        make_practice(gross, "published", title=f"Intern {MARK}", slug="intern", visibility="network")
    )
    rows.archived = with_files(make_practice(gross, "archived", title=f"Archiv {MARK}", slug="archiv"))
    soon = timezone.now() + timedelta(days=40)
    dated = {"starts_at": soon, "ends_at": soon + timedelta(hours=6)}
    announced = {**dated, "announced_at": timezone.now(), "status": Meeting.Status.INVITED}
    national = {"kind": Meeting.Kind.NATIONAL}
    rows.idea = meetings_world.make_meeting("2031-NIHB-1", "NIHB", title=f"Idee {MARK}", **dated, **national)
    rows.open = meetings_world.make_meeting("2031-NIHB-2", "NIHB", **announced, **national)
    rows.regional = meetings_world.make_meeting("2031-NIHB-7", "NIHB", **announced)
    rows.of_members = meetings_world.make_meeting(
        "2031-NIHB-3", "NIHB", title=f"Intern {MARK}", visibility="network", **announced, **national
    )
    rows.of_region = meetings_world.make_meeting(
        "2031-NIHB-4", "NIHB", title=f"Region {MARK}", visibility="region", **announced, **national
    )
    rows.of_office = meetings_world.make_meeting(
        "2031-NIHB-5", "NIHB", title=f"Koordination {MARK}", visibility="coordination", **announced, **national
    )
    rows.doc_draft = compose.create_draft(meeting=make_held_meeting("2026-NIHB-1", "NIHB"), by=None)
    rows.doc_draft.title = rows.doc_draft.summary = f"Entwurf {MARK}"
    rows.doc_draft.save()
    rows.doc_fixed = publishing.request_version(documentation=rows.doc_draft, by=None)
    rows.doc = compose.create_draft(meeting=make_held_meeting("2026-NIHB-2", "NIHB"), by=None)
    rows.doc_version = publishing.request_version(documentation=rows.doc, by=None)
    publishing.publish(version=rows.doc_version, by=None, without_pdf=True)
    rows.publication = Publication.objects.create(
        title="Leitfaden", slug="leitfaden", kind="guideline", year=2020, visibility="public"
    )
    rows.secret_publication = Publication.objects.create(
        title=f"Bericht {MARK}", slug="bericht-intern", kind="report", year=2021, visibility="network"
    )
    rows.resting = factories.make_traeger(f"Ruht {MARK}", "ruht-4711", is_active=False)
    return rows


def cases(rows):
    """(address, method, who gets it); everybody else gets "not found"."""
    houses = {"draft": HOUSE, "submitted": HOUSE, "published": HOUSE, "internal": HOUSE, "archived": HOUSE}
    readers = {
        "draft": HOUSE,
        "submitted": HOUSE | REGION,
        "published": EVERYBODY,
        "internal": MEMBERS,
        "archived": HOUSE | REGION,
    }
    for name, house in houses.items():
        row, may_read = getattr(rows, name), readers[name]
        yield "practices:hub", [row.pk], "get", house
        yield "practices:edit", [row.pk, 2], "get", house
        yield "practices:edit", [row.pk, 2], "post", house
        yield "practices:discard", [row.pk], "get", house
        yield "practices:preview", [row.pk], "get", may_read - {"guest"}
        yield "practices:image", [row.image.pk], "get", may_read
        yield "practices:file", [row.file.pk], "get", may_read
        published = name in ("published", "internal")
        yield "practices:practice", [row.slug], "get", may_read if published else NOBODY
        for step in ("add_image", "add_file", "submit"):
            yield f"practices:{step}", [row.pk], "post", house
        yield "practices:remove_image", [row.image.pk], "post", house
        yield "practices:remove_file", [row.file.pk], "post", house
    office = OFFICE | {"coordinator"}
    for name, readers_of in {
        "idea": office | {"lindner"},
        "open": EVERYBODY,
        "of_members": MEMBERS,
        "of_region": office | HOUSE,
        "of_office": office,
    }.items():
        row = getattr(rows, name)
        yield "meetings:meeting", [row.slug], "get", readers_of
        yield "meetings:ics", [row.slug], "get", readers_of
        yield "meetings:request_invitation", [row.slug], "get", NOBODY if name == "idea" else readers_of
    yield "documentation:documentation", [rows.doc_draft.slug], "get", NOBODY
    yield "documentation:version", [rows.doc_draft.slug, 1], "get", NOBODY
    yield "documentation:documentation", [rows.doc.slug], "get", EVERYBODY
    yield "documentation:version", [rows.doc.slug, 1], "get", EVERYBODY
    yield "documentation:version", [rows.doc.slug, 2], "get", NOBODY
    yield "documentation:publication", [rows.publication.slug], "get", EVERYBODY
    yield "documentation:publication", [rows.secret_publication.slug], "get", MEMBERS
    yield "regions:organisation", [factories.make_traeger().slug], "get", EVERYBODY
    yield "regions:organisation", [rows.resting.slug], "get", NOBODY
    yield "regions:region", ["bayern"], "get", EVERYBODY
    for name in ("check_in", "check_in_entries", "check_in_worker"):
        yield f"meetings:{name}", [rows.regional.slug], "get", REGION
        yield f"meetings:{name}", [rows.open.slug], "get", {"overall"}  # a national meeting is nobody's region's
    yield "meetings:feed_region", ["bayern"], "get", EVERYBODY


def each_person(records, names=EVERYBODY):
    """(name, a client signed in); what one does is undone before the next comes."""
    for name in sorted(names):
        client = Client()
        with transaction.atomic():
            if name != "guest":
                client.force_login(records.people[name])
            yield name, client
            transaction.set_rollback(True)


def test_a_record_is_found_by_those_who_may_have_it_and_by_nobody_else(records):
    wrong = []
    for name, client in each_person(records):
        for route, args, method, allowed in cases(records):
            with transaction.atomic():
                response = getattr(client, method)(reverse(route, args=args))
                body_of(response)
                transaction.set_rollback(True)
            if problem := contradiction(name, response, name in allowed):
                wrong.append(f"{name}: {method} {route} {args}: {response.status_code} {problem}")
    assert wrong == []


def body_of(response):
    """The whole body as text; reading a file to its end closes it."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def contradiction(name, response, is_allowed):
    """A word on what contradicts the table, or nothing."""
    to_login = response.status_code == 302 and urlsplit(response["Location"]).path == reverse("account_login")
    if is_allowed:
        return "is closed" if response.status_code in (403, 404) or to_login or response.status_code >= 500 else ""
    if response.status_code == 404 or (name == "guest" and (to_login or response.status_code == 401)):
        return ""
    return "should not be found"


@pytest.mark.parametrize("name", ["guest", "gross"])
def test_a_pdf_before_its_publication_is_the_offices(client, records, name):
    address = reverse("documentation:pdf", args=[records.doc_draft.slug, records.doc_fixed.number])
    if name != "guest":
        client.force_login(records.people[name])
    foreign = client.get(address)
    assert foreign.status_code == 404
    assert MARK not in foreign.content.decode()
    client.force_login(records.people["overall"])
    assert "wird" in client.get(address).content.decode()  # it is being made: the office is told


def test_nothing_unpublished_is_on_any_page_of_a_stranger(client, records):
    """Lists, feeds, search, sitemap, calendars, the start page: none knows the unpublished ones."""
    open_pages = [
        reverse(route.name)
        for route in all_routes()
        if route.rule and route.rule.who == Who.EVERYBODY and not route.ids and route.name != "readyz"
    ]
    public = [(route, args) for route, args, method, who in cases(records) if who == EVERYBODY and method == "get"]
    queries = [f"{reverse('search')}?q={MARK}", f"{reverse('practices:practice_list')}?q={MARK}"]
    queries += [f"{reverse('meetings:meeting_list')}?jahr={year}" for year in ("2031", "2026", "")]
    hidden = [reverse("practices:practice", args=[slug]) for slug in ("entwurf", "eingereicht", "archiv", "intern")]
    hidden += [reverse("meetings:meeting", args=[f"2031-nihb-{number}"]) for number in (1, 3, 4, 5)]
    hidden += [reverse("documentation:documentation", args=[records.doc_draft.slug])]
    hidden += [reverse("documentation:publication", args=[records.secret_publication.slug])]
    hidden += [reverse("regions:organisation", args=[records.resting.slug])]
    leaks = []
    for address in [*open_pages, *[reverse(name, args=args) for name, args in public], *queries]:
        text = body_of(client.get(address))
        if MARK in text and "?q=" not in address:
            leaks.append(address)
        leaks += [f"{address}: {path}" for path in hidden if path in text]
    assert leaks == []


def test_a_deleted_record_is_not_found_by_its_own_author(client, records):
    client.force_login(records.people["gross"])
    row = records.draft
    addresses = [
        *[reverse(f"practices:{name}", args=[row.pk]) for name in ("hub", "preview", "discard")],
        reverse("practices:edit", args=[row.pk, 1]),
        reverse("practices:image", args=[row.image.pk]),
        reverse("practices:file", args=[row.file.pk]),
    ]
    assert client.post(reverse("practices:discard", args=[row.pk])).status_code == 302
    assert {client.get(address).status_code for address in addresses} == {404}


# --- personal links ------------------------------------------------------------------------------
def test_a_personal_link_opens_its_own_invitation_only(client, base_data):
    first, second = make_invited("2031-NORD-1"), make_invited("2031-NORD-2", link_version=2)
    genuine = links.token(LINK_PURPOSE, first.pk, first.link_version)
    mac = genuine.rpartition(".")[2]
    forged = [
        f"{second.pk}.{second.link_version}.{mac}",  # another record with this mac
        f"{first.pk}.2.{mac}",  # another version
        links.token(LINK_PURPOSE, second.pk, 1),  # renewed since
        links.token(LINK_PURPOSE, 987654, 1),  # deleted
        links.token(accounts.INVITATION_PURPOSE, first.pk, first.link_version),  # another purpose
        genuine[:-1],
        genuine.upper(),
        f"{genuine}.",
    ]
    assert client.get(reverse("meetings:answer", args=[genuine])).status_code == 200
    assert client.get(reverse("meetings:answer_ics", args=[genuine])).status_code == 200
    for token in forged:
        for name in ("meetings:answer", "meetings:answer_ics", "meetings:answer_certificate"):
            assert client.get(reverse(name, args=[token])).status_code == 404, token
        assert client.post(reverse("meetings:answer", args=[token]), {"antwort": "ja"}).status_code == 404
    assert {row.partstat for row in Invitation.objects.all()} == {first.partstat}


# --- the work area -------------------------------------------------------------------------------
STEPS = ("date", "agenda", "save_the_date", "invite", "guests", "move", "attendance", "minutes", "notes", "feedback")
STEPS = (*STEPS, "tasks", "poll_start")
MAY_STEP = {"bavarian", "kaya", "overall"}  # kaya is deputy for Bayern


def test_only_its_coordinators_take_a_step_of_a_meeting(records):
    meeting = meetings_world.make_dated_meeting("2031-BY-1", region_code="BY")
    before = Meeting.objects.filter(pk=meeting.pk).values().get()
    for name, client in each_person(records):
        may = name in MAY_STEP
        for step in STEPS:
            address = reverse(f"admin:meetings_{step}", args=[meeting.pk])
            assert (client.get(address).status_code == 200) is may, (name, step)
            if not may:
                assert client.post(address, {"reason": "x", "form_id": ""}).status_code in (302, 403, 404), (name, step)
        if may:
            continue
        for kind in ("cancel", "postpone"):
            address = reverse("admin:meetings_change", args=[meeting.pk, kind])
            assert client.post(address, {"reason": "Krankheit"}).status_code in (302, 403, 404), name
        assert Meeting.objects.filter(pk=meeting.pk).values().get() == before, name


def test_the_work_area_hides_foreign_drafts_and_foreign_submissions(records):
    for name, client in each_person(records):
        for row, who in ((records.draft, NOBODY), (records.submitted, REGION)):
            response = client.get(reverse("admin:practices_goodpractice_change", args=[row.pk]))
            assert (response.status_code == 200) is (name in who), (name, row.status)
            assert response.status_code == 404 or name not in OFFICE | {"coordinator"} or name in who, name
        address = reverse("admin:documentation_release", args=[records.doc_draft.pk])
        assert (client.get(address).status_code == 200) is (name in REGION), name


def models_of_the_work_area():
    """Models with a list by person and a permission to view a record."""
    for model in apps.get_models():
        permission = f"{model._meta.app_label}.view_{model._meta.model_name}"
        if hasattr(model._default_manager.all(), "visible_to") and rules.perm_exists(permission):
            yield model, permission


def test_the_permission_to_view_says_the_same_as_the_list(records):
    meetings_world.make_meeting("2031-NIHB-6", "NIHB", visibility="private")
    factories.make_contact("ansprechperson@example.org")
    asked, wrong = set(), []
    for name, person in records.people.items():
        for model, permission in models_of_the_work_area():
            listed = set(model._default_manager.all().visible_to(person).values_list("pk", flat=True))
            for row in model._default_manager.all():
                asked.add(model.__name__)
                in_work_area = access_of(person).is_office and row.pk in listed
                if person.has_perm(permission, row) != in_work_area:
                    wrong.append((name, permission, str(row)))
    assert wrong == []
    assert {"Meeting", "GoodPractice", "MeetingDocumentation", "Publication", "Organisation", "ContactPerson"} <= asked


# --- completeness --------------------------------------------------------------------------------
# Asked elsewhere: links and one-time keys above, in meetings/test_feedback.py, regions/test_accounts.py and
# documentation/test_subscription_views.py; allauth's in regions/test_sign_in.py.
ELSEWHERE = {
    "page",
    "logo",
    "account_invitation",
    "account_confirm_email",
    "account_reset_password_from_key",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "meetings:answer",
    "meetings:answer_ics",
    "meetings:feedback",
    "meetings:answer_certificate",
    "meetings:poll",  # meetings/test_poll_page.py
    "meetings:action",  # meetings/test_followup_page.py
    "documentation:pdf",
    "documentation:subscription_confirm",
    "documentation:subscription",
    "documentation:unsubscribe",
    "regions:report_figures",  # in regions/test_figure_views.py
}


def test_every_address_of_a_record_is_asked_here(records):
    asked = {route for route, *_rest in cases(records)} | ELSEWHERE
    with_ids = {route.name for route in all_routes() if route.ids and not route.name.startswith("admin:")}
    assert with_ids - asked == set()
    assert asked - with_ids == set()
