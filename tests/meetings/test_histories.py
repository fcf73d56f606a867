"""Whatever happens to a meeting: a calendar that obeys RFC 5546 shows what the portal shows."""

import random
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from icalendar import Calendar

from meetings import details, ical, invitations, registrations, save_the_date, scheduling
from meetings.invitations import InvitationError
from meetings.models import Invitation, Meeting
from meetings.models.invitation import PartStat
from meetings.registrations import RegistrationError
from meetings.scheduling import SchedulingError
from mobipro.outbox import checks
from mobipro.outbox.models import OutboxMessage, State
from tests.meetings import world
from tests.meetings.calendar_client import CalendarClient

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HISTORIES = 500
PARTS = 10  # so that they share the cores
STEPS = 9
REFUSED = (SchedulingError, InvitationError, RegistrationError)
# Some far away, the others around and on the two Sundays of 2027 on which clocks change.
SPRING = [(2027, 3, 24), (2027, 3, 27), (2027, 3, 28), (2027, 3, 29)]
AUTUMN = [(2027, 10, 30), (2027, 10, 31), (2027, 11, 1), (2027, 11, 3)]
DAYS = [(2031, 3, 12), (2031, 3, 19), (2031, 9, 17), *SPRING, *AUTUMN]
HOURS = [(9, 15), (10, 16), (11, 17), (1, 4)]  # the last one lasts through the night in which they change


class History:
    """One meeting and its people, with what is done to them and what their calendars make of it."""

    def __init__(self, meeting, people, venues, by, chance):
        self.meeting, self.people, self.venues, self.by, self.chance = meeting, people, venues, by, chance
        self.clients = {}
        self.versions = {}
        self.told = []
        moves = [self.move_day, self.move_room, self.move_hour]
        changes = [*moves, self.postpone, self.cancel, self.reinstate, self.rename]
        self.steps = [*changes, self.note, self.note, self.invite, self.invite, self.withdraw, self.answer, self.answer]

    def run(self):
        for _ in range(STEPS):
            step = self.chance.choice(self.steps)
            try:
                step()
                self.told.append(step.__name__)
            except REFUSED as refusal:
                self.told.append(f"({step.__name__}: {refusal})")
            self.meeting.refresh_from_db()
            if self.chance.random() < 0.6:
                self.deliver()
        self.deliver()

    # --- what is done ------------------------------------------------------------------------
    def note(self):
        chosen = self.chance.sample(self.people, self.chance.randint(1, len(self.people)))
        save_the_date.send(meeting=self.meeting, contacts=chosen, by=self.by)

    def invite(self):
        chosen = self.chance.sample(self.people, self.chance.randint(1, len(self.people)))
        invitations.invite(meeting=self.meeting, contacts=chosen, by=self.by)

    def _move(self, day, hours, venue):
        start, end = world.at(hours[0], day=day), world.at(hours[1], day=day)
        scheduling.move(
            meeting=self.meeting,
            starts_at=start,
            ends_at=end,
            venue=venue,
            reason="Es ging nicht anders.",
            by=self.by,
            override_reason="Alle Träger wünschen diesen Tag.",
        )

    def _now(self):
        start, end = (timezone.localtime(one) for one in (self.meeting.starts_at, self.meeting.ends_at))
        return (start.year, start.month, start.day), (start.hour, end.hour)

    def move_day(self):
        self._move(self.chance.choice(DAYS), self._now()[1], self.meeting.venue)

    def move_hour(self):
        self._move(self._now()[0], self.chance.choice(HOURS), self.meeting.venue)

    def move_room(self):
        self._move(*self._now(), self.chance.choice(self.venues))

    def postpone(self):
        scheduling.postpone(meeting=self.meeting, reason="Das Haus ist belegt.", by=self.by)

    def cancel(self):
        scheduling.cancel(meeting=self.meeting, reason="Zu wenige Zusagen.", by=self.by)

    def reinstate(self):
        scheduling.reinstate(meeting=self.meeting, reason="Es geht doch.", by=self.by)

    def rename(self):
        values = {name: getattr(self.meeting, name) for name in ("title", "subtitle", *details.FIELDS)}
        values |= self.chance.choice([{"title": f"Titel {self.chance.randint(1, 9)}"}, {"attendance_mode": "mixed"}])
        details.save(meeting=self.meeting, values=values, by=self.by, tell=True)

    def _somebody(self):
        rows = list(self.meeting.invitations.active().order_by("pk"))
        if not rows:
            raise InvitationError("Niemand ist eingeladen.")
        return self.chance.choice(rows)

    def withdraw(self):
        invitations.withdraw(invitation=self._somebody(), by=self.by)

    def answer(self):
        partstat = self.chance.choice([PartStat.ACCEPTED, PartStat.DECLINED, PartStat.TENTATIVE])
        registrations.record_answer(invitation=self._somebody(), partstat=partstat)

    # --- what arrives ------------------------------------------------------------------------
    def deliver(self):
        """Everything that is due leaves as the worker would let it, and reaches the calendars at once."""
        while due := list(OutboxMessage.objects.due(timezone.now() + timedelta(hours=1))):
            for message in due:
                reason = checks.reason_against(message)
                message.state = State.WITHDRAWN if reason else State.SENT
                message.sent_at = None if reason else timezone.now()
                message.save()
                if message.calendar and not reason:
                    self._arrives(message)

    def _arrives(self, message):
        client = self.clients.setdefault(message.recipient, CalendarClient(message.recipient))
        client.take(message.calendar)
        event = Calendar.from_ical(message.calendar).walk("VEVENT")[0]
        number = int(event.get("SEQUENCE", 0))
        said = (str(event["DTSTART"].dt), str(event["DTEND"].dt), str(event.get("LOCATION", "")), str(event["SUMMARY"]))
        if message.calendar_method == "REQUEST":
            earlier = self.versions.setdefault((message.recipient, number), said)
            assert earlier == said, f"SEQUENCE {number} with other content after {self.told}"

    # --- what must hold ----------------------------------------------------------------------
    def check(self):
        for row in Invitation.objects.filter(meeting=self.meeting):
            client = self.clients.get(row.email)
            shown = client.shows(self.meeting.ics_uid) if client else None
            assert shown == self.expected(row, client), f"{row.name} after {self.told}"
            if shown:
                on_the_clock = timezone.localtime(self.meeting.starts_at).replace(tzinfo=None)
                assert shown[0].replace(tzinfo=None) == on_the_clock, f"{row.name} after {self.told}"

    def expected(self, row, client):
        if client is None or row.withdrawn_at is not None or self.meeting.status == Meeting.Status.CANCELLED:
            return None
        start, end = self.meeting.starts_at, self.meeting.ends_at
        status = ical.status_of(self.meeting, is_noted=row.is_only_noted)
        return (
            start,
            end,
            status,
            ical.location_of(self.meeting),
            ical.summary_of(self.meeting, is_noted=row.is_only_noted),
        )


@pytest.fixture
def venues():
    return [world.make_venue(), world.make_venue("Kiel", "DE-SH"), world.make_venue("Rostock", "DE-MV")]


@pytest.fixture
def three(project):
    return [
        world.make_project_person(f"person{number}@example.org", project, f"Person{number}", is_primary=number == 1)
        for number in (1, 2, 3)
    ]


def begin(number, people, venues, by, chance):
    meeting = world.make_meeting(f"2031-NORD-{number}", title=f"Verlauf {number}")
    world.make_programme()
    meeting = scheduling.set_date(meeting=meeting, starts_at=world.at(10), ends_at=world.at(16), venue=venues[0], by=by)
    return History(meeting, people, venues, by, chance)


@pytest.mark.parametrize("part", range(PARTS))
def test_calendars_show_what_the_portal_shows(part, three, venues, overall):
    with time_machine.travel("2027-01-11 09:00+01:00"):
        for seed in range(part, HISTORIES, PARTS):
            history = begin(seed, three, venues, overall, random.Random(seed))  # noqa: S311 - the same ones each time
            history.run()
            history.meeting.refresh_from_db()
            history.check()


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((2027, 3, 27), (2027, 3, 29)),
        ((2027, 3, 27), (2027, 3, 28)),
        ((2027, 3, 28), (2027, 3, 24)),
        ((2027, 10, 30), (2027, 10, 31)),
        ((2027, 10, 31), (2027, 11, 1)),
        ((2027, 11, 3), (2027, 10, 31)),
    ],
)
def test_a_move_across_the_change_of_clocks_keeps_the_hour(first, second, hours, three, venues, overall):
    with time_machine.travel("2027-01-11 09:00+01:00"):
        history = begin(1, three, venues, overall, random.Random(1))  # noqa: S311
        invitations.invite(meeting=history.meeting, contacts=three, by=overall)
        for day in (first, second):
            history.deliver()
            history._move(day, hours, venues[0])
            history.deliver()
            history.meeting.refresh_from_db()
            assert history._now() == (day, hours)
            history.check()
        assert len(history.clients) == 3
        deadline = timezone.localtime(history.meeting.registration_deadline)
        assert (history.meeting.starts_on - deadline.date()).days == scheduling.DEADLINE_DAYS
        assert (deadline.hour, deadline.minute) == (23, 59)
