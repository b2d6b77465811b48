from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.notice import NoticeActivity
    from mindreel.contracts.notice import NoticeInput, NoticeResult
    from workflows import policies
    from workflows.failures import class_of, sentence_of
    from workflows.ids import CPU_QUEUE, notice_workflow_id


@workflow.defn
class Notice:
    """Tells the webhook of one finished run, for a day; what it tells of goes on without it."""

    @workflow.run
    async def run(self, given: NoticeInput) -> NoticeResult:
        """The answer's status; fails with one sentence when nobody would hear it."""
        try:
            message = await workflow.execute_activity_method(
                NoticeActivity.compose_notice, given, **policies.compose_notice()
            )
            return await workflow.execute_activity_method(
                NoticeActivity.post_notice, message, **policies.post_notice()
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            raise ApplicationError(sentence_of(error), type=class_of(error), non_retryable=True) from error


async def start_notice(kind: str, subject: str, *, report: str = "") -> None:
    """Start the notice of the workflow run that calls this as it ends, and wait for the start only."""
    info = workflow.info()
    try:
        await workflow.start_child_workflow(
            Notice.run,
            NoticeInput(kind, subject, info.run_id, report),
            id=notice_workflow_id(info.workflow_id, info.run_id),
            task_queue=CPU_QUEUE,
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=f"Tells the webhook of {kind} {subject}",
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("the notice of this run is on its way already")
