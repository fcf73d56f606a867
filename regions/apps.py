from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "regions"
    verbose_name = "Regionen und Netzwerk"

    def ready(self) -> None:
        from allauth.account.signals import email_changed

        from mobipro import mail, search
        from mobipro.outbox import checks
        from regions import retention
        from regions.accounts import on_address_confirmed
        from regions.emails import still_asked

        email_changed.connect(on_address_confirmed, dispatch_uid="regions.contact_follows_login")
        for table in ("regions_organisation", "regions_project"):
            search.register_index(table)
        mail.add_context(programme_for_mails)
        retention.register()
        checks.register("figure_request", still_asked)


def programme_for_mails() -> Mapping[str, Any]:
    """What every mail says about operator and funding: the settings of today."""
    from django.utils import timezone

    from regions.models import ProgrammeSettings

    programme = ProgrammeSettings.objects.on(timezone.localdate())
    if programme is None:
        return {"programme": None}
    return {
        "programme": programme,
        "funding_sentence": programme.funding_sentence,
        "operator": programme.operator,
        "operator_address": ", ".join(programme.address_lines),
    }
