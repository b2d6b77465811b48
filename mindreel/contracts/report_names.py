"""What the reports of a batch are called, in every inbox."""

import hashlib

PAGE, TABLE = ".report.html", ".report.csv"

_MOST_BYTES = 255
"""Of a name in a folder; the same for every file system that people drop files on."""


def report_name(batch: str, ending: str) -> str:
    """`talks.report.csv`; where that is too long for a folder, the name's beginning and a hash of it."""
    name = f"{batch}{ending}"
    if len(name.encode()) <= _MOST_BYTES:
        return name
    mark = f"~{hashlib.sha256(batch.encode()).hexdigest()[:8]}{ending}"
    return f"{batch.encode()[: _MOST_BYTES - len(mark)].decode(errors='ignore')}{mark}"
