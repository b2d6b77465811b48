from mindreel.contracts.batch import CsvRow
from mindreel.contracts.video import Options
from mindreel.sources.csv_rows.items import item_row

PLAYLIST = CsvRow(
    7,
    "https://youtube.com/playlist?list=PL1",
    collection=True,
    options=Options(clips=2),
    tenant="a",
    priority=1,
)


def test_a_video_of_a_playlist_is_asked_for_as_the_playlist_was() -> None:
    row = item_row("https://example.org/talk.mp4", PLAYLIST, 3, "Third")

    assert (row.number, row.item, row.title) == (7, 3, "Third")
    assert (row.options.clips, row.tenant, row.priority) == (2, "a", 1)
    assert row.video is not None
    assert not row.collection


def test_a_playlist_cannot_make_the_worker_read_its_disk() -> None:
    row = item_row("file:///etc/passwd", PLAYLIST, 1, "")

    assert row.video is None
    assert "http(s)" in row.problem


def test_a_list_inside_a_list_is_said_to_need_a_row_of_its_own() -> None:
    row = item_row("https://www.youtube.com/playlist?list=PL2", PLAYLIST, 1, "")

    assert row.video is None
    assert "row of its own" in row.problem
