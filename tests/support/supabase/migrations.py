"""Applies supabase/migrations as the official tool does: in order, each once, each in a transaction."""

from pathlib import Path
from typing import Any

import psycopg

MIGRATIONS = Path(__file__).parents[3] / "supabase" / "migrations"
_HISTORY = """
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (
        version text primary key, statements text[], name text
    );
"""


def files(folder: Path = MIGRATIONS) -> list[Path]:
    return sorted(folder.glob("*.sql"))


def migrate(dsn: str, folder: Path = MIGRATIONS) -> list[str]:
    """Applies what is not applied yet; the names of those files."""
    applied = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_HISTORY)
        rows = connection.execute("select version from supabase_migrations.schema_migrations").fetchall()
        done = {version for (version,) in rows}
        for file in files(folder):
            version, _, name = file.stem.partition("_")
            if version not in done:
                apply(connection, file)
                connection.execute(
                    "insert into supabase_migrations.schema_migrations (version, name) values (%s, %s)",
                    (version, name),
                )
                applied.append(file.name)
    return applied


def apply(connection: "psycopg.Connection[Any]", file: Path) -> None:
    """One file in one transaction; an error names the file and the line."""
    text = file.read_text(encoding="utf-8")
    try:
        with connection.transaction():
            connection.execute(text.encode())
    except psycopg.Error as error:
        position = error.diag.statement_position
        line = text[: int(position)].count("\n") + 1 if position else "?"
        error.add_note(f"in {file.name}, line {line}")
        raise


def start_over(dsn: str) -> list[str]:
    """Drops all that migrations made in that database and applies all of them again."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("""
            drop schema public cascade;
            create schema public;
            grant usage on schema public to public, anon, authenticated, service_role;
            drop schema if exists supabase_migrations cascade;
        """)
    return migrate(dsn)
