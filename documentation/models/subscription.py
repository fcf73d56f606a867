"""Who gets "Neu im Netzwerk", the weekly mail about what became public, and about what."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from regions.models import Region, Topic

CONFIRM_DAYS = 7  # an address that nobody confirmed is deleted after so many days …
KEPT_DAYS = 30  # … and an ended subscription after these: until then its page offers to take it up again


class SubscriptionQuerySet(models.QuerySet):
    def active(self) -> Self:
        """Confirmed by the person herself and not ended: who gets the weekly mail."""
        return self.filter(confirmed_at__isnull=False, ended_at=None)

    def pending(self) -> Self:
        """Asked for on the page; the link in the mail was not used yet."""
        return self.filter(confirmed_at=None)

    def due(self, until: datetime) -> Self:
        """Who has not been told about everything up to this moment."""
        return self.active().filter(last_sent_through__lt=until)

    def to_erase(self, now: datetime) -> Self:
        """Never confirmed, or ended long enough ago."""
        return self.filter(
            Q(confirmed_at=None, requested_at__lt=now - timedelta(days=CONFIRM_DAYS))
            | Q(ended_at__lt=now - timedelta(days=KEPT_DAYS))
        )


class Subscription(models.Model):
    """One address and what it wants to read about. No name, no login, no history: nothing more is needed.

    Asked for → confirmed by the link in the mail → ended. Only documentation.subscriptions changes it.
    """

    class Kind(models.TextChoices):
        DOCUMENTATIONS = "dokumentationen", "Dokumentationen"
        PRACTICES = "beispiele", "Gute Praxis"
        MEETINGS = "termine", "Termine der Vernetzungstreffen"

    class End(models.TextChoices):
        PERSON = "person", "von der Person beendet"
        UNREACHABLE = "unreachable", "Mails kamen nicht an"

    email = models.CharField("E-Mail-Adresse", max_length=254)
    documentations = models.BooleanField(Kind.DOCUMENTATIONS.label, default=True)
    practices = models.BooleanField(Kind.PRACTICES.label, default=True)
    meetings = models.BooleanField(Kind.MEETINGS.label, default=True)
    regions = models.ManyToManyField(Region, related_name="+", blank=True, verbose_name="Regionen")
    topics = models.ManyToManyField(Topic, related_name="+", blank=True, verbose_name="Themen")
    link_version = models.PositiveIntegerField(default=1, editable=False)
    requested_at = models.DateTimeField("bestellt am", default=timezone.now)
    confirmed_at = models.DateTimeField("bestätigt am", null=True, blank=True)
    ended_at = models.DateTimeField("beendet am", null=True, blank=True)
    end_reason = models.CharField("Grund des Endes", max_length=12, choices=End.choices, blank=True)
    last_sent_through = models.DateTimeField("informiert bis", null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "E-Mail-Abo"
        verbose_name_plural = "E-Mail-Abos"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="subscription_email_once"),
            models.CheckConstraint(
                condition=Q(documentations=True) | Q(practices=True) | Q(meetings=True),
                name="subscription_about_something",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, last_sent_through=None)
                | Q(confirmed_at__isnull=False, last_sent_through__isnull=False),
                name="subscription_confirmed_knows_from_when",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="")
                | (Q(ended_at__isnull=False, confirmed_at__isnull=False) & ~Q(end_reason="")),
                name="subscription_ended_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                "last_sent_through",
                "id",
                condition=Q(confirmed_at__isnull=False, ended_at=None),
                name="subscription_due",
            ),
        ]

    def __str__(self) -> str:
        """Without the address: the admin's log of a deletion must not keep it."""
        return f"Abo {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None

    @property
    def kinds(self) -> list["Subscription.Kind"]:
        chosen = {
            self.Kind.DOCUMENTATIONS: self.documentations,
            self.Kind.PRACTICES: self.practices,
            self.Kind.MEETINGS: self.meetings,
        }
        return [kind for kind, wanted in chosen.items() if wanted]

    @property
    def kind_names(self) -> str:
        return _enumerated([str(kind.label) for kind in self.kinds])

    @property
    def region_names(self) -> str:
        """ "Nord und Bayern", or "alle Regionen"."""
        return _enumerated([region.name for region in self.regions.all()]) or "alle Regionen"

    @property
    def topic_names(self) -> str:
        return _enumerated([f"„{topic.name}“" for topic in self.topics.all()]) or "alle Themen"


def _enumerated(names: list[str]) -> str:
    return " und ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
