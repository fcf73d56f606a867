"""Public holidays of the Länder: the ones that differ are the ones that hurt."""

from datetime import date

import pytest

from regions.models import FederalState
from regions.public_holidays import holidays_on, public_holidays

ALL = [
    f"DE-{short}"
    for short in ["BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"]
]


def where(day):
    return {code[3:] for holiday in holidays_on(day, ALL) for code in holiday.iso_codes}


@pytest.mark.parametrize(
    ("day", "laender"),
    [
        (date(2027, 1, 6), "BW BY ST"),  # Heilige Drei Könige
        (date(2027, 3, 8), "BE MV"),  # Internationaler Frauentag
        (date(2027, 5, 27), "BW BY HE NW RP SL"),  # Fronleichnam; in SN and TH only in some communities
        (date(2027, 9, 20), "TH"),  # Weltkindertag
        (date(2027, 10, 31), "BB HB HH MV NI SN ST SH TH"),  # Reformationstag
        (date(2027, 11, 1), "BW BY NW RP SL"),  # Allerheiligen
        (date(2027, 11, 17), "SN"),  # Buß- und Bettag
    ],
)
def test_a_holiday_of_some_laender_names_exactly_these(day, laender):
    assert where(day) == set(laender.split())


@pytest.mark.parametrize("day", [date(2027, 5, 6), date(2027, 10, 3), date(2027, 12, 26), date(2028, 4, 14)])
def test_a_holiday_of_the_whole_country_is_one_everywhere(day):
    assert where(day) == {code[3:] for code in ALL}


def test_a_working_day_has_no_holiday_even_in_a_leap_year():
    assert holidays_on(date(2028, 2, 29), ALL) == []


def test_holidays_have_german_names_and_come_in_order():
    found = public_holidays(["DE-SN", "DE-TH"], 2027)
    assert [holiday.day for holiday in found] == sorted(holiday.day for holiday in found)
    names = {holiday.name: holiday.iso_codes for holiday in found}
    assert names["Buß- und Bettag"] == ("DE-SN",)
    assert names["Neujahr"] == ("DE-SN", "DE-TH")


@pytest.mark.django_db
def test_records_and_codes_ask_for_the_same(base_data):
    saxony = FederalState.objects.get(iso_code="DE-SN")
    assert public_holidays([saxony], 2027) == public_holidays(["DE-SN"], 2027)
