"""What every ledger promises of rows on their way; see `mindreel.store.protocols.BatchLedger`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from mindreel.contracts.batch import REFUSED, STARTED, CsvRow, PendingRow, RowMark
from mindreel.contracts.video import Options, VideoIdentity

Row = Callable[..., CsvRow]


def _ids(taken: list[PendingRow]) -> list[str]:
    return [each.row.video.id for each in taken if each.row.video]


def _playlist(number: int, url: str = "https://example.org/list") -> CsvRow:
    return CsvRow(number, url, collection=True)


def test_a_taken_row_comes_back_as_it_was_written(desk: Any, video_row: Row) -> None:
    row = video_row(7, "a", title="Über 咖啡", tenant="acme", priority=2)
    desk.drop("talks", row)
    assert desk.ledger.take("talks", limit=10, most_open=10) == [PendingRow(row)]


def test_a_taken_video_is_queued_in_the_catalog(desk: Any, video_row: Row) -> None:
    desk.end("old", status="failed", error_class="network", reasons=("Gone.",), library="/library/old")
    desk.drop("talks", video_row(2, "old"), video_row(3, "new", title="Its title"))
    desk.start("talks")
    new, old = desk.catalog.get("new"), desk.catalog.get("old")
    assert (new.status, new.stage, new.percent, new.title) == ("queued", "resolve", 0, "Its title")
    assert (new.source, new.platform) == ("https://example.org/new", "generic")
    assert (new.workflow_id, new.request_json, new.result_json, new.began_at) == ("", "", None, None)
    assert (old.status, old.error_class, old.reasons, old.began_at) == ("queued", "", (), None)
    assert (old.library, old.workflow_id) == ("/library/old", "video-old")
    assert old.request_json
    assert [row.id for row in desk.catalog.list()] == ["new", "old"]
    assert desk.outcomes("talks") == ["queued", "queued"]
    desk.begin("new")
    assert desk.catalog.get("new").status == "running"


def test_rows_come_by_priority_and_each_tenants_in_turn(desk: Any, video_row: Row) -> None:
    desk.drop(
        "talks",
        *(video_row(number, f"big{number}", tenant="big") for number in range(2, 5)),
        video_row(5, "small5", tenant="small"),
        video_row(6, "urgent", tenant="big", priority=1),
        video_row(7, "small7", tenant="small"),
        video_row(8, "whenever", priority=5),
    )
    assert desk.start("talks") == ["urgent", "big2", "small5", "big3", "small7", "big4", "whenever"]


def test_rows_that_were_not_marked_come_again_and_before_others(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"), video_row(3, "b"), video_row(4, "c"))
    first = desk.ledger.take("talks", limit=2, most_open=10)
    desk.drop("talks", *(video_row(n, v) for n, v in enumerate("abc", 2)), video_row(9, "d", priority=1))
    assert desk.ledger.take("talks", limit=2, most_open=10) == first
    desk.ledger.mark("talks", [RowMark(2, 0, STARTED)])
    assert _ids(desk.ledger.take("talks", limit=2, most_open=10)) == ["b", "d"]
    assert _ids(desk.ledger.take("talks", limit=9, most_open=10)) == ["d", "b", "c"]


@pytest.mark.parametrize("status", ["running", "completed", "failed"])
def test_a_row_whose_video_has_begun_since_it_was_taken_is_not_taken_again(
    desk: Any, video_row: Row, status: str
) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.ledger.take("talks", limit=10, most_open=10)
    desk.begin("a")
    if status != "running":
        desk.catalog.finish("a", status=status, reasons=())
    assert desk.ledger.take("talks", limit=10, most_open=10) == []
    assert desk.outcomes("talks") == [status]


def test_no_more_are_open_than_wanted(desk: Any, video_row: Row) -> None:
    desk.drop("talks", *(video_row(number, f"v{number}") for number in range(2, 9)))
    assert len(desk.ledger.take("talks", limit=100, most_open=3)) == 3
    desk.ledger.mark("talks", [RowMark(number, 0, STARTED) for number in (2, 3, 4)])
    assert desk.ledger.take("talks", limit=100, most_open=3) == []
    desk.end("v3")
    assert _ids(desk.ledger.take("talks", limit=100, most_open=3)) == ["v5"]
    assert desk.ledger.take("talks", limit=0, most_open=3) == []
    assert desk.ledger.take("talks", limit=100, most_open=0) == []


@pytest.mark.parametrize("state", ["paused", "cancelled"])
def test_nothing_is_taken_of_a_batch_that_does_not_run(desk: Any, video_row: Row, state: str) -> None:
    desk.drop("talks", video_row(2, "a"), _playlist(3))
    desk.ledger.set_state("talks", state)
    assert desk.ledger.take("talks", limit=1, most_open=1) == []
    assert desk.ledger.collections("talks", limit=1) == []
    desk.ledger.set_state("talks", "running")
    assert len(desk.ledger.take("talks", limit=1, most_open=1)) == (1 if state == "paused" else 0)


def test_what_a_person_ran_meanwhile_is_not_started_again(desk: Any, video_row: Row) -> None:
    desk.drop("talks", *(video_row(number, name) for number, name in enumerate("abc", 2)))
    desk.end("a")
    desk.begin("b")
    assert desk.start("talks") == ["b", "c"]
    assert desk.outcomes("talks") == ["duplicate", "running", "queued"]


def test_a_row_that_could_not_be_started_failed_and_may_be_released(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"), video_row(3, "b"))
    desk.ledger.take("talks", limit=10, most_open=10)
    desk.ledger.mark("talks", [RowMark(2, 0, REFUSED, "setup", "The disk is full.")])
    row = desk.row("talks", 2)
    assert (row.outcome, row.stage, row.error_class) == ("failed", "resolve", "setup")
    assert row.message == "The disk is full."
    assert (desk.catalog.get("a").status, desk.catalog.get("a").error_class) == ("failed", "setup")
    assert desk.ledger.release("talks", classes=frozenset({"setup"})) == 1
    assert _ids(desk.ledger.take("talks", limit=10, most_open=10)) == ["b", "a"]


def test_marks_of_rows_that_are_gone_or_ended_are_left_out(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"), video_row(3, "a"))
    before = desk.ledger.rows("talks")
    desk.ledger.mark("talks", [RowMark(9, 0, STARTED), RowMark(3, 0, STARTED), RowMark(2, 1, REFUSED)])
    assert desk.ledger.rows("talks") == before


@pytest.mark.parametrize("mark", [RowMark(2, 0, STARTED), RowMark(2, 0, REFUSED, "setup", "No disk.")])
def test_a_mark_that_comes_when_its_row_was_released_is_left_out(
    desk: Any, video_row: Row, mark: RowMark
) -> None:
    """An attempt to tell it was held up, and the next one told it."""
    desk.drop("talks", video_row(2, "a"))
    assert desk.start("talks") == ["a"]
    desk.end("a", status="failed", error_class="network")
    assert desk.ledger.release("talks") == 1
    desk.ledger.mark("talks", [mark])
    assert desk.outcomes("talks") == ["waiting"]
    assert desk.start("talks") == ["a"]


def test_a_run_that_ended_is_not_heard_once_its_video_waits_again(desk: Any, video_row: Row) -> None:
    names = {"source": "s", "platform": "generic", "workflow_id": "video-a", "request_json": "{}"}
    desk.catalog.begin("a", run_id="first", **names)
    desk.catalog.finish("a", status="failed", reasons=("Down.",), run_id="first")
    desk.drop("talks", video_row(2, "a"))
    assert _ids(desk.ledger.take("talks", limit=1, most_open=1)) == ["a"]
    desk.catalog.begin("a", run_id="first", **names)
    desk.catalog.finish("a", status="failed", reasons=("Down.",), run_id="first")
    assert desk.outcomes("talks") == ["queued"]
    desk.catalog.finish("a", status="cancelled", reasons=())
    assert desk.outcomes("talks") == ["cancelled"]


def _ended(desk: Any, video_row: Row) -> None:
    ends = {
        "offline": "network",
        "slow": "timeout",
        "many": "rate_limit",
        "held": "busy",
        "login": "blocked",
        "robot": "bot_check",
        "gone": "not_found",
    }
    rows = [video_row(number, name) for number, name in enumerate([*ends, "part", "stopped", "good"], 2)]
    desk.drop("talks", *rows, video_row(90, "x", problem="No."))
    desk.start("talks")
    for name, error_class in ends.items():
        desk.catalog.finish(name, status="failed", reasons=(), error_class=error_class)
    for name, status in (("part", "partial"), ("stopped", "cancelled"), ("good", "completed")):
        desk.catalog.finish(name, status=status, reasons=())
    desk.ledger.set_state("talks", "finished")


@pytest.mark.parametrize(
    ("classes", "released"),
    [
        ({"network"}, ["offline", "slow", "many", "held"]),
        ({"rate_limit"}, ["many"]),
        ({"blocked"}, ["login", "robot"]),
        ({"blocked", "timeout"}, ["slow", "login", "robot"]),
        ({"partial"}, ["part"]),
        ({"cancelled"}, ["stopped"]),
        ({"nonsense"}, []),
        (set(), ["offline", "slow", "many", "held", "login", "robot", "gone", "stopped"]),
    ],
)
def test_rows_are_tried_again_by_the_class_of_their_error(
    desk: Any, video_row: Row, classes: set[str], released: list[str]
) -> None:
    _ended(desk, video_row)
    assert desk.ledger.release("talks", classes=frozenset(classes)) == len(released)
    assert desk.look("talks").state == ("running" if released else "finished")
    taken = desk.ledger.take("talks", limit=100, most_open=100)
    assert _ids(taken) == released
    assert all(each.again for each in taken)


def test_a_failed_row_is_released_and_not_by_a_changed_file(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.start("talks")
    desk.end("a", status="failed", reasons=("Gone.",))
    desk.drop("talks", video_row(2, "a"), video_row(3, "b"))
    assert desk.start("talks") == ["b"]
    assert desk.ledger.release("talks") == 1
    assert (desk.row("talks", 2).outcome, desk.row("talks", 2).message) == ("waiting", "")
    assert desk.ledger.release("talks") == 0
    assert desk.start("talks") == ["a"]
    desk.end("a")
    assert desk.row("talks", 2).outcome == "completed"


def test_a_released_row_that_somebody_has_completed_is_not_run_again(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.start("talks")
    desk.end("a", status="failed")
    desk.ledger.release("talks")
    desk.end("a")
    assert desk.start("talks") == []
    assert desk.outcomes("talks") == ["completed"]


def test_a_failed_row_that_another_file_will_start_follows_that(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.start("talks")
    desk.end("a", status="failed")
    desk.drop("more", video_row(2, "a"))
    assert desk.ledger.release("talks") == 0
    assert desk.start("more") == ["a"]
    assert desk.ledger.open_videos("talks") == []
    assert desk.ledger.open_videos("more") == ["a"]
    desk.end("a")
    assert desk.outcomes("talks") == desk.outcomes("more") == ["completed"]


def test_a_cancelled_batch_withdraws_what_waits_and_knows_what_runs(desk: Any, video_row: Row) -> None:
    desk.drop("talks", *(video_row(number, name) for number, name in enumerate("abcd", 2)), _playlist(9))
    desk.start("talks", limit=1)
    desk.ledger.take("talks", limit=1, most_open=10)
    desk.end("a")
    desk.ledger.set_state("talks", "cancelled")
    assert desk.outcomes("talks") == ["completed", "queued", "cancelled", "cancelled", "cancelled"]
    row = desk.row("talks", 4)
    assert (row.error_class, row.message) == ("cancelled", "The batch was cancelled before its turn came.")
    assert desk.ledger.open_videos("talks") == ["b"]
    assert desk.ledger.release("talks") == 3
    assert desk.start("talks") == ["c", "d"]


def test_a_batch_is_not_finished_while_a_row_is_open(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.ledger.set_state("talks", "finished")
    assert desk.look("talks").state == "running"
    desk.start("talks")
    desk.end("a")
    desk.ledger.set_state("talks", "finished")
    assert desk.look("talks").state == "finished"
    with pytest.raises(ValueError, match="no state"):
        desk.ledger.set_state("talks", "done")


def test_open_videos_are_those_that_did_not_change_for_so_long(desk: Any, video_row: Row) -> None:
    desk.drop("talks", *(video_row(number, name) for number, name in enumerate("abcd", 2)))
    desk.start("talks", limit=3)
    desk.begin("b")
    desk.end("c")
    assert desk.ledger.open_videos("talks") == ["a", "b"]
    assert desk.ledger.open_videos("talks", limit=1) == ["a"]
    assert desk.ledger.open_videos("talks", unchanged_s=60) == []


def test_a_playlist_becomes_the_rows_of_its_videos(desk: Any, video_row: Row) -> None:
    desk.end("old", library="/library/old")
    playlist = _playlist(3)
    desk.drop("talks", video_row(2, "a"), playlist)
    assert desk.start("talks") == ["a"]
    assert desk.ledger.collections("talks", limit=10) == [playlist]
    items = [video_row(3, name, item=place) for place, name in enumerate(["b", "a", "old", "b"], 1)]
    desk.ledger.expand("talks", 3, [*items, CsvRow(3, "x", item=5, problem="It is private.")], "Five videos.")
    desk.ledger.expand("talks", 3, items, "Twice is once.")
    assert desk.ledger.collections("talks", limit=10) == []
    assert desk.outcomes("talks") == [
        *("queued", "expanded", "waiting", "duplicate", "duplicate", "duplicate", "refused")
    ]
    assert desk.row("talks", 3).message == "Five videos."
    assert desk.row("talks", 3, 2).original == "row 2"
    assert desk.row("talks", 3, 3).library == "/library/old"
    assert desk.row("talks", 3, 4).original == "row 3, video 1"
    assert desk.start("talks") == ["b"]


def test_a_playlist_twice_is_read_once(desk: Any) -> None:
    desk.drop("talks", _playlist(2), _playlist(3), _playlist(4, "https://example.org/other"))
    assert [row.number for row in desk.ledger.collections("talks", limit=10)] == [2, 4]
    assert len(desk.ledger.collections("talks", limit=1)) == 1
    assert desk.row("talks", 3).message == "The same playlist as row 2."


def test_the_videos_of_a_playlist_survive_a_changed_file(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "x"), _playlist(3))
    desk.ledger.expand("talks", 3, [video_row(3, name, item=n) for n, name in enumerate("abx", 1)], "Three.")
    assert desk.start("talks") == ["x", "a", "b"]
    desk.end("a")
    desk.end("b", status="failed")
    desk.drop("talks", video_row(2, "a"), video_row(3, "c"), _playlist(5, "https://example.org/list"))
    rows = [(row.number, row.item, row.video_id, row.outcome) for row in desk.ledger.rows("talks")]
    assert rows == [
        *((2, 0, "a", "duplicate"), (3, 0, "c", "waiting"), (5, 0, None, "expanded")),
        *((5, 1, "a", "completed"), (5, 2, "b", "failed"), (5, 3, "x", "queued")),
    ]
    assert desk.row("talks", 2).original == "row 5, video 1"
    assert desk.row("talks", 5).message == "Three."
    assert desk.start("talks") == ["c"]
    desk.drop("talks", video_row(2, "a"))
    assert desk.outcomes("talks") == ["completed"]


def test_edited_options_reach_the_videos_of_a_playlist_that_wait(desk: Any, video_row: Row) -> None:
    desk.drop("talks", _playlist(2))
    desk.ledger.expand("talks", 2, [video_row(2, "a", item=1, title="First")], "")
    edited = replace(_playlist(2), tenant="acme", priority=1, options=Options(clips=1))
    desk.drop("talks", edited)
    (taken,) = desk.ledger.take("talks", limit=1, most_open=1)
    assert (taken.row.tenant, taken.row.priority, taken.row.options) == ("acme", 1, Options(clips=1))
    assert taken.row.title == "First"


def test_a_playlist_that_cannot_be_read_failed_and_may_be_released(desk: Any) -> None:
    desk.drop("talks", _playlist(2))
    desk.ledger.mark("talks", [RowMark(2, 0, REFUSED, "network", "The site is down.")])
    row = desk.row("talks", 2)
    assert (row.outcome, row.error_class, row.message) == ("failed", "network", "The site is down.")
    assert desk.ledger.collections("talks", limit=1) == []
    desk.ledger.expand("talks", 2, [], "Too late.")
    assert desk.ledger.release("talks", classes=frozenset({"network"})) == 1
    assert [row.number for row in desk.ledger.collections("talks", limit=1)] == [2]


def test_a_playlist_within_a_playlist_is_refused(desk: Any) -> None:
    desk.drop("talks", _playlist(2))
    desk.ledger.expand("talks", 2, [CsvRow(2, "https://example.org/more", item=1, collection=True)], "")
    assert desk.row("talks", 2, 1).outcome == "refused"
    assert desk.ledger.collections("talks", limit=1) == []


def test_a_page_that_turns_out_to_hold_several_videos_is_read(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "page"))
    desk.start("talks")
    desk.end("page", status="expanded")
    assert desk.outcomes("talks") == ["running"]
    (row,) = desk.ledger.collections("talks", limit=1)
    assert row.video.id == "page"
    desk.ledger.expand("talks", 2, [video_row(2, "page", item=1), video_row(2, "b", item=2)], "Two.")
    assert desk.start("talks") == ["page", "b"]
    desk.end("page", "b")
    assert desk.outcomes("talks") == ["expanded", "completed", "completed"]
    desk.drop("talks", video_row(4, "page"), video_row(5, "c"))
    assert desk.outcomes("talks") == ["expanded", "completed", "completed", "waiting"]


def test_a_page_whose_videos_cannot_be_listed_failed_and_may_be_released(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "page"))
    desk.start("talks")
    desk.end("page", status="expanded")
    desk.ledger.mark("talks", [RowMark(2, 0, REFUSED, "network", "The site is down.")])
    assert (desk.outcomes("talks"), desk.row("talks", 2).message) == (["failed"], "The site is down.")
    desk.ledger.release("talks")
    assert desk.start("talks") == ["page"]


def test_a_page_of_several_videos_is_listed_anew_for_another_file(desk: Any, video_row: Row) -> None:
    desk.end("page", status="expanded")
    desk.drop("talks", video_row(2, "page"), video_row(3, "page"))
    assert desk.outcomes("talks") == ["running", "duplicate"]
    assert desk.start("talks") == []
    assert [row.number for row in desk.ledger.collections("talks", limit=9)] == [2]


@pytest.mark.parametrize("late", [False, True])
def test_a_cancelled_batch_lists_no_page_and_ends(desk: Any, video_row: Row, *, late: bool) -> None:
    desk.drop("talks", video_row(2, "page"))
    desk.start("talks")
    if late:
        desk.ledger.set_state("talks", "cancelled")
    desk.end("page", status="expanded")
    desk.ledger.set_state("talks", "cancelled")
    assert (desk.look("talks").open, desk.row("talks", 2).error_class) == (0, "cancelled")
    assert desk.ledger.release("talks", classes=frozenset({"cancelled"})) == 1


def test_several_threads_take_each_row_once(desk: Any, video_row: Row) -> None:
    for number in range(4):
        rows = [video_row(place, f"v{place}") for place in range(2, 60)]
        desk.drop(f"file {number}", *rows, video_row(99, f"own{number}"))
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda number: desk.start(f"file {number}"), range(4)))
    every = [video_id for ids in started for video_id in ids]
    assert len(every) == len(set(every)) == 58 + 4


def test_a_video_of_a_site_keeps_its_identity(desk: Any) -> None:
    video = VideoIdentity("youtube-abc", "youtube", "https://www.youtube.com/watch?v=abc")
    desk.drop("talks", CsvRow(2, "youtu.be/abc", video=video))
    (taken,) = desk.ledger.take("talks", limit=1, most_open=1)
    assert taken.row.video == video
    assert (desk.catalog.get("youtube-abc").platform, desk.catalog.get("youtube-abc").source) == (
        "youtube",
        "youtu.be/abc",
    )
