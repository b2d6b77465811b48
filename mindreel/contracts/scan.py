"""What the workflows `CsvScan` and `CsvBatch` take and give."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScanInput:
    """One look into an inbox."""

    inbox: str = ""
    """An absolute folder; empty for the one of the settings."""


@dataclass(frozen=True)
class ScannedFile:
    """A new or changed file that a scan took."""

    file: str
    batch: str
    rows: int
    pending: int
    """Rows whose videos will be started."""
    problem: str = ""
    """Why nothing of it could be taken."""


@dataclass(frozen=True)
class ScanResult:
    """What a scan found."""

    inbox: str
    files: tuple[ScannedFile, ...] = ()
    unsettled: tuple[str, ...] = ()
    """Files left to the next scan: still being written, or more than one scan takes."""


@dataclass(frozen=True)
class BatchInput:
    """The argument of `CsvBatch`, which is the same workflow for every state of the file."""

    name: str
    news: bool = False
    """True where the run that this one goes on from saw something to tell of when the batch ends."""


@dataclass(frozen=True)
class BatchResult:
    """How a batch ended."""

    name: str
    state: str
    """finished or cancelled."""
    counts: dict[str, int]
    """Outcome to rows."""
    report: str
    """Where `NAME.report.csv` lies."""
    trouble: str = ""
    """Why the report could not be written at the end; `report` is then an older one, or empty."""


@dataclass(frozen=True)
class RetryInput:
    """Which rows of a batch are tried again."""

    classes: tuple[str, ...] = ()
    """Error classes as in the report; none for all that failed or were cancelled."""
