"""A held meeting with everything a documentation is composed of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documentation import compose, publishing
from meetings.models import ActionItem, AgendaItem, Attendance, Decision, Meeting
from regions.models import Region


def make_held_meeting(code="2026-NORD-1", region_code="NORD", title="Ankommen: die ersten dreißig Tage"):
    region = Region.objects.get(code=region_code)
    start = timezone.now().replace(microsecond=0) - timedelta(days=30)
    meeting = Meeting(
        code=code,
        slug=code.lower(),
        year=start.year,
        title=title,
        description="Konto, Wohnung, Hausarzt: was in den ersten Tagen gelingt.",
        status=Meeting.Status.HELD,
        starts_at=start,
        ends_at=start + timedelta(hours=6),
        announced_at=start - timedelta(days=60),
        held_at=start,
    )
    meeting.save()
    meeting.regions.set([region])
    AgendaItem(meeting=meeting, position=1, kind="welcome", title="Begrüßung", duration_min=30).save()
    item = AgendaItem(
        meeting=meeting,
        position=2,
        kind="workshop",
        title="Checkliste für dreißig Tage",
        duration_min=120,
        result_text="Aus 61 Punkten wurden 24.\n\n- Adresse\n- Bank",
    )
    item.save()
    Decision(meeting=meeting, agenda_item=item, number=1, text="Die Checkliste gilt als Empfehlung.").save()
    ActionItem(
        meeting=meeting,
        agenda_item=item,
        title="Checkliste übersetzen",
        owner_name="Koordination",
        due_on=start.date() + timedelta(days=60),
    ).save()
    for name in ("Ana", "Birgit", "Çelik"):
        Attendance(meeting=meeting, name=name, state="present").save()
    return meeting


@pytest.fixture
def held_meeting(base_data):
    return make_held_meeting()


@pytest.fixture
def draft(held_meeting):
    return compose.create_draft(meeting=held_meeting, by=None)


@pytest.fixture
def published(draft):
    version = publishing.request_version(documentation=draft, by=None)
    publishing.publish(version=version, by=None, without_pdf=True)
    draft.refresh_from_db()
    return draft
