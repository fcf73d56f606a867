"""Documentation in the work area: compose, edit, release, publish; who may; what bad input does."""

import uuid

import pytest
from django.urls import reverse

from documentation.models import BarrierReport, DocumentationVersion, MeetingDocumentation, Page, Publication

pytestmark = pytest.mark.django_db
EDITOR = "admin:documentation_meetingdocumentation_change"


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def section_form(draft, **changes):
    """The editor's form as a browser sends it back."""
    rows = list(draft.sections.order_by("position", "pk"))
    data = {
        "title": draft.title,
        "subtitle": "",
        "summary": draft.summary,
        "seen_revision": draft.revision,
        "sections-TOTAL_FORMS": len(rows),
        "sections-INITIAL_FORMS": len(rows),
    }
    for number, row in enumerate(rows):
        for name in ("position", "kind", "title", "authors", "visibility", "body"):
            data[f"sections-{number}-{name}"] = getattr(row, name)
        data[f"sections-{number}-id"] = row.pk
        data[f"sections-{number}-practice"] = row.practice_id or ""
    return {**data, **changes}


def test_a_draft_is_composed_by_one_post_and_only_once(office, held_meeting):
    address = reverse("admin:documentation_create", args=[held_meeting.pk])
    assert office.get(address).status_code == 405
    for _ in range(2):
        office.post(address, follow=True)
    draft = MeetingDocumentation.objects.get()
    assert "Die Checkliste gilt als Empfehlung." in "".join(draft.sections.values_list("body", flat=True))


def test_the_editor_saves_and_cleans_what_was_pasted(office, draft):
    body = "<p>Neu</p><script>alert(1)</script>"
    response = office.post(reverse(EDITOR, args=[draft.pk]), section_form(draft, **{"sections-0-body": body}))
    assert response.status_code == 302
    first = draft.sections.order_by("position", "pk").first()
    assert "Neu" in first.body
    assert "script" not in first.body


def test_two_editors_of_a_documentation_see_both_titles(office, draft):
    mine = section_form(draft, title="Mein Titel")
    draft.title = "Titel der anderen"
    draft.save()
    page = text(office.post(reverse(EDITOR, args=[draft.pk]), mine))
    assert "Gespeichert ist jetzt: „Titel der anderen“" in page
    assert 'value="Mein Titel"' in page


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "x" * 5000},
        {"title": "a\x07b"},
        {"sections-0-position": "9" * 40},
        {"sections-0-kind": "quatsch"},
        {"sections-0-practice": "999999"},
        {"topics": ["abc"]},
    ],
)
def test_bad_input_in_the_editor_is_told_and_saves_nothing(office, draft, changes):
    page = text(office.post(reverse(EDITOR, args=[draft.pk]), section_form(draft, **changes)))
    assert "errorlist" in page
    assert draft.revision == MeetingDocumentation.objects.get().revision


def test_another_region_s_coordinator_reads_the_text_and_has_no_button(client, draft, bavarian):
    client.force_login(bavarian)
    page = text(client.get(reverse(EDITOR, args=[draft.pk])))
    assert "Herausgeben …" not in page
    assert "&lt;p&gt;" not in page
    assert 'name="_save"' not in page
    assert client.get(reverse("admin:documentation_release", args=[draft.pk])).status_code == 403


def release(client, draft, **data):
    address = reverse("admin:documentation_release", args=[draft.pk])
    return client.post(address, data, follow=True).content.decode()


def test_a_version_is_fixed_once_for_a_double_click(office, draft):
    form_id = str(uuid.uuid4())
    release(office, draft, step="request", form_id=form_id)
    assert "Dieser Schritt ist schon getan." in release(office, draft, step="request", form_id=form_id)
    assert DocumentationVersion.objects.count() == 1


@pytest.mark.parametrize("data", [{"step": "quatsch"}, {"step": "request", "form_id": "abc"}, {"step": ""}])
def test_a_step_that_does_not_exist_changes_nothing(office, draft, data):
    release(office, draft, **data)
    assert not DocumentationVersion.objects.exists()


@pytest.mark.parametrize("number", ["999999", "abc", "9" * 40, ""])
@pytest.mark.parametrize("step", ["publish", "withdraw", "retry"])
def test_a_version_that_does_not_exist_is_404(office, draft, step, number):
    address = reverse("admin:documentation_release", args=[draft.pk])
    assert office.post(address, {"step": step, "version": number}).status_code == 404


def test_pages_publications_and_barriers_have_their_own_forms(client, administrator):
    """The documentation's buttons once stood on every form of this app and broke it."""
    client.force_login(administrator)
    report = BarrierReport.objects.create(description="Der Knopf hat keinen Namen.")
    publication = Publication.objects.create(title="Handbuch", slug="handbuch", year=2019)
    for record in (report, publication, Page.objects.first()):
        address = reverse(f"admin:documentation_{record._meta.model_name}_change", args=[record.pk])
        assert "Herausgeben" not in text(client.get(address))


def test_an_open_barrier_is_a_box_with_its_day(client, kaya):
    client.force_login(kaya)
    assert "Gemeldete Barrieren" not in text(client.get("/admin/")).split('id="content"')[1]
    report = BarrierReport.objects.create(description="Der Knopf hat keinen Namen.")
    page = text(client.get("/admin/"))
    assert f"{report.number}: Der Knopf" in page
    assert f"Antwort bis {report.due_on:%d.%m.%Y}" in page


def test_the_list_takes_the_same_few_queries(office, draft, django_assert_max_num_queries):
    from documentation import compose
    from tests.documentation.conftest import make_held_meeting

    address = reverse("admin:documentation_meetingdocumentation_changelist")
    office.get(address)
    with django_assert_max_num_queries(15) as one:
        office.get(address)
    for number in (2, 3):
        compose.create_draft(meeting=make_held_meeting(f"2026-NORD-{number}"), by=None)
    with django_assert_max_num_queries(15) as three:
        office.get(address)
    assert len(one) == len(three)
