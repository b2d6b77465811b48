"""Who may do what in the database: the service role all that it needs, nobody else anything.

What there is comes from the catalog of the database, so a new table or function is covered by itself.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.supabase.fixtures import Supabase

_OTHERS = ("anon", "authenticated")
_OURS = """
    create temporary view our_tables as
        select c.* from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'm', 'f')
        and not exists (select from pg_depend d where d.deptype = 'e' and d.objid = c.oid);
    create temporary view our_views as
        select c.* from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'v'
        and not exists (select from pg_depend d where d.deptype = 'e' and d.objid = c.oid);
    create temporary view our_functions as
        select p.*, p.oid::regprocedure::text as signature from pg_proc p
        where p.pronamespace = 'public'::regnamespace
        and not exists (select from pg_depend d where d.deptype = 'e' and d.objid = p.oid);
"""


@pytest.fixture(scope="module")
def catalog(supabase_stack: Supabase) -> "Iterator[psycopg.Connection[Any]]":
    with supabase_stack.connect() as connection:
        connection.execute(_OURS)
        yield connection


def _names(connection: "psycopg.Connection[Any]", query: str, *values: object) -> list[str]:
    return [name for (name,) in connection.execute(query.encode(), values).fetchall()]


def test_every_table_has_row_level_security_and_no_policy(catalog: "psycopg.Connection[Any]") -> None:
    tables = _names(catalog, "select relname from our_tables t")
    assert {"videos", "jobs"} <= set(tables)
    assert _names(catalog, "select relname from our_tables where not relrowsecurity") == []
    assert _names(catalog, "select policyname from pg_policies where schemaname = 'public'") == []


def test_a_view_shows_what_its_reader_may_see(catalog: "psycopg.Connection[Any]") -> None:
    """Else it would show what its owner may see, past row level security."""
    lending = _names(
        catalog,
        "select relname from our_views where not coalesce('security_invoker=true' = any (reloptions), false)",
    )
    assert lending == []


@pytest.mark.parametrize("role", _OTHERS)
def test_nobody_else_is_granted_a_table_a_column_or_a_sequence(
    catalog: "psycopg.Connection[Any]", role: str
) -> None:
    granted = _names(
        catalog,
        """
        select t.relname from (table our_tables union all table our_views) t
        where has_table_privilege(%s, t.oid, 'select, insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege(%s, t.oid, 'select, insert, update, references')
        """,
        role,
        role,
    )
    assert granted == []
    sequences = _names(
        catalog,
        """
        select c.relname from pg_sequence s join pg_class c on c.oid = s.seqrelid
        where c.relnamespace = 'public'::regnamespace
        and has_sequence_privilege(%s, s.seqrelid, 'usage, select, update')
        """,
        role,
    )
    assert sequences == []


@pytest.mark.parametrize("privilege", ["select", "insert", "update", "delete"])
def test_the_service_role_works_with_every_table(catalog: "psycopg.Connection[Any]", privilege: str) -> None:
    lacking = _names(
        catalog,
        "select t.relname from our_tables t where not has_table_privilege('service_role', t.oid, %s)",
        privilege,
    )
    assert lacking == []


def test_the_service_role_draws_the_numbers_that_defaults_take(catalog: "psycopg.Connection[Any]") -> None:
    """An identity column needs no grant for its sequence, a serial one does."""
    lacking = _names(
        catalog,
        """
        select c.relname from pg_sequence s join pg_class c on c.oid = s.seqrelid
        join pg_depend d on d.objid = s.seqrelid and d.deptype = 'a'
        where c.relnamespace = 'public'::regnamespace
        and not has_sequence_privilege('service_role', s.seqrelid, 'usage')
        """,
    )
    assert lacking == []


def test_functions_are_for_the_service_role_alone(catalog: "psycopg.Connection[Any]") -> None:
    functions = _names(catalog, "select proname from our_functions f")
    assert functions
    open_ones = _names(
        catalog,
        """
        select f.signature from our_functions f
        where has_function_privilege('anon', f.oid, 'execute')
        or has_function_privilege('authenticated', f.oid, 'execute')
        or f.proacl is null
        or exists (select from aclexplode(f.proacl) a where a.grantee = 0)
        """,
    )
    assert open_ones == []
    lacking = _names(
        catalog,
        """
        select f.signature from our_functions f
        where f.prorettype <> 'trigger'::regtype
        and not has_function_privilege('service_role', f.oid, 'execute')
        """,
    )
    assert lacking == []


def test_functions_trust_no_search_path_and_lend_no_rights(catalog: "psycopg.Connection[Any]") -> None:
    """An empty search_path, so that nobody slips an object of theirs under a name; never SECURITY DEFINER."""
    careless = _names(
        catalog,
        """
        select f.signature from our_functions f
        where f.prosecdef or not coalesce('search_path=""' = any (f.proconfig), false)
        """,
    )
    assert careless == []


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_the_anon_key_reads_and_writes_no_table(
    http: httpx.Client, supabase_stack: Supabase, catalog: "psycopg.Connection[Any]", method: str
) -> None:
    views = "table our_views" if method == "GET" else "select * from our_views where false"
    tables = _names(catalog, f"select relname from (table our_tables union all {views}) t")  # noqa: S608 - ours
    assert tables
    for table in tables:
        column = _names(
            catalog,
            "select attname from pg_attribute where attrelid = ('public.' || quote_ident(%s))::regclass "
            "and attnum = 1",
            table,
        )[0]
        body: dict[str, Any] | None = {} if method in ("POST", "PATCH") else None
        rows = {} if method == "POST" else {column: "not.is.null"}
        answer = _as_anon(http, supabase_stack, method, table, json=body, params=rows)
        assert answer.status_code == httpx.codes.UNAUTHORIZED, (table, answer.text)
        assert answer.json()["code"] == "42501", table


def test_the_anon_key_calls_no_function(
    http: httpx.Client, supabase_stack: Supabase, catalog: "psycopg.Connection[Any]"
) -> None:
    functions = catalog.execute(
        b"""
        select f.proname, f.pronargs, f.proargnames from our_functions f
        where f.prorettype <> 'trigger'::regtype
        """
    ).fetchall()
    assert functions
    for name, count, names in functions:
        arguments = dict.fromkeys((names or [])[:count])
        answer = _as_anon(http, supabase_stack, "POST", f"rpc/{name}", json=arguments)
        assert answer.status_code == httpx.codes.UNAUTHORIZED, (name, answer.text)
        assert answer.json()["code"] == "42501", (name, answer.text)


def test_without_a_key_or_with_a_wrong_one_nothing_is_answered(
    http: httpx.Client, supabase_stack: Supabase
) -> None:
    for headers in ({}, {"apikey": "wrong"}, {"apikey": "wrong", "authorization": "Bearer wrong"}):
        answer = http.get(f"{supabase_stack.url}/rest/v1/videos", headers=headers)
        assert answer.status_code == httpx.codes.UNAUTHORIZED


def _as_anon(http: httpx.Client, stack: Supabase, method: str, path: str, **request: Any) -> httpx.Response:
    key = stack.anon_key
    headers = {"apikey": key, "authorization": f"Bearer {key}"}
    return http.request(method, f"{stack.url}/rest/v1/{path}", headers=headers, **request)
