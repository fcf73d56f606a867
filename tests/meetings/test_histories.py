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
# Wednesdays without a public holiday; two lie on either side of the changes of the clock in 2027.
DAYS = [(2031, 3, 12), (2031, 3, 19), (2031, 9, 17), (2027, 3, 24), (2027, 3, 31), (2027, 10, 27), (2027, 11, 3)]


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
            meeting=self.meeting, starts_at=start, ends_at=end, venue=venue, reason="Es ging nicht anders.", by=self.by
        )

    def _now(self):
        start, end = (timezone.localtime(one) for one in (self.meeting.starts_at, self.meeting.ends_at))
        return (start.year, start.month, start.day), (start.hour, end.hour)

    def move_day(self):
        self._move(self.chance.choice(DAYS), self._now()[1], self.meeting.venue)

    def move_hour(self):
        self._move(self._now()[0], self.chance.choice([(9, 15), (10, 16), (11, 17)]), self.meeting.venue)

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


@pytest.mark.parametrize("part", range(PARTS))
def test_calendars_show_what_the_portal_shows(part, project, overall):
    with time_machine.travel("2027-01-11 09:00+01:00"):
        people = [
            world.make_project_person(f"person{number}@example.org", project, f"Person{number}", is_primary=number == 1)
            for number in (1, 2, 3)
        ]
        venues = [world.make_venue(), world.make_venue("Kiel", "DE-SH"), world.make_venue("Rostock", "DE-MV")]
        for seed in range(part, HISTORIES, PARTS):
            chance = random.Random(seed)  # noqa: S311 - the same histories each time
            meeting = world.make_meeting(f"2031-NORD-{seed}", title=f"Verlauf {seed}")
            world.make_programme()
            meeting = scheduling.set_date(
                meeting=meeting, starts_at=world.at(10), ends_at=world.at(16), venue=venues[0], by=overall
            )
            history = History(meeting, people, venues, overall, chance)
            history.run()
            meeting.refresh_from_db()
            history.check()
