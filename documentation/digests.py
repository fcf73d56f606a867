"""Job: "Neu im Netzwerk", the weekly mail about what became public and matches a subscriber's choice.

Due on Monday at 7 (Europe/Berlin) with everything that became public until an hour before. Each subscription knows
up to which moment it has been told, and its mail has a key of the week: twice, or after a crash, sends nothing twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Min, Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from documentation import emails
from documentation.models import MeetingDocumentation, Subscription
from meetings.models import AgendaItem, Meeting, MeetingChange
from mobipro import links, mail
from mobipro.outbox import queue
from mobipro.templatetags.portal import day, day_short, day_time
from practices.models import GoodPractice

Kind, Change = Subscription.Kind, MeetingChange.Kind
BATCH: Final = 100  # subscriptions of one transaction
HOUR: Final = 7  # on Monday
SETTLED: Final = timedelta(hours=1)  # what is being published at this very moment waits for next week
MOST: Final = 10  # entries of one section; the rest is on the page
TOLD: Final = (Change.MOVED, Change.POSTPONED, Change.CANCELLED, Change.REINSTATED)
STRANGER: Final = AnonymousUser()  # whoever reads the mail may not be signed in


@dataclass(frozen=True)
class Entry:
    """One line of the mail."""

    title: str
    url: str
    facts: str
    text: str = ""
    label: str = ""


@dataclass(frozen=True)
class News:
    """Something that became public; `is_everywhere` for what concerns all regions."""

    at: datetime | None  # never None here: the columns allow it for what is not public
    regions: frozenset[int]
    topics: frozenset[int]
    is_everywhere: bool
    entry: Entry

    def is_wanted(self, regions: frozenset[int], topics: frozenset[int]) -> bool:
        in_region = not regions or self.is_everywhere or bool(regions & self.regions)
        return in_region and (not topics or bool(topics & self.topics))

    def entry_since(self, since: datetime) -> Entry | None:
        """What to tell somebody who knows everything up to `since`."""
        return self.entry if self.at and self.at > since else None


@dataclass(frozen=True)
class MeetingNews(News):
    """A meeting with its steps of these weeks; what is told depends on what the subscriber knows already."""

    meeting: Meeting = field(kw_only=True)
    changes: tuple[MeetingChange, ...] = field(kw_only=True)

    def is_wanted(self, regions: frozenset[int], topics: frozenset[int]) -> bool:
        """A new date often has no agenda yet: without topics it concerns everybody of its region."""
        return super().is_wanted(regions, topics if self.topics else frozenset())

    def entry_since(self, since: datetime) -> Entry | None:
        label = self._label(since)
        return replace(self.entry, label=label) if label else None

    def _label(self, since: datetime) -> str:
        """ "neu", "verschoben: 12. März → 14. April", "abgesagt" …; empty when nothing happened since."""
        recent = [change for change in self.changes if change.made_at > since]
        is_new = self.meeting.announced_at is not None and self.meeting.announced_at > since
        if self.meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
            return str(self.meeting.get_status_display()) if recent or is_new else ""
        if is_new:
            return "neu"
        moved = next((change for change in recent if change.kind == Change.MOVED), None)
        if moved is not None:
            old, new = day_short(moved.old_starts_at), day_short(self.meeting.starts_at)
            return f"verschoben: {old} → {new}" if old and old != new else "neue Zeit oder neuer Ort"
        return "findet doch statt" if recent else ""


Collected = Mapping[str, Sequence[News]]


# --- when ----------------------------------------------------------------------------------------
def due_at(now: datetime) -> datetime:
    """The last Monday, 7 o'clock in Berlin, that is not in the future."""
    local = timezone.localtime(now)
    monday = (local - timedelta(days=local.weekday())).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return monday if monday <= local else monday - timedelta(days=7)


def next_at(now: datetime) -> datetime:
    """The next one; the same hour also over a change of the clock."""
    return due_at(now) + timedelta(days=7)


def send_due(*, now: datetime | None = None) -> int:
    """Write the weekly mails that are due and not written yet; gives their number."""
    due = due_at(now or timezone.now())
    until = due - SETTLED
    since = Subscription.objects.due(until).aggregate(first=Min("last_sent_through"))["first"]
    if since is None:
        return 0
    collected = collect(since, until)
    common = mail.common_context()
    return sum(_batches(collected, until=until, week=f"{due:%G-W%V}", common=common))


def _batches(collected: Collected, *, until: datetime, week: str, common: Mapping[str, Any]) -> Iterator[int]:
    while True:
        with transaction.atomic():
            # Another worker's rows are left to it; told ones are no longer due, so this ends.
            locked = Subscription.objects.due(until).select_for_update(skip_locked=True, of=("self",))
            rows = list(locked.order_by("pk").prefetch_related("regions", "topics")[:BATCH])
            if not rows:
                return
            letters = []
            for row in rows:
                context = context_of(row, collected, until)
                if context is not None:
                    letters.append(emails.digest(row, week=week, context=context, common=common))
            queue.put_all(letters)
            Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(last_sent_through=until)
        yield len(letters)


# --- what ----------------------------------------------------------------------------------------
def collect(since: datetime, until: datetime) -> Collected:
    """Everything that became public in this time, as a stranger may read it; the same queries for any number."""
    return {
        Kind.DOCUMENTATIONS: _documentations(since, until),
        Kind.PRACTICES: _practices(since, until),
        Kind.MEETINGS: _meetings(since, until),
    }


def _documentations(since: datetime, until: datetime) -> list[News]:
    rows = MeetingDocumentation.objects.visible_to(STRANGER).filter(published_at__gt=since, published_at__lte=until)
    found: list[News] = []
    for row in rows.for_list().prefetch_related("topics").order_by("-published_at", "pk"):
        meeting = row.meeting
        facts = ", ".join(part for part in (meeting.region_names, day(meeting.starts_at)) if part)
        found.append(
            News(
                at=row.published_at,
                regions=frozenset(region.pk for region in meeting.places),
                topics=frozenset(topic.pk for topic in row.topics.all()),
                is_everywhere=meeting.kind == Meeting.Kind.NATIONAL,
                entry=Entry(row.title, links.absolute(row.get_absolute_url()), facts, row.summary),
            )
        )
    return found


def _practices(since: datetime, until: datetime) -> list[News]:
    rows = GoodPractice.objects.visible_to(STRANGER).filter(published_at__gt=since, published_at__lte=until)
    found: list[News] = []
    for row in rows.select_related("organisation").prefetch_related("topics").order_by("-published_at", "pk"):
        facts = ", ".join(part for part in (row.organisation.name, row.place) if part)
        found.append(
            News(
                at=row.published_at,
                regions=frozenset([row.region_id] if row.region_id else []),
                topics=frozenset(topic.pk for topic in row.topics.all()),
                is_everywhere=row.region_id is None,
                entry=Entry(row.title, links.absolute(row.get_absolute_url()), facts, row.teaser),
            )
        )
    return found


def _meetings(since: datetime, until: datetime) -> list[News]:
    changes = MeetingChange.objects.filter(kind__in=TOLD, made_at__gt=since, made_at__lte=until)
    happened = Q(announced_at__gt=since, announced_at__lte=until) | Q(pk__in=changes.values("meeting"))
    to_come = Q(starts_at=None) | Q(starts_at__gt=until)
    rows = Meeting.objects.visible_to(STRANGER).filter(happened, to_come).for_list()
    rows = rows.prefetch_related(
        Prefetch("changes", queryset=changes.order_by("made_at", "pk"), to_attr="told_changes"),
        Prefetch("agenda", queryset=AgendaItem.objects.prefetch_related("topics")),
    )
    found: list[News] = []
    for row in rows.order_by("starts_at", "code"):
        told = tuple(row.told_changes)
        has_date = row.starts_at is not None and row.status != Meeting.Status.POSTPONED
        when = day_time(row.starts_at, row.ends_at) if has_date else "neuer Termin folgt"
        found.append(
            MeetingNews(
                at=row.announced_at,
                regions=frozenset(region.pk for region in row.places),
                topics=frozenset(topic.pk for item in row.agenda.all() for topic in item.topics.all()),
                is_everywhere=row.kind == Meeting.Kind.NATIONAL,
                entry=Entry(
                    row.title, links.absolute(row.get_absolute_url()), f"{when}, {row.place} ({row.region_names})"
                ),
                meeting=row,
                changes=told,
            )
        )
    return found


# --- for whom ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Section:
    """One kind of news in the mail; `more` entries stand only on the page `url`."""

    heading: str
    count: str
    entries: tuple[Entry, ...]
    more: int
    url: str


#: Heading, one, several, and the page with all of them.
_WORDS: Final = {
    Kind.DOCUMENTATIONS: (
        "Dokumentationen",
        "Dokumentation",
        "Dokumentationen",
        "documentation:documentation_list",
    ),
    Kind.PRACTICES: ("Gute Praxis", "Beispiel", "Beispiele", "practices:practice_list"),
    Kind.MEETINGS: ("Vernetzungstreffen", "Termin", "Termine", "meetings:meeting_list"),
}


def context_of(subscription: Subscription, collected: Collected, until: datetime) -> dict[str, Any] | None:
    """What the templates say to this subscriber; None when nothing is new for her, and then no mail is written."""
    since = subscription.last_sent_through or until
    regions = frozenset(region.pk for region in subscription.regions.all())
    topics = frozenset(topic.pk for topic in subscription.topics.all())
    sections = []
    for kind in subscription.kinds:
        wanted = [row for row in collected[kind] if row.is_wanted(regions, topics)]
        entries = [entry for row in wanted if (entry := row.entry_since(since)) is not None]
        if entries:
            sections.append(_section(kind, entries))
    if not sections:
        return None
    return {"sections": sections, "summary": ", ".join(section.count for section in sections), "since": since}


def _section(kind: str, entries: list[Entry]) -> Section:
    heading, one, several, url_name = _WORDS[Kind(kind)]
    number = len(entries)
    return Section(
        heading=heading,
        count=f"{number} {one if number == 1 else several}",
        entries=tuple(entries[:MOST]),
        more=max(0, number - MOST),
        url=links.absolute(reverse(url_name)),
    )
