"""Database triggers that keep versions as they were made; restored after every migrate.

They live outside the model state: on SQLite a migration that rebuilds the table drops its triggers.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

TABLE = "documentation_documentationversion"
TRIGGER = "documentation_version_is_immutable"
MESSAGE = "a documentation version never changes"

FIXED_FROM_THE_START = ("documentation_id", "number", "content", "created_at")
FIXED_ONCE_SET = {"sha256": "''", "file": "''", "published_at": "NULL"}


def _condition(differs: str) -> str:
    """SQL that is true when a row's fixed columns change. `differs` is the database's null-safe inequality."""
    parts = [f"NEW.{column} {differs} OLD.{column}" for column in FIXED_FROM_THE_START]
    for column, unset in FIXED_ONCE_SET.items():
        parts.append(f"(OLD.{column} {differs} {unset} AND NEW.{column} {differs} OLD.{column})")
    return " OR ".join(parts)


def ensure(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Create the trigger if it is missing; idempotent, connected to post_migrate."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "sqlite":
            cursor.execute(f'DROP TRIGGER IF EXISTS "{TRIGGER}"')
            cursor.execute(
                f'CREATE TRIGGER "{TRIGGER}" BEFORE UPDATE ON "{TABLE}" WHEN {_condition("IS NOT")} '
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
            return
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {_condition('IS DISTINCT FROM')} THEN RAISE EXCEPTION '{MESSAGE}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            f"CREATE OR REPLACE TRIGGER {TRIGGER} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TRIGGER}()"
        )


def exists(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether the trigger is there; asked by the repository's test and the page "Betrieb"."""
    connection = connections[using]
    sql = "SELECT count(*) FROM pg_trigger WHERE tgname = %s"
    if connection.vendor == "sqlite":
        sql = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [TRIGGER])
        return bool(cursor.fetchone()[0])
