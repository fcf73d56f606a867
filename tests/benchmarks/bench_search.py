"""The search over many publications beside the same SQL sent by hand: what Python adds to the database's work."""

import random
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

QUERIES = {
    "frequent": "ausbildung",
    "rare": "wort4711",
    "two_words": "betrieb wort12",
    "phrase": '"ausbildung betrieb"',
}
COMMON = ["ausbildung", "betrieb", "sprachkurs", "region", "projekt", "treffen", "praktikum", "wohnung"]
REPEATS = 15
SHOWN = 20


def run(n: int) -> Iterator[dict[str, Any]]:
    """Milliseconds for the first 20 hits and the six facets among `n` documents, 20000 unless told."""
    import django

    django.setup()
    from django.db import connection

    count = n or 20_000
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        _fill(count)
        for title, words in QUERIES.items():
            yield from _measured(f"search.{title}", words, count)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _fill(count: int) -> None:
    """Publications of 120 words each: every text has common words, every word of the rest is rare."""
    from django.db import connection

    from documentation.models import Publication
    from mobipro import search

    chance = random.Random(1)  # noqa: S311 - the same texts in every run
    rows = []
    for number in range(count):
        words = [*chance.choices(COMMON, k=20), *(f"wort{chance.randrange(20_000)}" for _ in range(100))]
        chance.shuffle(words)
        title, text = f"Bericht {number} {words[0]}", " ".join(words)
        rows.append(
            Publication(
                title=title,
                slug=f"bericht-{number}",
                kind="report",
                year=2000 + number % 27,
                abstract=text,
                visibility="public",
                sort_key=search.sort_key(title),
                search_title=search.index_text(title),
                search_text=search.index_text(text),
            )
        )
    Publication.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measured(name: str, words: str, count: int) -> Iterator[dict[str, Any]]:
    from django.contrib.auth.models import AnonymousUser
    from django.db import connection

    from documentation import search

    visitor = AnonymousUser()
    statements: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    def portal() -> None:
        hits = search.find(visitor, words)
        search.count(visitor, words, found=hits)
        for hit in hits[:SHOWN]:
            str(hit.title + hit.excerpt)

    def by_hand() -> None:
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                cursor.fetchall()

    with connection.execute_wrapper(note):
        portal()
    value, raw = _side_by_side(portal, by_hand)
    common = {"n": count}
    yield {
        **common,
        "name": name,
        "value": value,
        "unit": "ms",
        "baseline": "the same raw SQL",
        "baseline_value": raw,
    }
    yield {
        **common,
        "name": f"{name}.queries",
        "value": len(statements),
        "unit": "queries",
        "baseline": None,
    }
    scanned = sum(_reads_whole_table(connection, sql, params) for sql, params in statements)
    yield {**common, "name": f"{name}.full_scans", "value": scanned, "unit": "statements", "baseline": None}


def _side_by_side(one: Callable[[], None], other: Callable[[], None]) -> tuple[float, float]:
    """Medians in ms, taken in turn, so that a busy moment of the machine meets both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS):
        for work, found in zip((one, other), times, strict=True):
            started = time.perf_counter()
            work()
            found.append((time.perf_counter() - started) * 1000)
    return round(median(times[0]), 3), round(median(times[1]), 3)


def _reads_whole_table(connection: Any, sql: str, params: Any) -> bool:
    """Whether the plan reads all publications instead of asking the index."""
    if "documentation_publication" not in sql:
        return False
    explain, scan = "EXPLAIN", "Seq Scan on documentation_publication"
    if connection.vendor == "sqlite":
        explain, scan = "EXPLAIN QUERY PLAN", "SCAN documentation_publication'"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", params)
        plan = " ".join(str(row) for row in cursor.fetchall())
    return scan in plan
