"""One running Terminabfrage: a new date for the postponed meeting, with most answers in."""

from datetime import date, timedelta

from meetings import polls
from meetings.models import DatePoll, Meeting, PollAnswer, PollOption, PollVote, PollVoter
from mobipro.demo.build_answers import _chance
from mobipro.demo.build_meetings import _free_day, local, now_on
from regions.models import FederalState, User

WEEKS_AHEAD = (9, 10, 12)
ASKED = 12
SILENT = 30  # per cent


def build(today: date, meetings: list[Meeting], logins: dict[str, User]) -> None:
    """Its mails went out before the demo began; nothing is sent."""
    meeting = next((row for row in meetings if row.status == Meeting.Status.POSTPONED), None)
    if meeting is None:
        return
    now = now_on(today)
    poll = DatePoll(
        meeting=meeting,
        message="Der Gastgeber kann an diesen Tagen. Wir hoffen, dass möglichst viele dabei sein können.",
        closes_at=local(today + timedelta(days=6), 23, 59),
    )
    poll.save()
    states = list(FederalState.objects.filter(region_states__region__in=meeting.regions.all()).distinct())
    days = [_free_day(today + timedelta(weeks=weeks, days=index), states) for index, weeks in enumerate(WEEKS_AHEAD)]
    options = [
        PollOption.objects.create(poll=poll, starts_at=local(day, 10), ends_at=local(day, 16))
        for day in sorted(set(days))
    ]
    people = [row for row in polls.candidates(meeting, logins["seidel"]) if not row.excluded_reason][:ASKED]
    for row in people:
        chance = _chance("poll", row.contact.email)
        answered_at = now - timedelta(hours=6 + chance) if chance >= SILENT else None
        voter = PollVoter(
            poll=poll,
            contact=row.contact,
            organisation=row.contact.organisation,
            name=row.contact.full_name,
            first_name=row.contact.first_name,
            greeting=row.contact.greeting,
            organisation_name=row.contact.organisation.name,
            email=row.contact.email,
            reason_text=row.reason_text,
            answered_at=answered_at,
        )
        voter.save()
        if answered_at is None:
            continue
        for number, option in enumerate(options):
            turn = _chance("vote", row.contact.email, number)
            answer = PollAnswer.YES if turn < 45 + 15 * number else PollAnswer.MAYBE if turn < 75 else PollAnswer.NO
            PollVote.objects.create(voter=voter, option=option, answer=answer)
