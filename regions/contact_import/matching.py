"""Which record a row means: by its number, its name or address – and which one it might mean without saying so."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from mobipro import search
from regions.contact_import.book import Book
from regions.contact_import.columns import PERSONEN, PROJEKTE, TRAEGER, Sheet
from regions.contact_import.reading import Problem

SIMILAR = 0.85  # of SequenceMatcher: "Werkstatt Leer gGmbH" and "Werkstatt Leer gemeinnützige GmbH" are below
_WORD = 4  # letters; only records that share a word of this length are compared


@dataclass(frozen=True)
class Duplicate:
    """A record that is probably the same; a person decides. `may_be_new` is False where it cannot be another one."""

    pk: int
    label: str
    why: str
    may_be_new: bool = True


def number(text: str) -> int:
    """The number in the first column. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(f"„{text[:20]}“ ist keine Nummer. Leeren Sie die Zelle, wenn der Eintrag neu ist.")
    return int(text)


def label_of(sheet: Sheet, values: dict[str, Any]) -> str:
    """The row's name for people."""
    if sheet is PERSONEN:
        parts = (values.get("title"), values.get("first_name"), values.get("last_name"))
        return " ".join(str(part) for part in parts if part) or str(values.get("email", ""))
    return str(values.get("name") or values.get("title") or values.get("pk") or "")


class Matcher:
    """Looks records up; built once for a file."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.by_word: dict[str, dict[str, set[int]]] = {TRAEGER.key: {}, PROJEKTE.key: {}}
        for sheet, key in ((TRAEGER, "name"), (PROJEKTE, "title")):
            for pk, record in book.records[sheet.key].items():
                for word in _words(getattr(record, key)):
                    self.by_word[sheet.key].setdefault(word, set()).add(pk)
        self.by_email = {row.email.casefold(): row for row in book.records[PERSONEN.key].values()}
        self.by_reference: dict[str, list[Any]] = {}
        for row in book.records[PROJEKTE.key].values():
            if reference := search.normalise(row.reference_number):
                self.by_reference.setdefault(reference, []).append(row)
        self.by_person: dict[tuple[str, int], Any] = {}
        for row in book.records[PERSONEN.key].values():
            self.by_person[search.normalise(f"{row.first_name} {row.last_name}"), row.organisation_id] = row

    def match(self, sheet: Sheet, values: dict[str, Any], pk: int | None) -> tuple[int | None, Duplicate | None]:
        """(id of the record, None), (None, a duplicate to decide on) or (None, None) for a new one.

        Raises ValueError for a number that no record has.
        """
        if pk is not None:
            if pk not in self.book.records[sheet.key]:
                raise ValueError(f"Die Nummer {pk} gibt es im Portal nicht. Leeren Sie die Zelle, wenn das neu ist.")
            return pk, None
        if sheet is TRAEGER:
            return self._organisation(values)
        return self._project(values) if sheet is PROJEKTE else self._person(values)

    def _organisation(self, values: dict[str, Any]) -> tuple[int | None, Duplicate | None]:
        name = str(values.get("name") or "")
        plain = search.normalise(name)
        city = search.normalise(str(values.get("city") or ""))
        best: tuple[float, Any] = (0.0, None)
        for record in self._sharing(TRAEGER, name):
            if search.normalise(record.name) == plain:
                return record.pk, None
            place = search.normalise(record.city)
            likeness = _likeness(plain, search.normalise(record.name))
            if likeness >= SIMILAR and (not city or not place or city == place) and likeness > best[0]:
                best = likeness, record
        likeness, record = best
        if record is None:
            return None, None
        where = f", {record.city}" if record.city else ""
        return None, Duplicate(record.pk, f"{record.name}{where}", f"Name zu {likeness:.0%} gleich, Ort passt")

    def _project(self, values: dict[str, Any]) -> tuple[int | None, Duplicate | None]:
        title, lead = search.normalise(str(values.get("title") or "")), values.get("lead")
        best: tuple[float, Any] = (0.0, None)
        for record in self._sharing(PROJEKTE, title):
            if record.lead_id != lead or not lead:
                continue
            likeness = _likeness(title, search.normalise(record.title))
            if likeness == 1:
                return record.pk, None
            if likeness >= SIMILAR and likeness > best[0]:
                best = likeness, record
        same = self.by_reference.get(search.normalise(str(values.get("reference_number") or "")), [])
        if same:
            return None, Duplicate(same[0].pk, same[0].title, "dasselbe Förderkennzeichen, anderer Titel oder Träger")
        if best[1] is not None:
            return None, Duplicate(best[1].pk, best[1].title, f"Titel zu {best[0]:.0%} gleich, derselbe Träger")
        return None, None

    def _person(self, values: dict[str, Any]) -> tuple[int | None, Duplicate | None]:
        same = self.by_email.get(str(values.get("email") or "").casefold())
        if same is not None:
            if search.normalise(same.last_name) == search.normalise(str(values.get("last_name") or "")):
                return same.pk, None
            why = "dieselbe E-Mail-Adresse, anderer Name"
            return None, Duplicate(same.pk, f"{same.full_name}, {same.email}", why, may_be_new=False)
        name = search.normalise(f"{values.get('first_name') or ''} {values.get('last_name') or ''}")
        namesake = self.by_person.get((name, values.get("organisation") or 0)) if name else None
        if namesake is not None:
            why = "derselbe Name in derselben Organisation, andere E-Mail-Adresse"
            return None, Duplicate(namesake.pk, f"{namesake.full_name}, {namesake.email}", why)
        return None, None

    def _sharing(self, sheet: Sheet, text: str) -> list[Any]:
        """Records that share a longer word; in the order of their ids."""
        words = self.by_word[sheet.key]
        ids = {pk for word in _words(text) for pk in words.get(word, ())}
        records = self.book.records[sheet.key]
        return [records[pk] for pk in sorted(ids)]


def _words(text: str) -> set[str]:
    """The longer words; where there are none, the whole text."""
    plain = search.normalise(text)
    return {word for word in plain.split() if len(word) >= _WORD} or {plain}


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILAR else 0.0


def problems_of(
    sheet: Sheet, row: int, values: dict[str, Any], current: dict[str, Any], pk: int | None, book: Book
) -> list[Problem]:
    """What the network does not allow, though each cell is right for itself."""
    found: list[Problem] = []

    def wrong(key: str, text: str) -> None:
        found.append(Problem(sheet.key, row, sheet.column(key).heading, text))

    after = {**current, **values}
    if sheet is TRAEGER and "name" in values:
        others = [one for one in book.names["organisations"].find(values["name"]) if one != pk]
        if any(book.records[TRAEGER.key][one].name == values["name"] for one in others):
            wrong("name", "So heißt schon eine andere Organisation.")
    if sheet is PROJEKTE:
        if after.get("starts_on") and after.get("ends_on") and after["ends_on"] < after["starts_on"]:
            wrong("ends_on", "Das Ende liegt vor dem Beginn.")
        if after.get("main_city") and not after.get("main_state"):
            wrong("main_state", "Nennen Sie das Bundesland des Hauptorts.")
        if after.get("main_state") and not after.get("main_city"):
            wrong("main_city", "Nennen Sie den Hauptort.")
        if after.get("lead") in (after.get("partners") or []):
            wrong("partners", "Der federführende Träger ist nicht zugleich beteiligt.")
    if sheet is PERSONEN and "email" in values and pk:
        _check_address(values["email"], pk, book, wrong)
    return found


def _check_address(email: str, pk: int, book: Book, wrong: Any) -> None:
    """A changed address must be nobody else's, neither in the address book nor as a login."""
    person = book.records[PERSONEN.key][pk]
    if person.email.casefold() == email.casefold():
        return
    if any(row.email.casefold() == email.casefold() and row.pk != pk for row in book.records[PERSONEN.key].values()):
        wrong("email", "Diese Adresse steht schon bei einer anderen Ansprechperson.")
    elif person.user_id and book.logins.get(email.casefold(), person.user_id) != person.user_id:
        wrong("email", "Für diese Adresse gibt es schon ein anderes Konto.")
