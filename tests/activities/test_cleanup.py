import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import ActivityEnvironment

from activities.cleanup import CleanupActivity
from mindreel.contracts.cleanup import (
    EXPIRED,
    ORPHANS,
    TEMPORARY,
    Cleaned,
    CleanupInput,
    CleanupOrder,
    CleanupResult,
)
from mindreel.engine.scratch import Scratch
from mindreel.errors import SetupError, TransientError
from mindreel.store.library_folders import LibraryFolders
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.protocols import VideoRow

DAY_S = 86400.0


@dataclass
class House:
    """Real stores in an empty folder, and a clean-up that may come days later."""

    home: Path
    artifacts: LocalArtifactStore
    catalog: LocalCatalog

    def __post_init__(self) -> None:
        self.library = LibraryFolders(self.home / "library")
        self.scratch = Scratch(self.home / "tmp")
        self.environment = ActivityEnvironment()

    def video(self, video_id: str, status: str, size: int = 1000) -> None:
        self.artifacts.put_bytes(f"{video_id}/download-1/media.mp4", b"x" * size, "video/mp4")
        self.begin(video_id)
        if status != "running":
            self.catalog.finish(video_id, status=status, reasons=())

    def begin(self, video_id: str) -> None:
        _begin(self.catalog, video_id)

    def clean(
        self, *, days_later: float = 0.0, artifacts_s: float = 0.0, orphans_s: float = DAY_S
    ) -> CleanupResult:
        activity = CleanupActivity(
            self.artifacts, self.catalog, self.library, self.scratch, artifacts_s, orphans_s
        )
        order = CleanupOrder(CleanupInput(), time.time() + days_later * DAY_S)
        result: CleanupResult = self.environment.run(activity.clean_up, order)
        return result

    @property
    def kept(self) -> list[str]:
        return list(self.artifacts.prefixes())


def _begin(catalog: LocalCatalog, video_id: str) -> None:
    catalog.begin(
        video_id, source="a", platform="generic", workflow_id=f"video-{video_id}", request_json="{}"
    )


def _fail_in(folder: Path, size: int) -> None:
    (folder / "media.part").write_bytes(b"x" * size)
    raise TransientError("the line broke")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, LocalArtifactStore(tmp_path / "artifacts"), LocalCatalog(tmp_path / "catalog.db"))


@pytest.mark.parametrize("status", ["completed", "partial", "failed", "cancelled", "expanded"])
def test_artifacts_go_when_the_last_run_ended_longer_ago_than_they_are_kept(
    house: House, status: str
) -> None:
    house.video("v", status)
    assert house.clean(days_later=29, artifacts_s=30 * DAY_S) == CleanupResult()
    result = house.clean(days_later=31, artifacts_s=30 * DAY_S)
    assert result == CleanupResult(1000, {EXPIRED: Cleaned(1, 1000)})
    assert house.kept == []
    row = house.catalog.get("v")
    assert row
    assert row.status == status


def test_the_library_stays_and_what_it_shares_is_not_counted(house: House) -> None:
    house.video("v", "completed")
    media = house.artifacts.put_bytes("v/clip-1/clip.mp4", b"c" * 50, "video/mp4")
    folder = house.library.replace("v", {"clip.mp4": house.artifacts.local_path(media, folder=house.home)})
    result = house.clean(days_later=2, artifacts_s=DAY_S)
    assert result.freed_bytes == 1000
    assert (folder / "clip.mp4").read_bytes() == b"c" * 50


def test_artifacts_of_a_video_that_is_worked_on_stay_however_old(house: House) -> None:
    house.video("running", "running")
    house.video("queued", "queued")
    assert house.clean(days_later=1000, artifacts_s=DAY_S) == CleanupResult()
    assert house.kept == ["queued", "running"]


def test_artifacts_that_nobody_knows_go_a_day_after_their_last_change(house: House) -> None:
    house.artifacts.put_bytes("web-lost/audio-1/a.wav", b"x" * 70, "audio/wav")
    assert house.clean(days_later=0.9) == CleanupResult()
    assert house.clean(days_later=1.1) == CleanupResult(70, {ORPHANS: Cleaned(1, 70)})
    assert house.kept == []


def test_nought_keeps_for_ever(house: House) -> None:
    house.video("v", "completed")
    house.artifacts.put_bytes("web-lost/audio-1/a.wav", b"x", "audio/wav")
    assert house.clean(days_later=10_000, artifacts_s=0, orphans_s=0) == CleanupResult()
    assert house.kept == ["v", "web-lost"]


def test_what_is_asked_for_counts_more_than_the_settings(house: House) -> None:
    house.video("v", "completed")
    activity = CleanupActivity(house.artifacts, house.catalog, house.library, house.scratch, 0.0, 0.0)
    order = CleanupOrder(CleanupInput(artifacts_s=60.0), time.time() + 61)
    result: CleanupResult = house.environment.run(activity.clean_up, order)
    assert result.kinds == {EXPIRED: Cleaned(1, 1000)}


def test_a_run_that_begins_during_the_removal_begins_after_it(tmp_path: Path) -> None:
    class Watched(LocalArtifactStore):
        def delete_prefix(self, prefix: str) -> Cleaned:
            thread.start()
            thread.join(0.3)
            seen.append(thread.is_alive())
            return super().delete_prefix(prefix)

    seen: list[bool] = []
    house = House(tmp_path, Watched(tmp_path / "artifacts"), LocalCatalog(tmp_path / "catalog.db"))
    house.video("v", "completed")
    thread = threading.Thread(target=house.begin, args=("v",))
    assert house.clean(days_later=2, artifacts_s=DAY_S).freed_bytes == 1000
    thread.join()
    assert seen == [True]
    row = house.catalog.get("v")
    assert row
    assert row.status == "running"


def test_a_run_that_begins_just_before_the_removal_keeps_its_artifacts(tmp_path: Path) -> None:
    class Late(LocalCatalog):
        @contextmanager
        def holding(self, video_id: str) -> Iterator[VideoRow | None]:
            _begin(self, video_id)
            with super().holding(video_id) as row:
                yield row

    catalog = Late(tmp_path / "catalog.db")
    house = House(tmp_path, LocalArtifactStore(tmp_path / "artifacts"), catalog)
    house.video("v", "completed")
    assert house.clean(days_later=2, artifacts_s=DAY_S) == CleanupResult()
    assert house.kept == ["v"]


def test_folders_that_attempts_left_go_and_those_in_use_stay(house: House) -> None:
    with pytest.raises(TransientError), house.scratch.keyed("left") as left:
        _fail_in(left, 4000)
    with house.scratch.keyed("used") as used, house.scratch.folder("mine") as mine:
        (used / "media.part").write_bytes(b"y" * 10)
        (mine / "frame.png").write_bytes(b"z")
        assert house.clean(days_later=0.9) == CleanupResult()
        assert house.clean(days_later=1.1) == CleanupResult(4000, {TEMPORARY: Cleaned(1, 4000)})
        assert (used / "media.part").exists()
        assert (mine / "frame.png").exists()
    assert not left.exists()


def test_what_a_killed_publish_left_goes_unless_the_video_is_worked_on(house: House) -> None:
    for name in ("done", "running"):
        house.video(name, "completed" if name == "done" else "running")
        half = house.home / "library" / f".{name}.0123abcd"
        half.mkdir(parents=True)
        (half / "report.html").write_bytes(b"h" * 20)
        for each in (half, half / "report.html"):
            os.utime(each, (time.time() - 7200,) * 2)  # the library goes by its own clock, too
    assert house.clean(days_later=2).kinds == {TEMPORARY: Cleaned(1, 20)}
    assert [path.name for path in (house.home / "library").iterdir()] == [".running.0123abcd"]


def test_what_cannot_be_removed_is_said_and_keeps_nothing_else_from_going(tmp_path: Path) -> None:
    class Stubborn(LocalArtifactStore):
        def delete_prefix(self, prefix: str) -> Cleaned:
            if prefix == "b":
                raise SetupError("b could not be stored: Permission denied.")
            return super().delete_prefix(prefix)

    house = House(tmp_path, Stubborn(tmp_path / "artifacts"), LocalCatalog(tmp_path / "catalog.db"))
    for name in ("a", "b", "c"):
        house.video(name, "completed")
    result = house.clean(days_later=2, artifacts_s=DAY_S)
    assert result.kinds == {EXPIRED: Cleaned(2, 2000)}
    assert result.problems == ("b could not be stored: Permission denied.",)
    assert house.kept == ["b"]


def test_a_later_attempt_goes_on_counting(house: House) -> None:
    house.video("v", "completed")
    beats: list[Any] = []
    house.environment.on_heartbeat = lambda *details: beats.append(details[0])
    house.clean(days_later=2, artifacts_s=DAY_S)
    assert beats[-1].freed_bytes == 1000
    earlier = {"freed_bytes": 500, "kinds": {"expired": {"count": 3, "freed_bytes": 500}}, "problems": ["x"]}
    house.environment.info = replace(house.environment.info, heartbeat_details=[earlier])
    house.video("v", "completed")
    result = house.clean(days_later=2, artifacts_s=DAY_S)
    assert result == CleanupResult(1500, {EXPIRED: Cleaned(4, 1500)}, ("x",))


@pytest.mark.parametrize(
    ("details", "error"),
    [
        (ActivityCancellationDetails(cancel_requested=True), CancelledError),
        (ActivityCancellationDetails(worker_shutdown=True), ApplicationError),
    ],
)
def test_a_cancel_stops_it_and_a_worker_that_stops_hands_it_on(
    house: House, details: ActivityCancellationDetails, error: type[Exception]
) -> None:
    house.video("v", "completed")
    stop: Callable[..., None] = house.environment.cancel
    house.environment.on_heartbeat = lambda *_: stop(details)
    with pytest.raises(error) as raised:
        house.clean(days_later=2, artifacts_s=DAY_S)
    assert house.kept == ["v"]
    if isinstance(raised.value, ApplicationError):
        assert not raised.value.non_retryable
