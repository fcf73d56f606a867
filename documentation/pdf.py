"""A version's content → the bytes of its PDF. Pure: the same content gives the same bytes."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import product
from typing import Any

from django.utils.safestring import SafeString

from documentation.models import DocumentationVersion
from mobipro import charts, html, links, pdf, ring
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


INK = "#0F142D"  # page CSS is not applied inside the drawing
SHORT = 900  # characters: such a section does not begin a page of its own


def context_of(content: dict[str, Any]) -> dict[str, Any]:
    """The template's context; every body passes the allow-list once more."""
    sections = [
        {
            **row,
            "body": html.clean(row["html"]),
            "byline": _byline(row),
            "is_short": len(row["text"]) < SHORT and not row.get("pictures"),
            "address": links.absolute(row["practice_url"]) if row.get("practice_url") else "",
        }
        for row in content["sections"]
        if row["visibility"] == Visibility.PUBLIC
    ]
    chapters = [{"id": row["anchor"], "title": row["title"], "author": row["authors"]} for row in sections]
    contents = [
        {"id": "kurzfassung", "title": "Kurzfassung"},
        *chapters,
        {"id": "impressum", "title": "Impressum"},
    ]
    return {
        "content": content,
        "sections": sections,
        "contents": contents,
        "cover": cover(content),
        "network_year": network_year(content),
    }


def _byline(section: dict[str, Any]) -> str:
    """The kind, where the title does not say it, and who wrote it."""
    kind = "" if section["title"].startswith(section["kind_label"]) else section["kind_label"]
    return " · ".join(part for part in (kind, section["authors"]) if part)


def network_year(content: dict[str, Any]) -> str:
    """ "Das Netzwerkjahr" as it stood when the version was made, this meeting's day in gold.

    Empty for versions from before it was kept.
    """
    marks = [
        charts.Mark(lane, date.fromisoformat(row["day"]), row["state"], row["title"])
        for row in content.get("year", [])
        for lane in row["lanes"] or [None]
    ]
    if not marks:
        return ""
    lanes = [charts.Lane(region.name, region.number) for region in Region.objects.active()]
    day = content["meeting"].get("day")
    return charts.network_year(
        content["meeting"]["year"],
        lanes,
        marks,
        date.fromisoformat(day) if day else None,
        ink=INK,
        today_word="Treffen",
    )


def cover(content: dict[str, Any]) -> SafeString:
    """The generated cover: the ring with this meeting's regions in gold and lines to those whose examples it cites."""
    nodes = [(region.number, region.name) for region in Region.objects.active()]
    own = content["meeting"]["region_numbers"]
    return ring.cover_svg(nodes, own, product(own, content.get("cites", [])), width=210, height=148)
