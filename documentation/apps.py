from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DocumentationConfig(AppConfig):
    name = "documentation"
    verbose_name = "Dokumentationen"

    def ready(self) -> None:
        from documentation import emails, immutability, rules, subscriptions  # noqa: F401 - rules registers the permissions
        from mobipro import search
        from mobipro.outbox import bounces, checks, privacy

        for table in ("documentation_meetingdocumentation", "documentation_publication", "documentation_page"):
            search.register_index(table)
        checks.register(emails.DIGEST, emails.still_subscribed)
        privacy.keep_private(*emails.KINDS)
        bounces.when_unreachable(subscriptions.end_unreachable)
        post_migrate.connect(immutability.ensure, sender=self, dispatch_uid="documentation_immutability")
