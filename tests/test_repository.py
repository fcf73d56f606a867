"""The repository checks itself: sizes, directions, templates in use, migration names, database objects."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from mobipro import search

ROOT = Path(__file__).resolve().parent.parent
APPS = ("regions", "meetings", "practices", "documentation")  # each may know those before it
PACKAGES = ("mobipro", *APPS)
SKIPPED = {".venv", ".git", "var", "vendor", "node_modules"}


def files(pattern, *folders):
    found = [path for folder in folders for path in (ROOT / folder).rglob(pattern)]
    return [path for path in found if not SKIPPED & set(path.relative_to(ROOT).parts)]


def short(path):
    return str(path.relative_to(ROOT))


def line_count(path):
    return len(path.read_text(encoding="utf-8").splitlines())


PYTHON = [path for path in files("*.py", *PACKAGES) if "migrations" not in path.parts]
TEMPLATES = [path for path in files("*", "templates") if path.is_file()]


def test_no_file_is_too_long_to_read():
    limits = [(PYTHON, 400), (files("*.py", "tests"), 600)]
    templates = [path for path in TEMPLATES if path.suffix in {".html", ".txt", ".xml"}]
    limits.append((templates, 150))
    too_long = [
        f"{short(path)}: {line_count(path)}" for rows, most in limits for path in rows if line_count(path) > most
    ]
    assert too_long == []


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_function_is_too_long_to_read():
    too_long = [
        f"{short(path)}:{node.name}: {node.end_lineno - node.lineno + 1}"
        for path in PYTHON
        for node in functions(path)
        if node.end_lineno - node.lineno + 1 > 60
    ]
    assert too_long == []


def test_functions_outside_tests_say_their_types():
    missing = [
        f"{short(path)}:{node.name}"
        for path in PYTHON
        for node in functions(path)
        if node.returns is None and node.name != "__init__"
    ]
    assert missing == []


def test_no_room_without_a_meaning():
    names = {"utils.py", "services.py", "helpers.py", "common.py", "misc.py", "signals.py"}
    assert [short(path) for path in PYTHON if path.name in names] == []


def test_no_foreign_key_points_up():
    order = {"outbox": -1, **{name: number for number, name in enumerate(APPS)}}
    up = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and field.related_model is not None
        and order.get(model._meta.app_label, 99) < order.get(field.related_model._meta.app_label, -9)
    ]
    assert up == []


def test_every_migration_says_what_it_does():
    migrations = [path for path in files("0*.py", *PACKAGES) if path.parent.name == "migrations"]
    assert migrations
    unnamed = [short(path) for path in migrations if re.search(r"_auto_|_initial|\d{4}\.py$", path.name)]
    assert unnamed == []


def test_every_template_is_used():
    """By its name in code or in another template; the names that packages prescribe are theirs to use."""
    prescribed = ("admin/", "account/", "mfa/", "allauth/", "django/")
    standing = {"400.html", "403.html", "404.html", "429.html", "500.html", "503.html", "robots.txt"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*PYTHON, *TEMPLATES, *files("*.py", "tests")])
    unused = []
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        mail = re.sub(r"(\.subject\.txt|\.txt|\.html)$", "", name.removeprefix("emails/"))
        last = mail.rsplit("/", 1)[-1]
        known = name in text or f'"{mail}"' in text or (name.startswith("emails/") and f'"{last}"' in text)
        if path.is_file() and not name.startswith(prescribed) and name not in standing and not known:
            unused.append(name)
    assert unused == []


def test_templates_hold_no_style_script_or_handler():
    """What the Content-Security-Policy would refuse; mails are the exception, mail programs know no stylesheets."""
    forbidden = re.compile(
        r"<style|\sstyle=|<script(?![^>]*(?:\ssrc=|application/json))|\son[a-z]+=\"|javascript:", re.IGNORECASE
    )
    found = [
        short(path)
        for path in TEMPLATES
        if path.suffix == ".html" and "emails" not in path.parts and forbidden.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_people_read_passwort_and_no_second_word_for_it():
    read = [*PYTHON, *TEMPLATES, *files("*.json", "mobipro"), *files("*.md", "docs"), ROOT / "README.md"]
    found = [short(path) for path in read if b"kennwort" in path.read_bytes().lower()]
    assert found == []


def test_only_the_allow_list_marks_text_as_safe():
    drawings = {"mobipro/svg.py", "mobipro/charts.py", "mobipro/ring.py"}
    # compare joins format_html parts, compose parts that passed the allow-list
    allowed = {"mobipro/html.py", "mobipro/search.py", "practices/compare.py", "documentation/compose.py", *drawings}
    found = [
        short(path)
        for path in PYTHON
        if re.search(r"mark_safe\(|SafeString\(", path.read_text(encoding="utf-8")) and short(path) not in allowed
    ]
    html = [path for path in TEMPLATES if path.suffix == ".html" and short(path) != "templates/django/forms/field.html"]
    safe_filter = [short(path) for path in html if re.search(r"\|\s*safe\b|autoescape off", path.read_text("utf-8"))]
    assert found + safe_filter == []


def test_nothing_names_a_machine_or_a_registry():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    words = re.compile("/wo" + "rk/|pypi" + r"\.org|files\.pytho" + "nhosted", re.IGNORECASE)
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if not path.is_file() or "vendor" in path.parts or path.suffix in {".woff2", ".ttf", ".whl", ".png", ".jpg"}:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if words.search(text):
            found.append(name)
    assert found == []


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_the_database_holds_every_search_index_and_trigger():
    """Objects outside the models vanish silently when a migration rebuilds a table; here they are counted."""
    table = "sqlite_master" if connection.vendor == "sqlite" else "pg_indexes"
    column = "name" if connection.vendor == "sqlite" else "indexname"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")  # noqa: S608 - two fixed names
        present = {row[0] for row in cursor.fetchall()}
    assert search.database_objects() - present == set()
    for name in (
        "regions_organisation",
        "regions_project",
        "meetings_meeting",
        "practices_goodpractice",
        "documentation_meetingdocumentation",
        "documentation_publication",
        "documentation_page",
    ):
        assert any(name in index for index in search.database_objects()), name
