from collections.abc import Callable, Iterator
from itertools import count
from typing import NoReturn

import httpx
import pytest

from tests.support.supabase.fixtures import supabase_stack
from tests.support.supabase.node import ServicesUnavailableError
from tests.support.supabase.postgres import Postgres
from tests.support.supabase.processes import Processes

__all__ = ["supabase_stack"]

_NAMES = (f"database_{number}" for number in count())


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "lacks(what): what the storage server on loopback does not do right")


@pytest.fixture(scope="session", params=[16, 18])
def server(request: pytest.FixtureRequest, unavailable: Callable[[str], NoReturn]) -> Iterator[Postgres]:
    """PostgreSQL of each version that migrations must pass on."""
    with Processes() as processes:
        try:
            found = Postgres(processes, request.param)
        except ServicesUnavailableError as error:
            unavailable(str(error))
        found.start()
        yield found


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """Plain requests; one client for all, as making one takes longer than most of them."""
    with httpx.Client(timeout=60) as client:
        yield client


@pytest.fixture
def database(server: Postgres) -> Iterator[str]:
    """The address of a database as a new project has it, before the first migration."""
    name = next(_NAMES)
    yield server.create_database(name)
    server.drop_database(name)
