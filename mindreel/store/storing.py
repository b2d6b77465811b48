"""What the disk refuses, as one sentence."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mindreel.errors import SetupError

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def storing(what: str, where: Path) -> Iterator[None]:
    """An `OSError` inside leaves as `SetupError`: `what` was to be stored in the folder `where`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise SetupError(
                f"The disk is full: {what} could not be stored in {where}; free some space and run again."
            ) from error
        raise SetupError(
            f"{what} could not be stored in {where}: {error.strerror or error} ({error.filename})."
        ) from error
