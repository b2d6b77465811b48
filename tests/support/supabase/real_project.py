"""A project that exists already, hosted or self-hosted, for the same tests.

Tests may do with it what they like, so it must be one for tests: it is refused while it holds anything.
"""

import os
from typing import Any, NoReturn

import httpx
import psycopg
import pytest

URL = "MINDREEL_TEST_SUPABASE_URL"
SERVICE_KEY = "MINDREEL_TEST_SUPABASE_SERVICE_ROLE_KEY"
ANON_KEY = "MINDREEL_TEST_SUPABASE_ANON_KEY"
DATABASE_URL = "MINDREEL_TEST_SUPABASE_DB_URL"


def is_given() -> bool:
    return bool(os.environ.get(URL) and os.environ.get(SERVICE_KEY))


class RealProject:
    """The project of the environment; its migrations must have been applied (docs/supabase.md)."""

    is_local = False

    def __init__(self, url: str, service_key: str) -> None:
        self.url = url.rstrip("/")
        self.service_key = service_key
        headers = {"apikey": service_key, "authorization": f"Bearer {service_key}"}
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=60)

    @property
    def anon_key(self) -> str:
        return os.environ.get(ANON_KEY) or _skip(f"needs {ANON_KEY}")

    def connect(self) -> "psycopg.Connection[Any]":
        """As the project's owner, where the database's own address is given; else the test is skipped."""
        dsn = os.environ.get(DATABASE_URL) or _skip(f"needs {DATABASE_URL}")
        return psycopg.connect(dsn, autocommit=True)

    def requests(self) -> list[dict[str, Any]]:
        """Only the local gateway tells; the test is skipped."""
        _skip("asks the local gateway what was sent")

    def refuse_unless_empty(self) -> None:
        """Fails the session where rows or objects are there that no test made."""
        kept = [name for name in self._tables() if self._get(f"/rest/v1/{name}", limit="1").json()]
        kept += [f"bucket {name}" for name in self._buckets() if self._objects(name)]
        if kept:
            pytest.fail(f"{self.url} holds data ({', '.join(kept)}); tests need a project of their own.")

    def reset(self) -> None:
        """No row in any table, no object in any bucket; buckets stay."""
        left = self._tables()
        while left:
            failed = {name: column for name, column in left.items() if not self._empty(name, column)}
            if len(failed) == len(left):
                pytest.fail(f"{self.url}: rows stay in {', '.join(failed)}")
            left = failed  # others refer to them, and are empty now
        for bucket in self._buckets():
            self._http.post(f"/storage/v1/bucket/{bucket}/empty").raise_for_status()

    def _tables(self) -> dict[str, str]:
        """Each with its first column, from the description that PostgREST gives of itself; no views."""
        described = self._get("/rest/v1/").json()
        return {
            name: next(iter(table["properties"]))
            for name, table in described["definitions"].items()
            if "delete" in described["paths"].get(f"/{name}", {})
        }

    def _empty(self, table: str, column: str) -> bool:
        everything = {"or": f"({column}.is.null,{column}.not.is.null)"}
        return self._http.delete(f"/rest/v1/{table}", params=everything).is_success

    def _buckets(self) -> list[str]:
        return [bucket["id"] for bucket in self._get("/storage/v1/bucket").json()]

    def _objects(self, bucket: str) -> Any:
        answer = self._http.post(f"/storage/v1/object/list/{bucket}", json={"prefix": "", "limit": 1})
        return answer.raise_for_status().json()

    def _get(self, path: str, **parameters: str) -> httpx.Response:
        return self._http.get(path, params=parameters).raise_for_status()


def _skip(reason: str) -> NoReturn:
    pytest.skip(reason)
