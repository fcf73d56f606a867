"""What was fixed never changes: asked of the database itself, past all of our code."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from documentation import immutability, publishing
from documentation.models import DocumentationVersion

pytestmark = pytest.mark.django_db


def change(version, assignment):
    sql = f"UPDATE documentation_documentationversion SET {assignment} WHERE id = %s"  # noqa: S608 - constants of this test
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [version.pk])


@pytest.fixture
def with_pdf(draft, kaya):
    version = publishing.request_version(documentation=draft, by=kaya)
    change(version, f"file = 'a.pdf', size = 1, pdf_state = 'ready', sha256 = '{'1' * 64}'")
    publishing.publish(version=version, by=kaya)
    version.refresh_from_db()
    return version


@pytest.mark.parametrize(
    "assignment",
    [
        "number = 9",
        "content = '{}'",
        "created_at = '2020-01-01 00:00:00+00:00'",
        "published_at = '2020-01-01 00:00:00+00:00'",
        "published_at = NULL",
        "sha256 = ''",
        "sha256 = '" + "0" * 64 + "'",
        "file = 'b.pdf'",
    ],
)
def test_database_refuses_to_change_a_published_version(with_pdf, assignment):
    with pytest.raises(DatabaseError):
        change(with_pdf, assignment)


@pytest.mark.parametrize("assignment", ["number = 9", "content = '{}'"])
def test_database_refuses_to_change_a_fixed_version_that_is_not_published_yet(draft, kaya, assignment):
    version = publishing.request_version(documentation=draft, by=kaya)
    with pytest.raises(DatabaseError):
        change(version, assignment)


def test_state_may_change_so_that_a_version_can_be_withdrawn(with_pdf, kaya):
    publishing.withdraw(version=with_pdf, reason="Falsche Zahl", by=kaya)
    assert DocumentationVersion.objects.get().state == DocumentationVersion.State.WITHDRAWN


def test_documentation_with_versions_cannot_be_deleted(published):
    with pytest.raises(ProtectedError):
        published.delete()
    with pytest.raises(ProtectedError):
        published.current_version.delete()


def test_trigger_is_made_once_however_often_it_is_asked_for(base_data):
    immutability.ensure()
    immutability.ensure()
    assert immutability.exists()
