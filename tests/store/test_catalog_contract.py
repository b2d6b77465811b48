"""What every catalog promises; see `mindreel.store.protocols.Catalog`."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mindreel.errors import SetupError
from mindreel.store.protocols import Catalog, Standing, VideoRow
from mindreel.store.supabase import catalog as supabase_catalog

CONTRACT = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _begin(catalog: Catalog, video_id: str = "file-1", source: str = "talk.mp4", *, run_id: str = "") -> None:
    catalog.begin(
        video_id,
        source=source,
        platform="file",
        workflow_id=f"video-{video_id}",
        request_json="{}",
        run_id=run_id,
    )


def _row(catalog: Catalog, video_id: str = "file-1") -> VideoRow:
    row = catalog.get(video_id)
    assert row is not None
    return row


def test_a_run_begins_at_nothing_done(catalog: Catalog) -> None:
    _begin(catalog)
    row = _row(catalog)
    assert (row.id, row.source, row.platform, row.workflow_id) == (
        "file-1",
        "talk.mp4",
        "file",
        "video-file-1",
    )
    assert (row.status, row.stage, row.percent, row.reasons) == ("running", "resolve", 0, ())
    assert (row.title, row.duration_s, row.language, row.library, row.result_json) == (
        "",
        None,
        None,
        None,
        None,
    )
    assert row.request_json == "{}"
    assert datetime.fromisoformat(row.created_at).utcoffset() == timedelta(0)
    assert row.updated_at == row.created_at


def test_what_becomes_known_is_added_piece_by_piece(catalog: Catalog) -> None:
    _begin(catalog)
    catalog.describe("file-1", title="Über Bohnen ☕ 咖啡", duration_s=187.4)
    catalog.describe("file-1", language="en")
    row = _row(catalog)
    assert (row.title, row.duration_s, row.language) == ("Über Bohnen ☕ 咖啡", 187.4, "en")


@CONTRACT
@given(steps=st.lists(st.floats(min_value=-5, max_value=150), min_size=1, max_size=6))
def test_percent_never_falls_and_never_passes_a_hundred(catalog: Catalog, steps: list[float]) -> None:
    _begin(catalog)
    seen = [0.0]
    for percent in steps:
        catalog.advance("file-1", stage="download", percent=percent)
        seen.append(_row(catalog).percent)
    assert seen == sorted(seen)
    assert seen[-1] == min(max(0.0, *steps), 100.0)


def test_the_stage_is_told_even_when_the_percent_stays(catalog: Catalog) -> None:
    _begin(catalog)
    catalog.advance("file-1", stage="audio", percent=20)
    catalog.advance("file-1", stage="thumbnail", percent=15)
    assert (_row(catalog).stage, _row(catalog).percent) == ("thumbnail", 20)


@pytest.mark.parametrize(
    ("status", "percent"),
    [("completed", 100), ("partial", 100), ("expanded", 100), ("failed", 40), ("cancelled", 40)],
)
def test_a_run_ends_with_its_reasons(catalog: Catalog, status: str, percent: float) -> None:
    _begin(catalog)
    catalog.advance("file-1", stage="clips", percent=40)
    catalog.finish(
        "file-1", status=status, reasons=("Too short.", "Zu “kurz”."), library="/l/1", result_json='{"a": 1}'
    )
    row = _row(catalog)
    assert (row.status, row.percent, row.library, row.result_json) == (status, percent, "/l/1", '{"a": 1}')
    assert row.reasons == ("Too short.", "Zu “kurz”.")


def test_a_second_run_begins_anew_and_keeps_what_the_first_left(catalog: Catalog) -> None:
    _begin(catalog)
    catalog.describe("file-1", title="Talk")
    catalog.advance("file-1", stage="clips", percent=80)
    catalog.finish("file-1", status="partial", reasons=("No clips.",), library="/l/1", result_json="{}")
    created = _row(catalog).created_at
    _begin(catalog, source="other name.mp4")
    row = _row(catalog)
    assert (row.status, row.stage, row.percent, row.reasons) == ("running", "resolve", 0, ())
    assert (row.title, row.library, row.result_json, row.source) == ("Talk", "/l/1", "{}", "other name.mp4")
    assert row.created_at == created
    catalog.finish("file-1", status="failed", reasons=("Gone.",))
    assert (_row(catalog).library, _row(catalog).result_json) == ("/l/1", "{}")


def test_why_and_where_a_run_failed_is_told_until_the_next_begins(catalog: Catalog) -> None:
    _begin(catalog)
    catalog.advance("file-1", stage="thumbnail", percent=15)
    catalog.finish("file-1", status="failed", reasons=("404.",), error_class="not_found", stage="audio")
    assert (_row(catalog).error_class, _row(catalog).stage) == ("not_found", "audio")
    _begin(catalog)
    assert (_row(catalog).error_class, _row(catalog).stage) == ("", "resolve")
    catalog.finish("file-1", status="failed", reasons=("Odd.",))
    assert (_row(catalog).error_class, _row(catalog).stage) == ("", "resolve")


def test_a_run_is_known_by_its_beginning(catalog: Catalog) -> None:
    _begin(catalog)
    first = _row(catalog)
    assert first.began_at == first.created_at
    catalog.finish("file-1", status="completed", reasons=())
    assert _row(catalog).began_at == first.began_at
    time.sleep(0.002)
    _begin(catalog)
    assert _row(catalog).began_at == _row(catalog).updated_at != first.began_at


def test_progress_told_after_the_end_changes_nothing(catalog: Catalog) -> None:
    _begin(catalog)
    catalog.finish("file-1", status="cancelled", reasons=())
    before = _row(catalog)
    catalog.advance("file-1", stage="download", percent=70)
    assert _row(catalog) == before


def test_a_video_that_was_never_begun_is_said(catalog: Catalog) -> None:
    assert catalog.get("file-9") is None
    catalog.advance("file-9", stage="download", percent=1)
    assert catalog.get("file-9") is None
    with pytest.raises(SetupError, match="knows no video file-9"):
        catalog.describe("file-9", title="x")
    with pytest.raises(SetupError, match="knows no video file-9"):
        catalog.finish("file-9", status="completed", reasons=())


def test_rows_come_newest_run_first(catalog: Catalog) -> None:
    for video_id in ("a", "b", "c", "a"):
        _begin(catalog, video_id)
    assert [row.id for row in catalog.list()] == ["a", "c", "b"]
    assert [row.id for row in catalog.list(limit=2)] == ["a", "c"]
    assert catalog.list(limit=0) == []


def test_short_ids_find_rows_and_no_sign_in_them_is_special(catalog: Catalog) -> None:
    for video_id in ("youtube-abC_1", "youtube-abc-2", "file-1"):
        _begin(catalog, video_id)
    assert [row.id for row in catalog.find("youtube-ab")] == ["youtube-abc-2", "youtube-abC_1"]
    assert [row.id for row in catalog.find("youtube-abC_")] == ["youtube-abC_1"]
    assert len(catalog.find("")) == 3
    for nothing in ("youtube_", "%", "_", "*", "'", "youtube-abc-22", "\udcff"):
        assert catalog.find(nothing) == []


@CONTRACT
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was(catalog: Catalog, text: str) -> None:
    _begin(catalog, source=text)
    catalog.describe("file-1", title=text)
    catalog.finish("file-1", status="failed", reasons=(text,), library=text, result_json=text)
    row = _row(catalog)
    assert (row.source, row.title, row.reasons, row.library, row.result_json) == (
        text,
        text,
        (text,),
        text,
        text,
    )


def test_a_file_name_that_is_no_unicode_is_kept_readable(catalog: Catalog) -> None:
    _begin(catalog, source="caf\udce9.mp4")
    catalog.describe("file-1", title="caf\udce9")
    catalog.finish("file-1", status="failed", reasons=("caf\udce9 is gone.",), library="/caf\udce9")
    assert _row(catalog).source == r"caf\udce9.mp4"
    assert _row(catalog).reasons[0].startswith("caf")


@pytest.mark.parametrize("text", ["a\0b", "\0", "␀", "␀0", "␀␀0\0", "\ufffe\uffff", "e\u0301 \U0001f3a5"])
def test_no_sign_is_lost_on_the_way(catalog: Catalog, text: str) -> None:
    _begin(catalog, source=text)
    catalog.describe("file-1", title=text)
    catalog.finish("file-1", status="failed", reasons=(text, text), library=text)
    row = _row(catalog)
    assert (row.source, row.title, row.library, row.reasons) == (text, text, text, (text, text))


def test_requests_and_results_come_back_byte_for_byte(catalog: Catalog) -> None:
    request = '{"b": 1.0,  "a":1e400,"a":\t"\\u0000 \\ud83c é ☕",\n"z":[ ]}'
    result = request[::-1] + "\r\n "
    catalog.begin("file-1", source="s", platform="file", workflow_id="w", request_json=request)
    catalog.finish("file-1", status="completed", reasons=(), result_json=result)
    assert (_row(catalog).request_json, _row(catalog).result_json) == (request, result)


@pytest.mark.parametrize("duration_s", [0.0, 0.1 + 0.2, 187.0, 1e-9, 1e15])
def test_a_duration_is_exactly_the_one_given(catalog: Catalog, duration_s: float) -> None:
    _begin(catalog)
    catalog.describe("file-1", duration_s=duration_s)
    found = _row(catalog).duration_s
    assert found == duration_s
    assert isinstance(found, float)


def test_a_run_that_is_told_twice_is_one_run(catalog: Catalog) -> None:
    """The reply was lost, and whoever asked does it again."""
    for _ in range(2):
        catalog.begin(
            "file-1", source="s", platform="file", workflow_id="w", request_json="{}", run_id="run 1"
        )
    for _ in range(2):
        catalog.finish("file-1", status="partial", reasons=("No clips.",))
    assert [(row.id, row.status, row.reasons) for row in catalog.list()] == [
        ("file-1", "partial", ("No clips.",))
    ]


def test_a_stage_that_nobody_knows_harms_nothing(catalog: Catalog) -> None:
    _begin(catalog)
    catalog.advance("file-1", stage="dreaming", percent=3)
    assert (_row(catalog).stage, _row(catalog).percent) == ("dreaming", 3)


def test_fifteen_hundred_videos_from_several_threads_are_all_there(
    open_catalog: Callable[[], Catalog],
) -> None:
    catalog = open_catalog()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: _begin(catalog, f"file-{number:04}"), range(1500)))
    assert len({row.id for row in open_catalog().list(limit=2000)}) == 1500
    assert len(open_catalog().find("file-")) == 1500
    assert len(open_catalog().find("file-00")) == 100
    assert len(catalog.list()) == 100


def test_sixteen_threads_that_run_videos_at_once_lose_nothing(open_catalog: Callable[[], Catalog]) -> None:
    """Each its own videos, and all of them the same one too."""

    def run(worker: int) -> None:
        catalog = open_catalog()
        for number in range(4):
            video_id = f"file-{worker}-{number}"
            for each in (video_id, "shared"):
                _begin(catalog, each)
                catalog.describe(each, title=video_id)
                for place, stage in enumerate(("download", "audio", "transcribe")):
                    catalog.advance(each, stage=stage, percent=10.0 * place + number)
            catalog.finish(video_id, status="completed", reasons=(video_id,), result_json=video_id)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(run, range(16)))
    rows = open_catalog().list(limit=1000)
    own = [row for row in rows if row.id != "shared"]
    assert len(own) == 64
    assert {(row.status, row.stage, row.percent) for row in own} == {("completed", "transcribe", 100)}
    assert all(row.title == row.result_json == row.reasons[0] == row.id for row in own)
    assert [row.status for row in rows if row.id == "shared"] == ["running"]


def test_what_an_earlier_run_says_late_is_not_heard(catalog: Catalog) -> None:
    """Its attempt was held up, by a laptop that slept or a line that hung."""
    for run_id in ("first", "second"):
        _begin(catalog, run_id=run_id)
        catalog.advance("file-1", stage="audio", percent=20, run_id=run_id)
    before = _row(catalog)

    _begin(catalog, run_id="first")
    catalog.advance("file-1", stage="clips", percent=93, run_id="first")
    catalog.finish("file-1", status="failed", reasons=("Late.",), run_id="first")

    assert _row(catalog) == before
    catalog.finish("file-1", status="completed", reasons=(), run_id="second")
    catalog.finish("file-1", status="failed", reasons=("Late.",), run_id="first")
    assert (_row(catalog).status, _row(catalog).reasons) == ("completed", ())


def test_a_run_says_twice_how_it_ended(catalog: Catalog) -> None:
    _begin(catalog, run_id="first")
    for _ in range(2):
        catalog.finish("file-1", status="failed", reasons=("Gone.",), error_class="not_found", run_id="first")
        assert (_row(catalog).status, _row(catalog).error_class) == ("failed", "not_found")
    _begin(catalog, run_id="first")
    assert _row(catalog).status == "failed"


@pytest.mark.parametrize("begun", [True, False])
def test_a_run_that_was_reset_goes_on_in_the_middle(catalog: Catalog, *, begun: bool) -> None:
    """The server gives it another id, and what it had done before is not done again."""
    _begin(catalog, run_id="first" if begun else "")
    catalog.advance("file-1", stage="audio", percent=20, run_id="reset")
    assert (_row(catalog).status, _row(catalog).stage, _row(catalog).percent) == ("running", "audio", 20)
    if begun:
        catalog.advance("file-1", stage="clips", percent=93, run_id="first")
    assert _row(catalog).percent == 20
    catalog.finish("file-1", status="completed", reasons=(), run_id="reset")
    assert _row(catalog).status == "completed"
    _begin(catalog, run_id="next")
    catalog.finish("file-1", status="failed", reasons=(), run_id="reset")
    assert _row(catalog).status == "running"


def test_a_run_that_ended_before_it_began_says_so(catalog: Catalog) -> None:
    _begin(catalog, run_id="first")
    catalog.finish("file-1", status="completed", reasons=(), library="/l/1", run_id="first")
    catalog.advance("file-1", stage="audio", percent=20, run_id="second")
    assert _row(catalog).status == "completed"
    catalog.finish("file-1", status="cancelled", reasons=("It was cancelled.",), run_id="second")
    assert (_row(catalog).status, _row(catalog).library) == ("cancelled", "/l/1")


def test_who_found_out_that_a_run_ended_comes_too_late_for_one_that_said_so(catalog: Catalog) -> None:
    _begin(catalog, run_id="first")
    catalog.finish("file-1", status="completed", reasons=(), run_id="first")
    before = _row(catalog)
    catalog.finish("file-1", status="failed", reasons=("It is gone from the server.",))
    assert _row(catalog) == before
    _begin(catalog, run_id="second")
    catalog.finish("file-1", status="failed", reasons=("It is gone from the server.",))
    assert _row(catalog).status == "failed"


def test_every_video_stands_somewhere(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supabase_catalog, "_PAGE", 2)
    for video_id in ("b", "A", "é", "c", "a_1"):
        _begin(catalog, video_id)
    catalog.finish("c", status="completed", reasons=(), library="/l/c")
    rows = {row.id: row for row in catalog.list()}
    standings = list(catalog.standings())
    assert len(standings) == 5
    assert {each.id: each for each in standings} == {
        each.id: Standing(each.id, each.status, each.source, each.library, each.workflow_id, each.updated_at)
        for each in rows.values()
    }


def test_where_there_is_no_video_none_stands(catalog: Catalog) -> None:
    assert list(catalog.standings()) == []
