"""What becomes of a row when its file is taken: the rules, apart from any database."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from mindreel.contracts.batch import DUPLICATE, EXPANDED, PENDING, REFUSED, STARTED, CsvRow

TAKEN = "taken"
"""The state, inside a ledger, of a pending row that was handed out and not marked yet."""


@dataclass(frozen=True)
class Fate:
    """What has become of a row, as a ledger keeps it."""

    state: str
    original: int | None = None
    """Of a duplicate: the batch of the row that has the video; None where it was run by itself."""
    again: bool = False
    holds: bool = False
    error_class: str = ""
    message: str = ""


@dataclass(frozen=True)
class Known:
    """What the catalog and other batches know of a video."""

    status: str | None = None
    """Of its row in the catalog."""
    stale: bool = False
    """Nothing was heard of its run for long."""
    batch: int | None = None
    """Another batch with a row that has the video."""
    waiting: bool = False
    """That row will start it."""


@dataclass(frozen=True)
class Placed:
    """A row and what has become of it."""

    row: CsvRow
    fate: Fate

    @property
    def owns(self) -> bool:
        """True where the row, and no other of its batch, stands for its video or playlist."""
        return bool(key_of(self.row)) and self.fate.state != DUPLICATE


@dataclass
class Judge:
    """Places the rows of one batch, one after the other."""

    batch: int
    known: Mapping[str, Known]
    """By video id; what is not there was never heard of."""
    owners: Mapping[str, Fate] = field(default_factory=dict)
    """Rows of the state before, by key."""
    reserved: AbstractSet[str] = frozenset()
    """Keys that belong to videos of playlists, which come after the rows."""
    seen: set[str] = field(default_factory=set)

    def place(self, row: CsvRow) -> Placed:
        """By the order of rules: sense, the same file, the state before, everything else that is known."""
        key = key_of(row)
        if not key:
            return Placed(replace(row, problem=_problem_of(row)), Fate(REFUSED))
        if key in self.seen or key in self.reserved:
            return Placed(row, Fate(DUPLICATE, original=self.batch))
        self.seen.add(key)
        return Placed(row, self.owners.get(key) or _first_fate(row, self.known.get(key, Known())))


def key_of(row: CsvRow) -> str:
    """What makes two rows the same: the video's id, or a playlist's address; empty where refused."""
    if row.problem:
        return ""
    if row.video is not None:
        return row.video.id
    return f"playlist {row.url.strip()}" if row.collection and not row.item else ""


def judged(
    batch: int, rows: Sequence[CsvRow], before: Sequence[Placed], known: Mapping[str, Known]
) -> list[Placed]:
    """The rows of a file whose state before was `before`; with the videos of playlists that were read."""
    items = _items_by_playlist(before)
    kept = {key_of(row) for row in rows} & items.keys()
    judge = Judge(
        batch,
        known,
        owners=_owners(before),
        reserved={key_of(item.row) for key in kept for item in items[key] if item.owns} - kept,
    )
    placed = [judge.place(row) for row in rows]
    judge.reserved = frozenset()
    return placed + [
        _placed_item(judge, parent.row, item)
        for parent in placed
        if parent.fate.state == EXPANDED
        for item in items.get(key_of(parent.row), ())
    ]


def _owners(before: Sequence[Placed]) -> dict[str, Fate]:
    rows_last = sorted(before, key=lambda placed: not placed.row.item)
    return {key_of(placed.row): placed.fate for placed in rows_last if placed.owns}


def _items_by_playlist(before: Sequence[Placed]) -> dict[str, list[Placed]]:
    playlists = {
        placed.row.number: key_of(placed.row)
        for placed in before
        if not placed.row.item and placed.fate.state == EXPANDED
    }
    items: dict[str, list[Placed]] = {key: [] for key in playlists.values()}
    for placed in before:
        if placed.row.item and placed.row.number in playlists:
            items[playlists[placed.row.number]].append(placed)
    return items


def _placed_item(judge: Judge, parent: CsvRow, item: Placed) -> Placed:
    """A video of a playlist that was read before; it follows what its row now asks for."""
    row = replace(
        item.row,
        number=parent.number,
        options=parent.options,
        tenant=parent.tenant,
        priority=parent.priority,
    )
    if item.owns and key_of(row) == key_of(parent):  # a page whose own video is one of those it holds
        return Placed(row, item.fate)
    return judge.place(row)


def _first_fate(row: CsvRow, known: Known) -> Fate:
    """Of a row whose video no earlier row of the file has."""
    alive = known.status in ("queued", "running") and (known.batch is not None or not known.stale)
    if known.waiting or alive or known.status in ("completed", "partial"):
        return Fate(DUPLICATE, original=known.batch)
    if known.status == "expanded" and not row.item:
        return Fate(STARTED)  # a page of several videos: they are listed anew, there may be new ones
    return Fate(PENDING, again=known.status is not None)


def _problem_of(row: CsvRow) -> str:
    if row.problem:
        return row.problem
    if row.collection:
        return "It is a playlist within a playlist; give it a row of its own."
    return "It names no video; give the address of one."
