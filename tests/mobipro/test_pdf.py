"""The PDF: its bytes, its tags, and what it refuses to load."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from mobipro import charts, pdf, pdf_tags
from tests import verapdf
from tests.pdfs import elements, of_kind, opened

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not pdf.is_available(), reason=pdf.missing_message() or "PDFs are possible"),
]
REGIONS = [
    "Nord",
    "Niedersachsen und Bremen",
    "Berlin und Brandenburg",
    "Nordrhein-Westfalen",
    "Hessen",
    "Sachsen",
    "BW",
    "Bayern",
]


@pytest.fixture
def sample(settings, tmp_path, monkeypatch):
    """Renders a document with everything in it: cover, contents, table, figures, notes."""
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}
    ]
    options = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    settings.STORAGES = {**settings.STORAGES, **options}
    buffer = io.BytesIO()
    Image.new("RGB", (300, 120), "navy").save(buffer, "JPEG")
    default_storage.save("foto.jpg", ContentFile(buffer.getvalue()))
    default_storage.save("schmuck.png", ContentFile(_png()))
    context = {
        "cover": charts.cover_svg(list(enumerate(REGIONS, 1)), 2, [(2, 1)], width=210, height=148),
        "chart": charts.bar_chart([("Spanien", 120), ("Polen", None)], "Teilnehmende", "Personen", ink="#0F142D"),
        "long": "Viele Träger berichten von ähnlichen Erfahrungen im ersten Ausbildungsjahr. " * 12,
        "rows": REGIONS * 3,
        "contents": [
            {"id": "k1", "title": "Vorwort", "author": "Dr. Lea Lindner"},
            {"id": "k2", "title": "Ergebnisse"},
            {"id": "k3", "title": "Vereinbarungen", "level": 2},
        ],
    }

    def render(**changes):
        return pdf.render("pdf/sample.html", {**context, **changes}, title="Übergänge & mehr", author="Träger gGmbH")

    return render


def _png():
    buffer = io.BytesIO()
    Image.new("RGB", (10, 10), "gold").save(buffer, "PNG")
    return buffer.getvalue()


# --- conformance ---------------------------------------------------------------------------------
@pytest.mark.skipif(bool(verapdf.missing()), reason=verapdf.missing() or "veraPDF is there")
@pytest.mark.parametrize("flavour", ["ua1", "3a"])
def test_document_with_everything_in_it_passes_verapdf(sample, flavour):
    assert verapdf.failures(sample(), flavour) == []


def test_document_declares_title_language_and_both_standards(sample):
    with opened(sample()) as document:
        assert document.Root.Lang == "de"
        assert document.Root.MarkInfo.Marked
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert document.docinfo["/Title"] == "Übergänge & mehr"
        assert "/CreationDate" not in document.docinfo
        meta = document.open_metadata()
        assert (meta["pdfuaid:part"], meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("1", "3", "A")
        assert meta["dc:title"] == "Übergänge & mehr"


def test_contents_list_and_notes_have_their_own_tags(sample):
    with opened(sample()) as document:
        assert len(of_kind(document, "TOC")) == 1
        assert len(of_kind(document, "TOCI")) == 3
        notes = of_kind(document, "Note")
        assert len({str(note.ID) for note in notes}) == len(notes) == 2


def test_header_cells_know_their_direction(sample):
    with opened(sample()) as document:
        scopes = [str(cell.A.Scope) for cell in of_kind(document, "TH")]
        assert set(scopes) == {"/Column", "/Row"}
        assert all(cell.A.get("/Headers") is not None for cell in of_kind(document, "TD"))


def test_only_pictures_with_a_meaning_are_figures_and_all_have_a_text(sample):
    with opened(sample()) as document:
        alts = [str(figure.Alt) for figure in of_kind(document, "Figure")]
    assert alts == [
        "Teilnehmende. Spanien: 120 Personen; Polen: unter 5 Personen.",
        "Drei Auszubildende an einer Werkbank",
    ]


def test_passages_in_other_languages_are_marked(sample):
    with opened(sample()) as document:
        assert {str(element.Lang) for element in elements(document) if "/Lang" in element} == {"es", "en"}


def test_running_headers_and_leader_dots_are_artifacts(sample):
    with opened(sample()) as document:
        page = document.pages[1]
        kinds, shown = [], set()
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in {"BDC", "BMC"}:
                kinds.append(str(operands[0]))
            elif str(operator) == "EMC":
                kinds.pop()
            elif str(operator) in {"Tj", "TJ"}:
                shown.add(tuple(kinds))
        assert ("/Artifact",) in shown
        assert () not in shown


# --- bytes ---------------------------------------------------------------------------------------
def test_same_input_gives_the_same_bytes(sample):
    assert sample() == sample()


def test_another_process_gives_the_same_bytes(settings):
    code = (
        "import django, hashlib; django.setup(); from mobipro import pdf; "
        "data = pdf.render_html('<html lang=de><h1>Ä</h1><p><b>x</b> <i>y</i></p>', title='x'); "
        "print(hashlib.sha256(data).hexdigest())"
    )
    runs = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
        runs.add(
            subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
        )
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gut 👍 so", "Gut □ so"),
        ("Aus\u00adbil\u00addung", "Ausbildung"),
        ("u\u0308ben", "üben"),
        ("a\u2003b\x07", "a b"),
        ("中", "□"),
    ],
)
def test_characters_that_the_fonts_lack_are_replaced(text, expected):
    assert pdf.printable(text).replace("?", "□").replace("\u2003", " ") == expected


# --- limits --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://localhost:1/x.png",
        "https://example.org/x.png",
        "data:image/png;base64,iVBORw0KGgo=",
        "media:../../../etc/passwd",
        "media:gibt-es-nicht.jpg",
        "static:../settings.py",
        "static:gibt-es-nicht.png",
        "ftp://example.org/x",
    ],
)
def test_only_known_files_are_loaded(address):
    with pytest.raises(pdf.PdfError, match="PDF"):
        pdf.render_html(f'<html lang=de><p><img src="{address}" alt="x"></p>', title="x")


def test_stylesheets_from_elsewhere_are_refused():
    with pytest.raises(pdf.PdfError):
        pdf.render_html('<html lang=de><link rel=stylesheet href="http://localhost:1/x.css"><p>x</p>', title="x")


def test_endless_document_is_refused():
    with pytest.raises(pdf.PdfError, match="zu lang"):
        pdf.render_html("x" * (pdf.MAX_HTML + 1), title="x")


def test_missing_fonts_are_named_before_the_libraries_are_loaded(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    assert "FiraSans-Regular.ttf" in pdf.missing_message()


def test_missing_libraries_are_answered_with_the_one_command(monkeypatch):
    monkeypatch.setattr(pdf, "LIBRARIES", ("libgibtesnicht.so.0",))
    assert pdf.missing_message().endswith(f"Bitte einmal ausführen: {pdf.APT_LINE}")


def test_endlessly_nested_document_is_refused():
    with pytest.raises(pdf.PdfError, match="verschachtelt"):
        pdf.render_html("<html lang=de>" + "<div>" * 2000 + "x", title="x")


def test_untried_version_is_refused(monkeypatch):
    monkeypatch.setattr(pdf_tags, "TESTED_VERSION", "71.0")
    with pytest.raises(RuntimeError, match=r"71\.0"):
        pdf_tags.install.__wrapped__()
