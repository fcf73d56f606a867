"""The outbox: every mail of the portal is a row, written in the transaction that causes it."""

import uuid
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from mobipro import search
from mobipro.outbox import privacy

SECRET_KINDS = frozenset({"account"})  # password links and codes: shown to nobody, erased once sent
CLAIM_SECONDS = 60  # a claim older than this belongs to a worker that is gone, or waits behind a slow relay


class State(models.TextChoices):
    QUEUED = "queued", "wartet"
    HELD = "held", "angehalten"
    HANDING_OVER = "handing_over", "wird übergeben"
    SENT = "sent", "gesendet"
    FAILED = "failed", "fehlgeschlagen"
    UNCLEAR = "unclear", "unklar"
    WITHDRAWN = "withdrawn", "zurückgezogen"


class Bounce(models.TextChoices):
    """What a delivery report said later about a mail that the relay had accepted (RFC 3464)."""

    DELAYED = "delayed", "verzögert"
    SOFT = "soft", "vorerst unzustellbar"
    HARD = "hard", "unzustellbar"


OPEN_STATES = (State.QUEUED, State.HELD, State.HANDING_OVER)


class OutboxQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Not decided yet: waiting, held, or just being handed over."""
        return self.filter(state__in=OPEN_STATES)

    def due(self, now: datetime | None = None) -> Self:
        """To be handed over now, in order; never one that has an older open mail in its thread."""
        now = now or timezone.now()
        older = self.model._default_manager.filter(
            thread=OuterRef("thread"), pk__lt=OuterRef("pk"), state__in=OPEN_STATES
        )
        unclaimed = Q(claimed_at=None) | Q(claimed_at__lte=now - timedelta(seconds=CLAIM_SECONDS))
        return (
            self.filter(unclaimed, state=State.QUEUED, not_before__lte=now)
            .filter(Q(thread="") | ~Exists(older))
            # Tried ones last: an address that stalls each time must not hold up the others.
            .order_by("priority", "attempts", "pk")
        )

    def for_group(self, group: str) -> Self:
        return self.filter(group=group)

    def to_decide(self) -> Self:
        """Where a person has to say whether it arrived, or to send it again."""
        return self.filter(state__in=[State.FAILED, State.UNCLEAR])

    def without_private(self) -> Self:
        """What the whole office may see: no mail whose recipient is the administrators' business only."""
        return self.exclude(kind__in=privacy.private_kinds())

    def search(self, text: str) -> Self:
        """Mails whose recipient, address or subject hold all the words."""
        found = self
        for word in search.normalise(text).split()[: search.MAX_WORDS]:
            found = found.filter(search_text__contains=word)
        return found


class OutboxMessage(models.Model):
    """One mail to one person. Its text holds placeholders; personal links are filled at hand-over only.

    queued → handing_over → sent | failed | unclear; a person may hold, release, withdraw, or send again.
    Only mobipro.outbox.queue and .delivery change the state.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField("Schlüssel", max_length=200, unique=True, help_text="Jeder Anlass eine Mail, nie zwei.")
    kind = models.CharField("Art", max_length=40)
    priority = models.PositiveSmallIntegerField("Vorrang", default=5, help_text="0 sofort (Passwort) … 9 Rundmail.")
    group = models.CharField("Sendung", max_length=120, blank=True)
    thread = models.CharField(
        "Reihe", max_length=120, blank=True, help_text="Mails einer Reihe gehen in ihrer Reihenfolge hinaus."
    )
    reference = models.CharField("Bezug", max_length=120, blank=True)

    sender = models.CharField("Absender", max_length=350)
    reply_to = models.CharField("Antwort an", max_length=350, blank=True)
    envelope_from = models.CharField("Umschlagabsender", max_length=254, blank=True)
    recipient = models.CharField("E-Mail-Adresse", max_length=254)
    recipient_name = models.CharField("Name", max_length=200, blank=True)
    subject = models.CharField("Betreff", max_length=250)
    text = models.TextField("Text", blank=True)
    html = models.TextField("HTML", blank=True)
    calendar = models.TextField("Kalenderteil", blank=True)
    calendar_method = models.CharField("Kalendermethode", max_length=20, blank=True)
    headers = models.JSONField("weitere Kopfzeilen", default=dict, blank=True)
    search_text = models.TextField(editable=False, blank=True)

    state = models.CharField("Stand", max_length=12, choices=State.choices, default=State.QUEUED)
    not_before = models.DateTimeField("frühestens", default=timezone.now)
    attempts = models.PositiveIntegerField("Versuche", default=0)
    last_error = models.TextField("letzter Fehler", blank=True)
    relay_reply = models.TextField("Antwort des Mailservers", blank=True)
    note = models.CharField("Vermerk", max_length=300, blank=True)
    bounce = models.CharField("Rücklauf", max_length=8, choices=Bounce.choices, blank=True, editable=False)
    bounce_words = models.TextField("Worte des Rücklaufs", blank=True, editable=False)
    bounced_at = models.DateTimeField("Rücklauf am", null=True, blank=True, editable=False)
    claimed_by = models.CharField(max_length=120, blank=True, editable=False)
    claimed_at = models.DateTimeField("übernommen am", null=True, blank=True, editable=False)
    sent_at = models.DateTimeField("gesendet am", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("angelegt am", default=timezone.now, editable=False)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "Mail"
        verbose_name_plural = "Postausgang"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="outbox_state_known"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="outbox_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="handing_over") | (Q(claimed_at__isnull=False) & ~Q(claimed_by="")),
                name="outbox_hand_over_has_worker",
            ),
            models.CheckConstraint(
                condition=Q(calendar="", calendar_method="") | (~Q(calendar="") & ~Q(calendar_method="")),
                name="outbox_calendar_has_method",
            ),
            models.CheckConstraint(
                condition=Q(bounce="", bounced_at__isnull=True) | (~Q(bounce="") & Q(bounced_at__isnull=False)),
                name="outbox_bounce_has_time",
            ),
        ]
        indexes = [
            models.Index("priority", "attempts", "id", condition=Q(state="queued"), name="outbox_due"),
            models.Index("claimed_at", condition=Q(state="handing_over"), name="outbox_in_mid_air"),
            models.Index("thread", "id", name="outbox_thread"),
            models.Index("group", "state", name="outbox_group"),
            models.Index("reference", name="outbox_reference"),
            models.Index("recipient", "bounced_at", condition=~Q(bounce=""), name="outbox_bounced"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} an {self.recipient}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.refresh_search()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def refresh_search(self) -> None:
        self.search_text = search.normalise(f"{self.recipient_name} {self.recipient} {self.subject}")

    @property
    def message_id(self) -> str:
        """The same in each attempt: what the relay's log is searched for."""
        return f"<{self.uuid}@{parseaddr(self.sender)[1].rpartition('@')[2] or 'localhost'}>"

    @property
    def is_secret(self) -> bool:
        """Whoever reads it could sign in as its recipient."""
        return self.kind in SECRET_KINDS

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class Relay(models.Model):
    """The one mail server we hand over to: the circuit breaker that stops trying while it is down."""

    failures = models.PositiveIntegerField("Fehler in Folge", default=0)
    closed_until = models.DateTimeField("Pause bis", null=True, blank=True)
    last_error = models.TextField("letzter Fehler", blank=True)
    failed_at = models.DateTimeField("zuletzt gestört am", null=True, blank=True)

    class Meta:
        verbose_name = "Mailserver"
        verbose_name_plural = "Mailserver"

    def __str__(self) -> str:
        return self.last_error or "erreichbar"
