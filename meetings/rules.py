"""Who may see, change and invite to a meeting: predicates of a few lines, asked everywhere by `has_perm`."""

from typing import Any

import rules

from meetings.models import Meeting
from regions.rules import is_administrator, is_office, is_overall_coordinator, register_model
from regions.visibility import Visibility, access_of


@rules.predicate
def coordinates_meeting(user: Any, meeting: Any) -> bool:
    """Coordinator or deputy of any of its regions, the responsible person, or Gesamtkoordination.

    Without a meeting the question is: any at all. A national meeting belongs to the Gesamtkoordination and to
    whoever is responsible for it; its regions give no right.
    """
    access = access_of(user)
    if not access.is_coordinator:
        return False
    record = getattr(meeting, "meeting", meeting)  # asked about an invitation, an agenda item …
    if record is None or access.coordinates_all or record.responsible_id == access.user_id:
        return True
    if record.kind == Meeting.Kind.NATIONAL:
        return False
    return access.coordinates_any([region.pk for region in record.places])


@rules.predicate
def can_read_meeting(user: Any, meeting: Meeting | None) -> bool:
    """The same as MeetingQuerySet.visible_to, for one record."""
    access = access_of(user)
    if meeting is None:
        return access.is_office
    if access.is_office:
        return meeting.visibility != Visibility.PRIVATE
    if not access.is_funder and meeting.announced_at is None:
        return False
    if meeting.visibility == Visibility.PUBLIC:
        return True
    if meeting.visibility == Visibility.NETWORK:
        return access.is_member
    if meeting.visibility == Visibility.FUNDERS:
        return access.is_funder
    if meeting.visibility == Visibility.REGION:
        return bool(access.member_region_ids & {region.pk for region in meeting.places})
    return False


@rules.predicate
def decides_date_proposal(user: Any, row: Any) -> bool:
    """Whoever coordinates one of its regions; the national meeting's is the Gesamtkoordination's."""
    access = access_of(user)
    if row is None or access.coordinates_all:
        return access.is_coordinator
    if row.region_id is None:
        return False
    regions = [region.pk for region in row.meeting.places] if row.meeting else [row.region_id]
    return access.coordinates_any(regions)


for name in (
    "meeting",
    "agendaitem",
    "invitation",
    "answer",
    "registration",
    "attendance",
    "supportneed",
    "decision",
    "actionitem",
    "mailing",
    "meetingchange",
    "invitationrequest",
    "planningtask",
    "datepoll",
):
    readers = {"supportneed": coordinates_meeting, "meeting": is_office & can_read_meeting}.get(name, is_office)
    register_model(
        "meetings", name, view=readers, add=coordinates_meeting, change=coordinates_meeting, delete=coordinates_meeting
    )
register_model("meetings", "venue", view=is_office, add=is_office, change=is_office, delete=is_administrator)
for name in ("meetingseries", "meetinground"):
    register_model(
        "meetings",
        name,
        view=is_office,
        add=is_overall_coordinator,
        change=is_overall_coordinator,
        delete=is_overall_coordinator,
    )
register_model(
    "meetings",
    "tasktemplate",
    view=is_office,
    add=is_overall_coordinator | is_administrator,
    change=is_overall_coordinator | is_administrator,
    delete=is_overall_coordinator | is_administrator,
)
register_model(
    "meetings",
    "mailtext",
    view=is_overall_coordinator | is_administrator,
    add=rules.always_false,  # each kind has its page already
    change=is_overall_coordinator | is_administrator,
    delete=is_overall_coordinator | is_administrator,
)
rules.add_perm("meetings.read_meeting", can_read_meeting)
rules.add_perm("meetings.invite_meeting", coordinates_meeting)
rules.add_perm("meetings.plan_year", is_overall_coordinator)
rules.add_perm("meetings.decide_dateproposal", decides_date_proposal)
