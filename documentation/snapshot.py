"""The content of a version as plain data: what page and PDF are made from, however the records change later."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from documentation.models import DocumentationSection, MeetingDocumentation
from meetings.models import Meeting
from mobipro import html, links
from mobipro.templatetags.portal import day_time
from practices.models import GoodPractice
from regions.models import ProgrammeSettings
from regions.visibility import Visibility

PRACTICE_FIELDS = (
    ("situation", "Ausgangslage"),
    ("aim", "Ziel"),
    ("approach", "Vorgehen"),
    ("results", "Ergebnis"),
    ("success_factors", "Was geholfen hat"),
    ("pitfalls", "Was wir anders machen würden"),
    ("transfer", "Übertragbarkeit"),
)


def take(documentation: MeetingDocumentation, *, number: int, correction_reason: str) -> dict[str, Any]:
    """Everything a reader sees, JSON-ready. Regions and settings are those of this moment."""
    meeting = Meeting.objects.select_related("venue").with_places().get(pk=documentation.meeting_id)
    programme = ProgrammeSettings.objects.on(timezone.localdate())
    sections = documentation.sections.select_related("practice__organisation", "practice__region").order_by(
        "position", "pk"
    )
    return {
        "title": documentation.title,
        "subtitle": documentation.subtitle,
        "summary": documentation.summary,
        "number": number,
        "correction_reason": correction_reason,
        "meeting": _meeting(meeting),
        "cites": _cites(meeting, sections),
        "year": _year(meeting),
        "programme": _programme(programme),
        "state_month": f"{timezone.localdate():%m/%Y}",
        "address": links.absolute(documentation.get_absolute_url()),
        "sections": [_section(section, index) for index, section in enumerate(sections, start=1)],
    }


def _meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "code": meeting.code,
        "kind": meeting.get_kind_display(),
        "is_national": meeting.kind == Meeting.Kind.NATIONAL,
        "regions": meeting.region_names,
        "region_numbers": [region.number for region in meeting.places],
        "when": day_time(meeting.starts_at, meeting.ends_at),
        "year": meeting.year,
        "day": f"{meeting.starts_on:%Y-%m-%d}" if meeting.starts_on else "",
        "place": meeting.place,
        "venue": meeting.venue.address if meeting.venue else "",
    }


def _year(documented: Meeting) -> list[dict[str, Any]]:
    """The year's announced meetings with the state they have now: the ribbon of the PDF."""
    meetings = Meeting.objects.filter(
        year=documented.year, visibility=Visibility.PUBLIC, announced_at__isnull=False, starts_at__isnull=False
    )
    return [
        {
            "lanes": [] if row.kind == Meeting.Kind.NATIONAL else sorted(place.number for place in row.places),
            "day": f"{row.starts_on:%Y-%m-%d}",
            "state": _state(row, documented),
            "title": row.title,
        }
        for row in meetings.with_places().order_by("starts_at", "code")
    ]


def _state(row: Meeting, documented: Meeting) -> str:
    if row.pk == documented.pk:
        return str(Meeting.Status.DOCUMENTED)  # by this very version
    return "held" if row.status in Meeting.OPEN_STATUSES and row.is_over else str(row.status)


def _cites(meeting: Meeting, sections: Iterable[DocumentationSection]) -> list[int]:
    """Numbers of the regions whose examples stand here though they are not the meeting's own: lines of the cover."""
    own = {region.number for region in meeting.places}
    shown = [row.practice for row in sections if row.practice and row.visibility == Visibility.PUBLIC]
    return sorted({row.region.number for row in shown if row.region} - own)


def _programme(programme: ProgrammeSettings | None) -> dict[str, Any]:
    if programme is None:
        return {"operator": "", "address_lines": [], "contact_email": "", "funding_sentence": "", "logos": []}
    logos = ((programme.logo_bmas, "BMAS"), (programme.logo_zav, "ZAV"), (programme.logo_programme, "MobiPro-EU"))
    return {
        "operator": programme.operator,
        "address_lines": programme.address_lines,
        "contact_email": programme.contact_email,
        "funding_sentence": programme.funding_sentence,
        "logos": [{"file": logo.name, "name": name} for logo, name in logos if logo],
    }


def _section(section: DocumentationSection, index: int) -> dict[str, Any]:
    body = practice_html(section.practice) if section.practice else _below_chapter(section.body)
    return {
        "anchor": f"abschnitt-{index}",
        "kind": section.kind,
        "kind_label": section.get_kind_display(),
        "title": section.title,
        "authors": section.authors or (section.practice.organisation.name if section.practice else ""),
        "html": str(body),
        "pictures": _pictures(section.practice) if section.practice else [],
        "text": html.to_text(body),
        "visibility": section.visibility,
        "practice_url": section.practice.get_absolute_url() if section.practice else "",
    }


def _pictures(practice: GoodPractice) -> list[dict[str, Any]]:
    """The practice's first picture with its words; the print rendition goes into the PDF."""
    first = practice.images.first()
    if first is None:
        return []
    return [
        {
            "id": first.pk,
            "file": (first.print or first.web).name,
            "alt": first.alt,
            "credit": first.credit,
            "width": first.width,
            "height": first.height,
        }
    ]


def _below_chapter(body: str) -> SafeString:
    """The cleaned text; its headings stand below the section's own (h2), so no h2 remains."""
    return html.clean(str(html.clean(body)).replace("<h2>", "<h3>").replace("</h2>", "</h3>"))


def practice_html(practice: GoodPractice) -> SafeString:
    """The practice's public texts under their headings."""
    parts = [format_html("<p><strong>{}</strong></p>", practice.teaser)] if practice.teaser else []
    if practice.quote.strip():
        parts.append(format_html("<blockquote><p>„{}“</p></blockquote>", practice.quote.strip().strip('„“"')))
    for field, heading in PRACTICE_FIELDS:
        text = getattr(practice, field)
        if text.strip():
            parts.append(format_html("<h3>{}</h3>{}", heading, html.from_text(text)))
    return html.clean("".join(parts))
