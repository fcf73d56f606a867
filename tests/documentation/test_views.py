import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from documentation import compose, publishing
from documentation.models import DocumentationSection, Publication
from mobipro import pdf
from practices.models import PracticeImage
from regions.visibility import Visibility
from tests.practices.conftest import make_practice, picture

from .conftest import make_held_meeting

pytestmark = pytest.mark.django_db


def publish(meeting):
    draft = compose.create_draft(meeting=meeting, by=None)
    version = publishing.request_version(documentation=draft, by=None)
    publishing.publish(version=version, by=None, without_pdf=True)
    draft.refresh_from_db()
    return draft


def test_draft_is_not_found_by_visitors(client, draft):
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert draft.title not in client.get(reverse("documentation:documentation_list")).content.decode()


def test_published_documentation_is_listed_read_and_fed(client, published):
    for url in (
        reverse("documentation:documentation_list"),
        published.get_absolute_url(),
        published.current_version.get_absolute_url(),
        reverse("documentation:feed"),
    ):
        answer = client.get(url)
        assert answer.status_code == 200
        assert published.title in answer.content.decode()


def test_network_sections_are_for_members_only(client, gross, draft):
    DocumentationSection(
        documentation=draft,
        position=9,
        kind="report",
        title="Intern",
        body="<p>Nur für uns</p>",
        visibility=Visibility.NETWORK,
    ).save()
    version = publishing.request_version(documentation=draft, by=None)
    publishing.publish(version=version, by=None, without_pdf=True)
    assert "Nur für uns" not in client.get(draft.get_absolute_url()).content.decode()
    client.force_login(gross)
    assert "Nur für uns" in client.get(draft.get_absolute_url()).content.decode()


def test_withdrawn_version_answers_410_with_reason(client, published, kaya):
    publishing.withdraw(version=published.current_version, reason="Falsche Zahl", by=kaya)
    answer = client.get(published.get_absolute_url())
    assert answer.status_code == 410
    assert "Falsche Zahl" in answer.content.decode()


def test_withdrawn_pdf_answers_410_with_number_day_and_hash(client, draft, kaya):
    version = publishing.request_version(documentation=draft, by=kaya)
    version.sha256, version.size, version.file.name, version.pdf_state = "ab" * 32, 1, "a.pdf", "ready"
    version.save()
    publishing.publish(version=version, by=kaya)
    publishing.withdraw(version=version, reason="Falsche Zahl", by=kaya)
    answer = client.get(version.pdf_url)
    assert answer.status_code == 410
    text = answer.content.decode()
    for said in ("Fassung 1", f"{timezone.localdate():%d.%m.%Y}", "ab" * 32, "Falsche Zahl"):
        assert said in text


def test_pdf_that_is_not_there_yet_says_so(client, published):
    answer = client.get(published.current_version.pdf_url)
    assert answer.status_code == 404
    assert "wird erzeugt" in answer.content.decode()


@pytest.mark.parametrize("page", ["documentation", "pdf"])
def test_machine_that_cannot_make_pdfs_says_so_instead_of_asking_to_wait(
    client, published, monkeypatch, settings, page
):
    monkeypatch.setattr(pdf, "LIBRARIES", ("libgibtesnicht.so.0",))
    settings.MAIL_WEB_URL = "http://localhost:8026"  # the demo: its visitors can run the command
    url = published.get_absolute_url() if page == "documentation" else published.current_version.pdf_url
    answer = client.get(url).content.decode()
    assert "Es gibt noch kein PDF" in answer
    assert pdf.APT_LINE in answer
    assert "wird erzeugt" not in answer


@pytest.mark.parametrize("query", ["?region=gibt-es-nicht", "?jahr=x", "?seite=999", "?q=%00", "?q=" + "a" * 3000])
def test_odd_filters_do_not_break_the_list(client, published, query):
    assert client.get(reverse("documentation:documentation_list") + query).status_code == 200


def test_list_has_the_same_queries_for_one_and_three(client, held_meeting, django_assert_max_num_queries):
    publish(held_meeting)
    url = reverse("documentation:documentation_list")
    client.get(url)
    with django_assert_max_num_queries(8) as one:
        client.get(url)
    publish(make_held_meeting("2026-NORD-2", title="Zweites"))
    publish(make_held_meeting("2026-BY-1", "BY", title="Drittes"))
    with django_assert_max_num_queries(8) as three:
        client.get(url)
    assert len(three) == len(one)


def test_publications_that_are_not_public_are_not_found(client, base_data):
    row = Publication(title="Entwurf", slug="entwurf", kind="report", year=2026, visibility=Visibility.COORDINATION)
    row.save()
    assert client.get(row.get_absolute_url()).status_code == 404


def test_picture_of_a_chosen_practice_is_shown_until_the_practice_is_archived(client, held_meeting, gross):
    draft = compose.create_draft(meeting=held_meeting, by=None)
    practice = make_practice(gross, "published")
    image = PracticeImage(practice=practice, alt="Ein Bus", credit="Foto: Leer")
    image.web.save("bus.jpg", ContentFile(picture()), save=False)
    image.width, image.height = 640, 480
    image.save()
    compose.add_practice(documentation=draft, practice=practice, by=gross)
    version = publishing.request_version(documentation=draft, by=None)
    publishing.publish(version=version, by=None, without_pdf=True)
    assert 'alt="Ein Bus"' in client.get(draft.get_absolute_url()).content.decode()
    practice.status = practice.Status.ARCHIVED
    practice.save()
    page = client.get(draft.get_absolute_url()).content.decode()
    assert 'alt="Ein Bus"' not in page
    assert practice.title in page
