"""Compose a documentation from what the meeting left: agenda, results, decisions, attendance, practices."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from documentation.models import DocumentationSection, MeetingDocumentation
from meetings.models import AgendaItem, Attendance, Meeting
from meetings.models.agenda import with_times
from mobipro import html
from practices.models import GoodPractice
from regions.models import Organisation, Topic, User
from regions.visibility import Visibility

Kind = DocumentationSection.Kind
PUBLIC_MINIMUM = 5  # smaller groups are not told apart in public figures

SECTION_OF_ITEM = {
    AgendaItem.Kind.REPORT: Kind.REPORT,
    AgendaItem.Kind.INPUT: Kind.REPORT,
    AgendaItem.Kind.WORKSHOP: Kind.WORKSHOP,
    AgendaItem.Kind.EXCHANGE: Kind.WORKSHOP,
    AgendaItem.Kind.GOOD_PRACTICE: Kind.WORKSHOP,
    AgendaItem.Kind.FOLLOW_UP: Kind.RESULTS,
    AgendaItem.Kind.OUTLOOK: Kind.OUTLOOK,
}


class ComposeError(Exception):
    """The documentation cannot be composed; the text says why, in German."""


@dataclass(frozen=True)
class Gap:
    """Something that is missing, whether it stops the publication, and what to do about it."""

    text: str
    blocks: bool


@transaction.atomic
def create_draft(*, meeting: Meeting, by: User | None) -> MeetingDocumentation:
    """A draft with its sections in order; a meeting has one documentation, an existing one is returned as it is.

    Raises ComposeError while the meeting is not held.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    existing = MeetingDocumentation.objects.filter(meeting=meeting).first()
    if existing:
        return existing
    if meeting.status not in Meeting.HELD_STATUSES:
        raise ComposeError("Die Dokumentation entsteht nach dem Treffen. Erfassen Sie zuerst die Teilnahme.")
    documentation = MeetingDocumentation(
        meeting=meeting,
        slug=meeting.slug,
        title=meeting.title,
        subtitle=meeting.subtitle,
        summary=meeting.description[:1500],
        editor=by,
    )
    documentation.save()
    documentation.topics.set(Topic.objects.filter(agenda_items__meeting=meeting).distinct())
    for position, section in enumerate(_sections(meeting), start=1):
        section.documentation, section.position = documentation, position
        section.save()
    return documentation


def _sections(meeting: Meeting) -> Iterable[DocumentationSection]:
    items = list(meeting.agenda.all())
    if items:
        yield DocumentationSection(kind=Kind.PROGRAMME, title="Programm", body=programme_table(meeting, items))
    for item in items:
        if item.is_public and (item.result_text.strip() or item.minutes_text.strip()):
            yield DocumentationSection(
                kind=SECTION_OF_ITEM.get(AgendaItem.Kind(item.kind), Kind.RESULTS),
                title=item.title,
                authors=item.leads,
                agenda_item=item,
                body=item_text(item),
            )
    if meeting.decisions.exists() or meeting.action_items.exists():
        yield DocumentationSection(
            kind=Kind.DECISIONS, title="Vereinbarungen und Aufgaben", body=decisions_text(meeting)
        )
    for practice in GoodPractice.objects.public().filter(source_meeting=meeting).order_by("published_at"):
        yield DocumentationSection(kind=Kind.GOOD_PRACTICE, title=practice.title, practice=practice)
    if Attendance.objects.filter(meeting=meeting).present().exists():
        yield DocumentationSection(
            kind=Kind.PARTICIPANTS, title="Teilnehmende in Zahlen", body=participants_table(meeting)
        )


def programme_table(meeting: Meeting, items: Iterable[AgendaItem]) -> SafeString:
    """The public agenda as a table with row and column headings."""
    rows = [
        (f"{start:%H:%M}" if start else "–", item.title, item.leads or "–")
        for item, start in with_times(items, meeting.starts_at)
        if item.is_public
    ]
    body = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', rows)
    head = '<th scope="col">Uhrzeit</th><th scope="col">Programmpunkt</th><th scope="col">Wer</th>'
    return html.clean(format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", SafeString(head), body))


def item_text(item: AgendaItem) -> SafeString:
    """Course and result of one agenda item; plain text becomes paragraphs and lists."""
    parts = []
    if item.goal:
        parts.append(format_html("<p><strong>Ziel:</strong> {}</p>", item.goal))
    if item.minutes_text.strip():
        parts.append(html.from_text(item.minutes_text))
    if item.result_text.strip():
        parts.append(format_html("<h3>Ergebnis</h3>{}", html.from_text(item.result_text)))
    return html.clean("".join(parts))


def decisions_text(meeting: Meeting) -> SafeString:
    """Numbered agreements, then the tasks as a table (who by organisation, never by private name)."""
    decisions = format_html_join("", "<li>{}</li>", ((row.text,) for row in meeting.decisions.order_by("number")))
    # What only the office is to do (interpreters, catering) was not agreed on by the meeting.
    agreed = meeting.action_items.exclude(visibility=Visibility.COORDINATION)
    tasks = agreed.select_related("owner__organisation").order_by("due_on", "pk")
    rows = [
        (row.title, row.owner.organisation.name if row.owner else row.owner_name, f"{row.due_on:%d.%m.%Y}")
        for row in tasks
    ]
    parts = []
    if decisions:
        parts.append(format_html("<ol>{}</ol>", decisions))
    if rows:
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        head = SafeString('<th scope="col">Aufgabe</th><th scope="col">Wer</th><th scope="col">Bis wann</th>')
        parts.append(
            format_html("<h3>Aufgaben</h3><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)
        )
    return html.clean("".join(parts))


def participants_table(meeting: Meeting) -> SafeString:
    """How many were there, by kind of organisation; kinds below five are put together."""
    present = Attendance.objects.filter(meeting=meeting).present()
    counted = present.values("invitation__contact__organisation__kind").annotate(number=Count("pk"))
    labels = dict(Organisation.Kind.choices)
    rows: dict[str, int] = {}
    other = 0
    for row in counted:
        label = labels.get(row["invitation__contact__organisation__kind"])
        if label and row["number"] >= PUBLIC_MINIMUM:
            rows[label] = row["number"]
        else:
            other += row["number"]
    if other:
        rows["weitere"] = other
    total = sum(rows.values())
    body = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', rows.items())
    return html.clean(
        format_html(
            "<p>{} Personen nahmen teil.</p>"
            '<table><thead><tr><th scope="col">Aus</th><th scope="col">Personen</th></tr></thead>'
            '<tbody>{}<tr><th scope="row">zusammen</th><td>{}</td></tr></tbody></table>',
            total,
            body,
            total,
        )
    )


@transaction.atomic
def add_practice(*, documentation: MeetingDocumentation, practice: GoodPractice, by: User) -> DocumentationSection:
    """Append a published practice by reference. Raises ComposeError when it is not public or already chosen."""
    locked = MeetingDocumentation.objects.select_for_update().get(pk=documentation.pk)
    if not GoodPractice.objects.public().filter(pk=practice.pk).exists():
        raise ComposeError("Nur veröffentlichte Beispiele können aufgenommen werden.")
    if locked.sections.filter(practice=practice).exists():
        raise ComposeError("Dieses Beispiel steht schon in der Dokumentation.")
    last = locked.sections.aggregate(last=Max("position"))["last"] or 0
    section = DocumentationSection(
        documentation=locked, position=last + 1, kind=Kind.GOOD_PRACTICE, title=practice.title, practice=practice
    )
    section.save()
    return section


@transaction.atomic
def move_section(*, section: DocumentationSection, steps: int, by: User) -> None:
    """Move a section up (negative) or down and number all of them anew."""
    MeetingDocumentation.objects.select_for_update().get(pk=section.documentation_id)
    rows = list(DocumentationSection.objects.filter(documentation_id=section.documentation_id))
    old = next(index for index, row in enumerate(rows) if row.pk == section.pk)
    rows.insert(max(0, min(len(rows) - 1, old + steps)), rows.pop(old))
    for position, row in enumerate(rows, start=1):
        if row.position != position:
            row.position = position
            row.save()


def gaps(documentation: MeetingDocumentation) -> list[Gap]:
    """What is missing before the publication: blocking gaps first."""
    found = []
    sections = list(documentation.sections.select_related("practice"))
    if not any(section.visibility == Visibility.PUBLIC for section in sections):
        found.append(Gap("Kein Abschnitt ist öffentlich. Geben Sie mindestens einen frei.", blocks=True))
    if not documentation.summary.strip():
        found.append(Gap("Die Kurzfassung fehlt. Sie steht in Liste und Suche.", blocks=True))
    for section in sections:
        if not section.body.strip() and section.practice_id is None:
            found.append(Gap(f"Abschnitt {section.position} „{section.title}“ ist leer.", blocks=True))
        if section.practice is not None and section.practice.status != GoodPractice.Status.PUBLISHED:
            found.append(Gap(f"Das Beispiel „{section.practice.title}“ ist nicht mehr veröffentlicht.", blocks=True))
    kinds = {section.kind for section in sections}
    if Kind.DECISIONS not in kinds:
        found.append(Gap("Es sind keine Vereinbarungen enthalten.", blocks=False))
    if Kind.GOOD_PRACTICE not in kinds:
        found.append(Gap("Es ist kein Gute-Praxis-Beispiel enthalten.", blocks=False))
    return sorted(found, key=lambda gap: not gap.blocks)
