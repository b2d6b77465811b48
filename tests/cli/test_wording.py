import pytest

from mindreel.cli import wording


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (754, "12:34"), (3599.99, "59:59"), (3723, "1:02:03")]
)
def test_places_in_a_video_are_right_past_an_hour(seconds: float, text: str) -> None:
    assert wording.clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.2, "1 s left"), (59.5, "60 s left"), (61, "2 min left"), (5400, "1.5 h left")],
)
def test_time_left_is_rounded_as_roughly_as_it_is_known(seconds: float | None, text: str) -> None:
    assert wording.left(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (4_000_000, "4.0 MB"), (8e12, "8000.0 GB")],
)
def test_sizes_have_units(count: float, text: str) -> None:
    assert wording.size(count) == text


def test_a_title_becomes_one_short_line() -> None:
    assert wording.shortened("two\nlines\x1b[31m and more", 14) == "two lines [31…"
