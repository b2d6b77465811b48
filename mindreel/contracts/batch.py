"""A CSV file of videos: its rows as they were written, and what has become of them."""

from dataclasses import dataclass, field

from mindreel.contracts.video import Options, VideoIdentity

NORMAL_PRIORITY = 3
"""Of a row that names none; 1 comes first, 5 last, as in Temporal."""

REFUSED, PENDING, STARTED, DUPLICATE, EXPANDED, WITHDRAWN = (
    "refused",  # the row makes no sense; `problem` says why
    "pending",  # its turn has not come
    "started",  # its video has a workflow; the catalog's row of the video says the rest
    "duplicate",  # the same video stands in another row, or was finished before
    "expanded",  # a playlist, whose videos are rows of their own
    "withdrawn",  # the batch was cancelled before its turn came
)
"""The states of a row in the ledger."""

ENDED = ("completed", "partial", "failed", "cancelled", "duplicate", "expanded", "refused")
"""The outcomes of a row after which nothing more happens to it; the others are waiting, queued, running."""

CLASS_FAMILIES = {
    "network": ("rate_limit", "unknown_host", "timeout", "busy", "store"),
    "blocked": ("bot_check",),
}
"""Error classes that a person also means by one: what is tried again for `network`, for `blocked`."""


@dataclass(frozen=True)
class CsvRow:
    """One row of a file, or one video of a playlist that a row named."""

    number: int
    """As a spreadsheet counts: the first record is 1; header, blank lines and comments count."""
    url: str
    """As it was written, for messages."""
    item: int = 0
    """0 for the row itself; from 1 for the videos of its playlist."""
    video: VideoIdentity | None = None
    """None for a playlist and for a row that makes no sense."""
    collection: bool = False
    """True for a playlist or channel, known by its address."""
    options: Options = field(default_factory=Options)
    title: str = ""
    """Shown instead of the site's."""
    tenant: str = ""
    """Who asked; tenants get equal shares of the workers."""
    priority: int = NORMAL_PRIORITY
    problem: str = ""
    """One sentence that names the field and says what to do; the row is then not taken."""


@dataclass(frozen=True)
class CsvFile:
    """What was read of a file."""

    rows: tuple[CsvRow, ...] = ()
    problem: str = ""
    """One sentence on why nothing of the file could be taken."""
    remarks: tuple[str, ...] = ()
    """How it was understood, and what was ignored: `Read as Windows-1252, separated by semicolons.`"""


@dataclass(frozen=True)
class CsvLimits:
    """What is refused."""

    max_bytes: int = 16 * 1024**2
    max_rows: int = 10_000
    max_field_chars: int = 4096


@dataclass(frozen=True)
class BatchFile:
    """One state of a file in an inbox; the batch of that name is made of its newest state."""

    name: str
    """Of the batch; unique in the catalog. `talks` for `talks.csv`."""
    inbox: str
    """Where the inbox is: an absolute folder, or the address of a bucket."""
    file: str
    """The file's name in the inbox."""
    version: str
    """What the inbox says changes when the file may have: size and time, or an ETag."""
    sha256: str
    """Of the content, lower-case hex."""


@dataclass(frozen=True)
class PendingRow:
    """A row whose turn it is."""

    row: CsvRow
    again: bool = False
    """True when it ran before and is to be tried again."""


@dataclass(frozen=True)
class RowMark:
    """What became of a pending row."""

    number: int
    item: int
    state: str
    """STARTED, or REFUSED where it could not be."""
    error_class: str = ""
    message: str = ""


@dataclass(frozen=True)
class RowView:
    """One line of the report."""

    number: int
    item: int
    url: str
    video_id: str | None
    title: str
    outcome: str
    """waiting, queued, running, or one of ENDED."""
    stage: str = ""
    """Of a running video, and where a failed one failed; `csv` for a row that makes no sense."""
    percent: float = 0.0
    error_class: str = ""
    """As in `mindreel.errors`; empty where nothing is wrong."""
    message: str = ""
    """Sentences, for people."""
    original: str = ""
    """Of a duplicate: `row 3`, `row 3, video 2`, `row 3 of talks`, or empty for a run of its own."""
    seconds: float | None = None
    """From the beginning of its last run to its end, or to now."""
    library: str | None = None
    """The video's folder, where there is one: also of a duplicate's original."""
    tenant: str = ""


@dataclass(frozen=True)
class BatchView:
    """One batch at a glance."""

    name: str
    inbox: str
    file: str
    state: str
    """running, paused, cancelled or finished."""
    counts: dict[str, int]
    """Outcome to number of rows, playlists' videos included."""
    percent: float
    """0 to 100, over all rows; an ended one counts whole."""
    seconds_left: float | None
    """At the pace so far; None where there is none yet, and when all have ended."""
    created_at: str
    """ISO 8601, UTC; of the first sight of the file."""
    updated_at: str
    """Of the newest change of the batch, one of its rows or their videos: nothing changed, no new report.

    A percent is no such change, and a stage is one when it is reached for the first time."""
    problem: str = ""
    """Why nothing of the file could be taken."""
    remarks: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Rows."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Rows that have not ended."""
        return sum(count for outcome, count in self.counts.items() if outcome not in ENDED)
