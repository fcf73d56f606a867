"""The half-yearly question for participant figures: some projects answered, some are silent, some not yet asked."""

from datetime import date, datetime, timedelta

from regions import figure_requests
from regions.models import FigureRequest, ParticipantFigure, Project, User

ASKED_REGIONS = ("NORD", "NIHB", "BY")
ASKED_DAYS_AGO, DAYS_TO_ANSWER = 12, 28
UNASKED = 5  # each fifth project waits for the coordinator's step


def build(now: datetime, logins: dict[str, User]) -> None:
    """Asked twelve days ago for this half-year; no mails, they went out then."""
    asked_at = now - timedelta(days=ASKED_DAYS_AGO)
    year, half = figure_requests.half_of(asked_at.date())
    as_of = asked_at.date()
    by = logins["kaya"]
    rows = figure_requests.standings(logins["seidel"], year, half)
    wanted = [row for row in rows if row.project.region.code in ASKED_REGIONS and row.speaker is not None]
    for index, row in enumerate(wanted):
        if index % UNASKED == UNASKED - 1 or row.speaker is None:
            continue
        request = FigureRequest(
            project=row.project,
            year=year,
            half=half,
            as_of=as_of,
            due_on=as_of + timedelta(days=DAYS_TO_ANSWER),
            contact=row.speaker.contact,
            email=row.speaker.contact.email,
            reason=row.speaker.reason,
            asked_at=asked_at,
            asked_by=by,
        )
        request.save()
        if index % 3 != 2:
            _answer(request, row.project, row.last, as_of, is_unchanged=index % 3 == 0)


def _answer(
    request: FigureRequest, project: Project, last: ParticipantFigure | None, as_of: date, *, is_unchanged: bool
) -> None:
    """The answer came two days after the question."""
    places = project.planned_places or 10
    figure = ParticipantFigure(
        project=project,
        as_of=as_of,
        in_training=last.in_training if last else places,
        in_internship=0 if is_unchanged else 1,
        dropped_out=last.dropped_out if last else 0,
        source=ParticipantFigure.Source.PROJECT,
    )
    figure.save()
    request.figure, request.is_unchanged = figure, is_unchanged
    request.answered_at = request.asked_at + timedelta(days=2)
    request.save()
