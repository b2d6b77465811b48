from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from mindreel.store.supabase.project import Project
from tests.support.supabase.fixtures import Supabase

Table = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def table(project: Project) -> Table:
    """`table("jobs", "id", video_id="eq.a")`: these rows of a table in order of that column, by REST."""

    def rows(name: str, order: str, **filters: str) -> list[dict[str, Any]]:
        answer = project.http.get(
            f"{project.access.url}/rest/v1/{name}",
            params={"order": order, **filters},
            headers=project.headers,
        )
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    return rows


@pytest.fixture
def supabase_connection(supabase_stack: Supabase) -> "Iterator[psycopg.Connection[Any]]":
    """The database as its owner, each statement by itself."""
    with supabase_stack.connect() as connection:
        yield connection
