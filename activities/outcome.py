from dataclasses import dataclass

from temporalio import activity

from activities.catalog_row import begin_row
from activities.edge import activity_edge, activity_span
from mindreel.contracts.codec import to_json
from mindreel.contracts.inputs import OutcomeInput
from mindreel.contracts.steps import Recorded, VideoResult
from mindreel.store.protocols import Catalog
from mindreel.telemetry import log


@dataclass(frozen=True)
class OutcomeActivity:
    """The catalog's last word on a run: the durable record after the history is gone."""

    catalog: Catalog
    notify: bool = False
    """Whether a webhook is to be told of it."""

    @activity.defn(name="record_outcome")
    def record_outcome(self, given: OutcomeInput) -> Recorded | None:
        """Write how the run ended; None in the histories of runs from before there were webhooks."""
        ids = ("publish", given.request.video.id)
        with activity_edge(*ids), activity_span(*ids):
            result = VideoResult(
                id=given.request.video.id,
                source=given.request.source,
                outcome=given.status,
                reasons=given.reasons,
                library=given.library or "",
                artifacts=given.artifacts or {},
                stages=given.stages,
            )
            row = self.catalog.get(given.request.video.id)
            if row is None or row.status == "queued":
                begin_row(self.catalog, given.request)  # it was cancelled before its first step began
            self.catalog.finish(
                given.request.video.id,
                status=given.status,
                reasons=given.reasons,
                library=given.library,
                result_json=to_json(result, indent=None).decode(),
                error_class=given.error_class,
                stage=given.stage,
                run_id=activity.info().workflow_run_id or "",
            )
            log().info("run ended", status=given.status, reasons=given.reasons)
            return Recorded(self.notify)
