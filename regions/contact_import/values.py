"""From a cell's text to a value: what it means in the network, or what is wrong with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from mobipro import mail, search
from regions.contact_import.book import Book, choices
from regions.contact_import.columns import CLEAR, Column, Kind, Sheet
from regions.models import ContactAssignment

MOST_PLACES = 32_767  # what the column of the database holds
_YES_NO = {"ja": True, "x": True, "1": True, "wahr": True, "nein": False, "0": False, "falsch": False}
_POSTCODE = re.compile(r"[0-9]{5}|[A-Z]{1,3}-[0-9A-Z ]{3,7}", re.ASCII)  # German, or abroad with its country
_URL = URLValidator(schemes=["http", "https"])


@dataclass
class Reader:
    """Turns texts into values; knows the network and the rows of the same file by their names."""

    book: Book
    in_file: dict[str, dict[str, str]] = field(default_factory=dict)  # "organisations" → name → "traeger:7|Name"
    broken: set[str] = field(default_factory=set)

    def value(self, sheet: Sheet, column: Column, text: str) -> Any:
        """The value of a filled cell. Raises ValueError with a German sentence."""
        if text == CLEAR:
            return self._emptied(column)
        readers: dict[Kind, Callable[[], Any]] = {
            Kind.DATE: lambda: day(text),
            Kind.WHOLE: lambda: _whole(text),
            Kind.POSTCODE: lambda: _postcode(text),
            Kind.EMAIL: lambda: mail.normalise_address(text),
            Kind.URL: lambda: _url(text),
            Kind.YES_NO: lambda: _yes_no(text),
            Kind.CHOICE: lambda: _choice(sheet, column, text),
            Kind.ONE: lambda: self.one(column.of, text),
            Kind.MANY: lambda: sorted({self.one(column.of, part) for part in _parts(text)}, key=str),
            Kind.TASKS: lambda: sorted((self._task(part) for part in _parts(text)), key=str),
        }
        return readers[column.kind]() if column.kind in readers else text

    @staticmethod
    def _emptied(column: Column) -> Any:
        if column.is_required or column.kind in (Kind.YES_NO, Kind.TASKS) or column.key in ("kind", "status"):
            raise ValueError("Dieses Feld lässt sich nicht leeren.")
        if column.kind == Kind.MANY:
            return []
        return None if column.kind in (Kind.ONE, Kind.DATE, Kind.WHOLE) else ""

    def one(self, of: str, text: str) -> Any:
        """The id of the record that the text names, or the key of a new row in the same file."""
        found = self.book.names[of].find(text)
        if len(found) == 1:
            return next(iter(found))
        if found:
            numbers = " oder ".join(f"#{pk}" for pk in sorted(found))
            raise ValueError(f"„{text}“ gibt es mehrmals. Schreiben Sie {numbers}.")
        row = self.in_file.get(of, {}).get(search.normalise(text))
        if row in self.broken:
            raise ValueError(f"Die Zeile „{text[:80]}“ derselben Datei hat einen Fehler. Beheben Sie zuerst diesen.")
        if row:
            return row
        raise ValueError(f"„{text[:80]}“ gibt es nicht. {_instead(self.book, of)}")

    def _task(self, text: str) -> list[Any]:
        """ "Projekt (Funktion, Hauptkontakt)" → [project, function, is_primary, is_deputy]."""
        project, _, rest = text.rpartition("(")
        words = [word.strip() for word in rest.rstrip(") ").split(",")] if project else []
        if not words:
            raise ValueError(f"Nennen Sie die Funktion in Klammern: {text[:60]} (Projektleitung, Hauptkontakt).")
        flags = {search.normalise(word) for word in words}
        is_primary, is_deputy = "hauptkontakt" in flags, "vertretung" in flags
        known = {search.normalise(str(label)): value for value, label in ContactAssignment.Function.choices}
        functions = [known[word] for word in flags if word in known]
        unknown = flags - set(known) - {"hauptkontakt", "vertretung"}
        if unknown or len(functions) != 1:
            labels = ", ".join(str(label) for _value, label in ContactAssignment.Function.choices)
            raise ValueError(f"Nennen Sie genau eine dieser Funktionen: {labels}.")
        return [self.one("projects", project.strip()), functions[0], is_primary, is_deputy]


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.replace("\n", ";").split(";")]
    return [part for part in parts if part]


def _instead(book: Book, of: str) -> str:
    names = list(book.names[of].names.values())
    if of in ("organisations", "projects"):
        what = "den Träger" if of == "organisations" else "das Projekt"
        return f"Legen Sie {what} in derselben Datei an oder prüfen Sie die Schreibweise."
    if len(names) <= 20:
        return f"Möglich sind: {', '.join(names)}."
    return "Die möglichen Wörter stehen in der Vorlage, Blatt „Zulässige Werte“."


def day(text: str) -> str:
    """A day as "2027-02-28"; "28.02.2027" and "2027-02-28" are understood."""
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            found = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if 1990 <= found.year <= 2100:
            return found.isoformat()
    raise ValueError(f"Den Tag „{text[:20]}“ gibt es nicht. Bitte so: 28.02.2027.")


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:9]) > MOST_PLACES or len(text) > 5:
        raise ValueError(f"„{text[:20]}“ ist keine Zahl von 0 bis {MOST_PLACES}.")
    return int(text)


def _postcode(text: str) -> str:
    if not _POSTCODE.fullmatch(text):
        raise ValueError(f"„{text[:20]}“ ist keine Postleitzahl mit fünf Ziffern. Bitte so: 01067.")
    return text


def _url(text: str) -> str:
    try:
        _URL(text)
    except ValidationError:
        raise ValueError(f"„{text[:60]}“ ist keine Adresse. Bitte so: https://www.example.org/.") from None
    return text


def _yes_no(text: str) -> bool:
    found = _YES_NO.get(text.casefold())
    if found is None:
        raise ValueError("Schreiben Sie „ja“ oder „nein“.")
    return found


def _choice(sheet: Sheet, column: Column, text: str) -> str:
    plain = search.normalise(text)
    for value, label in choices(sheet, column.key):
        if plain in (search.normalise(label), search.normalise(value)):
            return value
    labels = ", ".join(label for _value, label in choices(sheet, column.key))
    raise ValueError(f"„{text[:40]}“ gibt es hier nicht. Möglich sind: {labels}.")
