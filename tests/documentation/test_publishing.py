import uuid
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from documentation import publishing, tasks
from documentation.models import DocumentationVersion
from meetings.models import Meeting
from mobipro import pdf as pdf_tool
from regions.models.record import AlreadyReceived

pytestmark = pytest.mark.django_db
needs_pango = pytest.mark.skipif(not pdf_tool.is_available(), reason=f"no PDFs here: {pdf_tool.missing_message()}")


def test_version_keeps_its_content_when_the_records_change(published):
    version = published.current_version
    section = published.sections.get(kind="workshop")
    section.body = "<p>anders</p>"
    section.save()
    version.refresh_from_db()
    assert "61 Punkten" in version.content["sections"][1]["html"]


def test_same_form_makes_one_version(draft, kaya):
    form_id = uuid.uuid4()
    publishing.request_version(documentation=draft, by=kaya, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        publishing.request_version(documentation=draft, by=kaya, form_id=form_id)
    assert draft.versions.count() == 1


def test_publishing_dates_the_version_and_documents_the_meeting(published):
    meeting = Meeting.objects.get(pk=published.meeting_id)
    assert meeting.status == Meeting.Status.DOCUMENTED
    assert published.current_version.published_at is not None


def test_version_without_pdf_is_not_published_by_itself(draft, kaya):
    version = publishing.request_version(documentation=draft, by=kaya)
    with pytest.raises(publishing.PublishingError, match="noch nicht fertig"):
        publishing.publish(version=version, by=kaya)


def test_correction_needs_a_reason_and_replaces_the_version_before(published, kaya):
    with pytest.raises(publishing.PublishingError, match="Grund der Korrektur"):
        publishing.request_version(documentation=published, by=kaya)
    second = publishing.request_version(documentation=published, by=kaya, correction_reason="Zahl berichtigt")
    publishing.publish(version=second, by=kaya, without_pdf=True)
    states = dict(published.versions.values_list("number", "state"))
    assert states == {1: "superseded", 2: "published"}


def test_withdrawn_version_gives_way_to_the_one_before(published, kaya):
    second = publishing.request_version(documentation=published, by=kaya, correction_reason="Zahl berichtigt")
    publishing.publish(version=second, by=kaya, without_pdf=True)
    publishing.withdraw(version=second, reason="Falsche Zahl", by=kaya)
    published.refresh_from_db()
    assert published.current_version.number == 1


@needs_pango
@pytest.mark.slow
def test_worker_makes_the_pdf_once_and_its_bytes_are_stable(draft, kaya, settings, tmp_path):
    version = publishing.request_version(documentation=draft, by=kaya)
    publishing.render(version_id=version.pk)
    version.refresh_from_db()
    assert version.pdf_state == DocumentationVersion.PdfState.READY, version.pdf_error
    with version.file.open() as file:
        first = file.read()
    assert first.startswith(b"%PDF-")
    publishing.render(version_id=version.pk)
    again = publishing.pdf.build(version)
    assert again.data == first
    assert again.page_count == version.page_count >= 4


def test_every_version_after_a_published_one_needs_its_reason(published, kaya):
    publishing.request_version(documentation=published, by=kaya, correction_reason="Zahl berichtigt")
    with pytest.raises(publishing.PublishingError, match="Grund der Korrektur"):
        publishing.request_version(documentation=published, by=kaya)


def test_two_unpublished_versions_need_no_reason(draft, kaya):
    publishing.request_version(documentation=draft, by=kaya)
    assert publishing.request_version(documentation=draft, by=kaya).number == 2


def test_second_click_publishes_nothing_twice(published, kaya):
    first = published.current_version
    with pytest.raises(publishing.PublishingError, match="schon veröffentlicht"):
        publishing.publish(version=first, by=kaya, without_pdf=True)
    assert published.versions.get().published_at == first.published_at


def test_older_version_does_not_replace_the_newer_one(draft, kaya):
    older = publishing.request_version(documentation=draft, by=kaya)
    newer = publishing.request_version(documentation=draft, by=kaya)
    publishing.publish(version=newer, by=kaya, without_pdf=True)
    with pytest.raises(publishing.PublishingError, match="neuere"):
        publishing.publish(version=older, by=kaya, without_pdf=True)


def test_only_a_public_version_is_withdrawn_and_with_a_reason(draft, published, kaya):
    with pytest.raises(publishing.PublishingError, match="Grund"):
        publishing.withdraw(version=published.current_version, reason="  ", by=kaya)
    fixed = publishing.request_version(documentation=published, by=kaya, correction_reason="Zahl")
    with pytest.raises(publishing.PublishingError, match="veröffentlichte Fassung"):
        publishing.withdraw(version=fixed, reason="Falsch", by=kaya)


def test_withdrawing_the_only_version_makes_a_draft_of_a_held_meeting(published, kaya):
    publishing.withdraw(version=published.current_version, reason="Falsche Zahl", by=kaya)
    published.refresh_from_db()
    assert (published.status, published.current_version) == ("draft", None)
    assert Meeting.objects.get(pk=published.meeting_id).status == Meeting.Status.HELD


@needs_pango
@pytest.mark.slow
@pytest.mark.parametrize(("minutes", "state"), [(1, "rendering"), (60, "ready")])
def test_pdf_of_a_dead_worker_is_made_by_the_next_and_that_of_a_living_one_left_alone(draft, kaya, minutes, state):
    version = publishing.request_version(documentation=draft, by=kaya)
    began = timezone.now() - timedelta(minutes=minutes)
    draft.versions.update(pdf_state="rendering", pdf_claimed_at=began)
    assert version in DocumentationVersion.objects.awaiting_pdf()
    tasks.sweep()
    tasks.render_version(version_id=version.pk)
    version.refresh_from_db()
    assert version.pdf_state == state


@needs_pango
def test_failure_on_the_way_is_stored_and_can_be_tried_again(draft, kaya):
    version = publishing.request_version(documentation=draft, by=kaya)
    row = draft.versions.get()
    assert not row.file
    picture = {"id": 1, "file": "gibt-es-nicht.jpg", "alt": "x", "credit": "x", "width": 1, "height": 1}
    broken = DocumentationVersion(documentation=draft, number=2, content={**row.content, "sections": [
        {**row.content["sections"][0], "pictures": [picture]}
    ]})  # fmt: skip
    broken.save()
    publishing.render(version_id=broken.pk)
    broken.refresh_from_db()
    assert broken.pdf_state == "failed"
    assert "Eine Datei für das PDF fehlt" in broken.pdf_error
    assert not broken.file
    publishing.retry_pdf(version=broken, by=kaya)
    broken.refresh_from_db()
    assert (broken.pdf_state, broken.pdf_error) == ("queued", "")
    with pytest.raises(publishing.PublishingError, match="fehlgeschlagenes"):
        publishing.retry_pdf(version=version, by=kaya)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (SoftTimeLimitExceeded(), "zu umfangreich"),
        (MemoryError(), "zu umfangreich"),
        (ZeroDivisionError("division by zero"), "Versuchen Sie es noch einmal"),
    ],
)
def test_failure_is_told_in_german_with_what_to_do(problem, said):
    assert said in publishing._reason(problem)
    assert "division" not in publishing._reason(problem)


def test_where_pdfs_cannot_be_made_the_version_waits_with_the_reason(draft, kaya, monkeypatch):
    version = publishing.request_version(documentation=draft, by=kaya)
    monkeypatch.setattr(pdf_tool, "LIBRARIES", ("libgibtesnicht.so.0",))
    publishing.render(version_id=version.pk)
    version.refresh_from_db()
    assert version.pdf_state == "queued"
    assert pdf_tool.APT_LINE in version.pdf_error
    assert version in DocumentationVersion.objects.awaiting_pdf()  # made as soon as the libraries are there
