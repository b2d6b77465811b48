from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.cleanup import CleanupActivity
    from mindreel.contracts.cleanup import CleanupInput, CleanupOrder, CleanupResult
    from workflows import policies
    from workflows.failures import class_of, sentence_of

_AS_SET = CleanupInput()


@workflow.defn
class Cleanup:
    """Removes temporary files, expired artifacts and orphans, and says how many bytes that freed."""

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
        workflow.set_current_details(_details(result))
        return result


def _details(result: CleanupResult) -> str:
    """Markdown for the Web UI."""
    lines = [f"**{_size(result.freed_bytes)} freed**", ""]
    for kind, cleaned in result.kinds.items():
        lines.append(f"- {kind}: {cleaned.count} removed, {_size(cleaned.freed_bytes)} freed")
    lines += [f"- {problem}" for problem in result.problems]
    return "\n".join(lines)


def _size(count: float) -> str:
    """Bytes for people, in powers of 1000."""
    for unit, base in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= base:
            return f"{count / base:.1f} {unit}"
    return f"{count:.0f} bytes"
