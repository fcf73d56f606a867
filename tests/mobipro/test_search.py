"""Words, database objects and hits: the same on both databases."""

import datetime as dt

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from mobipro import search


# --- words ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maßnahmen für Müller-Öfen!", "massnahmen fuer mueller oefen"),
        ("U\u0308bergang", "uebergang"),
        ("Łódź, Šibenik & Kraków", "lodz sibenik krakow"),
        ("STRAẞE 2027/1", "strasse 2027 1"),
        ("ﬁnden", "finden"),
        ("\x00 – „“", ""),
    ],
)
def test_normalise(text, expected):
    assert search.normalise(text) == expected


@given(st.text(max_size=80))
def test_normalise_gives_ascii_words_for_any_text(text):
    result = search.normalise(text)
    assert set(result) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    assert search.normalise(result) == result
    assert " " not in search.sort_key(text)


@pytest.mark.parametrize(
    "words",
    [("Straße", "Strasse", "STRASSE"), ("Müller", "Mueller", "Muller"), ("Träger", "Traeger"), ("Betriebe", "Betrieb")],
)
def test_spellings_and_forms_meet_in_one_stem(words):
    assert len({search.stems(word) for word in words}) == 1


def test_sort_key_follows_din_5007():
    names = ["Zebra", "Ärzte", "Azubi", "Aachen", "Österreich", "Ost", "Straße", "Strasse 2", "(Berlin)"]
    assert sorted(names, key=search.sort_key) == [
        "Aachen", "Ärzte", "Azubi", "(Berlin)", "Ost", "Österreich", "Straße", "Strasse 2", "Zebra",
    ]  # fmt: skip


def test_index_text_holds_the_words_in_order_and_then_missing_stems():
    assert search.index_text("Die Träger üben") == "die traeger ueben q0q trag uben"
    assert search.index_text("") == ""


def test_index_text_of_a_huge_text_stays_within_what_postgresql_takes():
    assert len(search.index_text("x" * 5000 + " wort" * 50_000)) < 200_000


@given(st.text(max_size=300))
def test_any_query_can_be_parsed(query):
    assert len(search.parse(query)) <= search.MAX_WORDS


# --- the databases -------------------------------------------------------------------------------
@pytest.fixture
def article(db, monkeypatch):
    """A searchable model with its table, only for one test."""
    monkeypatch.setattr(search, "_indexes", {})
    with isolate_apps("mobipro"):

        class Article(models.Model):  # noqa: DJ008
            name = models.TextField()
            published_on = models.DateField(null=True)
            search_title = models.TextField(default="")
            search_text = models.TextField(default="")

            class Meta:
                app_label = "mobipro"
                db_table = "test_article"

        class Reader(models.Model):  # noqa: DJ008
            article = models.ForeignKey(Article, models.CASCADE)

            class Meta:
                app_label = "mobipro"
                db_table = "test_reader"

        key = "integer PRIMARY KEY AUTOINCREMENT" if connection.vendor == "sqlite" else "bigserial PRIMARY KEY"
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE test_article (id {key}, name text NOT NULL, published_on date NULL, "
                "search_title text NOT NULL, search_text text NOT NULL)"
            )
            cursor.execute(f"CREATE TABLE test_reader (id {key}, article_id bigint NOT NULL)")
        Article.reader_model = Reader
        search.register_index("test_article")
        search.ensure_database_objects()
        yield Article


def write(article, title, text="", day=None):
    return article.objects.create(
        name=title, published_on=day, search_title=search.index_text(title), search_text=search.index_text(text)
    )


def names(article, query, **options):
    return [found.name for found in search.match(article.objects.all(), query, **options)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("strasse", True),
        ("Straße", True),
        ("STRASSEN", True),
        ("Muller", True),
        ("müller", True),
        ("ausbildung", True),  # the beginning of a compound
        ("abbruch", False),
        ("berufsschule straße", True),
        ("berufsschule fehlt", False),
        ('"die Straße entlang"', True),
        ('"entlang die Straße"', False),
        ("„die Straße“", True),
        ('"Müller Ausbildungsabbrüche"', False),  # title and text are two places
        ("BA", True),
        ("2027", True),
        ("20", False),
        ("12abc", True),
        ("1e5", True),
        ("ueb", True),
    ],
)
def test_words_are_found(article, query, found):
    write(
        article,
        "Herr Müller",
        "Ausbildungsabbrüche: die Straße entlang zur Schule. Berufsschule, BA, 4.6.2027, Raum 12abc, 1e5. Übungen",
    )
    assert bool(names(article, query)) is found


@pytest.mark.parametrize("query", ["", "   ", "–", '"', "***", "\x00", "Привет"])
def test_nothing_to_look_for_finds_nothing(article, query):
    write(article, "Text", "Text")
    assert names(article, query) == []


@pytest.mark.parametrize(
    "query", ["AND OR NOT", "NEAR(a b)", "a:*", "search_title:x", "'; DROP TABLE x; --", "a | b & !c", "(((", "q*"]
)
def test_query_language_of_the_database_is_only_text(article, query):
    assert names(article, query) == []


def test_hits_in_the_title_come_first_then_the_newest(article):
    write(article, "Alt im Text", "Prüfung", dt.date(2026, 1, 1))
    write(article, "Neu im Text", "Prüfungen", dt.date(2027, 1, 1))
    write(article, "Ohne Tag", "Prüfung")
    write(article, "Prüfung alt", "", dt.date(2020, 1, 1))
    assert names(article, "Prüfung", order=["-published_on"]) == [
        "Prüfung alt",
        "Neu im Text",
        "Alt im Text",
        "Ohne Tag",
    ]


def test_title_and_text_complete_each_other(article):
    write(article, "Prüfung", "in Leer")
    found = search.match(article.objects.all(), "Leer Prüfung")
    assert [row.search_tier for row in found] == [1]


def test_result_chains_like_any_queryset(article):
    write(article, "Prüfung eins")
    write(article, "Prüfung zwei")
    found = search.match(article.objects.filter(name__contains="zwei"), "prüf").filter(published_on=None)
    assert found.count() == 1
    assert article.reader_model.objects.filter(article__in=search.match(article.objects.all(), "prüf")).count() == 0


def test_changed_and_deleted_rows_leave_the_index(article):
    row = write(article, "Prüfung")
    row.search_title = search.index_text("Sprachkurs")
    row.save()
    assert names(article, "Prüfung") == []
    assert names(article, "Sprachkurs") == ["Prüfung"]
    row.delete()
    assert names(article, "Sprachkurs") == []


def _existing():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master")
        else:
            cursor.execute("SELECT indexname FROM pg_indexes")
        return {name for (name,) in cursor.fetchall()}


def test_database_objects_exist_and_are_made_once(article):
    search.ensure_database_objects()
    assert search.database_objects()
    assert search.database_objects() <= _existing()


def test_lost_objects_are_restored_with_what_was_written_meanwhile(article):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER test_article_fts_insert")
        else:
            cursor.execute("DROP INDEX test_article_search")
    write(article, "Prüfung")
    search.ensure_database_objects()
    assert search.database_objects() <= _existing()
    assert names(article, "Prüfung") == ["Prüfung"]


def test_table_that_does_not_exist_yet_is_left_alone(article):
    search.register_index("not_migrated_yet")
    search.ensure_database_objects()


def test_index_is_used(article):
    found = search.match(article.objects.all(), "prüfung")
    if connection.vendor == "sqlite":
        assert "VIRTUAL TABLE INDEX" in found.explain()
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "test_article_search" in found.explain()


# --- showing -------------------------------------------------------------------------------------
def test_highlight_marks_words_and_escapes_markup():
    assert search.highlight("<b>Prüfungen</b> & Träger", "prüfung TRAEGER") == (
        "&lt;b&gt;<mark>Prüfungen</mark>&lt;/b&gt; &amp; <mark>Träger</mark>"
    )


def test_highlight_without_hit_changes_nothing():
    assert search.highlight("Text", "") == "Text"


def test_excerpt_stands_around_the_first_hit():
    text = "Anfang " * 60 + "die Prüfung gelingt " + "Ende " * 60
    result = search.excerpt(text, "prüfung", length=100)
    assert "<mark>Prüfung</mark>" in result
    assert result.startswith("… Anfang")
    assert result.endswith(" …")
    assert len(result) < 130


def test_excerpt_of_a_text_without_hit_is_its_beginning():
    assert search.excerpt("Wort " * 100, "nichts", length=50).startswith("Wort Wort")
    assert search.excerpt("x" * 500, "nichts", length=50) == "x" * 50 + " …"
