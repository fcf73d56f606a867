"""The three sheets with their columns: one definition for reading, checking, the template and the export."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mobipro import search

CLEAR = "[leer]"  # a cell that says so empties the field; an empty cell changes nothing
EXAMPLE = "Beispiel"  # in the first column: the template's example, never read
NUMBER = "Nr. im Portal"


class Kind(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    LONG = "long"
    POSTCODE = "postcode"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    DATE = "date"
    WHOLE = "whole"
    YES_NO = "yes_no"
    CHOICE = "choice"
    ONE = "one"  # one record, by its name
    MANY = "many"  # several records, by their names with ";" between
    TASKS = "tasks"


@dataclass(frozen=True)
class Column:
    """One column; `key` is the model's field, `of` names the records to choose from (see book.py)."""

    heading: str
    key: str
    kind: Kind = Kind.TEXT
    longest: int = 200
    is_required: bool = False
    of: str = ""
    example: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook: `key` in addresses and stored rows, `title` on the tab."""

    key: str
    title: str
    one: str
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]


_NUMBER = Column(NUMBER, "pk", Kind.WHOLE, example=EXAMPLE, hint="leer bei neuen; der Export füllt sie")

TRAEGER = Sheet(
    "traeger",
    "Träger",
    "Träger",
    (
        _NUMBER,
        Column("Name", "name", is_required=True, example="Werkstatt Muster gGmbH"),
        Column("Kurzname", "short_name", longest=60, example="Werkstatt Muster"),
        Column("Art", "kind", Kind.CHOICE, example="Träger"),
        Column("Rechtsform", "legal_form", longest=40, example="gGmbH"),
        Column("Straße", "street", longest=120, example="Musterstraße 1"),
        Column("Postleitzahl", "postcode", Kind.POSTCODE, 10, example="01067", hint="als Text formatieren"),
        Column("Ort", "city", longest=80, example="Dresden"),
        Column("Bundesland", "federal_state", Kind.ONE, of="states", example="Sachsen"),
        Column("Webseite", "website", Kind.URL, example="https://www.example.org/"),
        Column("Allgemeine E-Mail", "general_email", Kind.EMAIL, 254, example="info@example.org"),
        Column("Telefon", "phone", Kind.PHONE, 40, example="030 23125 100", hint="als Text formatieren"),
        Column("Über den Träger", "about", Kind.LONG, 1500, example="Ein Satz für die öffentliche Seite."),
        Column("aktiv", "is_active", Kind.YES_NO, example="ja"),
        Column("Notiz der Koordination", "note", Kind.LONG, 2000),
    ),
)
PROJEKTE = Sheet(
    "projekte",
    "Projekte",
    "Projekt",
    (
        _NUMBER,
        Column("Titel", "title", is_required=True, example="Ankommen in Dresden"),
        Column("Förderkennzeichen", "reference_number", longest=60, example="MOB-2026-001"),
        Column("Träger", "lead", Kind.ONE, is_required=True, of="organisations", example="Werkstatt Muster gGmbH"),
        Column("Beteiligte Träger", "partners", Kind.MANY, of="organisations", hint="mehrere mit ; trennen"),
        Column("Region", "region", Kind.ONE, is_required=True, of="regions", example="Sachsen-Thüringen"),
        Column("Stand", "status", Kind.CHOICE, example="läuft"),
        Column("Phase", "phase", Kind.ONE, of="phases"),
        Column("Beginn", "starts_on", Kind.DATE, example="01.09.2026"),
        Column("Ende", "ends_on", Kind.DATE, example="31.08.2029"),
        Column("Plätze", "planned_places", Kind.WHOLE, 5, example="12"),
        Column("Jahrgänge", "cohorts", Kind.MANY, of="cohorts", example="2016"),
        Column("Berufsfelder", "occupational_fields", Kind.MANY, of="fields", hint="mehrere mit ; trennen"),
        Column("Ausbildungsberufe", "training_occupations", Kind.MANY, of="occupations", hint="mehrere mit ; trennen"),
        Column("Herkunftsländer", "source_countries", Kind.MANY, of="countries", example="Spanien; Italien"),
        Column("Hauptort", "main_city", longest=80, example="Dresden"),
        Column("Bundesland des Hauptorts", "main_state", Kind.ONE, of="states", example="Sachsen"),
        Column("Kurzbeschreibung", "summary", Kind.LONG, 1500),
        Column("Webseite", "website", Kind.URL),
    ),
)
PERSONEN = Sheet(
    "personen",
    "Ansprechpersonen",
    "Ansprechperson",
    (
        _NUMBER,
        Column("Art", "kind", Kind.CHOICE, example="Person"),
        Column("Anrede", "salutation", Kind.CHOICE, example="Frau"),
        Column("Titel", "title", longest=40, example="Dr."),
        Column("Vorname", "first_name", longest=80, example="Erika"),
        Column("Nachname", "last_name", longest=80, is_required=True, example="Muster"),
        Column(
            "Organisation",
            "organisation",
            Kind.ONE,
            is_required=True,
            of="organisations",
            example="Werkstatt Muster gGmbH",
        ),
        Column("E-Mail", "email", Kind.EMAIL, 254, is_required=True, example="muster@example.org"),
        Column("Telefon", "phone", Kind.PHONE, 40, example="030 23125 101", hint="als Text formatieren"),
        Column("Stand", "status", Kind.CHOICE, example="aktiv"),
        Column("abwesend bis", "on_leave_until", Kind.DATE),
        Column(
            "Aufgaben",
            "tasks",
            Kind.TASKS,
            2000,
            example="Ankommen in Dresden (Projektleitung, Hauptkontakt)",
            hint="Projekt (Funktion, Hauptkontakt oder Vertretung); mehrere mit ; trennen",
        ),
    ),
)
SHEETS: tuple[Sheet, ...] = (TRAEGER, PROJEKTE, PERSONEN)
BY_KEY = {sheet.key: sheet for sheet in SHEETS}
_OTHER_TITLES = {"organisationen": "traeger", "kontakte": "personen", "personen": "personen"}


def sheet_of_title(title: str) -> Sheet | None:
    """The sheet that a tab means: "Träger", "TRAEGER " and "Organisationen" alike."""
    plain = search.normalise(title)
    for sheet in SHEETS:
        if plain == search.normalise(sheet.title):
            return sheet
    return BY_KEY.get(_OTHER_TITLES.get(plain, ""))


def sheet_of_headings(headings: Sequence[str]) -> Sheet | None:
    """The sheet whose required columns all stand there; for a table whose tab is called something else."""
    plain = {search.normalise(heading) for heading in headings}
    fitting = [
        sheet
        for sheet in SHEETS
        if {search.normalise(column.heading) for column in sheet.columns if column.is_required} <= plain
    ]
    return fitting[-1] if fitting else None  # "Name" alone is the weakest sign
