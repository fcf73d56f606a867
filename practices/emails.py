"""The mails about a practice: to the coordinators of its region, and to its author."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from mobipro import links, mail
from mobipro.outbox import queue
from practices.completeness import label_of
from practices.models import GoodPractice, PracticeRemark
from regions.models import RoleAssignment, User


def reviewers(practice: GoodPractice) -> list[User]:
    """Who hears of a submission: the region's coordinators; without one the deputies, else the Gesamtkoordination."""
    if practice.region is None:
        return []
    roles = list(RoleAssignment.objects.coordinators_of(practice.region).select_related("user__contact"))
    main = [role.user for role in roles if not role.is_deputy and not role.all_regions]
    deputies = [role.user for role in roles if role.is_deputy and not role.all_regions]
    overall = [role.user for role in roles if role.all_regions]
    return list(dict.fromkeys(main or deputies or overall))


def submitted(practice: GoodPractice, number: int) -> None:
    """To the coordinators: something to review; the second time it says so."""
    link = links.absolute(reverse("admin:practices_goodpractice_change", args=[practice.pk]))
    for person in reviewers(practice):
        _put(practice, person, "submitted", f"{number}:{person.pk}", {"link": link, "number": number})


def questions(practice: GoodPractice, remarks: Iterable[PracticeRemark], number: int) -> None:
    """To the author: the remarks, each with its field, and the way back into the form."""
    rows = [(label_of(remark.field) if remark.field else "Zum ganzen Beispiel", remark.text) for remark in remarks]
    link = links.absolute(reverse("practices:hub", args=[practice.pk]))
    _put(practice, practice.author, "questions", str(number), {"link": link, "remarks": rows})


def approved(practice: GoodPractice) -> None:
    stamp = practice.approved_at.isoformat() if practice.approved_at else ""
    link = links.absolute(reverse("practices:hub", args=[practice.pk]))
    _put(practice, practice.author, "approved", stamp, {"link": link})


def published(practice: GoodPractice) -> None:
    stamp = practice.published_at.isoformat() if practice.published_at else ""
    _put(practice, practice.author, "published", stamp, {"link": links.absolute(practice.get_absolute_url())})


def declined(practice: GoodPractice, reason: str, number: int) -> None:
    link = links.absolute(reverse("practices:hub", args=[practice.pk]))
    _put(practice, practice.author, "declined", str(number), {"link": link, "reason": reason})


def _put(practice: GoodPractice, person: User, name: str, key: str, context: dict[str, Any]) -> None:
    """One mail to one person; a person whose account is closed gets none."""
    if not person.is_active:
        return
    contact = getattr(person, "contact", None)
    greeting = contact.greeting if contact else f"Guten Tag {person.get_full_name()}".strip()
    subject, text, html = mail.render(f"practices/{name}", {"practice": practice, "greeting": greeting, **context})
    queue.put(
        key=f"practice-{name}:{practice.pk}:{key}",
        kind=f"practice_{name}",
        recipient=person.email,
        recipient_name=person.get_full_name(),
        subject=subject,
        text=text,
        html=html,
        thread=f"practice:{practice.pk}:{person.pk}",
        reference=f"practice:{practice.pk}",
    )
