"""What the dossier page shows: the state of each part of a meeting, and the one next step."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from meetings import invitations, milestones, notices, participant_info, polls, reminders, thanks
from meetings.admin import feedback_steps
from meetings.admin.choices import choices
from meetings.models import Answer, Attendance, DatePoll, Invitation, Mailing, Meeting, Registration, SupportNeed
from meetings.models.agenda import with_times
from meetings.models.invitation import PartStat
from mobipro.outbox.models import OutboxMessage, State

Status = Meeting.Status
OPEN_TASKS = 5  # shown; all of them stand on their own page


@dataclass(frozen=True)
class Step:
    """The next thing to do: a link, or (with `post`) a form with one button."""

    label: str
    url: str
    hint: str = ""
    post: bool = False


def next_step(meeting: Meeting, *, has_agenda: bool, has_results: bool, documentation: Any) -> Step | None:
    """The one primary step; None when everything is done or the meeting is off."""
    if meeting.status == Status.CANCELLED:
        return None
    if meeting.status == Status.POSTPONED:
        return Step("Neuen Termin festlegen", _url("move", meeting))
    if meeting.starts_at is None:
        return Step("Termin und Ort festlegen", _url("date", meeting))
    if meeting.has_started:
        return _after(meeting, has_results=has_results, documentation=documentation)
    if not has_agenda:
        return Step("Tagesordnung anlegen", _url("agenda", meeting))
    if meeting.status in (Status.IDEA, Status.SAVE_THE_DATE):
        return Step("Einladen …", _url("invite", meeting), "Sie sehen vor dem Senden, wer die Einladung warum bekommt.")
    return Step("Weitere Personen einladen …", _url("invite", meeting), "Die Einladung läuft.")


def due_mail(meeting: Meeting, *, has_results: bool) -> Step | None:
    """The mail whose day has come and that somebody still waits for: it goes before the other steps.

    Thanks do not stand in the way of the documentation: once there are results, they are in their box only.
    """
    if participant_info.is_due(meeting):
        return Step(
            "Teilnahmeinfo senden …", _mail("teilnahmeinfo", meeting), "Sie sehen vor dem Senden, wer sie bekommt."
        )
    if not has_results and thanks.is_due(meeting):
        return Step("Danke sagen …", _mail("danke", meeting), "Mit dem Link zur anonymen Rückmeldung.")
    return None


def _mail(kind: str, meeting: Meeting) -> str:
    return reverse("admin:meetings_circular", args=[meeting.pk, kind])


def poll_step(meeting: Meeting, poll: DatePoll | None) -> Step | None:
    """While people are asked for a date, or have answered, their answers are what comes next."""
    if poll is None or poll.state == DatePoll.State.DECIDED or not polls.may_ask(meeting):
        return None
    if poll.is_undecided:
        return Step("Termin wählen", _url("poll", meeting), "Die Terminabfrage ist geschlossen.")
    if meeting.starts_at is None or meeting.status == Status.POSTPONED:
        return Step("Antworten auf die Terminabfrage ansehen", _url("poll", meeting))
    return None


def _after(meeting: Meeting, *, has_results: bool, documentation: Any) -> Step | None:
    if meeting.status not in Meeting.HELD_STATUSES:
        return Step("Teilnahme erfassen", _url("attendance", meeting))
    if not has_results:
        return Step("Ergebnisse eintragen", _url("minutes", meeting))
    if documentation is None:
        return Step("Dokumentation anlegen", reverse("admin:documentation_create", args=[meeting.pk]), post=True)
    if documentation.current_version_id is None:
        return Step("Dokumentation herausgeben", reverse("admin:documentation_release", args=[documentation.pk]))
    return None


def _url(step: str, meeting: Meeting) -> str:
    return reverse(f"admin:meetings_{step}", args=[meeting.pk])


@dataclass(frozen=True)
class Sending:
    """One mailing with what became of its mails."""

    mailing: Mailing
    waiting: int
    held: int


def sendings(meeting: Meeting) -> list[Sending]:
    """The last ten mailings; which can still be stopped, and which are stopped."""
    mailings = list(meeting.mailings.all()[:10])
    rows = OutboxMessage.objects.filter(group__in=[row.group for row in mailings]).values_list("group", "state")
    states = Counter(rows)
    return [
        Sending(row, states[(row.group, State.QUEUED.value)], states[(row.group, State.HELD.value)]) for row in mailings
    ]


def answers(meeting: Meeting) -> dict[str, int]:
    """How many were invited, reached, and what they answered; one query."""
    invited = meeting.invitations.invited()
    return invited.aggregate(
        total=Count("pk"),
        delivered=Count("pk", filter=Q(message__state=State.SENT)),
        troubled=Count("pk", filter=Q(message__state__in=[State.FAILED, State.UNCLEAR])),
        accepted=Count("pk", filter=Q(partstat=PartStat.ACCEPTED)),
        declined=Count("pk", filter=Q(partstat__in=[PartStat.DECLINED, PartStat.DELEGATED])),
        tentative=Count("pk", filter=Q(partstat=PartStat.TENTATIVE)),
        silent=Count("pk", filter=Q(partstat=PartStat.NEEDS_ACTION)),
        again=Count("pk", filter=Q(needs_reconfirmation=True) & ~Q(partstat=PartStat.NEEDS_ACTION)),
        to_remind=Count("pk", filter=reminders.silent()),
    )


def seats_in_numbers(meeting: Meeting) -> dict[str, int]:
    """Taken (and how many of them online), on offer, and how many wait; one query."""
    status = Registration.Status
    return meeting.registrations.aggregate(
        taken=Count("pk", filter=Q(status=status.CONFIRMED)),
        online=Count("pk", filter=Q(status=status.CONFIRMED, mode=Registration.Mode.ONLINE)),
        offered=Count("pk", filter=Q(status=status.OFFERED)),
        waiting=Count("pk", filter=Q(status=status.WAITING)),
    )


def needs(meeting: Meeting) -> dict[str, Any]:
    """What kitchen and house must know, summed up and without names; only whoever may change the meeting sees it."""
    coming = SupportNeed.objects.filter(registration__meeting=meeting).exclude(
        registration__status=Registration.Status.CANCELLED
    )
    rows = list(coming.values_list("diet", "assistance"))
    diet = Counter(text.strip() for text, _ in rows if text.strip())
    assistance = Counter(text.strip() for _, text in rows if text.strip())
    return {
        "diet": sorted(diet.items()),
        "assistance": sorted(assistance.items()),
        "diet_count": diet.total(),
        "assistance_count": assistance.total(),
    }


def _with_words(invited: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Each person with the message that came with the answer that counts now."""
    counting = Answer.objects.filter(invitation=OuterRef("pk"), partstat=OuterRef("partstat")).exclude(detail="")
    return invited.annotate(words=Subquery(counting.order_by("-received_at", "-pk").values("detail")[:1]))


def context(meeting: Meeting) -> dict[str, Any]:
    """Everything the page shows, in a fixed number of queries."""
    agenda = list(meeting.agenda.all())
    documentation = getattr(meeting, "documentation", None)
    has_agenda = any(item.kind != item.Kind.FOLLOW_UP for item in agenda)  # that point the portal puts there itself
    has_results = any(item.result_text.strip() for item in agenda) or meeting.decisions.exists()
    active = _with_words(meeting.invitations.active())
    people = list(active.select_related("registration", "message").order_by("name"))
    tasks = milestones.tasks_of(meeting)
    poll = meeting.polls.first()
    return {
        "meeting": meeting,
        "step": due_mail(meeting, has_results=has_results)
        or poll_step(meeting, poll)
        or next_step(meeting, has_agenda=has_agenda, has_results=has_results, documentation=documentation),
        "agenda": with_times(agenda, meeting.starts_at),
        "points": sum(item.kind != item.Kind.BREAK for item in agenda),
        "results": sum(bool(item.result_text.strip()) for item in agenda),
        "answers": answers(meeting),
        "can_invite": invitations.is_time_to_invite(meeting),
        **seats_in_numbers(meeting),
        **choices(meeting),
        "mailings": sendings(meeting),
        "requests": list(meeting.invitation_requests.filter(status="open")),
        "present": Attendance.objects.filter(meeting=meeting).present().count(),
        "feedback": feedback_steps.summary(meeting),
        "decisions": list(meeting.decisions.select_related("agenda_item")),
        "actions": list(meeting.action_items.select_related("owner")),
        "documentation": documentation,
        "changes": list(meeting.changes.select_related("made_by")),
        "past": list(meeting.history.exclude(history_change_reason=None).select_related("history_user")[:12]),
        "needs": needs(meeting),
        "reminders": reminders.planned(meeting) if meeting.status == Status.INVITED else "",
        "pause": notices.pause_in_words(),
        "people": people,
        "poll": poll,
        "poll_silent": poll.voters.filter(answered_at=None).count() if poll else 0,
        "may_poll": polls.may_ask(meeting),
        "tasks": [row for row in tasks if row.is_open][:OPEN_TASKS],
        "preparation": milestones.summary(tasks),
        "noted": sum(row.is_only_noted for row in people),
    }
