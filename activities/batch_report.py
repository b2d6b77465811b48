"""The report beside the file, written again whenever something has changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from temporalio import activity

from activities.edge import activity_edge, activity_span
from activities.pulse import pulse
from mindreel.contracts.batch import BatchView, RowView
from mindreel.contracts.batch_steps import BatchLook, ReportInput
from mindreel.contracts.inbox import Inbox
from mindreel.contracts.report_names import PAGE, TABLE, report_name
from mindreel.errors import InputError, MindreelError
from mindreel.store.batch_ledger import BatchLedger
from mindreel.telemetry import log

Renderer = Callable[[BatchView, Sequence[RowView]], bytes]
_STAGE = "csv"


@dataclass(frozen=True)
class BatchReportActivity:
    """Says how a batch stands, to the workflow and to the person who dropped the file."""

    ledger: BatchLedger
    inbox_for: Callable[[str], Inbox]
    render_csv: Renderer
    render_page: Renderer
    notify: bool
    """True where a webhook is told when a batch ends."""

    @activity.defn(name="report_batch")
    def report_batch(self, given: ReportInput) -> BatchLook:
        """Write the report where something changed; an inbox that cannot be written is said, not raised."""
        with activity_edge(_STAGE, given.name), activity_span(_STAGE, given.name), pulse():
            view = self._view(given.name)
            look = BatchLook(
                view,
                written=given.written,
                report=given.report,
                due=bool(view.counts.get("waiting")) or bool(self.ledger.collections(given.name, limit=1)),
                notify=self.notify,
            )
            return look if view.updated_at == given.written else self._written(look)

    def _view(self, name: str) -> BatchView:
        """As it is now; a batch of which every row has ended is finished."""
        view = self.ledger.batch(name)
        if view is not None and not view.open and view.state in ("running", "paused"):
            self.ledger.set_state(name, "finished")
            view = self.ledger.batch(name)
        if view is None:
            raise InputError(f"There is no batch {name}; `batch list` shows those there are.")
        return view

    def _written(self, look: BatchLook) -> BatchLook:
        view = look.view
        rows = self.ledger.rows(view.name)
        pages = (
            (report_name(view.name, PAGE), self.render_page(view, rows), "text/html"),
            (report_name(view.name, TABLE), self.render_csv(view, rows), "text/csv"),
        )
        report = ""
        try:
            inbox = self.inbox_for(view.inbox)
            for name, content, media_type in pages:
                report = inbox.write(name, content, media_type)
        except MindreelError as error:
            log().warning("report not written", batch=view.name, reason=str(error))
            return replace(look, trouble=str(error))
        return replace(look, written=view.updated_at, report=report)
