from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.service import RPCError

from mindreel.errors import TransientError


@contextmanager
def reaching_server() -> Iterator[None]:
    """A server that does not answer just now is tried again, and is no mistake of ours."""
    try:
        yield
    except RPCError as error:
        raise TransientError(f"The Temporal server was out of reach: {error}.") from error
