import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process with `code`.

    A short process that used Temporal's SDK may abort while the interpreter shuts down
    (temporalio/sdk-python issue 300), so what is written is flushed and the shutdown is skipped.
    """
    telemetry = sys.modules.get("mindreel.telemetry")  # who never loaded it has no spans to send
    if telemetry is not None:
        telemetry.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
