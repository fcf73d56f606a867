"""German full-text search that finds the same on SQLite and PostgreSQL, in the same order.

Words are normalised and stemmed here, in Python, when a record is saved; the databases only look up
exact words and beginnings. The indexes live outside the model state (a migration that rebuilds a table
on SQLite drops its triggers): `ensure_database_objects` restores them after each migrate.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

import snowballstemmer
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Case, F, IntegerField, Model, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

M = TypeVar("M", bound=Model)

MIN_PREFIX = 3  # "ba" finds BA and not every Bahnhof
MAX_WORDS = 10
MAX_QUERY = 200
MAX_WORD = 60
MAX_INDEXED = 30_000  # words of one text: a tsvector holds at most 1 MB and would refuse the record
# Stands between a text's words and their added stems, so that a phrase never reaches over the border.
_BORDER = "q0q"

_LETTERS = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o",
    "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
})  # fmt: skip
_SORT_LETTERS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[^\W_]+")
_QUERY_PART = re.compile(r'["„“”«»]([^"„“”«»]*)(?:["„“”«»]|$)|([^"„“”«»]+)')


# --- words ---------------------------------------------------------------------------------------
def normalise(text: str) -> str:
    """Lower-case ASCII words with one space between: "Maßnahmen für Müller-Öfen" → "massnahmen fuer mueller oefen"."""
    return _words_only(unicodedata.normalize("NFC", text).casefold().translate(_LETTERS))


def sort_key(text: str) -> str:
    """DIN 5007-1 (dictionary): ä sorts as a, ß as ss, case and punctuation do not count; only [a-z0-9]."""
    return _words_only(
        unicodedata.normalize("NFC", text).casefold().translate(_SORT_LETTERS).translate(_LETTERS)
    ).replace(" ", "")


def _words_only(text: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return _NOT_A_WORD.sub(" ", bare.lower()).strip()


def stems(text: str) -> str:
    """The German stems of the normalised words: Straße and Strasse, Müller, Mueller and Muller meet."""
    return " ".join(_stem(word) for word in normalise(text).split())


@cache
def _stemmer() -> Any:
    return snowballstemmer.stemmer("german")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stem: str = _stemmer().stemWord(word)
    # The stemmer takes ae, oe, ue for umlauts and may hand one back.
    return normalise(stem) or word


def index_text(text: str) -> str:
    """What a search column stores: the words in their order (for phrases and beginnings), then stems they lack."""
    words = _indexable(normalise(text))[:MAX_INDEXED]
    extra = sorted({_stem(word) for word in words} - set(words))
    return " ".join([*words, _BORDER, *extra]) if extra else " ".join(words)


def _indexable(words: str) -> list[str]:
    """The words, those without end cut: PostgreSQL refuses to index them, and a query is cut alike."""
    return [word[:MAX_WORD] for word in words.split()]


# --- database objects ----------------------------------------------------------------------------
@dataclass(frozen=True)
class _Index:
    table: str
    title: str
    text: str


_indexes: dict[str, _Index] = {}


def register_index(table: str, title_column: str = "search_title", text_column: str = "search_text") -> None:
    """Let `ensure_database_objects` index this table; call it in the app's AppConfig.ready().

    The table needs an integer primary key named id and both columns not null.
    """
    _indexes[table] = _Index(table, title_column, text_column)


def ensure_database_objects(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Create what is missing for every registered table that exists; connected to post_migrate, idempotent."""
    if not _indexes:
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    for index in _indexes.values():
        if index.table in tables:
            _ensure_sqlite(connection, index) if connection.vendor == "sqlite" else _ensure_postgresql(
                connection, index
            )


def _document(index: _Index) -> str:
    """The indexed expression; a query must repeat it literally for PostgreSQL to use the index."""
    return f"to_tsvector('simple', \"{index.title}\" || ' {_BORDER} ' || \"{index.text}\")"


def _ensure_postgresql(connection: Any, index: _Index) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE INDEX IF NOT EXISTS "{index.table}_search" ON "{index.table}" USING gin ({_document(index)})'
        )


def _sqlite_objects(index: _Index) -> dict[str, str]:
    """Name → SQL of the FTS5 table without content of its own and the triggers that keep it in step."""
    fts, columns = f"{index.table}_fts", f'"{index.title}", "{index.text}"'
    row = '"{fts}"({first}rowid, {columns}) VALUES ({value}{row}.id, {row}."{title}", {row}."{text}");'

    def written(row_name: str, first: str = "", value: str = "") -> str:
        names = {"fts": fts, "columns": columns, "title": index.title, "text": index.text}
        return "INSERT INTO " + row.format(row=row_name, first=first, value=value, **names)

    new, old = written("new"), written("old", f'"{fts}", ', "'delete', ")
    trigger = 'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" BEGIN {body} END'

    def made(suffix: str, event: str, body: str) -> tuple[str, str]:
        name = f"{fts}_{suffix}"
        return name, trigger.format(name=name, event=event, table=index.table, body=body)

    options = f"content='{index.table}', content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='3 4 5'"
    return dict([
        (fts, f'CREATE VIRTUAL TABLE "{fts}" USING fts5({columns}, {options})'),
        made("insert", "INSERT", new),
        made("delete", "DELETE", old),
        made("update", f"UPDATE OF id, {columns}", f"{old} {new}"),
    ])  # fmt: skip


def _ensure_sqlite(connection: Any, index: _Index) -> None:
    objects = _sqlite_objects(index)
    fts = f"{index.table}_fts"
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE %s", [f"{fts}%"])
        existing = dict(cursor.fetchall())
        if all(existing.get(name) == sql for name, sql in objects.items()):
            return
        for name in objects:
            if name in existing:
                cursor.execute(f'DROP {"TABLE" if name == fts else "TRIGGER"} "{name}"')
        for sql in objects.values():
            cursor.execute(sql)
        # Rows written while a trigger was missing are unknown to the index: read the table anew.
        cursor.execute(f'INSERT INTO "{fts}"("{fts}") VALUES (\'rebuild\')')  # noqa: S608 - a registered table's name


def database_objects(using: str = DEFAULT_DB_ALIAS) -> set[str]:
    """The names of the indexes, tables and triggers that must exist: for the test that lists them."""
    if connections[using].vendor == "sqlite":
        return {name for index in _indexes.values() for name in _sqlite_objects(index)}
    return {f"{index.table}_search" for index in _indexes.values()}


# --- finding -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Term:
    """One word, or the words of a phrase in quotes."""

    words: tuple[str, ...]
    is_phrase: bool


def parse(query: str) -> list[_Term]:
    """The terms of what a person typed; all of them must be found. Any input is valid."""
    terms: list[_Term] = []
    for found in _QUERY_PART.finditer(query[:MAX_QUERY]):
        quoted, loose = found.groups()
        if quoted is not None:
            words = tuple(_indexable(normalise(quoted)))
            if words:
                terms.append(_Term(words, len(words) > 1))
        else:
            terms += [_Term((word,), False) for word in _indexable(normalise(loose))]
    unique = list(dict.fromkeys(terms))
    return unique[:MAX_WORDS]


def match(queryset: QuerySet[M], text: str, *, order: Sequence[str] = ()) -> QuerySet[M]:
    """The rows that hold every word, best first: hits in the title (`search_tier` 0) before those in the text (1).

    Words match from their beginning (from three letters on) and by stem; "words in quotes" must stand
    together. Within a tier the caller's order applies ("-published_on": newest first, without a date
    last), then the newest id. Nothing to look for finds nothing.
    """
    terms = parse(text)
    if not terms:
        return queryset.none()
    index = _indexes[queryset.model._meta.db_table]
    everywhere, title = _subqueries(connections[queryset.db].vendor, index, terms)
    tier = Case(When(pk__in=title, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = queryset.filter(pk__in=everywhere).annotate(search_tier=tier)
    ordered = found.order_by("search_tier", *[_ordering(name) for name in order], "-pk")
    return cast("QuerySet[M]", ordered)


def _ordering(name: str) -> Any:
    """Rows without a date come last on both databases."""
    field = F(name.removeprefix("-"))
    return field.desc(nulls_last=True) if name.startswith("-") else field.asc(nulls_last=True)


def _subqueries(vendor: str, index: _Index, terms: list[_Term]) -> tuple[RawSQL, RawSQL]:
    """The ids of the rows that match anywhere and of those whose title does. Terms hold only [a-z0-9]."""
    if vendor == "sqlite":
        expression = " AND ".join(_fts5(term) for term in terms)
        sql = f'SELECT rowid FROM "{index.table}_fts" WHERE "{index.table}_fts" MATCH %s'  # noqa: S608 - registered name
        in_title = f'"{index.title}" : ({expression})'
        return RawSQL(sql, [expression]), RawSQL(sql, [in_title])  # noqa: S611 - the words are parameters
    expression = " & ".join(_tsquery(term) for term in terms)
    sql = f"SELECT id FROM \"{index.table}\" WHERE {_document(index)} @@ to_tsquery('simple', %s)"  # noqa: S608
    in_title = f"{sql} AND to_tsvector('simple', \"{index.title}\") @@ to_tsquery('simple', %s)"
    return RawSQL(sql, [expression]), RawSQL(in_title, [expression, expression])  # noqa: S611


def _alternatives(word: str) -> list[tuple[str, bool]]:
    """(token, also as a beginning) for one word: itself, and its stem as a whole word."""
    stem = _stem(word)
    found = [(word, len(word) >= MIN_PREFIX)]
    return found if stem == word else [*found, (stem, False)]


def _fts5(term: _Term) -> str:
    if term.is_phrase:
        return '"' + " ".join(term.words) + '"'
    parts = [f'"{token}"{" *" if prefix else ""}' for token, prefix in _alternatives(term.words[0])]
    return "(" + " OR ".join(parts) + ")"


def _tsquery(term: _Term) -> str:
    if term.is_phrase:
        return "(" + " <-> ".join(term.words) + ")"
    parts = [f"{token}{':*' if prefix else ''}" for token, prefix in _alternatives(term.words[0])]
    return "(" + " | ".join(parts) + ")"


# --- showing -------------------------------------------------------------------------------------
def highlight(text: str, query: str) -> SafeString:
    """The text, HTML-escaped, with the found words in <mark>."""
    text = unicodedata.normalize("NFC", text)
    tokens = _tokens(query)
    pieces, end = [], 0
    for word in _WORD.finditer(text):
        if _is_hit(word[0], tokens):
            pieces += [escape(text[end : word.start()]), "<mark>", escape(word[0]), "</mark>"]
            end = word.end()
    return mark_safe("".join([*pieces, escape(text[end:])]))


def excerpt(text: str, query: str, length: int = 200) -> SafeString:
    """About `length` characters around the first found word, cut between words, highlighted."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) <= length:
        return highlight(text, query)
    tokens = _tokens(query)
    first = next((word.start() for word in _WORD.finditer(text) if _is_hit(word[0], tokens)), 0)
    start = max(0, min(first - length // 3, len(text) - length))
    if start and (space := text.find(" ", start, first + 1)) >= 0:
        start = space + 1
    end = min(len(text), start + length)
    if end < len(text) and (space := text.rfind(" ", first, end)) > first:
        end = space
    piece = ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")
    return highlight(piece, query)


def _tokens(query: str) -> list[tuple[str, bool]]:
    return [token for term in parse(query) for word in term.words for token in _alternatives(word)]


@lru_cache(maxsize=50_000)
def _form(word: str) -> str:
    return normalise(word)


def _is_hit(word: str, tokens: list[tuple[str, bool]]) -> bool:
    form = _form(word)
    stem = _stem(form) if form else ""
    return any(form.startswith(token) if prefix else token in (form, stem) for token, prefix in tokens)
