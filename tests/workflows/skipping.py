"""A real dev server that skips waiting: each workflow has a clock of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.testing import WorkflowEnvironment

from mindreel.engine.server import find_temporal
from workflows.progress import SEARCH_ATTRIBUTES

_SETTINGS = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="20ms"',  # else each wait that is skipped takes a second
    "history.timerProcessorMaxPollRPS=1000",
    "history.transferProcessorMaxPollRPS=1000",
)


@asynccontextmanager
async def skipping_server() -> AsyncIterator[Client]:
    """Timers and waits between retries take no time; activities take theirs."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=str(find_temporal()),
        dev_server_log_level="error",
        dev_server_extra_args=[part for setting in _SETTINGS for part in ("--dynamic-config-value", setting)],
        search_attributes=[SearchAttributeKey.for_keyword(name) for name in SEARCH_ATTRIBUTES],
    ) as environment:
        yield environment.client
