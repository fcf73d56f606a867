"""People: a User is only a login; a ContactPerson is the address book and where mail goes."""

from datetime import date, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.functional import cached_property
from simple_history.models import HistoricalRecords

from mobipro import search
from regions.models.network import Organisation, Project
from regions.models.place import Region
from regions.models.record import Dated
from regions.visibility import Access, access_of


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A login. What it may do follows from its RoleAssignments alone.

    `is_superuser` is forbidden by a constraint: a superuser would pass every predicate
    and read what is confidential. Administrators are a role.
    """

    email = models.EmailField("E-Mail-Adresse", unique=True)
    first_name = models.CharField("Vorname", max_length=80, blank=True)
    last_name = models.CharField("Nachname", max_length=80, blank=True)
    is_active = models.BooleanField("aktiv", default=True)
    date_joined = models.DateTimeField("angelegt am", default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "Konto"
        verbose_name_plural = "Konten"
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(is_superuser=False), name="user_never_superuser"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @property
    def is_staff(self) -> bool:
        """May open the admin: coordinators and administrators. Asked by Django's admin."""
        return self.access.is_office

    @cached_property
    def access(self) -> Access:
        """What the valid roles add up to; two queries, once for each loaded user."""
        roles = list(self.roles.valid())
        regional = [role for role in roles if role.role == RoleAssignment.Role.COORDINATOR]
        organisation_ids = frozenset(
            role.organisation_id
            for role in roles
            if role.role == RoleAssignment.Role.TRAEGER_STAFF and role.organisation_id
        )
        member_regions: frozenset[int] = frozenset()
        if organisation_ids:
            member_regions = frozenset(
                Project.objects.filter(organisations__in=organisation_ids).values_list("region_id", flat=True)
            )
        coordinated = frozenset(role.region_id for role in regional if role.region_id)
        return Access(
            user_id=self.pk,
            is_administrator=any(role.role == RoleAssignment.Role.ADMINISTRATOR for role in roles),
            is_coordinator=bool(regional),
            coordinates_all=any(role.all_regions for role in regional),
            coordinated_region_ids=coordinated,
            deputy_region_ids=frozenset(role.region_id for role in regional if role.is_deputy and role.region_id),
            is_funder=any(role.role == RoleAssignment.Role.FUNDER for role in roles),
            organisation_ids=organisation_ids,
            member_region_ids=member_regions | coordinated,
        )


class RoleAssignmentQuerySet(models.QuerySet):
    def valid(self, day: date | None = None) -> Self:
        day = day or timezone.localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)

    def coordinators_of(self, region: Region) -> Self:
        """Coordinators of this region, deputies last."""
        return (
            self.valid()
            .filter(Q(region=region) | Q(all_regions=True), role=RoleAssignment.Role.COORDINATOR, user__is_active=True)
            .order_by("is_deputy", "all_regions", "pk")
        )


class RoleAssignment(models.Model):
    """Who may what: the only source for roles."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", "Koordination"
        TRAEGER_STAFF = "traeger_staff", "Träger"
        FUNDER = "funder", "BMAS, ZAV oder IQ"
        ADMINISTRATOR = "administrator", "Administration"

    user = models.ForeignKey(User, models.CASCADE, related_name="roles", verbose_name="Konto")
    role = models.CharField("Rolle", max_length=20, choices=Role.choices)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="role_assignments", verbose_name="Region"
    )
    all_regions = models.BooleanField("alle Regionen (Gesamtkoordination)", default=False)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="role_assignments",
        verbose_name="Organisation",
    )
    is_deputy = models.BooleanField("in Vertretung", default=False)
    valid_from = models.DateField("gültig ab", default=timezone.localdate)
    valid_to = models.DateField("gültig bis", null=True, blank=True, help_text="Erster Tag ohne diese Rolle.")
    history = HistoricalRecords(verbose_name="Verlauf der Rolle", verbose_name_plural="Verlauf der Rollen")

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "Rolle"
        verbose_name_plural = "Rollen"
        ordering = ["user", "role", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(role="coordinator")
                | Q(region__isnull=False, all_regions=False)
                | Q(region=None, all_regions=True),
                name="role_coordinator_has_region_or_all",
                violation_error_message="Wählen Sie eine Region aus oder „alle Regionen“.",
            ),
            models.CheckConstraint(
                condition=Q(role="coordinator") | Q(region=None, all_regions=False, is_deputy=False),
                name="role_region_only_for_coordinators",
                violation_error_message="Eine Region gehört nur zur Rolle Koordination.",
            ),
            models.CheckConstraint(
                condition=~Q(role="traeger_staff") | Q(organisation__isnull=False),
                name="role_traeger_has_organisation",
                violation_error_message="Wählen Sie den Träger aus.",
            ),
            # Empty region and organisation count as equal, on both databases.
            models.UniqueConstraint(
                F("user"),
                F("role"),
                F("all_regions"),
                Coalesce(F("region"), 0),
                Coalesce(F("organisation"), 0),
                name="role_once",
                violation_error_message="Diese Rolle ist schon vergeben.",
            ),
        ]

    def __str__(self) -> str:
        where = "alle Regionen" if self.all_regions else self.region or self.organisation or ""
        return f"{self.get_role_display()} {where}".strip()


class ContactPersonQuerySet(models.QuerySet):
    def reachable(self) -> Self:
        """Active contacts whose address did not bounce for good."""
        return self.filter(status=ContactPerson.Status.ACTIVE, bounced_at=None)

    def visible_to(self, user: Any) -> Self:
        """The address book is the office's; others see themselves. No personal contact data in public."""
        access = access_of(user)
        if access.is_office:
            return self.all()
        return self.filter(user_id=access.user_id) if access.user_id else self.none()


class ContactPerson(Dated):
    """A person (or a mailbox) of an organisation. Mail goes here; a login is optional."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        MAILBOX = "mailbox", "Funktionspostfach"

    class Status(models.TextChoices):
        ACTIVE = "active", "aktiv"
        ON_LEAVE = "on_leave", "abwesend"
        LEFT = "left", "ausgeschieden"

    kind = models.CharField("Art", max_length=10, choices=Kind.choices, default=Kind.PERSON)
    salutation = models.CharField("Anrede", max_length=20, blank=True, choices=[("Frau", "Frau"), ("Herr", "Herr")])
    title = models.CharField("Titel", max_length=40, blank=True)
    first_name = models.CharField("Vorname", max_length=80, blank=True)
    last_name = models.CharField("Nachname", max_length=80)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contacts", verbose_name="Organisation")
    email = models.EmailField("E-Mail-Adresse", unique=True)
    phone = models.CharField("Telefon", max_length=40, blank=True)
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="contact", verbose_name="Konto"
    )
    status = models.CharField("Stand", max_length=10, choices=Status.choices, default=Status.ACTIVE)
    on_leave_until = models.DateField("abwesend bis", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors", verbose_name="Nachfolge"
    )
    bounced_at = models.DateTimeField("unzustellbar seit", null=True, blank=True)
    last_confirmed_on = models.DateField("zuletzt bestätigt am", null=True, blank=True)
    sort_key = models.CharField(max_length=200, editable=False, db_index=True, default="")
    history = HistoricalRecords(
        excluded_fields=["sort_key"],
        verbose_name="Verlauf der Ansprechperson",
        verbose_name_plural="Verlauf der Ansprechpersonen",
    )

    objects = ContactPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "Ansprechperson"
        verbose_name_plural = "Ansprechpersonen"
        ordering = ["sort_key"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="contact_email_once",
                violation_error_message="Diese Adresse steht schon im Adressbuch.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.organisation.short_name or self.organisation.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = search.sort_key(f"{self.last_name} {self.first_name}")[:200]
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "sort_key"}
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)

    @property
    def greeting(self) -> str:
        """The first line of a letter: "Guten Tag Herr Groß" or, without salutation, "Guten Tag Jürgen Groß"."""
        if self.kind == self.Kind.MAILBOX:
            return "Guten Tag"
        if self.salutation:
            return " ".join(part for part in ("Guten Tag", self.salutation, self.title, self.last_name) if part)
        return f"Guten Tag {self.full_name}"


class ContactAssignmentQuerySet(models.QuerySet):
    def valid(self, day: date | None = None) -> Self:
        day = day or timezone.localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), Q(valid_from=None) | Q(valid_from__lte=day))


class ContactAssignment(models.Model):
    """What a contact does in a project or an organisation. Several main contacts of a project are allowed."""

    class Function(models.TextChoices):
        PROJECT_LEAD = "project_lead", "Projektleitung"
        SUPPORT_WORKER = "support_worker", "Kümmerin oder Kümmerer"
        ADMINISTRATION = "administration", "Verwaltung"
        MANAGEMENT = "management", "Geschäftsführung"
        LANGUAGE_TEACHER = "language_teacher", "Sprachlehrkraft"
        PRESS = "press", "Öffentlichkeitsarbeit"

    contact = models.ForeignKey(
        ContactPerson, models.CASCADE, related_name="assignments", verbose_name="Ansprechperson"
    )
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="contact_assignments", verbose_name="Projekt"
    )
    organisation = models.ForeignKey(
        Organisation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="contact_assignments",
        verbose_name="Organisation",
    )
    function = models.CharField("Funktion", max_length=20, choices=Function.choices)
    is_primary = models.BooleanField("Hauptkontakt", default=False)
    is_deputy = models.BooleanField("Vertretung", default=False)
    valid_from = models.DateField("gültig ab", null=True, blank=True)
    valid_to = models.DateField("gültig bis", null=True, blank=True)

    objects = ContactAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "Funktion"
        verbose_name_plural = "Funktionen"
        ordering = ["-is_primary", "is_deputy", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=False, organisation=None) | Q(project=None, organisation__isnull=False),
                name="assignment_project_or_organisation",
                violation_error_message="Wählen Sie ein Projekt oder eine Organisation aus (nur eines von beiden).",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_function_display()}, {self.project or self.organisation}"


def _invitation_expiry() -> Any:
    return timezone.now() + timedelta(days=14)


class AccountInvitationQuerySet(models.QuerySet):
    def usable(self) -> Self:
        return self.filter(used_at=None, expires_at__gt=timezone.now())


class AccountInvitation(models.Model):
    """The only way to an account: sign-up is open to the invited address, once, until it expires."""

    email = models.EmailField("E-Mail-Adresse")
    contact = models.ForeignKey(
        ContactPerson,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="account_invitations",
        verbose_name="Ansprechperson",
    )
    role = models.CharField(
        "Rolle", max_length=20, choices=RoleAssignment.Role.choices, default=RoleAssignment.Role.TRAEGER_STAFF
    )
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Region")
    all_regions = models.BooleanField("alle Regionen", default=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Organisation"
    )
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    invited_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="eingeladen von"
    )
    created_at = models.DateTimeField("eingeladen am", auto_now_add=True)
    expires_at = models.DateTimeField("gültig bis", default=_invitation_expiry)
    used_at = models.DateTimeField("angenommen am", null=True, blank=True, editable=False)

    objects = AccountInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "Kontoeinladung"
        verbose_name_plural = "Kontoeinladungen"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(used_at=None),
                name="account_invitation_one_open",
                violation_error_message="Für diese Adresse ist schon eine Einladung offen.",
            ),
        ]

    def __str__(self) -> str:
        return self.email
