import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order; when one fails the others are cancelled, and the first failure is raised.

    `asyncio.TaskGroup` would raise a group of exceptions, which the failure's sentence does not survive.
    """
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    except GeneratorExit:
        raise  # the worker drops this workflow from its memory, and nothing may be awaited any more
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
