"""A small network for the meeting tests: one meeting in Nord with two projects and their people."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from meetings import scheduling
from meetings.models import Meeting, Venue
from mobipro import links
from mobipro.outbox.models import OutboxMessage
from regions.models import ContactAssignment, FederalState, Organisation, ProgrammeSettings
from tests import factories

BERLIN = ZoneInfo("Europe/Berlin")
QUIET_DAY = (2031, 3, 12)  # a Wednesday without a public holiday anywhere


def at(hour, minute=0, day=QUIET_DAY):
    return datetime(*day, hour, minute, tzinfo=BERLIN)


def make_venue(city="Hamburg", state="DE-HH", **fields):
    venue = Venue(
        name=f"Haus der Begegnung {city}",
        street="Beispielweg 1",
        postcode="20095",
        city=city,
        federal_state=FederalState.objects.get(iso_code=state),
        nearest_station=f"{city} Hbf",
        directions="Acht Minuten zu Fuß.",
        step_free=True,
        **fields,
    )
    venue.save()
    return venue


def make_meeting(code="2031-NORD-1", region_code="NORD", **fields):
    values = {
        "title": "Ausbildungsabbrüche vermeiden – was Kümmerer leisten",
        "description": "Träger berichten; wir verabreden die nächsten Schritte.",
        "year": int(code[:4]),
        "slug": code.lower(),
        **fields,
    }
    meeting = Meeting(code=code, **values)
    meeting.save()
    meeting.regions.set([factories.region(region_code)])
    return meeting


def make_programme():
    return ProgrammeSettings.objects.on(timezone.localdate()) or ProgrammeSettings.objects.create(
        valid_from="2016-02-01",
        operator="Koordination Beispiel",
        address="Musterstraße 1\n10115 Berlin",
        contact_email="vernetzung@example.org",
        sender_name="MobiPro-EU Vernetzung",
        sender_email="vernetzung@example.org",
        funding_sentence="Gefördert durch das BMAS.",
    )


def make_dated_meeting(code="2031-NORD-1", **fields):
    make_programme()
    meeting = make_meeting(code, **fields)
    return scheduling.set_date(meeting=meeting, starts_at=at(10), ends_at=at(16), venue=make_venue(), by=None)


def make_project_person(email, project, last_name="Muster", first_name="Mika", **fields):
    assignment = {key: fields.pop(key) for key in ("is_primary", "is_deputy") if key in fields}
    contact = factories.make_contact(
        email, organisation=project.lead, last_name=last_name, first_name=first_name, **fields
    )
    ContactAssignment(contact=contact, project=project, function="project_lead", **assignment).save()
    return contact


def make_partner(email="partner@example.org"):
    ministry = Organisation.objects.get_or_create(
        name="Ministerium Beispiel", defaults={"slug": "ministerium", "kind": "ministry", "short_name": "BMAS"}
    )[0]
    return factories.make_contact(email, organisation=ministry, last_name="Lindner", first_name="Helene")


def mails(**filters):
    return OutboxMessage.objects.filter(**filters).order_by("pk")


def token_of(invitation):
    return links.token("answer", invitation.pk, invitation.link_version)


def unfolded(calendar):
    text = calendar.decode() if isinstance(calendar, bytes) else calendar
    return re.sub(r"\r?\n[ \t]", "", text)


def in_days(number):
    return timezone.now() + timedelta(days=number)
