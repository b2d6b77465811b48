"""A Supabase project on loopback, of real parts: Postgres with pgvector, PostgREST, storage, TUS, gateway.

with Stack() as stack:
client = supabase.create_client(stack.url, stack.service_key)
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg
import trustme
from psycopg import sql

from tests.support.supabase import migrations
from tests.support.supabase.keys import new_keys
from tests.support.supabase.node import install_packages
from tests.support.supabase.postgres import Postgres, Version
from tests.support.supabase.processes import Processes
from tests.support.supabase.services import Gateway, start_gateway, start_rest, start_storage

DATABASE = "mindreel"


class Stack:
    """Starts on `__enter__`, migrated and ready; ends and removes everything on `__exit__`.

    `url` is the one address that a client needs, `tls_url` the same behind https with HTTP/2 offered (trust
    `ca`). `dsn` is the database as superuser, for assertions. `rest_url` and `storage_url` are the parts
    themselves, behind the gateway.
    """

    is_local = True

    def __init__(self, *, postgres: Version = 18, port: int = 0) -> None:
        self.keys = new_keys()
        self.service_key = self.keys.service
        self.anon_key = self.keys.anon
        self._version: Version = postgres
        self._port = port

    def __enter__(self) -> Self:
        modules = install_packages()
        self._processes = Processes()
        self.folder = self._processes.folder
        try:
            self._start(modules)
        except BaseException:
            self._processes.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._processes.close()

    def _start(self, modules: Path) -> None:
        processes = self._processes
        self.postgres = Postgres(processes, self._version)
        self.postgres.start()
        self.dsn = self.postgres.create_database(DATABASE)
        migrations.migrate(self.dsn)
        with ThreadPoolExecutor() as together:
            for_rest = self.postgres.dsn(DATABASE, user="authenticator")
            for_storage = self.postgres.dsn(DATABASE, user="supabase_storage_admin")
            rest = together.submit(start_rest, processes, modules, for_rest)
            storage = together.submit(start_storage, processes, modules, for_storage, self.folder / "storage")
            self.rest_url, self.storage_url = rest.result(), storage.result()
        gateway = Gateway(self.rest_url, self.storage_url, self.folder / "uploads", self.keys, self._port)
        self.url, self.tls_url = start_gateway(processes, gateway, self._certificate())
        self._gateway = httpx.Client(base_url=self.url, trust_env=False)

    def _certificate(self) -> trustme.LeafCert:
        authority = trustme.CA()
        self.ca = self.folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        return authority.issue_cert("localhost", "127.0.0.1")

    def connect(self) -> "psycopg.Connection[Any]":
        """A connection as superuser that commits by itself."""
        return psycopg.connect(self.dsn, autocommit=True)

    def reset(self) -> None:
        """No row in any table, no object in any bucket, no request noted; buckets stay."""
        with self.connect() as connection:
            connection.execute("set lock_timeout = '10s'")
            used = [table for table in self._tables(connection) if _holds_rows(connection, table)]
            if used:
                tables = sql.SQL(", ").join(used)
                connection.execute(sql.SQL("truncate {} restart identity cascade").format(tables))
        shutil.rmtree(self.folder / "storage" / "supabase" / ".temp" / "storage", ignore_errors=True)
        self._gateway.delete("/gateway/requests").raise_for_status()

    def _tables(self, connection: "psycopg.Connection[Any]") -> list[sql.Identifier]:
        rows = connection.execute("""
            select relname from pg_class where relnamespace = 'public'::regnamespace
            and relkind in ('r', 'p') and not relispartition
        """).fetchall()
        return [sql.Identifier("public", name) for (name,) in rows] + [sql.Identifier("storage", "objects")]

    def requests(self) -> list[dict[str, Any]]:
        """What came to the gateway since the last reset, in order.

        Each as method, path, http (version), content_length, range, upload_offset and status (None where
        the client went away before the answer was out).
        """
        found: list[dict[str, Any]] = self._gateway.get("/gateway/requests").json()
        return found

    def pid(self, name: str) -> int:
        """The process of postgres18, postgrest, storage or gateway."""
        return self._processes.pid(name)

    def log(self, name: str) -> str:
        """What that process wrote."""
        return self._processes.log(name).read_text(errors="replace")


def _holds_rows(connection: "psycopg.Connection[Any]", table: sql.Identifier) -> bool:
    """To truncate an empty table takes its time too, with its indexes."""
    found = connection.execute(sql.SQL("select exists (select from {})").format(table)).fetchone()
    return found == (True,)
