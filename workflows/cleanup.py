from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.cleanup import CleanupActivity
    from activities.histories import HistoriesActivity
    from mindreel.contracts.cleanup import HISTORIES, CleanupInput, CleanupOrder, CleanupResult
    from workflows import policies
    from workflows.failures import class_of, sentence_of

_AS_SET = CleanupInput()


@workflow.defn
class Cleanup:
    """Removes temporary files, expired artifacts, orphans and old runs of scans and of itself."""

    @workflow.run
    async def run(self, given: CleanupInput = _AS_SET) -> CleanupResult:
        """What went. What could not be removed is said in the result and tried again the next time."""
        order = CleanupOrder(given, workflow.now().timestamp())
        try:
            result = await workflow.execute_activity_method(
                CleanupActivity.clean_up, order, **policies.clean_up()
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            raise ApplicationError(sentence_of(error), type=class_of(error), non_retryable=True) from error
        result = _joined(result, await self._histories(order))
        workflow.set_current_details(_details(result))
        return result

    async def _histories(self, order: CleanupOrder) -> CleanupResult:
        """Nothing else that was removed is forgotten because the server does not answer."""
        try:
            return await workflow.execute_activity_method(
                HistoriesActivity.delete_histories, order, **policies.delete_histories()
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return CleanupResult(problems=(sentence_of(error),))


def _joined(one: CleanupResult, other: CleanupResult) -> CleanupResult:
    return CleanupResult(
        one.freed_bytes + other.freed_bytes, {**one.kinds, **other.kinds}, (*one.problems, *other.problems)
    )


def _details(result: CleanupResult) -> str:
    """Markdown for the Web UI."""
    lines = [f"**{_size(result.freed_bytes)} freed**", ""]
    for kind, cleaned in result.kinds.items():
        freed = "" if kind == HISTORIES else f", {_size(cleaned.freed_bytes)} freed"
        lines.append(f"- {kind}: {cleaned.count} removed{freed}")
    lines += [f"- {problem}" for problem in result.problems]
    return "\n".join(lines)


def _size(count: float) -> str:
    """Bytes for people, in powers of 1000."""
    for unit, base in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= base:
            return f"{count / base:.1f} {unit}"
    return f"{count:.0f} bytes"
