"""The page as a file: what it holds, and that nothing from a video can act in it."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from mindreel.contracts.analysis import Highlight
from mindreel.contracts.transcript import Segment, Word
from mindreel.report import assets
from mindreel.report.page import ReportInput, render


class Parsed(HTMLParser):
    """Every element with its attributes, and the text of scripts, styles and everything else."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self.text = ""
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._inside = tag
            self.raw.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            tag, text = self.raw[-1]
            self.raw[-1] = (tag, text + data)
        else:
            self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(name)) is not None]


def data_of(page: str) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match
    value: dict[str, Any] = json.loads(match[1])
    return value


def test_hostile_text_becomes_text_and_nothing_else(talk: ReportInput, hostile: ReportInput) -> None:
    """The hostile page has no kind of element or attribute that the friendly one has not."""
    friendly, attacked = Parsed(render(talk)), Parsed(render(hostile))
    known = {"img", "aside", *(tag for tag, _ in friendly.elements)}
    assert {tag for tag, _ in attacked.elements} <= known
    assert [tag for tag, _ in attacked.elements].count("script") == 3
    assert "img" not in [tag for tag, _ in attacked.elements]
    assert not [name for _, attributes in attacked.elements for name in attributes if name.startswith("on")]
    assert "</script><img src=x onerror=alert(1)>" in attacked.text
    assert "{{ 7*7 }}" in attacked.text


def test_a_javascript_address_is_not_linked(hostile: ReportInput) -> None:
    links = Parsed(render(hostile)).values("href")
    assert links
    assert not [link for link in links if "javascript" in link]


def test_the_data_block_gives_back_what_went_in(hostile: ReportInput) -> None:
    page = render(hostile)
    block = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert block
    assert not set("<>&\u2028\u2029") & set(block[1])
    data = data_of(page)
    assert data["title"] == hostile.info.title.replace("\ud83d", "?")
    assert data["mindmap"]["label"] == "</script><img src=x onerror=alert(1)>"


def test_half_an_emoji_does_not_keep_the_page_from_being_written(hostile: ReportInput) -> None:
    assert "\ud83d" in hostile.info.title
    assert render(hostile).encode("utf-8")


def test_every_word_on_the_page_has_its_time_in_the_data(talk: ReportInput) -> None:
    page = render(talk)
    data = data_of(page)
    words = re.findall(
        r'<span(?: class="unsure")?>([^<]*)</span>',
        page[page.index('id="words"') : page.index('<p class="legend"')],
    )
    assert words == [word.text for word in talk.transcript.words]
    assert data["wordStarts"] == pytest.approx([word.start_s for word in talk.transcript.words], abs=0.001)
    assert [first for first, _, _ in data["segments"]] == [0, *(_running_lengths(talk)[:-1])]


def _running_lengths(talk: ReportInput) -> list[int]:
    total, lengths = 0, []
    for segment in talk.transcript.segments:
        total += len(segment.words)
        lengths.append(total)
    return lengths


def test_the_policy_names_the_hash_of_each_inline_script_and_style(talk: ReportInput) -> None:
    page = Parsed(render(talk))
    (policy,) = [a["content"] for tag, a in page.elements if tag == "meta" and a.get("http-equiv")]
    assert policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    code = [text for tag, text in page.raw if tag == "style" or not text.startswith("{")]
    assert len(code) == 3
    for text in code:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_the_page_needs_nothing_from_elsewhere(talk: ReportInput) -> None:
    page = Parsed(render(talk))
    addresses = page.values("src") + page.values("poster") + page.values("href")
    assert addresses
    assert not [address for address in addresses if re.match(r"[a-z]+:|//", address)]
    assert not re.search(r"@import|url\(", assets.styles())
    assert "style" not in {name for _, attributes in page.elements for name in attributes}


def test_nothing_in_our_own_files_can_end_their_element() -> None:
    for code in (assets.head_script(), assets.body_script(), assets.styles()):
        assert "</script" not in code.lower()
        assert "</style" not in code.lower()
        assert "<!--" not in code


def test_media_are_named_by_encoded_relative_paths(talk: ReportInput) -> None:
    sources = Parsed(render(talk)).values("src")
    assert sources == ["why%20queues%20help%20%231.mp4", "clips/01-queues.mp4", "clips/02-promise.mp4"]


def test_a_path_out_of_the_folder_is_an_error(talk: ReportInput) -> None:
    with pytest.raises(ValueError, match="relative path"):
        render(replace(talk, files={"video": "/srv/video.mp4"}))


def test_a_finished_video_is_said_in_one_word(talk: ReportInput) -> None:
    page = render(talk)
    assert "Complete" in Parsed(page).text
    assert 'class="banner"' not in page


def test_a_partial_result_says_why_at_the_top(talk: ReportInput) -> None:
    page = render(replace(talk, outcome="partial", reasons=("Clip 2 is too quiet.", "No captions.")))
    text = Parsed(page).text
    assert text.index("Finished in part") < text.index("Clip 2 is too quiet.") < text.index("Summary")
    assert "No captions." in text
    assert "Complete" not in text


def test_a_partial_result_without_reasons_does_not_look_complete(talk: ReportInput) -> None:
    text = Parsed(render(replace(talk, outcome="partial", reasons=()))).text
    assert "no reason was recorded" in text


def test_silence_is_said_and_not_left_blank(silent: ReportInput) -> None:
    page = Parsed(render(silent))
    text = " ".join(page.text.split())
    assert text.count("Nothing was said in this recording.") == 2
    for sentence in (
        "There is no mind map: nothing was said.",
        "There is no quiz: nothing was said.",
        "No clips were cut",
    ):
        assert sentence in text
    tags = [tag for tag, _ in page.elements]
    assert "audio" in tags
    assert "video" not in tags


def test_a_video_without_sound_says_so(silent: ReportInput, talk: ReportInput) -> None:
    mute = replace(silent, media=replace(talk.media, audio=()), files={"video": "a.mp4"})
    assert "This video has no sound, so there is no transcript." in Parsed(render(mute)).text


def test_a_missing_media_file_leaves_a_page_that_can_be_read(talk: ReportInput) -> None:
    page = Parsed(render(replace(talk, files={}, clips=())))
    assert "There is no media file beside this page." in page.text
    assert "No files stand beside this page." in page.text
    assert not page.values("src")


def test_text_carries_its_language(talk: ReportInput) -> None:
    words = (Word("你好", 0.0, 1.0, 0.9), Word("世界。", 1.0, 2.0, 0.9, glued=True))
    transcript = replace(
        talk.transcript, language="zh", segments=(Segment(0, 0.0, 2.0, "你好世界。", words),)
    )
    page = render(replace(talk, transcript=transcript))
    assert '<div class="words" id="words" lang="zh">' in page
    assert "<span>你好</span><span>世界。</span>" in page


def test_what_was_left_out_and_removed_is_told(talk: ReportInput) -> None:
    analysis = replace(talk.analysis, skipped=("Sentiment is measured for English only.",), sentiment=None)
    text = Parsed(render(replace(talk, analysis=analysis))).text
    assert "Sentiment is measured for English only." in text
    assert "Not measured." in text
    assert "Removed from the transcript (1)" in text


def test_evidence_that_points_nowhere_is_left_out(talk: ReportInput) -> None:
    """An id without a segment must not keep a person from the rest of the page."""
    assert talk.analysis.sentiment
    analysis = replace(talk.analysis, sentiment=replace(talk.analysis.sentiment, segment_ids=(99,)))
    assert "What it rests on" not in render(replace(talk, analysis=analysis))


def test_highlights_are_told_where_no_clip_was_cut(talk: ReportInput) -> None:
    highlight = Highlight("The café", 9.0, 12.0, 0.9, "It is funny.", (3,))
    analysis = replace(talk.analysis, highlights=(highlight,))
    assert "It is funny." not in render(replace(talk, analysis=analysis))
    assert "It is funny." in render(replace(talk, analysis=analysis, clips=()))


def test_the_same_input_gives_the_same_page(talk: ReportInput) -> None:
    assert render(talk) == render(talk)
