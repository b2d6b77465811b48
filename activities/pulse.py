from contextlib import AbstractContextManager

from activities.reporter import ActivityReporter


def pulse(fraction: float = 0.0) -> AbstractContextManager[None]:
    """Heartbeats for work that has no steps to report, so that a dead worker is noticed before long.

    `fraction` of the activity is done by then. Such are calls of a store, which may be far away and slow.
    """
    return ActivityReporter(lambda _fraction: None, fraction=fraction).pulse()
