"""School holidays as shaded days: each region's own, merged where Länder overlap."""

from datetime import date

import pytest

from regions import school_holidays
from regions.models import BlockedPeriod, FederalState

pytestmark = pytest.mark.django_db


def holiday(iso_code, start, end, kind=BlockedPeriod.Kind.SCHOOL_HOLIDAY):
    state = FederalState.objects.get(iso_code=iso_code)
    BlockedPeriod(federal_state=state, kind=kind, name="Ferien", starts_on=start, ends_on=end).save()


def test_overlapping_holidays_of_a_region_are_one_stretch(base_data):
    holiday("DE-HH", date(2027, 7, 1), date(2027, 7, 20))
    holiday("DE-SH", date(2027, 7, 10), date(2027, 8, 1))
    found = school_holidays.breaks_of(2027)
    assert [(row.start, row.end, row.lane_number) for row in found] == [(date(2027, 7, 1), date(2027, 8, 1), 1)]


def test_other_years_and_other_blocks_shade_nothing(base_data):
    holiday("DE-BY", date(2026, 8, 1), date(2026, 9, 1))
    holiday("DE-BY", date(2027, 5, 1), date(2027, 5, 9), kind=BlockedPeriod.Kind.EXAM)
    assert school_holidays.breaks_of(2027) == []


def test_holidays_are_asked_for_in_one_query(base_data, django_assert_num_queries):
    for state in FederalState.objects.all():
        holiday(state.iso_code, date(2027, 7, 1), date(2027, 8, 1))
    with django_assert_num_queries(1):
        assert len(school_holidays.breaks_of(2027)) == 8
