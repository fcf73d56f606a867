"""The mails of the network, one function each."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from mobipro import links, mail
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage
from regions.models import AccountInvitation, FigureRequest, User

FIGURES_PURPOSE = "figures"
BULK_PRIORITY = 6


def account_invitation(invitation: AccountInvitation) -> None:
    """The personal link to an account; a renewed invitation is another mail."""
    link = links.placeholder("account_invitation", "account-invitation", invitation.pk, invitation.link_version)
    context = {
        "greeting": invitation.contact.greeting if invitation.contact else "Guten Tag",
        "role": invitation.get_role_display(),
        "organisation": invitation.organisation,
        "link": link,
        "expires_at": invitation.expires_at,
        "invited_by": invitation.invited_by,
    }
    subject, text, html = mail.render("regions/account_invitation", context)
    queue.put(
        key=f"account-invitation:{invitation.pk}:{invitation.link_version}",
        kind="account_invitation",
        recipient=invitation.email,
        recipient_name=invitation.contact.full_name if invitation.contact else "",
        subject=subject,
        text=text,
        html=html,
        priority=1,
    )


def second_factor_reset(user: User, *, to: User, who: str, reason: str) -> None:
    """Tells the person and every administrator; nobody resets a second factor unseen."""
    context = {"user": user, "to": to, "who": who, "reason": reason, "is_own": user.pk == to.pk}
    subject, text, html = mail.render("regions/second_factor_reset", context)
    queue.put(
        key=queue.random_key("second-factor-reset"),
        kind="second_factor_reset",
        recipient=to.email,
        recipient_name=to.get_full_name(),
        subject=subject,
        text=text,
        html=html,
        priority=1,
    )


def figure_request(request: FigureRequest, *, is_reminder: bool = False) -> None:
    """The personal link to the page where one project reports its figures; the reminder repeats it."""
    if request.contact is None:
        return
    link = links.placeholder("regions:report_figures", FIGURES_PURPOSE, request.pk, request.link_version)
    context = {
        "greeting": request.contact.greeting,
        "request": request,
        "project": request.project,
        "link": link,
        "is_reminder": is_reminder,
    }
    subject, text, html = mail.render("regions/figure_request", context)
    queue.put(
        key=f"figure-request:{request.pk}:{'reminder' if is_reminder else 'first'}",
        kind="figure_request",
        recipient=request.email,
        recipient_name=request.contact.full_name,
        subject=subject,
        text=text,
        html=html,
        thread=f"figures:{request.pk}",
        group=f"figures:{request.year}-{request.half}",
        reference=f"regions.FigureRequest:{request.pk}",
        priority=BULK_PRIORITY,
        not_before=timezone.now() + timedelta(seconds=settings.SEND_DELAY_SECONDS),
    )


def still_asked(message: OutboxMessage) -> str | None:
    """The last question before the mail goes out; None: send."""
    model, _, number = message.reference.partition(":")
    row = None
    if model == "regions.FigureRequest" and number.isdigit():
        row = FigureRequest.objects.filter(pk=int(number)).first()
    if row is None:
        return "Die Abfrage gibt es nicht mehr."
    return "Das Projekt hat inzwischen gemeldet." if row.answered_at else None
