"""School holidays of the regions' Länder, as days to shade in the network's year."""

from datetime import date

from mobipro.charts import Break
from regions.models import BlockedPeriod, FederalState, RegionState


def states_without(year: int) -> list[FederalState]:
    """The Länder of which nobody entered the year's school holidays; one query."""
    known = BlockedPeriod.objects.filter(kind=BlockedPeriod.Kind.SCHOOL_HOLIDAY, starts_on__year=year)
    return list(FederalState.objects.exclude(pk__in=known.exclude(federal_state=None).values("federal_state")))


def breaks_of(year: int) -> list[Break]:
    """Each region's days on which at least one of its Länder has holidays; one query."""
    rows = (
        RegionState.objects.current()
        .filter(
            federal_state__blocked_periods__kind=BlockedPeriod.Kind.SCHOOL_HOLIDAY,
            federal_state__blocked_periods__starts_on__lte=date(year, 12, 31),
            federal_state__blocked_periods__ends_on__gte=date(year, 1, 1),
        )
        .order_by("region__number", "federal_state__blocked_periods__starts_on")
        .values_list(
            "region__number", "federal_state__blocked_periods__starts_on", "federal_state__blocked_periods__ends_on"
        )
    )
    merged: list[Break] = []
    for lane, start, end in rows:
        last = merged[-1] if merged else None
        if last and last.lane_number == lane and start <= last.end:
            merged[-1] = Break(last.start, max(last.end, end), "Schulferien", lane)
        else:
            merged.append(Break(start, end, "Schulferien", lane))
    return merged
