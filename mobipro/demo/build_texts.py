"""Practices in all states, published documentations, and the archive of real titles."""

import io
import itertools
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from documentation import compose, publishing
from documentation.models import DocumentationSection, MeetingDocumentation, Publication
from meetings.models import Meeting
from mobipro.demo.build_network import german_slug
from mobipro.demo.drawings import SIZE, drawing
from mobipro.demo.texts import load
from practices.models import GoodPractice, PracticeImage, PracticeRemark, PracticeSubmission
from regions.models import OccupationalField, Organisation, Phase, Project, SourceCountry, Topic, User
from regions.visibility import Visibility

TEXTS = (
    "title",
    "teaser",
    "kind",
    "target_group",
    "situation",
    "aim",
    "approach",
    "resources",
    "results",
    "success_factors",
    "pitfalls",
    "transfer",
    "quote",
    "key_figure",
    "place",
)
Status = GoodPractice.Status


def practices(now: datetime, logins: dict[str, User], meetings: list[Meeting], copy: int = 0) -> None:
    held = [row for row in meetings if row.status in Meeting.HELD_STATUSES]
    places = itertools.count()
    for index, row in enumerate(load("practices")):
        practice = _practice(row, now - timedelta(days=12 + 17 * index), logins, copy)
        if practice.published_at:
            before = [meeting for meeting in held if meeting.ends_at and meeting.ends_at < practice.published_at]
            own = [meeting for meeting in before if practice.region in meeting.regions.all()]
            practice.source_meeting = own[-1] if own else None
            practice.save()
        if row.get("remarks"):
            _remarks(practice, row["remarks"], logins["kaya"])
        if practice.status in (Status.PUBLISHED, Status.APPROVED):
            _picture(practice, next(places))


def _practice(row: dict[str, Any], when: datetime, logins: dict[str, User], copy: int) -> GoodPractice:
    suffix = f" {copy + 1}" if copy else ""
    organisation = Organisation.objects.get(short_name=row["traeger"] + suffix)
    project = Project.objects.filter(organisations=organisation).order_by("pk").first()
    author = logins["gross"] if row["traeger"] == "Werkstatt Leer" else logins["seidel"]
    status = row["status"]
    practice = GoodPractice(
        **{**{name: row[name] for name in TEXTS}, "title": (row["title"] + suffix)[:100]},
        slug=german_slug(row["title"] + suffix)[:110],
        status=status,
        visibility=Visibility.PUBLIC,
        author=author,
        organisation=organisation,
        project=project,
        region=project.region if project else None,
        contact_note=f"{organisation.name}, {organisation.general_email}",
    )
    if status != Status.DRAFT:
        practice.consent_given_at, practice.consent_given_by = when - timedelta(days=20), author
        practice.submitted_at = when - timedelta(days=20)
    if status in (Status.APPROVED, Status.PUBLISHED):
        practice.approved_at = when - timedelta(days=4)
    if status == Status.PUBLISHED:
        practice.published_at, practice.published_by = when, logins["kaya"]
    practice.save()
    practice.phases.set(Phase.objects.filter(key__in=row["phases"]))
    practice.topics.set(Topic.objects.filter(slug__in=row["topics"]))
    practice.occupational_fields.set(OccupationalField.objects.filter(name__in=row["fields"]))
    practice.source_countries.set(SourceCountry.objects.filter(iso_code__in=row["countries"]))
    if status != Status.DRAFT:
        content = {name: row[name] for name in TEXTS}
        PracticeSubmission(practice=practice, number=1, content=content, submitted_by=author).save()
    if row.get("decline_reason"):
        _remarks(practice, [["", row["decline_reason"]]], logins["kaya"])
    return practice


def _remarks(practice: GoodPractice, rows: list[list[str]], by: User) -> None:
    submission = practice.submissions.latest("number")
    for field, text in rows:
        PracticeRemark(practice=practice, submission=submission, field=field, text=text, made_by=by).save()


def _picture(practice: GoodPractice, place: int) -> None:
    data = io.BytesIO()
    alt = drawing(place).save(data)
    image = PracticeImage(practice=practice, alt=alt, credit="Zeichnung: Netzwerk (Demowelt)", consent=True)
    image.web.save(f"{practice.slug[:60]}.png", ContentFile(data.getvalue()), save=False)
    image.width, image.height = SIZE
    image.save()


def documentations(now: datetime, meetings: list[Meeting]) -> None:
    """Published for what lies more than five weeks back; one is overdue, the newest ones are being written."""
    held = [row for row in meetings if row.status == Meeting.Status.HELD]
    old = [row for row in held if _age(row, now) > timedelta(days=36)]
    overdue = old[-1:]
    for meeting in old:
        if meeting in overdue:
            continue
        documentation = compose.create_draft(meeting=meeting, by=meeting.responsible)
        published_at = now - _age(meeting, now) + timedelta(days=33)
        if len(documentation.title) % 2:
            _borrow(documentation, published_at)
        version = publishing.request_version(documentation=documentation, by=meeting.responsible)
        publishing.publish(version=version, by=meeting.responsible, without_pdf=True, published_at=published_at)
        if _age(meeting, now) > timedelta(days=150):
            meeting.refresh_from_db()
            meeting.status = Meeting.Status.CLOSED
            meeting.save()
    drafts = [row for row in held if row not in old]
    if drafts:
        compose.create_draft(meeting=drafts[0], by=drafts[0].responsible)


def _borrow(documentation: MeetingDocumentation, day: datetime) -> None:
    """An example of another region in a documentation: the network learns, and the ring has its lines."""
    own = [region.pk for region in documentation.meeting.regions.all()]
    others = list(GoodPractice.objects.public().filter(published_at__lt=day).exclude(region__in=own).order_by("pk"))
    if not others:  # the national meeting belongs to all regions; before the first example there is none
        return
    practice = others[documentation.pk % len(others)]
    position = documentation.sections.count() + 1
    figures = documentation.sections.filter(kind=DocumentationSection.Kind.PARTICIPANTS).last()
    if figures:  # the figures close the documentation
        figures.position, position = position, figures.position
        figures.save()
    DocumentationSection(
        documentation=documentation,
        position=position,
        kind=DocumentationSection.Kind.GOOD_PRACTICE,
        title=practice.title,
        practice=practice,
    ).save()


def _age(meeting: Meeting, now: datetime) -> timedelta:
    """How long ago the meeting ended."""
    return now - (meeting.ends_at or now)


def archive() -> None:
    """Real titles with date, place and source only (domain.md 4.6); no content of theirs is copied."""
    for row in load("archive"):
        topics = row.pop("topics", [])
        publication, _ = Publication.objects.get_or_create(
            slug=german_slug(row["title"])[:110], defaults={**row, "visibility": Visibility.PUBLIC, "is_archive": True}
        )
        publication.topics.set(Topic.objects.filter(slug__in=topics))
