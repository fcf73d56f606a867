"""What came of a Terminabfrage: the matrix for the coordination, and the counts that voters may see. Read only."""

from dataclasses import dataclass, field
from typing import Final

from meetings.models import DatePoll, Meeting, PollAnswer, PollOption, PollVote, PollVoter
from regions.models import ProjectOrganisation
from regions.models.network import Project

VIABLE_SHARE: Final = 0.6  # of the region's Träger: below, too few could come


@dataclass
class Column:
    """One date with its sums. Träger count once, however many of their people answer."""

    option: PollOption
    yes: int = 0
    maybe: int = 0
    no: int = 0
    able: set[int] = field(default_factory=set)  # Träger of the region of which somebody can come
    sure: set[int] = field(default_factory=set)  # … and without "zur Not"
    traeger: int = 0
    is_best: bool = False

    @property
    def share(self) -> float:
        return len(self.able) / self.traeger if self.traeger else 0.0

    @property
    def percent(self) -> int:
        return round(100 * self.share)

    @property
    def is_viable(self) -> bool:
        return self.share >= VIABLE_SHARE


@dataclass(frozen=True)
class Line:
    """One person and her answers in the order of the dates; None where she has not answered."""

    voter: PollVoter
    answers: list[PollAnswer | None]


@dataclass(frozen=True)
class Result:
    columns: list[Column]
    lines: list[Line]
    missing: list[PollVoter]


def traeger_of(meeting: Meeting) -> set[int]:
    """The Träger with an active project in the meeting's regions; of all for a national meeting."""
    projects = Project.objects.active()
    if meeting.kind != Meeting.Kind.NATIONAL:
        projects = projects.filter(region__in=[region.pk for region in meeting.places])
    rows = ProjectOrganisation.objects.filter(project__in=projects)
    return set(rows.order_by().values_list("organisation_id", flat=True))


def result_of(poll: DatePoll) -> Result:
    """Everything the coordination sees; five queries, whatever the number of people."""
    traeger = traeger_of(poll.meeting)
    columns = [Column(option, traeger=len(traeger)) for option in poll.options.all()]
    by_option = {column.option.pk: column for column in columns}
    voters = list(poll.voters.all())
    houses = {voter.pk: voter.organisation_id for voter in voters}
    given: dict[int, dict[int, PollAnswer]] = {voter.pk: {} for voter in voters}
    for voter_id, option_id, text in PollVote.objects.filter(option__poll=poll).values_list(
        "voter_id", "option_id", "answer"
    ):
        answer, column = PollAnswer(text), by_option[option_id]
        given[voter_id][option_id] = answer
        setattr(column, answer.value, getattr(column, answer.value) + 1)
        house = houses[voter_id]
        if house in traeger and answer != PollAnswer.NO:
            column.able.add(house)
            if answer == PollAnswer.YES:
                column.sure.add(house)
    best = max(columns, key=_rank, default=None)
    if best is not None and best.yes + best.maybe:
        best.is_best = True
    lines = [Line(voter, [given[voter.pk].get(column.option.pk) for column in columns]) for voter in voters]
    return Result(columns, lines, [voter for voter in voters if voter.answered_at is None])


def _rank(column: Column) -> tuple[int, int, int, int]:
    """More Träger first, then those that are sure, then people; the earlier date wins a tie."""
    return len(column.able), len(column.sure), column.yes, column.yes + column.maybe


def counts_of(poll: DatePoll) -> dict[int, dict[str, int]]:
    """Option id → how many said what; no names. One query."""
    found: dict[int, dict[str, int]] = {}
    for option_id, answer in PollVote.objects.filter(option__poll=poll).values_list("option_id", "answer"):
        counts = found.setdefault(option_id, dict.fromkeys(PollAnswer.values, 0))
        counts[answer] += 1
    return found
