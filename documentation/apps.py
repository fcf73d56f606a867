from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DocumentationConfig(AppConfig):
    name = "documentation"
    verbose_name = "Dokumentationen"

    def ready(self) -> None:
        from documentation import immutability, rules  # noqa: F401 - rules registers the permissions
        from mobipro import search

        for table in ("documentation_meetingdocumentation", "documentation_publication", "documentation_page"):
            search.register_index(table)
        post_migrate.connect(immutability.ensure, sender=self, dispatch_uid="documentation_immutability")
