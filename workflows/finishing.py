import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which goes on to its end when the workflow is cancelled meanwhile.

    `asyncio.shield` alone keeps the work alive but not the workflow, which would close before the work is
    done. A workflow is cancelled at most once, so there is one cancel to outlive.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        return await task
