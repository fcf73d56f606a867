"""Who is expected on the day: one order of names for prints and check-in."""

from dataclasses import dataclass

from meetings.models import Invitation, Meeting, Registration
from mobipro import search


@dataclass(frozen=True)
class Expected:
    """A person with a seat, as the lists of the day name her; no address."""

    invitation_id: int
    name: str
    organisation: str
    region: str
    is_online: bool


def family_first(invitation: Invitation) -> str:
    """What lists are sorted by (DIN 5007): the family name, then the rest.

    Deputies and guests typed their names as one text; their last word is taken for the family name.
    """
    contact = invitation.contact
    if contact is not None:
        return search.sort_key(f"{contact.last_name} {contact.first_name}")
    *first, last = invitation.name.split() or [""]
    return search.sort_key(" ".join([last, *first]))


def with_a_seat(meeting: Meeting) -> list[Expected]:
    """Everybody with a confirmed seat, sorted by family name; one query."""
    rows = Invitation.objects.active().filter(meeting=meeting, registration__status=Registration.Status.CONFIRMED)
    people = sorted(rows.select_related("registration", "contact", "project__region"), key=family_first)
    return [
        Expected(
            row.pk,
            row.name,
            row.organisation_name,
            row.project.region.name if row.project else "",
            row.registration.mode == Registration.Mode.ONLINE,
        )
        for row in people
    ]
