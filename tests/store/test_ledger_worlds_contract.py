"""What every ledger keeps to whatever happens: files change, workers crash, people interfere."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from mindreel.contracts.batch import REFUSED, STARTED, CsvFile, CsvRow, RowMark

Row = Callable[..., CsvRow]
_FILES, _STEPS, _ROUNDS = "AB", 50, 30
_VIDEOS = [f"v{number}" for number in range(7)]
_ENDS = ["completed", "completed", "partial", "failed", "cancelled", "expanded"]


class _World:
    """Chooses what happens next, and knows which videos are under way."""

    def __init__(self, desk: Any, video_row: Row, seed: int) -> None:
        self.desk, self.video_row, self.random = desk, video_row, random.Random(seed)  # noqa: S311 - a story
        self.alive: set[str] = set()
        self.reports: dict[str, tuple[str, object]] = {}

    def step(self) -> None:
        name = self.random.choice(_FILES)
        actions = [self.file, self.start, self.start, self.begin, self.end, self.end, self.playlists]
        if self.desk.ledger.batch(name) is not None:
            actions += [self.release, self.state]
        self.random.choice([*actions, self.person])(name)

    def file(self, name: str) -> None:
        rows = [self._row(number) for number in range(1, self.random.randint(1, 7))]
        problem = self.random.choice(["", "", "", "It is empty."])
        self.desk.ledger.register(self.desk.file(name), CsvFile(tuple(rows), problem))

    def _row(self, number: int) -> CsvRow:
        if self.random.random() < 0.15:
            return CsvRow(number, self.random.choice(["list 1", "list 2"]), collection=True)
        problem = self.random.choice(["", "", "", "", "No."])
        return self.video_row(number, self.random.choice(_VIDEOS), problem=problem)

    def start(self, name: str) -> None:
        """A page, of which the worker may lose the marks, or crash in the middle."""
        marks = []
        for each in self.desk.ledger.take(name, limit=self.random.randint(1, 3), most_open=5):
            video_id = each.row.video.id
            if video_id not in self.alive:
                assert self.desk.catalog.get(video_id).status == "queued"
            fate = self.random.random()
            if fate < 0.1 and video_id not in self.alive:
                marks.append(RowMark(each.row.number, each.row.item, REFUSED, "setup", "No disk."))
            elif fate < 0.9:
                self.alive.add(video_id)
                marks.append(RowMark(each.row.number, each.row.item, STARTED))
        if self.random.random() < 0.8:
            self.desk.ledger.mark(name, marks)

    def begin(self, _name: str) -> None:
        for video_id in sorted(self.alive)[:1]:
            self.desk.begin(video_id)
            self.desk.catalog.advance(video_id, stage=self.random.choice(["audio", "clips"]), percent=50)

    def end(self, _name: str) -> None:
        for video_id in sorted(self.alive)[:2]:
            self.desk.end(video_id, status=self.random.choice(_ENDS), error_class="network", reasons=("So.",))
            self.alive.discard(video_id)

    def playlists(self, name: str) -> None:
        for row in self.desk.ledger.collections(name, limit=1):
            if self.random.random() < 0.2:
                self.desk.ledger.mark(name, [RowMark(row.number, 0, REFUSED, "network", "Down.")])
            else:
                ids = self.random.choices(_VIDEOS, k=3)
                items = [self.video_row(row.number, each, item=place) for place, each in enumerate(ids, 1)]
                self.desk.ledger.expand(name, row.number, items, "Three.")

    def release(self, name: str) -> None:
        self.desk.ledger.release(name, classes=frozenset(self.random.choice([[], ["network"], ["partial"]])))

    def state(self, name: str) -> None:
        self.desk.ledger.set_state(name, self.random.choice(["running", "paused", "cancelled", "finished"]))

    def person(self, _name: str) -> None:
        """Runs a video by itself."""
        video_id = self.random.choice(_VIDEOS)
        if video_id not in self.alive:
            self.desk.end(video_id, status=self.random.choice(["completed", "failed"]))

    def check(self) -> None:
        """Counts are those of the rows, and no report changes without the batch being updated."""
        for view in self.desk.ledger.batches():
            rows = self.desk.ledger.rows(view.name)
            assert view.counts == Counter(row.outcome for row in rows)
            shown = (view.state, view.problem, [{**vars(row), "seconds": 0, "percent": 0} for row in rows])
            updated_at, before = self.reports.get(view.name, ("", None))
            assert updated_at != view.updated_at or before == shown
            self.reports[view.name] = (view.updated_at, shown)

    def drain(self) -> None:
        """Nobody interferes any more, and nothing fails."""
        for _ in range(_ROUNDS):
            for view in self.desk.ledger.batches():
                if view.state != "cancelled":
                    self.desk.ledger.set_state(view.name, "running")
                self.alive |= set(self.desk.start(view.name)) | set(self.desk.ledger.open_videos(view.name))
                for row in self.desk.ledger.collections(view.name, limit=9):
                    self.desk.ledger.expand(view.name, row.number, [], "None.")
            self.desk.end(*sorted(self.alive))
            self.alive.clear()
            if not any(view.open for view in self.desk.ledger.batches()):
                return


@pytest.mark.parametrize(
    ("desk", "seed"),
    [*(("local", seed) for seed in range(12)), *(("supabase", seed) for seed in range(5))],
    indirect=["desk"],
)
def test_whatever_happens_reports_are_true_no_video_runs_twice_and_all_ends(
    desk: Any, video_row: Row, seed: int
) -> None:
    world = _World(desk, video_row, seed)
    for _ in range(_STEPS):
        world.step()
        world.check()
    world.drain()
    assert [view.open for view in desk.ledger.batches() if view.open] == []
