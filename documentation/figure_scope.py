"""What a set of figures is about: period, region, Land, occupational field, source country."""

from dataclasses import dataclass

from django.db.models import QuerySet

from meetings.models import Attendance, Invitation, Meeting
from practices.models import GoodPractice
from regions.models import FederalState, OccupationalField, Project, Region, SourceCountry

HALVES = {1: (1, 6), 2: (7, 12)}


@dataclass(frozen=True)
class Scope:
    """One selection. A year is the year of the plan a meeting belongs to; no year means all of them."""

    year: int | None = None
    half: int | None = None
    region: Region | None = None
    state: FederalState | None = None
    field: OccupationalField | None = None
    country: SourceCountry | None = None

    @property
    def period(self) -> str:
        if self.year is None:
            return "alle Jahre"
        return f"{self.half}. Halbjahr {self.year}" if self.half else str(self.year)

    @property
    def label(self) -> str:
        """ "2026, Region Nord, Bulgarien" – for headings, quotations and file names."""
        parts = [self.period]
        if self.region:
            parts.append(f"Region {self.region.name}")
        parts.extend(row.name for row in (self.state, self.field, self.country) if row)
        return ", ".join(parts)

    @property
    def is_about_projects(self) -> bool:
        """Land, field and country are traits of projects: then meetings and people count through their projects."""
        return bool(self.state or self.field or self.country)

    def projects(self) -> QuerySet:
        """Planned and running projects of the selection; each stands once."""
        found = Project.objects.active()
        if self.region:
            found = found.filter(region=self.region)
        if self.state:
            found = found.filter(pk__in=Project.objects.filter(locations__federal_state=self.state).values("pk"))
        if self.field:
            found = found.filter(pk__in=Project.objects.filter(occupational_fields=self.field).values("pk"))
        if self.country:
            found = found.filter(pk__in=Project.objects.filter(source_countries=self.country).values("pk"))
        return found

    def meetings(self) -> QuerySet:
        """Announced meetings of the period: the region's own, and those to which such projects were invited."""
        found = Meeting.objects.public()
        if self.year is not None:
            found = found.in_year(self.year)
        if self.half:
            first, last = HALVES[self.half]
            found = found.filter(starts_at__month__gte=first, starts_at__month__lte=last)
        if self.region:
            found = found.filter(
                kind=Meeting.Kind.REGIONAL, pk__in=Meeting.objects.filter(regions=self.region).values("pk")
            )
        if self.is_about_projects:
            asked = Invitation.objects.invited().filter(project__in=self.projects())
            found = found.filter(pk__in=asked.values("meeting"))
        return found

    def invitations(self) -> QuerySet:
        found = Invitation.objects.invited().filter(meeting__in=self.meetings())
        return found.filter(project__in=self.projects()) if self.is_about_projects else found

    def attendances(self) -> QuerySet:
        """Everybody who was there."""
        found = Attendance.objects.present().filter(meeting__in=self.meetings())
        return found.filter(invitation__project__in=self.projects()) if self.is_about_projects else found

    def practices(self) -> QuerySet:
        """Public examples published in the period."""
        found = GoodPractice.objects.public()
        if self.year is not None:
            found = found.filter(published_at__year=self.year)
        if self.half:
            first, last = HALVES[self.half]
            found = found.filter(published_at__month__gte=first, published_at__month__lte=last)
        if self.region:
            found = found.filter(region=self.region)
        if self.state:
            found = found.filter(project__in=Project.objects.filter(locations__federal_state=self.state).values("pk"))
        if self.field:
            found = found.filter(pk__in=GoodPractice.objects.filter(occupational_fields=self.field).values("pk"))
        if self.country:
            found = found.filter(pk__in=GoodPractice.objects.filter(source_countries=self.country).values("pk"))
        return found
