"""The printed documentation: what it contains, how it reads aloud, and that nothing from elsewhere gets in."""

import re
from itertools import pairwise

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.utils.html import strip_tags

from documentation import compose, pdf, publishing, snapshot
from documentation.models import DocumentationSection, DocumentationVersion
from mobipro import pdf as pdf_tool
from practices.models import PracticeImage
from tests import verapdf
from tests.documentation.conftest import make_held_meeting
from tests.pdfs import elements, of_kind, opened, words
from tests.practices.conftest import make_practice, picture

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(not pdf_tool.is_available(), reason=pdf_tool.missing_message() or "PDFs are possible"),
]
TEXT = (
    "<p>Größe, Fläche und Fußweg: Auffälliges aus der Öffnung der Werkstätten – „häufig“ fiel auf.</p>"
    "<h2>Fahrtkosten</h2><ul><li>Aus\u00adbildungs\u00adabbrüche</li></ul>"
    '<table><thead><tr><th scope="col">Ort</th></tr></thead><tbody><tr><td>Fürth</td></tr></tbody></table>'
)


def with_picture(practice):
    image = PracticeImage(practice=practice, alt="Ein gelber Kleinbus vor der Schule", credit="Foto: Werkstatt Leer")
    image.web.save("bus.jpg", ContentFile(picture()), save=False)
    image.width, image.height = 640, 480
    image.save()
    return practice


@pytest.fixture
def version(held_meeting, gross):
    """An unpublished version with every kind of content."""
    documentation = compose.create_draft(meeting=held_meeting, by=None)
    section = documentation.sections.create(
        position=20, kind=DocumentationSection.Kind.REPORT, title="Bericht aus der Werkstatt", authors="Dr. Fiá Öz"
    )
    section.body = TEXT
    section.save()
    practice = with_picture(make_practice(gross, "published"))
    documentation.sections.create(position=21, kind="good_practice", title=practice.title, practice=practice)
    return publishing.request_version(documentation=documentation, by=None)


@pytest.fixture
def made(version):
    with opened(pdf.build(version).data) as document:
        yield document


@pytest.mark.skipif(bool(verapdf.missing()), reason=verapdf.missing() or "veraPDF is there")
@pytest.mark.parametrize("flavour", ["ua1", "3a"])
def test_documentation_with_every_kind_of_content_passes_verapdf(version, flavour):
    assert verapdf.failures(pdf.build(version).data, flavour) == []


def test_each_chapter_is_in_the_contents_in_the_bookmarks_and_a_heading(made, version):
    titles = ["Kurzfassung", *(row["title"] for row in version.content["sections"]), "Impressum"]
    assert len(of_kind(made, "TOCI")) == len(titles)
    with made.open_outline() as outline:
        bookmarks = [item.title for item in outline.root]
        below = [child.title for item in outline.root for child in item.children]
    assert bookmarks[-len(titles) :] == titles
    assert "Fahrtkosten" in below
    assert len(of_kind(made, "H1")) == 1
    assert len(of_kind(made, "H2")) == len(titles) + 1  # and the heading of the contents


def test_no_heading_level_is_left_out(made):
    levels = [int(str(element.S)[2]) for element in elements(made) if re.fullmatch(r"/H[1-6]", str(element.S))]
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))


def test_text_can_be_copied_and_read_aloud_as_it_was_written(made, version):
    text = words(made)
    assert not re.search("[\ufb00-\ufb06\u00ad\ufffd]", text)
    squeezed = re.sub(r"\s", "", text)
    for section in version.content["sections"]:
        for piece in re.findall(r">([^<]+)<", section["html"]):
            wanted = re.sub(r"\s|\u00ad", "", strip_tags(piece).replace("&amp;", "&"))
            assert wanted in squeezed, piece


def test_running_headers_and_page_numbers_are_not_read_aloud(made, version):
    hidden = words(made, artifacts=True)
    assert hidden.count(version.content["title"]) == len(made.pages) - 1  # the cover has none
    assert "MobiPro-EU · Vernetzungsprojekt der Träger" not in words(made)


def test_pictures_have_a_description_and_decoration_none(made):
    alts = [str(figure.Alt) for figure in of_kind(made, "Figure")]
    assert len(alts) == 2
    assert alts[0].startswith("Das Netzwerkjahr")
    assert alts[1] == "Ein gelber Kleinbus vor der Schule"
    assert "Foto: Werkstatt Leer" in words(made)


def test_table_headers_say_whether_they_head_a_row_or_a_column(made):
    assert {str(cell.A.Scope) for cell in of_kind(made, "TH")} == {"/Row", "/Column"}


def test_language_title_and_both_standards_are_declared(made, version):
    assert made.Root.Lang == "de"
    assert made.docinfo["/Title"] == version.content["title"]
    with made.open_metadata() as meta:
        assert (meta["pdfuaid:part"], meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("1", "3", "A")


def test_all_fonts_are_inside(made):
    fonts = [font for page in made.pages for font in page.resources.get("/Font", {}).values()]
    assert fonts
    for font in fonts:
        assert font.ToUnicode
        for descendant in font.DescendantFonts:
            files = ("/FontFile2", "/FontFile3")
            assert any(isinstance(descendant.FontDescriptor.get(name), pikepdf.Stream) for name in files)


def test_same_content_gives_the_same_bytes_however_the_records_change(version, held_meeting):
    first = pdf.build(version).data
    held_meeting.title = "Anders"
    held_meeting.save()
    make_held_meeting("2026-BY-1", "BY")
    version.refresh_from_db()
    assert pdf.build(version).data == first


def test_network_sections_stay_out_of_the_public_pdf(held_meeting):
    documentation = compose.create_draft(meeting=held_meeting, by=None)
    documentation.sections.create(
        position=30, kind="report", title="Intern", body="<p>Geheim</p>", visibility="network"
    )
    version = publishing.request_version(documentation=documentation, by=None)
    with opened(pdf.build(version).data) as document:
        assert "Intern" not in words(document)


@pytest.mark.parametrize(
    "body",
    [
        '<p>x</p><img src="file:///etc/passwd" alt="x">',
        '<p>x</p><img src="data:image/png;base64,AAAA" alt="x">',
        '<style>@import url("http://localhost:1/x.css");</style><p>x</p>',
        '<p style="background:url(http://localhost:1/x.png)">x</p>',
        '<link rel="stylesheet" href="http://localhost:1/x.css"><p>x</p>',
        '<object data="http://localhost:1/x"></object><p>x</p>',
        '<svg><image href="http://localhost:1/x.png"/></svg><p>x</p>',
        '<a href="file:///etc/passwd" rel="attachment">x</a>',
    ],
)
def test_nothing_is_fetched_that_an_editor_writes_into_a_text(held_meeting, monkeypatch, body):
    asked = []
    fetch = pdf_tool._fetcher_class().fetch
    monkeypatch.setattr(
        pdf_tool._fetcher_class(),
        "fetch",
        lambda self, url, headers=None: asked.append(url) or fetch(self, url, headers),
    )
    documentation = compose.create_draft(meeting=held_meeting, by=None)
    documentation.sections.create(position=30, kind="report", title="Bericht", body=body)
    version = DocumentationVersion(
        documentation=documentation,
        number=1,
        content=snapshot.take(documentation, number=1, correction_reason=""),
    )
    version.content["sections"][-1]["html"] = body  # as if the cleaning on save had been left out
    pdf.build(version)
    assert asked == ["static:css/pdf.css"]


def test_version_from_before_pictures_and_year_were_kept_is_still_printed(version):
    version.content["meeting"].pop("day")
    version.content.pop("year")
    for section in version.content["sections"]:
        section.pop("pictures")
    with opened(pdf.build(version).data) as document:
        assert not of_kind(document, "Figure")


def test_where_the_libraries_are_missing_the_reason_names_the_command(version, monkeypatch):
    monkeypatch.setattr(pdf_tool, "LIBRARIES", ("libgibtesnicht.so.0",))
    with pytest.raises(pdf.PdfUnavailable, match="apt install"):
        pdf.build(version)
