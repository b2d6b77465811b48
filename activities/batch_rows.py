"""Rows of the ledger on their way to workflows, and what a person wants of the batch as a whole."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from temporalio import activity

from activities.edge import activity_edge, activity_span
from mindreel.contracts.batch import BatchView, CsvRow, PendingRow
from mindreel.contracts.batch_steps import (
    CANCEL,
    PAUSE,
    RESUME,
    RETRY,
    BatchChanged,
    ChangeInput,
    ExpandInput,
    RowFailure,
    RowPage,
    RowStart,
    TakeRowsInput,
)
from mindreel.contracts.codec import to_json
from mindreel.contracts.sites import site_of_video
from mindreel.contracts.video import VideoRequest
from mindreel.errors import InputError
from mindreel.store.batch_ledger import BatchLedger
from mindreel.telemetry import log

Given = TypeVar("Given", RowStart, ExpandInput)
_STAGE = "csv"
_PAGE_BYTES = 300_000
"""Of requests in UTF-8; a payload may hold 2 MB, and writes some scripts at three times their UTF-8."""
_PLAYLISTS, _OF_ONE_SITE, _LOOKED_AT = 100, 20, 10_000
"""Those of a site that refuses wait for hours; what others hold is read meanwhile."""


@dataclass(frozen=True)
class BatchRowsActivities:
    """Moves rows from the ledger to workflows; each may run twice and changes nothing the second time."""

    ledger: BatchLedger
    patience_s: float
    """How long a row waits for a site that refuses everybody."""
    site_of_url: Callable[[str], str]
    """The site, as gates name it, of the address of a playlist."""

    @activity.defn(name="take_rows")
    def take_rows(self, given: TakeRowsInput) -> RowPage:
        """Record what became of the last rows, and give the next.

        A row stays pending until its mark is recorded, so a lost answer loses no row; the workflow's id keeps
        it from being started twice.
        """
        with activity_edge(_STAGE, given.name), activity_span(_STAGE, given.name):
            view = _known(self.ledger, given.name)
            self.ledger.mark(given.name, given.marks)
            if view.state == "finished" and view.open:  # a changed file came while the last state was ending
                self.ledger.set_state(given.name, "running")
            going_on = bool(view.open) or view.state in ("running", "paused")
            if given.limit <= 0:
                return RowPage(going_on=going_on)
            pending = self.ledger.take(given.name, limit=given.limit, most_open=given.most_open)
            rows = [self._start(given.name, each) for each in pending]
            return RowPage(_first_bytes(rows), () if rows else self._playlists(given.name), going_on)

    @activity.defn(name="change_batch")
    def change_batch(self, given: ChangeInput) -> BatchChanged:
        """Pause, resume, cancel or retry: in the ledger, from which the rest follows."""
        with activity_edge(_STAGE, given.name), activity_span(_STAGE, given.name):
            view = _known(self.ledger, given.name)
            self.ledger.mark(given.name, given.marks)
            rows = self._change(view, given)
            state = _known(self.ledger, given.name).state
            log().info("batch changed", batch=given.name, change=given.change, state=state, rows=rows)
            return BatchChanged(state, rows, before=view.state)

    @activity.defn(name="refuse_row")
    def refuse_row(self, given: RowFailure) -> None:
        """A row whose playlist cannot be read says why."""
        with activity_edge(_STAGE, given.name), activity_span(_STAGE, given.name):
            self.ledger.mark(given.name, [given.mark])

    def _change(self, view: BatchView, given: ChangeInput) -> int:
        """What makes no sense as the batch stands (a pause after the end) changes nothing."""
        if given.change == RETRY:
            return self.ledger.release(view.name, classes=frozenset(given.classes))
        if given.change == PAUSE and view.state == "running":
            self.ledger.set_state(view.name, "paused")
        elif given.change == RESUME and view.state == "paused":
            self.ledger.set_state(view.name, "running")
        elif given.change == CANCEL and view.open:
            self.ledger.set_state(view.name, "cancelled")
        return 0

    def _start(self, batch: str, pending: PendingRow) -> RowStart:
        row = pending.row
        return RowStart(row.number, row.item, self._request(batch, row), row.priority, pending.again)

    def _playlists(self, batch: str) -> tuple[ExpandInput, ...]:
        """The first of each site."""
        sites: Counter[str] = Counter()
        first: list[ExpandInput] = []
        for row in self.ledger.collections(batch, limit=_LOOKED_AT):
            given = self._playlist(batch, row)
            sites[given.site] += 1
            if sites[given.site] <= _OF_ONE_SITE and len(first) < _PLAYLISTS:
                first.append(given)
        return _first_bytes(first)

    def _playlist(self, batch: str, row: CsvRow) -> ExpandInput:
        site = site_of_video(row.video) if row.video is not None else self.site_of_url(row.url)
        return ExpandInput(batch, row, site or "", self.patience_s)

    def _request(self, batch: str, row: CsvRow) -> VideoRequest:
        if row.video is None:
            raise AssertionError("only rows with a video are taken")
        return VideoRequest(
            source=row.url,
            video=row.video,
            options=row.options,
            title=row.title,
            batch=batch,
            tenant=row.tenant,
            expand=row.item == 0,
            patience_s=self.patience_s,
        )


def _known(ledger: BatchLedger, name: str) -> BatchView:
    view = ledger.batch(name)
    if view is None:
        raise InputError(f"There is no batch {name}; `batch list` shows those there are.")
    return view


def _first_bytes(rows: list[Given]) -> tuple[Given, ...]:
    """As many of the first as fit into a payload; the others stay pending and come with the next page."""
    kept: list[Given] = []
    size = 0
    for row in rows:
        size += len(to_json(row, indent=None))
        if kept and size > _PAGE_BYTES:
            break
        kept.append(row)
    return tuple(kept)
