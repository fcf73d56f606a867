"""The mails of the network, one function each."""

from mobipro import links, mail
from mobipro.outbox import queue
from regions.models import AccountInvitation


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
