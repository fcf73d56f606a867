"""Files of school holidays: ICS, CSV or JSON in, periods and errors out. Pure, and bounded for hostile files.

CSV and JSON are understood as the OpenHolidays API publishes them, and with columns of our own
(Land; Name; erster Tag; letzter Tag).
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import icalendar

from mobipro import html, search

MAX_BYTES = 2_000_000
MAX_PERIODS = 5_000
LONGEST_DAYS = 80  # the longest summer holidays last 46 days: more is a mistake
FIRST_YEAR, LAST_YEAR = 2000, 2100
LANDS = {
    "BW": "Baden-Württemberg",
    "BY": "Bayern",
    "BE": "Berlin",
    "BB": "Brandenburg",
    "HB": "Bremen",
    "HH": "Hamburg",
    "HE": "Hessen",
    "MV": "Mecklenburg-Vorpommern",
    "NI": "Niedersachsen",
    "NW": "Nordrhein-Westfalen",
    "RP": "Rheinland-Pfalz",
    "SL": "Saarland",
    "SN": "Sachsen",
    "ST": "Sachsen-Anhalt",
    "SH": "Schleswig-Holstein",
    "TH": "Thüringen",
}
_BY_NAME = sorted(((search.normalise(name), code) for code, name in LANDS.items()), key=lambda row: -len(row[0]))
_COLUMNS = {
    "land": {"land", "bundesland", "subdivisions", "groups", "kuerzel"},
    "name": {"name", "bezeichnung", "ferien", "ferienname"},
    "start": {"erster tag", "von", "beginn", "start", "startdate", "erster ferientag"},
    "end": {"letzter tag", "bis", "ende", "end", "enddate", "letzter ferientag"},
    "type": {"type", "art"},
}


class HolidayFileError(Exception):
    """The file as a whole cannot be read; the German text says what to do."""


@dataclass(frozen=True)
class Period:
    """One stretch of holidays; `land` is the ISO code's last part ("BY"), `place` says where it stands in the file."""

    place: str
    land: str
    name: str
    starts_on: date
    ends_on: date


@dataclass
class HolidayFile:
    """What a file says: periods, what could not be read ("Zeile 7: …"), and where it comes from, if it says so."""

    periods: list[Period] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    source: str = ""
    licence: str = ""


def read(content: bytes, land: str = "") -> HolidayFile:
    """Read a file; `land` is for entries that name none. Raises HolidayFileError for what is no such file."""
    if not content.strip():
        raise HolidayFileError("Diese Datei ist leer. Wählen Sie die richtige Datei aus.")
    if len(content) > MAX_BYTES:
        raise HolidayFileError("Diese Datei ist größer als 2 MB. Teilen Sie sie auf.")
    text = _decoded(content).strip()
    found = HolidayFile()
    if text[:15].upper() == "BEGIN:VCALENDAR":
        entries = _of_calendar(text)
    elif text[:1] in "[{":
        entries = _of_json(text, found)
    else:
        entries = _of_table(text)
    seen: set[tuple[str, str, date, date]] = set()
    for number, (place, values) in enumerate(entries):
        if number >= MAX_PERIODS:
            raise HolidayFileError(f"Diese Datei hat mehr als {MAX_PERIODS} Einträge. Teilen Sie sie auf.")
        _take(place, values, land, found, seen)
    if not found.periods and not found.errors:
        raise HolidayFileError("In dieser Datei stehen keine Schulferien. Wählen Sie eine andere Datei aus.")
    return found


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise HolidayFileError("Das ist keine Textdatei. Wählen Sie eine Datei mit der Endung .ics, .csv oder .json.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what Excel saves as CSV


# --- the three kinds of file ---------------------------------------------------------------------
Entry = tuple[str, dict[str, Any]]


def _of_calendar(text: str) -> Iterator[Entry]:
    try:
        calendar: Any = icalendar.Calendar.from_ical(text)
        events = calendar.walk("VEVENT")
    except Exception as error:  # the library raises whatever broken bytes provoke
        raise HolidayFileError("Diese Kalenderdatei ist beschädigt. Laden Sie sie noch einmal herunter.") from error
    title = str(calendar.get("X-WR-CALNAME", ""))
    for number, event in enumerate(events, start=1):
        name = str(event.get("SUMMARY", ""))
        yield f"Termin {number}", {"event": event, "name": name, "land": f"{name} {event.get('LOCATION', '')} {title}"}


def _of_json(text: str, found: HolidayFile) -> Iterator[Entry]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HolidayFileError("Diese JSON-Datei ist beschädigt. Laden Sie sie noch einmal herunter.") from error
    if isinstance(data, dict):
        found.source, found.licence = _words(data.get("source"), 300), _words(data.get("licence"), 120)
        data = data.get("holidays")
    if not isinstance(data, list):
        raise HolidayFileError("In dieser JSON-Datei steht keine Liste von Ferien. Wählen Sie eine andere Datei aus.")
    for number, row in enumerate(data, start=1):
        if not isinstance(row, dict):
            found.errors.append(f"Eintrag {number}: Hier steht kein Zeitraum.")
            continue
        if row.get("type", "School") not in ("School", "school"):
            continue
        yield (
            f"Eintrag {number}",
            {
                "name": _german(row.get("name")),
                "land": row.get("land") or _codes(row.get("groups")) or _codes(row.get("subdivisions")),
                "start": row.get("startDate", row.get("from")),
                "end": row.get("endDate", row.get("to")),
            },
        )


def _german(name: Any) -> str:
    """The German text of a list of texts, or the text itself."""
    if isinstance(name, list):
        texts = {row.get("language"): row.get("text") for row in name if isinstance(row, dict)}
        return str(texts.get("DE") or next(iter(texts.values()), ""))
    return str(name or "")


def _codes(rows: Any) -> str:
    return ",".join(str(row.get("code", "")) for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ""


def _of_table(text: str) -> Iterator[Entry]:
    head, _, _ = text.partition("\n")
    delimiter = max(";\t,", key=head.count)
    if not head.count(delimiter):
        raise HolidayFileError(
            "Diese Datei ist weder Kalender noch Tabelle. Wählen Sie eine Datei mit der Endung .ics, .csv oder .json."
        )
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(StringIO(text), delimiter=delimiter)
    try:
        headings = [search.normalise(cell) for cell in next(reader)]
        columns = _columns_of(headings)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
            if row.get("type", "School").strip().casefold() not in ("school", "schulferien", ""):
                continue
            row["name"] = _first_german(row["name"])
            yield f"Zeile {reader.line_num}", row
    except csv.Error as error:
        raise HolidayFileError(f"Zeile {reader.line_num} dieser CSV-Datei ist beschädigt. Prüfen Sie sie.") from error


def _columns_of(headings: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for name, words in _COLUMNS.items():
        places = [place for place, heading in enumerate(headings) if heading in words]
        if places:
            columns[name] = places[0]
    missing = [words for name, words in (("name", "Name"), ("start", "erster Tag")) if name not in columns]
    if missing:
        raise HolidayFileError(
            f"In der ersten Zeile fehlt die Spalte „{missing[0]}“. "
            "Die Spalten heißen Land, Name, erster Tag, letzter Tag."
        )
    return columns


def _first_german(text: str) -> str:
    """ "DE Winterferien,EN Winter holidays" → "Winterferien"."""
    found = re.match(r"DE ([^,]+)", text.strip())
    return found[1] if found else text


# --- one entry -----------------------------------------------------------------------------------
def _take(place: str, values: dict[str, Any], land: str, found: HolidayFile, seen: set[Any]) -> None:
    """Add one entry's periods, one for each Land, or the error that it has."""
    try:
        starts_on, ends_on = _span(values)
        lands = _lands_of(values.get("land")) or ({land: ""} if land else {})
        if not lands:
            raise ValueError("Es steht kein Bundesland dabei. Wählen Sie das Land beim Hochladen aus.")
        name = _name_of(values.get("name"))
    except ValueError as error:
        found.errors.append(f"{place}: {error}")
        return
    for code, group in lands.items():
        period = Period(place, code, f"{name} ({group})"[:120] if group else name, starts_on, ends_on)
        key = (code, period.name, starts_on, ends_on)
        if key not in seen:
            seen.add(key)
            found.periods.append(period)


def _span(values: dict[str, Any]) -> tuple[date, date]:
    if "event" in values:
        starts_on, ends_on = _span_of_event(values["event"])
    else:
        starts_on = _day(values.get("start"), "Der erste Tag")
        last = values.get("end")
        ends_on = _day(last, "Der letzte Tag") if str(last or "").strip() else starts_on
    if not FIRST_YEAR <= starts_on.year <= LAST_YEAR:
        raise ValueError(f"Das Jahr {starts_on.year} kann nicht stimmen.")
    if ends_on < starts_on:
        raise ValueError(f"Der letzte Tag ({ends_on:%d.%m.%Y}) liegt vor dem ersten ({starts_on:%d.%m.%Y}).")
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise ValueError(f"Von {starts_on:%d.%m.%Y} bis {ends_on:%d.%m.%Y} sind mehr als {LONGEST_DAYS} Tage.")
    return starts_on, ends_on


def _span_of_event(event: Any) -> tuple[date, date]:
    """A calendar's end is the first day after (RFC 5545 §3.6.1); an event with hours ends on its own day."""
    if event.get("RRULE"):
        raise ValueError("Serientermine werden nicht gelesen. Tragen Sie jeden Zeitraum einzeln ein.")
    try:
        start, end = event.decoded("DTSTART"), event.decoded("DTEND") if "DTEND" in event else None
    except Exception as error:
        raise ValueError("Beginn oder Ende ist kein Datum.") from error
    if isinstance(start, datetime):
        last = (end - timedelta(seconds=1)).date() if isinstance(end, datetime) and end > start else start.date()
        return start.date(), last
    if not isinstance(start, date):
        raise ValueError("Der Beginn ist kein Datum.")
    if not isinstance(end, date) or isinstance(end, datetime) or end == start:
        return start, start
    return start, end - timedelta(days=1)


def _day(value: Any, what: str) -> date:
    text = str(value or "").strip()
    if not text:
        raise ValueError(f"{what} fehlt.")
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"):
        try:
            return datetime.strptime(text[:10], pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(f"{what} („{text[:20]}“) ist kein Datum. Bitte so: 28.02.2027.")


def _lands_of(text: Any) -> dict[str, str]:
    """Länder with the group of schools, if only one of the Land's groups is meant: "MV-BBS" → {"MV": "MV-BBS"}."""
    words = str(text or "")
    codes = [part.strip().upper().removeprefix("DE-") for part in words.split(",")]
    if all(code[:2] in LANDS and (len(code) == 2 or code[2] == "-") for code in codes):
        groups: dict[str, set[str]] = {}
        for code in codes:
            groups.setdefault(code[:2], set()).add(code)
        return {land: "" if len(some) > 1 or land in some else some.pop() for land, some in groups.items()}
    plain = search.normalise(words)
    named = next((code for name, code in _BY_NAME if re.search(rf"\b{re.escape(name)}\b", plain)), "")
    return {named: ""} if named else {}


def _name_of(value: Any) -> str:
    """The holidays' name without Land and year."""
    words = _words(value, 120)
    for name in sorted(LANDS.values(), key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(name)}\b", " ", words, flags=re.IGNORECASE)
    words = re.sub(r"\b20\d\d(/(20)?\d\d)?\b", " ", words)
    words = " ".join(re.sub(r"\(\s*\)", " ", words).split()).strip(" -–,;:")
    if not words:
        raise ValueError("Der Name der Ferien fehlt.")
    return words[:1].upper() + words[1:]


def _words(value: Any, longest: int) -> str:
    return " ".join(html.plain(value).split())[:longest] if isinstance(value, str) else ""
