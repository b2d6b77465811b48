from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.support.temporal import TemporalServer, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    """One for the tests of a file."""
    folder: Path = tmp_path_factory.mktemp("temporal")
    with running_server(folder) as found:
        yield found


@pytest.fixture
async def client(server: TemporalServer) -> Client:
    """A client of that server."""
    return await server.connect()
