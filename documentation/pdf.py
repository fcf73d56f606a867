"""A version's content → the bytes of its PDF. Pure: the same content gives the same bytes."""

from dataclasses import dataclass
from io import BytesIO
from itertools import product
from typing import Any

from django.utils.safestring import SafeString

from documentation.models import DocumentationVersion
from mobipro import html, pdf, ring
from regions.models import Region
from regions.visibility import Visibility


class PdfUnavailable(Exception):
    """This machine lacks WeasyPrint's libraries; the text names the one command to run."""


@dataclass(frozen=True)
class MadePdf:
    data: bytes
    page_count: int


def build(version: DocumentationVersion) -> MadePdf:
    """Render the public sections. Raises PdfUnavailable where the libraries are missing."""
    if not pdf.is_available():
        raise PdfUnavailable(pdf.missing_message())
    import pikepdf

    content = version.content
    data = pdf.render(
        "pdf/documentation.html", context_of(content), title=content["title"], author=content["programme"]["operator"]
    )
    with pikepdf.open(BytesIO(data)) as document:
        return MadePdf(data, len(document.pages))


SHORT = 900  # characters: such a section does not begin a page of its own


def context_of(content: dict[str, Any]) -> dict[str, Any]:
    """The template's context; every body passes the allow-list once more."""
    sections = [
        {**row, "body": html.clean(row["html"]), "is_short": len(row["text"]) < SHORT}
        for row in content["sections"]
        if row["visibility"] == Visibility.PUBLIC
    ]
    chapters = [{"id": row["anchor"], "title": row["title"], "author": row["authors"]} for row in sections]
    contents = [
        {"id": "kurzfassung", "title": "Kurzfassung"},
        *chapters,
        {"id": "impressum", "title": "Impressum"},
    ]
    return {"content": content, "sections": sections, "contents": contents, "cover": cover(content)}


def cover(content: dict[str, Any]) -> SafeString:
    """The generated cover: the ring with this meeting's regions in gold and lines to those whose examples it cites."""
    nodes = [(region.number, region.name) for region in Region.objects.active()]
    own = content["meeting"]["region_numbers"]
    return ring.cover_svg(nodes, own, product(own, content.get("cites", [])), width=210, height=148)
