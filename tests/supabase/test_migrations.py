"""The migrations of supabase/migrations, on real PostgreSQL 16 and 18 with pgvector."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
from psycopg import sql

from tests.support.supabase.migrations import MIGRATIONS, files, migrate
from tests.support.supabase.node import ServicesUnavailableError, environment, install_packages, node
from tests.support.supabase.postgres import Postgres

_NAME = re.compile(r"\d{14}_[a-z0-9_]+\.sql")


def test_names_have_a_moment_of_their_own_and_say_what_they_do() -> None:
    assert files()
    assert all(_NAME.fullmatch(file.name) for file in files())
    assert len({file.name[:14] for file in files()}) == len(files())


def test_they_apply_in_order_and_a_second_time_nothing_is_left_to_do(database: str) -> None:
    assert migrate(database) == [file.name for file in files()]
    assert migrate(database) == []


def test_the_official_tool_applies_them_and_makes_the_same_database(
    server: Postgres, database: str, tmp_path: Path, unavailable: Callable[[str], NoReturn]
) -> None:
    """`supabase db push`, twice; it also reads config.toml and warns of keys that it does not know."""
    push, copies = _official_tool(tmp_path, unavailable)
    first = push(database)
    assert "WARN" not in first, first
    assert all(file.name in first for file in files(copies))
    assert _applied(database) == [file.name[:14] for file in files(copies)]

    assert "up to date" in push(database)
    ours = server.create_database("ours")
    try:
        migrate(ours, copies)
        assert _schema(server, database) == _schema(server, ours)
    finally:
        server.drop_database("ours")


def test_they_need_no_superuser(server: Postgres) -> None:
    """A project's owner is none; hosted projects let it make extensions, here pgvector is there already."""
    database = server.create_database("owned")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create extension vector with schema extensions")
        connection.execute("create role project_owner login createrole bypassrls")
        connection.execute("grant create on database owned to project_owner")
        connection.execute("grant all on schema public, extensions to project_owner")
        connection.execute("grant all on all tables in schema storage to project_owner with grant option")
        connection.execute("grant usage on schema storage to project_owner with grant option")
        connection.execute("alter publication supabase_realtime owner to project_owner")
    try:
        assert migrate(server.dsn("owned", user="project_owner")) == [file.name for file in files()]
    finally:
        server.drop_database("owned")


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_a_project_that_grants_new_things_to_everybody_is_closed_all_the_same(
    database: str, role: str
) -> None:
    """Projects from before October 2026 do; then row level security alone stands before the rows."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("""
            alter default privileges in schema public grant all on tables to anon, authenticated;
            alter default privileges in schema public grant all on sequences to anon, authenticated;
            alter default privileges in schema public grant all on functions to anon, authenticated;
        """)
        migrate(database)
        assert _functions_open_to(connection, role) == []
        tables = _tables(connection)
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        for table in tables:
            insert = sql.SQL("insert into {} default values").format(sql.Identifier(table))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(insert)
        assert [table for table in tables if not _is_guarded(connection, table)] == []


def _official_tool(home: Path, unavailable: Callable[[str], NoReturn]) -> tuple[Callable[[str], str], Path]:
    """`push(dsn)` returns what it wrote; it works on copies, as it leaves files beside its configuration."""
    try:
        program = install_packages() / "supabase" / "dist" / "supabase.js"
    except ServicesUnavailableError as error:
        unavailable(str(error))
    copy = shutil.copytree(MIGRATIONS.parent, home / "supabase", ignore=shutil.ignore_patterns(".temp"))

    def push(dsn: str) -> str:
        done = subprocess.run(
            [node(), program, "db", "push", f"--remote={dsn}", "--include-all", "--yes"],
            cwd=home,
            env=environment(HOME=str(home)),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return push, copy / MIGRATIONS.name


def _applied(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select version from supabase_migrations.schema_migrations order by 1")
        return [version for (version,) in rows]


def _schema(server: Postgres, dsn: str) -> str:
    """All that the migrations made, as SQL."""
    dump = subprocess.run(
        [server.binaries / "pg_dump", "--schema-only", "--schema=public", "--restrict-key=same", dsn],
        capture_output=True,
        text=True,
        check=True,
    )
    return dump.stdout


def _tables(connection: "psycopg.Connection[Any]") -> list[str]:
    rows = connection.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
    return [name for (name,) in rows]


def _functions_open_to(connection: "psycopg.Connection[Any]", role: str) -> list[str]:
    rows = connection.execute(
        """
        select oid::regprocedure::text from pg_proc
        where pronamespace = 'public'::regnamespace and has_function_privilege(%s, oid, 'execute')
        """,
        (role,),
    )
    return [signature for (signature,) in rows]


def _is_guarded(connection: "psycopg.Connection[Any]", table: str) -> bool:
    """Whether no row is seen by the current role: row level security holds, and no policy lifts it."""
    row = connection.execute(
        """
        select row_security_active(format('public.%%I', %(table)s::text)) and not exists (
            select from pg_policies where schemaname = 'public' and tablename = %(table)s
        )
        """,
        {"table": table},
    ).fetchone()
    return row == (True,)
