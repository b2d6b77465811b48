"""What the activities of a scan and of a batch take and give."""

from dataclasses import dataclass

from mindreel.contracts.batch import BatchView, CsvRow, RowMark
from mindreel.contracts.inbox import InboxEntry
from mindreel.contracts.scan import ScannedFile
from mindreel.contracts.video import VideoRequest


@dataclass(frozen=True)
class OpenBatch:
    """A batch of which not every row has ended."""

    name: str
    file: str


@dataclass(frozen=True)
class LookInput:
    """One look into an inbox, at its files in order of their names."""

    inbox: str
    """As in `ScanInput`."""
    begin: float = 0.0
    """0 to 1: how far on the first entry of the look lies; those before it come last."""


@dataclass(frozen=True)
class InboxLook:
    """What one look into an inbox found."""

    inbox: str
    """Where it is."""
    entries: tuple[InboxEntry, ...]
    """Files that are new, or may have changed since they were last taken; the first ones of thousands."""
    open_batches: tuple[OpenBatch, ...] = ()
    """Of any inbox; each should have its workflow."""


@dataclass(frozen=True)
class TakeFileInput:
    """A file that stood still between two looks."""

    inbox: str
    """As in `ScanInput`."""
    entry: InboxEntry


@dataclass(frozen=True)
class FileTaken:
    """What became of a file."""

    scanned: ScannedFile | None = None
    """None where its content is what was taken before, or nothing is there any more."""
    unsettled: bool = False
    """True where it changed while it was being read."""


@dataclass(frozen=True)
class BatchCall:
    """A batch whose workflow should be going on."""

    name: str
    file: str
    workflow_id: str
    changed: bool
    """True where there is something new to do: a sleeping workflow is woken."""


@dataclass(frozen=True)
class WakeInput:
    """Batches to be woken."""

    calls: tuple[BatchCall, ...]
    task_queue: str


@dataclass(frozen=True)
class TakeRowsInput:
    """Which rows are taken next."""

    name: str
    marks: tuple[RowMark, ...]
    """What became of those taken before; recorded first."""
    limit: int
    most_open: int


@dataclass(frozen=True)
class RowStart:
    """A row whose video is to be started now."""

    number: int
    item: int
    request: VideoRequest
    priority: int
    again: bool
    """True when it ran before and is to be tried again."""


@dataclass(frozen=True)
class ExpandInput:
    """A row that names several videos."""

    name: str
    """Of the batch."""
    row: CsvRow
    site: str
    """Whose gate it goes through."""
    patience_s: float


@dataclass(frozen=True)
class RowPage:
    """The rows whose turn it is."""

    rows: tuple[RowStart, ...] = ()
    playlists: tuple[ExpandInput, ...] = ()
    """To be read; only where no row is left to be started."""
    going_on: bool = True
    """False where the batch had ended already, and nobody need be told again."""


PAUSE, RESUME, CANCEL, RETRY = "pause", "resume", "cancel", "retry"


@dataclass(frozen=True)
class ChangeInput:
    """What a person wants of a batch."""

    name: str
    change: str
    """PAUSE, RESUME, CANCEL or RETRY."""
    classes: tuple[str, ...] = ()
    """Of RETRY, as in `RetryInput`."""
    marks: tuple[RowMark, ...] = ()
    """What became of rows that were just taken; recorded first, so that their videos hear of it too."""


@dataclass(frozen=True)
class BatchChanged:
    """How a batch stands after it."""

    state: str
    rows: int = 0
    """Of RETRY: how many will be started again."""
    before: str = ""
    """The state it was in."""


@dataclass(frozen=True)
class TellInput:
    """The videos of a batch that are under way are to be paused, resumed or cancelled."""

    name: str
    change: str


@dataclass(frozen=True)
class ReportInput:
    """When the report is to be written."""

    name: str
    written: str
    """`BatchView.updated_at` of what the last one shows; empty: write it whatever that is."""
    report: str = ""
    """Where that one lies."""


@dataclass(frozen=True)
class BatchLook:
    """How a batch stands, and its report."""

    view: BatchView
    written: str
    """`updated_at` of the state that the report shows; empty while there is none."""
    report: str
    """Where it lies; empty while there is none."""
    trouble: str = ""
    """Why it could not be written."""
    due: bool = False
    """True where rows or playlists may be taken."""
    notify: bool = False
    """True where somebody is to be told when the batch ends."""


@dataclass(frozen=True)
class RowFailure:
    """A row whose playlist cannot be read."""

    name: str
    mark: RowMark
