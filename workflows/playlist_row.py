"""The reading of one playlist, channel or page of several videos, within the gate of its site."""

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.batch_rows import BatchRowsActivities
    from activities.expand import ExpandActivity
    from mindreel.contracts.batch import REFUSED, RowMark
    from mindreel.contracts.batch_steps import ExpandInput, RowFailure
    from mindreel.contracts.sites import Admission
    from workflows import policies
    from workflows.failures import class_of, sentence_of
    from workflows.site_pass import SitePass


@workflow.defn
class PlaylistRow:
    """Gives every video of a row's playlist a row of its own; a gate may keep it waiting for hours.

    The batch starts one for each such row, and goes on with the others meanwhile.
    """

    @workflow.init
    def __init__(self, given: ExpandInput) -> None:
        self._given = given
        self._pass = SitePass()

    @workflow.signal
    def admitted(self, admission: Admission) -> None:
        """The answer of the site's gate."""
        self._pass.admitted(admission)

    @workflow.run
    async def run(self, given: ExpandInput) -> int:
        """How many videos it holds. A playlist that cannot be read is recorded with the reason: 0."""
        row = given.row
        try:
            return await self._pass.visit(
                given.site,
                self._expand,
                patience_s=given.patience_s,
                priority=row.priority,
                tenant=row.tenant,
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            mark = RowMark(row.number, row.item, REFUSED, class_of(error), sentence_of(error))
        failed = RowFailure(given.name, mark)
        await workflow.execute_activity_method(BatchRowsActivities.refuse_row, failed, **policies.quick())
        return 0

    async def _expand(self) -> int:
        policy = policies.expand_row(self._given.patience_s)
        config: ActivityConfig = {**policy, "summary": self._given.row.url[:100]}
        return await workflow.execute_activity_method(ExpandActivity.expand_row, self._given, **config)
