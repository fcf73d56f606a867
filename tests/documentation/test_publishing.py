import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from documentation import immutability, publishing
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


@pytest.mark.parametrize(
    "change",
    ["number = 9", "content = '{}'", "published_at = '2020-01-01 00:00:00+00:00'"],
)
def test_database_refuses_to_change_a_published_version(published, change):
    sql = f"UPDATE documentation_documentationversion SET {change} WHERE id = %s"  # noqa: S608 - a constant of this test
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [published.current_version_id])


def test_trigger_is_there(base_data):
    assert immutability.exists()


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


@needs_pango
@pytest.mark.slow
def test_database_refuses_another_hash(draft, kaya):
    version = publishing.request_version(documentation=draft, by=kaya)
    publishing.render(version_id=version.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        DocumentationVersion.objects.filter(pk=version.pk).update(sha256="0" * 64)
