"""What every ledger keeps to when many use it at once; see `mindreel.store.batch_ledger.BatchLedger`."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from mindreel.contracts.batch import REFUSED, STARTED, CsvFile, CsvRow, RowMark

Row = Callable[..., CsvRow]
_THREADS, _STEPS = 8, 12
_FILES = [f"file {number}" for number in range(5)]
_VIDEOS = [f"v{number}" for number in range(24)]


class _Crowd:
    """Threads that register, take, mark, release and run; each works on whichever batch it likes."""

    def __init__(self, desk: Any, video_row: Row) -> None:
        self.desk, self.video_row = desk, video_row
        self.files = {name: [self._state(name, shift) for shift in range(3)] for name in _FILES}
        self.begun: dict[str, threading.Lock] = {each: threading.Lock() for each in _VIDEOS}
        self.twice: list[str] = []

    def _state(self, name: str, shift: int) -> tuple[Any, CsvFile]:
        """Every state of every file has all videos, in another order."""
        ids = _VIDEOS[shift * 7 :] + _VIDEOS[: shift * 7]
        rows = [self.video_row(number, each) for number, each in enumerate(ids, 2)]
        return self.desk.file(name), CsvFile(tuple(rows))

    def work(self, seed: int) -> None:
        dice, ledger = random.Random(seed), self.desk.open_ledger()  # noqa: S311 - a story
        for _ in range(_STEPS):
            name = dice.choice(_FILES)
            match dice.randrange(6):
                case 0:
                    ledger.register(*dice.choice(self.files[name]))
                case 1:
                    ledger.release(name)
                case _:
                    self._run(ledger, name, dice)

    def _run(self, ledger: Any, name: str, dice: random.Random) -> None:
        """As a batch does, which is told of what it took twice by the engine: that has one run a video."""
        for each in ledger.take(name, limit=3, most_open=50):
            video_id, place = each.row.video.id, (each.row.number, each.row.item)
            with self._running(video_id) as alone:
                if alone:
                    self.desk.begin(video_id)
                ledger.mark(name, [RowMark(*place, STARTED)])
                if alone:
                    status = dice.choice(["completed", "failed", "cancelled"])
                    self.desk.catalog.finish(video_id, status=status, reasons=())

    @contextmanager
    def _running(self, video_id: str) -> Iterator[bool]:
        alone = self.begun[video_id].acquire(blocking=False)
        try:
            yield alone
        finally:
            if alone:
                self.begun[video_id].release()


def _owners(desk: Any) -> Counter[str]:
    """How many rows wait for each video, or are about to start it, in all batches."""
    rows = [row for view in desk.ledger.batches() for row in desk.ledger.rows(view.name)]
    return Counter(row.video_id for row in rows if row.outcome in ("waiting", "queued"))


def test_a_crowd_starts_no_video_for_two_batches_and_loses_none(desk: Any, video_row: Row) -> None:
    crowd = _Crowd(desk, video_row)
    for name in _FILES:
        desk.ledger.register(*crowd.files[name][0])
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(crowd.work, range(_THREADS)))
    assert not [each for each, rows in _owners(desk).items() if rows > 1]
    for name in _FILES:
        assert sorted(row.video_id for row in desk.ledger.rows(name)) == sorted(_VIDEOS)
    for name in _FILES:
        desk.end(*desk.start(name), *desk.ledger.open_videos(name))
    assert [view.open for view in desk.ledger.batches()] == [0] * len(_FILES)
    assert {desk.catalog.get(each).status for each in _VIDEOS} <= {"completed", "failed", "cancelled"}


def test_each_video_is_handed_to_one_batch_whoever_asks_at_once(desk: Any, video_row: Row) -> None:
    for name in _FILES:
        desk.drop(name, *(video_row(number, each) for number, each in enumerate(_VIDEOS, 2)))
    ledgers = [desk.open_ledger() for _ in range(_THREADS)]

    def take(number: int) -> list[tuple[str, str]]:
        name = _FILES[number % len(_FILES)]
        taken = ledgers[number].take(name, limit=100, most_open=100)
        return [(each.row.video.id, name) for each in taken]

    with ThreadPoolExecutor(_THREADS) as pool:
        handed = {pair for pairs in pool.map(take, range(_THREADS)) for pair in pairs}
    assert sorted(video_id for video_id, _ in handed) == sorted(_VIDEOS)


def test_a_file_that_two_read_at_once_is_one_batch(desk: Any, video_row: Row) -> None:
    file, content = (
        desk.file("talks"),
        CsvFile(tuple(video_row(number, f"v{number}") for number in range(200))),
    )
    together = threading.Barrier(_THREADS)

    def register(ledger: Any) -> Any:
        together.wait()
        return ledger.register(file, content)

    with ThreadPoolExecutor(_THREADS) as pool:
        views = list(pool.map(register, [desk.open_ledger() for _ in range(_THREADS)]))
    assert {view.name for view in views} == {"talks"}
    assert [view.name for view in desk.ledger.batches()] == ["talks"]
    assert desk.look("talks").counts == {"waiting": 200}


def test_files_that_name_the_same_videos_at_once_share_them(desk: Any, video_row: Row) -> None:
    files = [
        (desk.file(name), CsvFile(tuple(video_row(number, each) for number, each in enumerate(_VIDEOS, 2))))
        for name in _FILES
    ]
    together = threading.Barrier(len(files))

    def register(pair: Any) -> None:
        ledger = desk.open_ledger()
        together.wait()
        ledger.register(*pair)

    with ThreadPoolExecutor(len(files)) as pool:
        list(pool.map(register, files))
    counts = Counter[str]()
    for view in desk.ledger.batches():
        counts.update(view.counts)
    assert counts == {"waiting": len(_VIDEOS), "duplicate": len(_VIDEOS) * (len(_FILES) - 1)}


def test_a_playlist_that_two_read_at_once_is_expanded_once(desk: Any, video_row: Row) -> None:
    desk.drop("talks", CsvRow(2, "https://example.org/list", collection=True))
    together = threading.Barrier(2)

    def expand(ledger: Any) -> None:
        together.wait()
        items = [video_row(2, each, item=place) for place, each in enumerate(_VIDEOS, 1)]
        ledger.expand("talks", 2, items, "Many.")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(expand, [desk.open_ledger(), desk.open_ledger()]))
    assert desk.look("talks").counts == {"expanded": 1, "waiting": len(_VIDEOS)}


def test_no_video_is_queued_while_somebody_holds_it(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"), video_row(3, "b"))
    taken: list[Any] = []
    done = threading.Event()

    def take() -> None:
        taken.extend(desk.open_ledger().take("talks", limit=9, most_open=9))
        done.set()

    thread = threading.Thread(target=take)
    with desk.catalog.holding("b"):
        thread.start()
        done.wait(0.3)
        assert desk.catalog.get("b") is None
    thread.join()
    again = desk.ledger.take("talks", limit=9, most_open=9)
    assert {each.row.video.id for each in (*taken, *again)} == {"a", "b"}
    assert desk.outcomes("talks") == ["queued", "queued"]


def test_rows_whose_video_is_held_hold_up_no_others(desk: Any, video_row: Row) -> None:
    """SQLite has everybody wait for a moment; a project may have a holder that died, and takes it last."""
    desk.drop("talks", *(video_row(number, each) for number, each in enumerate("abc", 2)))
    with ThreadPoolExecutor() as pool:
        with desk.catalog.holding("b"):
            taking = pool.submit(desk.open_ledger().take, "talks", limit=2, most_open=9)
            wait([taking], timeout=0.5)
            if taking.done():
                assert [each.row.video.id for each in taking.result()] == ["a", "c"]
                assert desk.outcomes("talks") == ["queued", "waiting", "queued"]
        taken = taking.result()
    assert len(taken) == 2
    desk.ledger.mark("talks", [RowMark(each.row.number, 0, STARTED) for each in taken])
    assert len(desk.start("talks")) == 1


def test_a_refusal_does_not_reach_a_video_that_another_batch_runs(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.ledger.take("talks", limit=1, most_open=1)
    desk.begin("a")
    desk.ledger.mark("talks", [RowMark(2, 0, REFUSED, "setup", "No.")])
    assert desk.catalog.get("a").status == "running"
