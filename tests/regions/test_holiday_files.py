"""Files of school holidays: three formats read, every mistake named with its place, hostile files refused."""

from datetime import date

import pytest

from regions import holiday_files
from regions.holiday_files import HolidayFileError, read

CALENDAR = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Ferien//DE\r
BEGIN:VEVENT\r
SUMMARY:{summary}\r
DTSTART;VALUE=DATE:20270802\r
DTEND;VALUE=DATE:20270914\r
END:VEVENT\r
END:VCALENDAR\r
"""
OPEN_HOLIDAYS = """Id;Country;StartDate;EndDate;Type;RegionalScope;Name;Groups
1;DE;2027-02-08;2027-02-13;School;Regional;DE Winterferien,EN Winter Holidays;MV-BBS
2;DE;2027-05-07;;School;Regional;DE Zusätzlicher Ferientag,EN Additional holiday;MV-ABS,MV-BBS
3;DE;2027-05-01;;Public;Regional;DE Tag der Arbeit,EN Labour Day;MV
"""


def of(text, land=""):
    return read(text.encode(), land)


def rows(found):
    return [(row.land, row.name, row.starts_on, row.ends_on) for row in found.periods]


@pytest.mark.parametrize("summary", ["Sommerferien Bayern 2027", "Sommerferien 2027 (Bayern)", "Bayern: Sommerferien"])
def test_a_calendar_ends_the_day_before_its_end_and_names_its_land(summary):
    found = of(CALENDAR.format(summary=summary))
    assert rows(found) == [("BY", "Sommerferien", date(2027, 8, 2), date(2027, 9, 13))]


def test_sachsen_anhalt_is_not_sachsen():
    assert of(CALENDAR.format(summary="Sommerferien Sachsen-Anhalt")).periods[0].land == "ST"


def test_a_calendar_without_a_land_takes_the_chosen_one_or_says_so():
    assert of(CALENDAR.format(summary="Sommerferien"), "HE").periods[0].land == "HE"
    assert of(CALENDAR.format(summary="Sommerferien")).errors == [
        "Termin 1: Es steht kein Bundesland dabei. Wählen Sie das Land beim Hochladen aus."
    ]


def test_the_table_of_openholidays_is_read_without_public_holidays():
    assert rows(of(OPEN_HOLIDAYS)) == [
        ("MV", "Winterferien (MV-BBS)", date(2027, 2, 8), date(2027, 2, 13)),
        ("MV", "Zusätzlicher Ferientag", date(2027, 5, 7), date(2027, 5, 7)),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_of_our_own_is_read_in_every_encoding_of_excel(encoding):
    text = "Land;Name;erster Tag;letzter Tag\nThüringen;Osterferien;22.03.2027;03.04.2027\n"
    assert rows(read(text.encode(encoding))) == [("TH", "Osterferien", date(2027, 3, 22), date(2027, 4, 3))]


def test_the_json_of_openholidays_is_read():
    text = """[{"startDate": "2027-02-01", "endDate": "2027-02-06", "type": "School",
        "name": [{"language": "EN", "text": "Winter holidays"}, {"language": "DE", "text": "Winterferien"}],
        "subdivisions": [{"code": "DE-BE", "shortName": "BE"}]}]"""
    assert rows(of(text)) == [("BE", "Winterferien", date(2027, 2, 1), date(2027, 2, 6))]


def test_source_and_licence_of_our_own_json_are_known():
    text = (
        """{"source": "Amt", "licence": "frei", "holidays": [{"land": "DE-BY", "name": "A", "from": "2027-02-01"}]}"""
    )
    found = of(text)
    assert (found.source, found.licence, len(found.periods)) == ("Amt", "frei", 1)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("Bayern;Ferien;31.02.2027;", "Zeile 2: Der erste Tag („31.02.2027“) ist kein Datum. Bitte so: 28.02.2027."),
        ("Bayern;Ferien;;", "Zeile 2: Der erste Tag fehlt."),
        (
            "Bayern;A;02.02.2027;01.02.2027",
            "Zeile 2: Der letzte Tag (01.02.2027) liegt vor dem ersten (02.02.2027).",
        ),
        ("Bayern;Ferien;01.01.2027;31.12.2027", "Zeile 2: Von 01.01.2027 bis 31.12.2027 sind mehr als 80 Tage."),
        ("Bayern;;01.02.2027;", "Zeile 2: Der Name der Ferien fehlt."),
        (
            "Tirol;A;01.02.2027;",
            "Zeile 2: Es steht kein Bundesland dabei. Wählen Sie das Land beim Hochladen aus.",
        ),
        ("Bayern;Ferien;01.02.0027;", "Zeile 2: Das Jahr 27 kann nicht stimmen."),
    ],
)
def test_a_mistake_is_named_with_its_line(line, error):
    assert of(f"Land;Name;Von;Bis\n{line}\n").errors == [error]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        b"PK\x03\x04\x00\x00",
        b"Hallo Welt",
        b"BEGIN:VCALENDAR\nkaputt",
        b"[1, 2",
        b"{}",
        b"[" * 100_000,
        b"A;B\n1;2\n",
        b"x" * (holiday_files.MAX_BYTES + 1),
        b'Land;Name;Von;Bis\n"',
    ],
)
def test_what_is_no_file_of_holidays_is_refused_with_what_to_do(content):
    with pytest.raises(HolidayFileError) as refused:
        read(content)
    assert str(refused.value).endswith((".", "Sie sie."))


def test_a_series_of_appointments_is_no_holiday():
    text = CALENDAR.format(summary="Ferien Bayern").replace("END:VEVENT", "RRULE:FREQ=DAILY\r\nEND:VEVENT")
    assert of(text).errors == ["Termin 1: Serientermine werden nicht gelesen. Tragen Sie jeden Zeitraum einzeln ein."]


def test_control_characters_and_decomposed_letters_do_not_reach_the_database():
    found = of("Land;Name;Von;Bis\nBayern;Fru\u0308h\x07ling;01.02.2027;\n")
    assert found.periods[0].name == "Frühling"


def test_an_entry_that_stands_twice_counts_once():
    assert len(of("Land;Name;Von;Bis\n" + "Bayern;Ferien;01.02.2027;\n" * 3).periods) == 1
