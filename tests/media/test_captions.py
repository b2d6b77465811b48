"""Captions: readable words at the right time, never boxes."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mindreel.contracts.clips import ClipPlan
from mindreel.contracts.progress import QuietReporter
from mindreel.contracts.transcript import Word
from mindreel.media.captions import write_captions
from mindreel.media.checks import check_clip
from mindreel.media.cut import cut_clip
from mindreel.media.picture import Shape
from mindreel.media.probe import probe
from mindreel.media.typefaces import BUNDLED, NoFontError, font_for
from mindreel.media.window import Window

WIDE, TALL = Shape(1280, 720, "whole"), Shape(1080, 1920, "crop")
WINDOW = Window(100.0, 100.0, 250, Fraction(25), constant=True, seek_s=99.98)
Plan = Callable[..., ClipPlan]
NO_FONT_HAS_THESE = "\U00016fe4\U0001e290\U000e0041\U0010fffd"


def spoken(text: str, start_s: float = 100.5, *, glued: bool = False) -> tuple[Word, ...]:
    parts = list(text) if glued else text.split()
    return tuple(
        Word(part, start_s + k * 0.4, start_s + k * 0.4 + 0.3, 1.0, glued) for k, part in enumerate(parts)
    )


def events(folder: Path) -> list[tuple[float, float, str]]:
    found = re.findall(
        r"Dialogue: 0,(.*?),(.*?),Words,,0,0,0,,(.*)", (folder / "captions.ass").read_text("utf-8")
    )
    return [(seconds(begin), seconds(end), text) for begin, end, text in found]


def seconds(clock: str) -> float:
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def plain_text(text: str) -> str:
    return re.sub(r"\{[^}]*\}", "", text)


def test_one_event_a_word_back_to_back_on_the_clips_clock(tmp_path: Path) -> None:
    write_captions(spoken("one two three"), WINDOW, WIDE, tmp_path)
    lines = events(tmp_path)
    assert [(begin, end) for begin, end, _ in lines] == [(0.5, 0.9), (0.9, 1.3), (1.3, 2.0)]
    assert {plain_text(text) for _, _, text in lines} == {"one two three"}
    marked = [re.findall(r"\{[^}]*33D6FF&\}(\w+)", text) for _, _, text in lines]
    assert marked == [["one"], ["two"], ["three"]]


def test_groups_end_with_sentences_pauses_and_seven_words(tmp_path: Path) -> None:
    words = (*spoken("It is so. Then a b c d e f g h"), *spoken("later", 108.0))
    write_captions(words, WINDOW, WIDE, tmp_path)
    groups = list(dict.fromkeys(plain_text(text) for _, _, text in events(tmp_path)))
    assert groups == ["It is so.", "Then a b c d e f", "g h", "later"]


def test_words_outside_the_clip_are_left_out(tmp_path: Path) -> None:
    words = (*spoken("before", 98.0), *spoken("inside", 101.0), *spoken("after", 111.0))
    write_captions(words, WINDOW, WIDE, tmp_path)
    assert [plain_text(text) for _, _, text in events(tmp_path)] == ["inside"]


def test_what_ass_takes_for_commands_is_text(tmp_path: Path) -> None:
    write_captions(spoken(r"{\b1}bold\Nnew 100%"), WINDOW, WIDE, tmp_path)
    assert plain_text(events(tmp_path)[0][2]) == "(/b1)bold/Nnew 100%"


def test_vertical_captions_keep_clear_of_the_edges(tmp_path: Path) -> None:
    write_captions(spoken("word"), WINDOW, TALL, tmp_path)
    style = re.search(r"^Style: (.*)$", (tmp_path / "captions.ass").read_text(), re.MULTILINE)
    assert style is not None
    left, right, bottom = (int(part) for part in style[1].split(",")[-4:-1])
    assert bottom >= 0.15 * TALL.height
    assert min(left, right) >= 0.1 * TALL.width


@pytest.mark.parametrize(
    "text", ["naïve Größe façade", "Ёлка в лесу", "Ελληνικά", "Tiếng Việt", "“quotes” — …"]
)
def test_the_font_that_comes_along_has_european_letters(text: str) -> None:
    assert font_for(text).path == BUNDLED


def test_a_text_without_a_font_gets_no_boxes() -> None:
    with pytest.raises(NoFontError, match="missing"):
        font_for(NO_FONT_HAS_THESE)


def test_emoji_are_dropped_not_boxed(tmp_path: Path) -> None:
    write_captions(spoken("fun 😀 party🎉"), WINDOW, WIDE, tmp_path)
    assert {plain_text(text) for _, _, text in events(tmp_path)} == {"fun party"}


def test_captions_are_seen_where_they_belong(plan: Plan, tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    folder = tmp_path / 'it\'s a "视频" 😀'
    folder.mkdir()
    source = tmp_path / "gray.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=gray:s=640x360:d=6", "-c:v", "libx264", "-pix_fmt", "yuv420p", source)
    info, wanted = probe(source), plan(1.0, 5.0)
    clip, report = cut_clip(
        source, info, wanted, folder, captions=spoken("Hello Grüße мир", 2.0), reporter=QuietReporter()
    )
    assert report.captioned
    assert check_clip(clip, info, wanted, report, vertical=False, captions=True) == []
    empty, written = _luma(clip, 0.5), _luma(clip, 1.2)
    assert empty.std() < 3
    assert written[:240].std() < 3
    assert (written[240:] > 200).sum() > 200


def test_captions_without_a_font_are_left_out_and_said(plain: Path, plan: Plan, tmp_path: Path) -> None:
    info, wanted = probe(plain), plan(1.0, 6.0)
    words = (Word("\U0001e290", 2.0, 3.0, 1.0),)
    clip, report = cut_clip(plain, info, wanted, tmp_path, captions=words, reporter=QuietReporter())
    assert not report.captioned
    assert "left out" in report.remarks[0]
    problems = check_clip(clip, info, wanted, report, vertical=False, captions=True)
    assert problems == ["captions were asked for and are not in it."]


def _luma(path: Path, second: float) -> NDArray[np.uint8]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if (frame.time or 0.0) >= second:
                return frame.to_ndarray(format="gray").astype(np.uint8)
    raise AssertionError
