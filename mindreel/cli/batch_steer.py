"""`batch pause|resume|cancel|retry NAME`: asked of the batch's workflow, which is started where it rests."""

import argparse
import asyncio
import shlex
from collections.abc import Iterator
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from mindreel.bootstrap.cluster import open_cluster
from mindreel.cli.batches import find_batch
from mindreel.cli.invocation import invocation
from mindreel.cli.streams import err, plain
from mindreel.contracts.batch import BatchView
from mindreel.contracts.scan import BatchInput, RetryInput
from mindreel.errors import InputError, MindreelError, SetupError
from mindreel.report.advice import PARTIAL
from mindreel.settings import Settings
from workflows.csv_batch import CsvBatch
from workflows.failures import sentence_of
from workflows.ids import CPU_QUEUE, batch_workflow_id

_PATIENCE_S = 60.0
"""Thousands of videos under way take a while to be told; a worker that is away would take for ever."""
_TIMEOUT = "timeout"
"""A class that stands in no error of ours."""


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Ask, wait for the answer, print it."""
    classes = _classes(getattr(arguments, "classes", []))
    _, batch = find_batch(arguments.name, settings)
    if arguments.action != "retry" and not batch.open:
        raise InputError(f"{batch.name} is {batch.state}: there is nothing to {arguments.action}.")
    with err().status("Starting server and workers"):
        client = (await open_cluster(settings)).client
    with err().status("Asking"):
        told = await _STEPS[arguments.action](client, batch, classes)
    err().print(plain(told))
    return 0


async def _pause(client: Client, batch: BatchView, _: tuple[str, ...]) -> str:
    state = await _ask(client, batch, CsvBatch.pause)
    return f"{batch.name} is {state}. `{_command('resume', batch)}` goes on with it."


async def _resume(client: Client, batch: BatchView, _: tuple[str, ...]) -> str:
    state = await _ask(client, batch, CsvBatch.resume)
    if state == "cancelled":
        return f"{batch.name} is cancelled. `{_command('retry', batch)}` starts its rows again."
    return f"{batch.name} is {state}. `{_command('show', batch)} --watch` shows how it goes."


async def _cancel(client: Client, batch: BatchView, _: tuple[str, ...]) -> str:
    state = await _ask(client, batch, CsvBatch.cancel)
    return f"{batch.name} is {state}. `{_command('retry', batch)}` starts what was left again."


async def _retry(client: Client, batch: BatchView, classes: tuple[str, ...]) -> str:
    count = await _ask(client, batch, CsvBatch.retry, RetryInput(classes))
    if not count:
        which = f"of class {' or '.join(classes)}" if classes else "that failed or was cancelled"
        return f"{batch.name} has no row {which}; nothing was started."
    rows = "1 row is" if count == 1 else f"{count} rows are"
    return f"{rows} tried again. `{_command('show', batch)} --watch` shows how it goes."


_STEPS = {"pause": _pause, "resume": _resume, "cancel": _cancel, "retry": _retry}


async def _ask(client: Client, batch: BatchView, update: Any, *given: RetryInput) -> Any:  # noqa: ANN401 - as the SDK
    start = WithStartWorkflowOperation(
        CsvBatch.run,
        BatchInput(batch.name),
        id=batch_workflow_id(batch.name),
        task_queue=CPU_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary=batch.file.encode("utf-8", "replace")[:200].decode(errors="ignore"),
        memo={"file": batch.file},
    )
    asking = client.execute_update_with_start_workflow(update, args=given, start_workflow_operation=start)
    try:
        return await asyncio.wait_for(asking, _PATIENCE_S)
    except WorkflowUpdateFailedError as failure:
        raise MindreelError(sentence_of(failure.cause)) from failure
    except TimeoutError as error:
        raise SetupError(
            f"{batch.name} was asked and has not answered within a minute; it is done as soon as a worker "
            "can. `doctor` says whether one is there."
        ) from error


def _command(action: str, batch: BatchView) -> str:
    return f"{invocation()} batch {action} {shlex.quote(batch.name)}"


def _classes(typed: list[str]) -> tuple[str, ...]:
    """Raises `InputError` with the list where one is unknown."""
    known = sorted({*_error_classes(MindreelError), PARTIAL, _TIMEOUT})
    wanted = tuple(dict.fromkeys(text.strip().lower() for text in typed))
    for name in wanted:
        if name not in known:
            raise InputError(f"There is no class {name}; there is {', '.join(known)}.")
    return wanted


def _error_classes(kind: type[MindreelError]) -> Iterator[str]:
    yield kind.error_class
    for each in kind.__subclasses__():
        yield from _error_classes(each)
