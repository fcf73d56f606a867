"""School holidays of the demo world: the file in the repository, and invented ones for years that it does not cover."""

from datetime import date, timedelta

from regions import holiday_import, school_holidays
from regions.models import BlockedPeriod, FederalState

SOURCE = "erfunden für die Vorführung, keine amtlichen Termine"
CHRISTMAS_DAYS = 14


def build(year: int) -> None:
    """This year and the next. Invented summer holidays begin in four waves, the others in two."""
    holiday_import.load_repository_file()
    missing = {wanted: school_holidays.states_without(wanted) for wanted in (year, year + 1)}
    for index, state in enumerate(FederalState.objects.order_by("iso_code")):
        for wanted, states in missing.items():
            for name, start, days in _holidays(wanted, index) if state in states else []:
                BlockedPeriod.objects.get_or_create(
                    federal_state=state,
                    kind=BlockedPeriod.Kind.SCHOOL_HOLIDAY,
                    name=f"{name} {wanted}",
                    defaults={"starts_on": start, "ends_on": start + timedelta(days=days - 1), "source": SOURCE},
                )


def _holidays(year: int, index: int) -> list[tuple[str, date, int]]:
    """Name, first day and length."""
    half, quarter = timedelta(weeks=index % 2), timedelta(weeks=2 * (index % 4))
    return [
        ("Winterferien", date(year, 2, 2) + half, 6),
        ("Osterferien", date(year, 3, 29) + half, 13),
        ("Sommerferien", date(year, 6, 25) + quarter, 43),
        ("Herbstferien", date(year, 10, 5) + 2 * half, 13),
        ("Weihnachtsferien", date(year, 12, 22), CHRISTMAS_DAYS),
    ]
