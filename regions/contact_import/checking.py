"""What taking over a file would do now: each row new, changed, unchanged, perhaps a duplicate, or wrong."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from mobipro import html, search
from regions.contact_import import matching
from regions.contact_import.book import Book
from regions.contact_import.columns import PERSONEN, PROJEKTE, SHEETS, TRAEGER, Column, Kind, Sheet
from regions.contact_import.reading import Content, Problem, Row
from regions.contact_import.values import Reader

NEW, CHANGED, UNCHANGED, DUPLICATE, ERROR = "new", "changed", "unchanged", "duplicate", "error"
SKIP, USE = "skip", "use"  # what to do with a duplicate, besides NEW
EMPTY = "(leer)"


@dataclass(frozen=True)
class Change:
    """One field: what stands in the portal, what will stand there."""

    heading: str
    old: str
    new: str


@dataclass
class Item:
    """One row of the file and what becomes of it; `pk` is the record it changes."""

    sheet: Sheet
    row: int
    label: str = ""
    action: str = NEW
    pk: int | None = None
    is_numbered: bool = False  # the file names the record's number
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    duplicate: matching.Duplicate | None = None

    @property
    def key(self) -> str:
        """The row's name in references and form fields: "traeger:7"."""
        return f"{self.sheet.key}:{self.row}"

    @property
    def place(self) -> str:
        return f"{self.sheet.title}, Zeile {self.row}"

    @property
    def decisions(self) -> list[tuple[str, str]]:
        """What a person may do with a duplicate; the first is what happens if she says nothing."""
        if self.duplicate is None:
            return []
        use = "vorhandenen Eintrag ändern" if self.changes else "vorhandenen Eintrag verwenden (nichts zu ändern)"
        found = [(SKIP, "Zeile auslassen, vorhandenen Eintrag behalten"), (USE, use)]
        return [*found, (NEW, "als neuen Eintrag anlegen")] if self.duplicate.may_be_new else found


@dataclass
class Plan:
    """The whole result of a dry run."""

    items: list[Item]
    problems: list[Problem]
    notes: list[str]

    def of(self, action: str) -> list[Item]:
        return [item for item in self.items if item.action == action]

    @property
    def counts(self) -> dict[str, int]:
        counts = {action: len(self.of(action)) for action in (NEW, CHANGED, UNCHANGED, DUPLICATE)}
        return {**counts, "errors": len(self.problems)}

    @property
    def fingerprint(self) -> str:
        """Two plans with the same fingerprint do and show the same."""
        seen = [
            {
                "row": item.key,
                "action": item.action,
                "pk": item.pk,
                "values": item.values,
                "changes": [[one.heading, one.old, one.new] for one in item.changes],
                "duplicate": item.duplicate.pk if item.duplicate else None,
            }
            for item in self.items
        ]
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:32]


def check(content: Content, book: Book | None = None) -> Plan:
    """Compare what was read with the network; a fixed number of queries."""
    book = book or Book()
    reader = Reader(book)
    matcher = matching.Matcher(book)
    items: list[Item] = []
    for sheet in SHEETS:
        of_sheet = [_item(sheet, row, reader, matcher) for row in content.rows if row.sheet == sheet.key]
        _once(of_sheet)
        for item in of_sheet:
            _settle(item, book)
        _remember(sheet, of_sheet, reader)
        items.extend(of_sheet)
    problems = [*content.problems, *(problem for item in items for problem in item.problems)]
    return Plan(items, problems, content.notes)


def _item(sheet: Sheet, row: Row, reader: Reader, matcher: matching.Matcher) -> Item:
    """The row's values, and the record that it means."""
    item = Item(sheet, row.number, matching.label_of(sheet, row.cells))
    for key, text in row.cells.items():
        column = sheet.column(key)
        try:
            item.values[key] = matching.number(text) if key == "pk" else reader.value(sheet, column, text)
        except ValueError as error:
            item.problems.append(Problem(sheet.key, row.number, column.heading, str(error)))
    if item.problems:
        item.action = ERROR
        return item
    pk = item.values.pop("pk", None)
    item.is_numbered = pk is not None
    try:
        item.pk, item.duplicate = matcher.match(sheet, item.values, pk)
    except ValueError as error:
        item.problems.append(Problem(sheet.key, row.number, sheet.columns[0].heading, str(error)))
        item.action = ERROR
    return item


def _once(items: list[Item]) -> None:
    """The same record, address or name twice in one file: the second row is wrong."""
    seen: dict[Any, int] = {}
    for item in items:
        if item.action == ERROR:
            continue
        for key in _identities(item):
            if key in seen:
                text = f"Das steht schon in Zeile {seen[key]}. Lassen Sie nur eine der beiden Zeilen stehen."
                item.problems.append(Problem(item.sheet.key, item.row, "", text))
                item.action = ERROR
                break
            seen[key] = item.row


def _identities(item: Item) -> list[Any]:
    values = item.values
    found: list[Any] = [("pk", item.pk)] if item.pk else []
    if item.sheet is TRAEGER and values.get("name"):
        # Two houses of the portal may be told apart by a hyphen; with their numbers they are not the same.
        found.append(values["name"] if item.is_numbered else search.normalise(values["name"]))
    if item.sheet is PROJEKTE and values.get("title") and values.get("lead") and not item.is_numbered:
        found.append((search.normalise(values["title"]), str(values["lead"])))
    if item.sheet is PERSONEN and values.get("email"):
        found.append(values["email"].casefold())
    return found


def _settle(item: Item, book: Book) -> None:
    """Whether the row is complete, what it changes, and whether the network allows it."""
    if item.action == ERROR:
        return
    meant = item.pk or (item.duplicate.pk if item.duplicate else None)
    record = book.records[item.sheet.key].get(meant) if meant else None
    current = book.values_of(item.sheet, record) if record is not None else {}
    item.problems.extend(matching.problems_of(item.sheet, item.row, item.values, current, meant, book))
    if item.pk is None and (item.duplicate is None or item.duplicate.may_be_new):
        item.problems.extend(_missing(item))
    if item.problems:
        item.action, item.duplicate = ERROR, None
        return
    item.changes = [
        Change(column.heading, *_texts(item, column, current, book))
        for column in item.sheet.columns
        if column.key in item.values and not _is_same(column, _after(item, column, current), current.get(column.key))
    ]
    if item.duplicate is not None:
        item.action = DUPLICATE
    elif record is not None:
        item.action = CHANGED if item.changes else UNCHANGED


def _missing(item: Item) -> list[Problem]:
    text = "Füllen Sie diese Zelle aus; ein neuer Eintrag braucht sie."
    return [
        Problem(item.sheet.key, item.row, column.heading, text)
        for column in item.sheet.columns
        if column.is_required and not item.values.get(column.key)
    ]


def _texts(item: Item, column: Column, current: dict[str, Any], book: Book) -> tuple[str, str]:
    old = book.text(column, current.get(column.key), item.sheet) if current else ""
    return old or EMPTY, book.text(column, _after(item, column, current), item.sheet) or EMPTY


def _after(item: Item, column: Column, current: dict[str, Any]) -> Any:
    """What will stand in the field. Tasks of other projects stay: a file adds and changes, it ends nothing."""
    value = item.values[column.key]
    if column.kind != Kind.TASKS or not current:
        return value
    by_task = {(str(task[0]), task[1]): task for task in [*current["tasks"], *value]}
    return sorted(by_task.values(), key=str)


def _is_same(column: Column, new: Any, old: Any) -> bool:
    if column.kind in (Kind.MANY, Kind.TASKS):
        return sorted(map(str, new or [])) == sorted(map(str, old or []))
    if isinstance(new, str) and isinstance(old, str):
        return _as_typed(column, new) == _as_typed(column, old)
    return new is old if isinstance(new, bool) else (new or "") == (old or "")


def _as_typed(column: Column, text: str) -> str:
    """What counts of a text: not how a browser ends lines, and not the case of an address."""
    if column.kind == Kind.LONG:
        return html.plain(text).strip()
    words = " ".join(html.plain(text).split())
    return words.casefold() if column.kind == Kind.EMAIL else words


def _remember(sheet: Sheet, items: list[Item], reader: Reader) -> None:
    """Let later sheets name the rows of this one."""
    of = {TRAEGER.key: "organisations", PROJEKTE.key: "projects"}.get(sheet.key)
    if of is None:
        return
    names = reader.in_file.setdefault(of, {})
    for item in items:
        for key in ("name", "short_name", "title"):
            if words := search.normalise(str(item.values.get(key) or "")):
                names.setdefault(words, f"{item.key}|{item.label}")
        if item.action == ERROR:
            reader.broken.add(f"{item.key}|{item.label}")
