"""The mails of the network, one function each."""

from mobipro import links, mail
from mobipro.outbox import queue
from regions.models import AccountInvitation, User


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
