"""What the dossier shows of the choices of those who come: workshops with their people, and who may be in photos."""

from typing import Any

from meetings import photos, workshops
from meetings.models import Meeting


def choices(meeting: Meeting) -> dict[str, Any]:
    """For the dossier; names are shown to whoever may change the meeting."""
    blocks = workshops.blocks_of(meeting)
    seats = meeting.registrations.filter(status__in=workshops.TAKING).count() if blocks else 0
    return {
        "blocks": [(block, max(0, seats - sum(len(row.people) for row in block.workshops))) for block in blocks],
        "photos": photos.overview(meeting),
    }
