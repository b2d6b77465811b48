import sys
from pathlib import Path


def invocation() -> str:
    """How this program was called, for the commands we tell people to type."""
    called = Path(sys.argv[0])
    return f"python {called}" if called.suffix == ".py" else "mindreel"
