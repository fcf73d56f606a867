"""Permissions of documentations, publications and pages."""

from typing import Any

import rules

from documentation.models import DocumentationSection, DocumentationVersion, MeetingDocumentation
from meetings.models import Meeting
from regions.rules import is_administrator, is_office, is_overall_coordinator, register_model
from regions.visibility import access_of


def _meeting_of(record: Any) -> Meeting | None:
    if isinstance(record, Meeting):
        return record
    if isinstance(record, MeetingDocumentation):
        return record.meeting
    if isinstance(record, DocumentationSection | DocumentationVersion):
        return record.documentation.meeting
    return None


@rules.predicate
def documents_meeting(user: Any, record: Any) -> bool:
    """Coordinates a region of the meeting, or is responsible for it; without a record: coordinates at all."""
    access = access_of(user)
    meeting = _meeting_of(record)
    if meeting is None:
        return access.is_coordinator
    if meeting.responsible_id is not None and meeting.responsible_id == access.user_id and access.is_coordinator:
        return True
    return access.coordinates_any([region.pk for region in meeting.places])


@rules.predicate
def is_draft(user: Any, record: Any) -> bool:
    """Only what was never published may be deleted."""
    return record is None or (isinstance(record, MeetingDocumentation) and not record.versions.exists())


for name in ("meetingdocumentation", "documentationsection"):
    register_model(
        "documentation",
        name,
        view=is_office,
        add=documents_meeting,
        change=documents_meeting,
        delete=documents_meeting & is_draft if name == "meetingdocumentation" else documents_meeting,
    )
register_model(
    "documentation",
    "documentationversion",
    view=is_office,
    add=rules.always_false,
    change=rules.always_false,
    delete=rules.always_false,
)
rules.add_perm("documentation.publish_documentation", documents_meeting)
register_model("documentation", "publication", view=is_office, add=is_office, change=is_office, delete=is_administrator)
register_model(
    "documentation",
    "page",
    view=is_office,
    add=is_overall_coordinator | is_administrator,
    change=is_overall_coordinator | is_administrator,
    delete=is_administrator,
)
register_model(
    "documentation",
    "barrierreport",
    view=is_office,
    add=rules.always_false,
    change=is_office,
    delete=is_administrator,
)
# Addresses are the administrators' only: coordinators see numbers, on a page of their own.
register_model(
    "documentation",
    "subscription",
    view=is_administrator,
    add=rules.always_false,
    change=rules.always_false,
    delete=is_administrator,
)
rules.add_perm("documentation.count_subscriptions", is_office)
