from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.edge import activity_edge, activity_span
from activities.pulse import pulse
from activities.reporter import ActivityReporter
from activities.step import Scratch, interruption_is_transient
from mindreel.contracts.batch import CsvRow
from mindreel.contracts.batch_steps import ExpandInput
from mindreel.contracts.progress import Reporter
from mindreel.contracts.video import Collection, CollectionVideo, Limits
from mindreel.errors import InputError
from mindreel.store.batch_ledger import BatchLedger
from mindreel.telemetry import log

_STAGE = "expand"
_MESSAGE_CHARS = 2000


class ListVideos(Protocol):
    """Asks a site which videos a playlist holds; see `mindreel.sources.collections`."""

    def __call__(
        self, url: str, limits: Limits, *, most: int, scratch: Path, reporter: Reporter
    ) -> Collection:
        """Raises the source errors of `mindreel.errors`."""


RowFor = Callable[[str, CsvRow, int, str], CsvRow]
"""The row of a playlist's video: its address, the row that named the playlist, its place from 1, title.

Raises `InputError` for an address that is no video's.
"""


@dataclass(frozen=True)
class ExpandActivity:
    """Reads a playlist and gives each of its videos a row of its own."""

    list_videos: ListVideos
    row_for: RowFor
    limits: Limits
    most: int
    """Videos taken of one playlist."""
    scratch: Scratch
    ledger: BatchLedger

    @activity.defn(name="expand_row", no_thread_cancel_exception=True)
    def expand_row(self, given: ExpandInput) -> int:
        """How many videos there are; twice the same changes nothing in the ledger."""
        with activity_edge(_STAGE, given.name), activity_span(_STAGE, given.name):
            reporter = ActivityReporter(lambda _fraction: None)
            with (
                reporter.pulse(),
                self.scratch.folder("expand") as folder,
                interruption_is_transient(reporter, _STAGE),
            ):
                found = self.list_videos(
                    _address(given.row), self.limits, most=self.most, scratch=folder, reporter=reporter
                )
            items = [self._row(video, given.row, place) for place, video in enumerate(found.videos, start=1)]
            with pulse(1.0):
                view = self.ledger.batch(given.name)
                if view is not None and view.state != "cancelled":  # else nobody wants them any more
                    self.ledger.expand(given.name, given.row.number, items, _message(found.remarks))
            log().info("playlist read", batch=given.name, row=given.row.number, videos=len(items))
            return len(items)

    def _row(self, video: CollectionVideo, parent: CsvRow, place: int) -> CsvRow:
        """One that makes no sense says so, and takes none of the others with it."""
        try:
            return self.row_for(video.url, parent, place, video.title)
        except InputError as error:
            row = replace(parent, url=video.url, item=place, video=None, collection=False)
            return replace(row, title=video.title, problem=str(error))


def _address(row: CsvRow) -> str:
    """A page that was found to hold several videos is known by its normalised address."""
    return row.video.locator if row.video is not None else row.url


def _message(remarks: Sequence[str]) -> str:
    return " ".join(remarks)[:_MESSAGE_CHARS]
