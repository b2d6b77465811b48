"""Heartbeats vouch for progress, and a cancel is heard."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.reporter import ActivityReporter, Beat


def test_progress_is_told_in_heartbeats_and_never_falls() -> None:
    beats: list[Any] = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *details: beats.extend(details)

    def work() -> None:
        reporter = ActivityReporter(lambda _fraction: None)
        for fraction in (0.3, 0.1, 1.4):
            reporter.progress(fraction, "2 MB/s")
            reporter._beat()

    environment.run(work)
    assert beats == [Beat(0.0), Beat(0.3, "2 MB/s"), Beat(0.3, "2 MB/s"), Beat(1.0, "2 MB/s")]


def test_a_cancel_is_heard_while_waiting() -> None:
    environment = ActivityEnvironment()
    environment.cancel()

    def work() -> tuple[bool, bool]:
        reporter = ActivityReporter(lambda _fraction: None)
        return reporter.wait_cancelled(5.0), reporter.stalled

    assert environment.run(work) == (True, False)


def test_work_that_stands_still_is_told_to_stop() -> None:
    def work() -> tuple[bool, bool]:
        reporter = ActivityReporter(lambda _fraction: None, stall_s=0.0)
        return reporter.wait_cancelled(0.01), reporter.stalled

    assert ActivityEnvironment().run(work) == (True, True)


def test_a_long_computation_is_vouched_for_by_the_cpu_it_uses() -> None:
    beats: list[Any] = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *details: beats.extend(details)

    def work() -> None:
        reporter = ActivityReporter(lambda _fraction: None)
        with reporter.pulse(every_s=0.01):
            while len(beats) < 3:
                sum(range(1000))

    environment.run(work)
    assert set(beats) == {Beat(0.0)}


def test_a_hung_wait_is_not_vouched_for() -> None:
    beats: list[Any] = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *details: beats.extend(details)

    def work() -> None:
        reporter = ActivityReporter(lambda _fraction: None, stall_s=0.0)
        with reporter.pulse(every_s=0.01):
            threading.Event().wait(0.2)

    environment.run(work)
    assert beats == [Beat(0.0)]


def test_work_may_report_from_threads_of_its_own() -> None:
    environment = ActivityEnvironment()
    environment.cancel()

    def work() -> bool:
        reporter = ActivityReporter(lambda _fraction: None)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(reporter.progress, 0.5).result()
            return pool.submit(reporter.wait_cancelled, 5.0).result()

    assert environment.run(work)
