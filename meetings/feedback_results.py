"""What the answers to a meeting's feedback say together: counts, means, texts; as a page and as a table. Pure.

Below three answers nothing is shown at all, and a question with fewer than three marks shows none: the coordination
knows who was there. Texts stand by question, never beside the marks of the same person.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from meetings.models import FeedbackResponse, Meeting
from meetings.models.feedback import QUESTIONS, TEXTS, Mark
from mobipro import charts, spreadsheet
from mobipro.templatetags.portal import day, stamp
from regions.models import Organisation

FEWEST = 3


@dataclass(frozen=True)
class Question:
    """One question: how often each mark was given, and their mean; withheld when too few answered."""

    name: str
    label: str
    counts: list[tuple[str, int]]
    number: int
    mean: float | None

    @property
    def is_shown(self) -> bool:
        return self.number >= FEWEST

    @property
    def chart(self) -> SafeString:
        return charts.bar_chart(self.counts, f"{self.label}: Antworten je Note", "Antworten")

    @property
    def mean_in_words(self) -> str:
        return "" if self.mean is None else f"{self.mean:.1f}".replace(".", ",")


@dataclass(frozen=True)
class Results:
    """Everything the page shows; empty but for the number when there are fewer than three answers."""

    number: int
    questions: list[Question]
    texts: list[tuple[str, list[str]]]
    kinds: list[tuple[str, int]]

    @property
    def is_shown(self) -> bool:
        return self.number >= FEWEST


def _label(name: str) -> str:
    return str(FeedbackResponse._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def results(rows: Iterable[FeedbackResponse]) -> Results:
    """The answers to one meeting taken together."""
    found = list(rows)
    if len(found) < FEWEST:
        return Results(len(found), [], [], [])
    # By alphabet: the order in which people wrote would tell more than they meant to.
    texts = [(_label(name), sorted(text for row in found if (text := getattr(row, name)))) for name in TEXTS]
    return Results(len(found), [_question(name, found) for name in QUESTIONS], texts, _kinds(found))


def wishes(rows: Iterable[FeedbackResponse]) -> list[str]:
    """What is wished for the next meeting; empty below three answers."""
    return next((texts for label, texts in results(rows).texts if label == _label("wishes")), [])


def _question(name: str, rows: list[FeedbackResponse]) -> Question:
    marks = [mark for row in rows if (mark := getattr(row, name))]
    given = Counter(marks)
    counts = [(f"{mark.value} – {mark.label}", given[mark.value]) for mark in Mark]
    mean = sum(marks) / len(marks) if len(marks) >= FEWEST else None
    return Question(name, _label(name), counts, len(marks), mean)


def _kinds(rows: list[FeedbackResponse]) -> list[tuple[str, int]]:
    """Where the answers come from; what fewer than three said is summed up with those who said nothing."""
    given = Counter(row.organisation_kind for row in rows if row.organisation_kind)
    named = [(str(Organisation.Kind(kind).label), number) for kind, number in given.most_common() if number >= FEWEST]
    rest = len(rows) - sum(number for _, number in named)
    return [*named, ("andere oder keine Angabe", rest)] if named and rest else named


def table(meeting: Meeting, found: Results, now: datetime) -> bytes:
    """The same as a file for Excel: marks on the first sheet, then the texts of each question on one of its own."""
    about = [
        f"Rückmeldungen {meeting.code}: {meeting.title}, {day(meeting.starts_at)}",
        f"{found.number} Rückmeldungen, Stand {stamp(now)}. Noten von 1 (sehr gut) bis 5 (mangelhaft).",
    ]
    head = ["Frage", *[f"{mark.value} – {mark.label}" for mark in Mark], "Antworten", "Mittelwert"]
    marks = []
    for row in found.questions:
        mean = "" if row.mean is None else round(row.mean, 2)
        numbers = [number if row.is_shown else f"unter {FEWEST}" for _, number in row.counts]
        marks.append([row.label, *numbers, row.number if row.is_shown else f"unter {FEWEST}", mean])
    sheets = [spreadsheet.Sheet("Noten", head, marks)]
    sheets += [spreadsheet.Sheet(label, [label], [[text] for text in texts]) for label, texts in found.texts]
    if found.kinds:
        sheets.append(spreadsheet.Sheet("Einrichtungen", ["Art der Einrichtung", "Antworten"], found.kinds))
    return spreadsheet.build(about, sheets)
