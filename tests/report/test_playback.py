"""The player and what follows it, in a real Chromium, from disk."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from mindreel.report.page import ReportInput

Opener = Callable[..., Any]


def test_a_click_on_a_word_plays_from_it(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.click("#tab-transcript")
    word = view.page.locator("#words .seg >> nth=4").locator("span >> nth=3")
    assert word.inner_text() == "limit,"
    word.click()
    start_s = talk.transcript.segments[4].words[3].start_s
    view.wait_for_time(start_s, start_s + 2)
    view.page.click("#play")
    expect(view.page.locator("#words span.now > span.now")).to_have_count(1)


def test_the_transcript_follows_the_playback_word_by_word(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.click("#tab-transcript")
    now = view.page.locator("#words span.now > span.now")
    for word in (talk.transcript.segments[0].words[0], talk.transcript.segments[5].words[2]):
        view.page.evaluate("t => { document.getElementById('media').currentTime = t }", word.start_s + 0.05)
        expect(now).to_have_text(word.text)
    expect(view.page.locator("#chapters a[aria-current]")).to_contain_text("What retries need")


def test_selecting_text_to_copy_does_not_seek(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.click("#tab-transcript")
    view.page.locator("#words .seg >> nth=6").locator("span >> nth=2").dblclick()
    view.pause()
    before_s = view.media_time()
    view.page.locator("#words .seg >> nth=2").evaluate("e => getSelection().selectAllChildren(e)")
    view.page.locator("#words .seg >> nth=2").locator("span >> nth=1").dispatch_event("click")
    assert view.media_time() == before_s


@pytest.mark.parametrize(
    "selector", ["#chapters a >> nth=1", ".chapter-cards h3 a >> nth=1", "#mindmap .outline a >> nth=6"]
)
def test_a_chapter_plays_from_its_start(open_page: Opener, talk: ReportInput, selector: str) -> None:
    view = open_page(talk)
    if "mindmap" in selector:
        view.page.click("#tab-mindmap")
        view.page.click("#mindmap summary")
    link = view.page.locator(selector)
    assert link.inner_text().endswith("What retries need")
    link.click()
    view.wait_for_time(9.0, 12.0)


def test_a_key_point_plays_where_it_is_said(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.click(".points a >> nth=2")
    view.wait_for_time(18.0, 21.0)


def test_a_click_on_the_timeline_seeks(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    box = view.page.locator("#timeline").bounding_box()
    view.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    view.wait_for_time(11.8, 12.2)
    assert view.page.locator("#timeline").get_attribute("aria-valuetext") == "0:12 of 0:24, What retries need"
    assert view.page.locator(".bar").count() == 3
    assert view.page.locator(".clip-mark").count() == 2


def test_the_keyboard_drives_the_player(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    press = view.page.keyboard.press
    playing = view.page.locator("body.playing")
    for key in (" ", "k"):
        press(key)
        expect(playing).to_have_count(1)
        press(key)
        expect(playing).to_have_count(0)
    view.page.evaluate("document.getElementById('media').currentTime = 0")
    press("l")
    view.wait_for_time(9.9, 10.1)
    press("ArrowRight")
    view.wait_for_time(14.9, 15.1)
    press("ArrowLeft")
    press("j")
    view.wait_for_time(0.0, 0.1)
    press("]")
    view.wait_for_time(9.0, 9.1)
    press(">")
    assert view.page.evaluate("document.getElementById('media').playbackRate") == 1.25
    press("m")
    assert view.page.evaluate("document.getElementById('media').muted") is True


def test_a_key_belongs_to_the_focused_control_first(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.focus("#theme")
    view.page.keyboard.press(" ")
    expect(view.page.locator("html[data-theme=dark]")).to_have_count(1)
    expect(view.page.locator("body.playing")).to_have_count(0)
    view.page.keyboard.press("/")
    view.page.keyboard.type("jkl m")
    assert view.page.input_value("#query") == "jkl m"
    assert view.media_time() == 0


def test_the_question_mark_lists_the_keys(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.keyboard.press("?")
    expect(view.page.locator("dialog[open]")).to_contain_text("Play or pause")
    view.page.keyboard.press("k")
    expect(view.page.locator("body.playing")).to_have_count(0)
    view.page.keyboard.press("Escape")
    expect(view.page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize(
    ("hash_", "second"), [("#t=13.5", 13.5), ("#t=0:13.5", 13.5), ("#t=00:00:13.5", 13.5)]
)
def test_a_link_opens_at_its_second(open_page: Opener, talk: ReportInput, hash_: str, second: float) -> None:
    view = open_page(talk, hash_=hash_)
    view.wait_for_time(second - 0.05, second + 0.05)
    expect(view.page.locator("#now")).to_have_text("0:13")
    view.page.evaluate("location.hash = 't=3'")
    view.wait_for_time(2.9, 3.1)


def test_captions_come_from_the_transcript(open_page: Opener, hostile: ReportInput) -> None:
    """Chromium refuses <track> files under file://, and cue text has a markup of its own to escape."""
    view = open_page(hostile)
    view.page.click("#captions")
    expect(view.page.locator("#captions")).to_have_attribute("aria-pressed", "true")
    cues = view.page.evaluate(
        "[...document.getElementById('media').textTracks[0].cues]"
        ".map(cue => [cue.startTime, cue.endTime, cue.getCueAsHTML().textContent])"
    )
    assert cues[0][2] == hostile.transcript.segments[0].text
    assert cues[1][2] == hostile.transcript.segments[1].text
    assert all(start < end for start, end, _ in cues)
    view.page.keyboard.press("c")
    assert view.page.evaluate("document.getElementById('media').textTracks[0].mode") == "hidden"


def test_sound_without_picture_plays_in_an_audio_element(open_page: Opener, silent: ReportInput) -> None:
    view = open_page(silent)
    view.page.keyboard.press("k")
    view.wait_for_time(0.1, 24)
    assert view.page.evaluate("document.getElementById('media').tagName") == "AUDIO"
    expect(view.page.get_by_text("Sound only")).to_be_visible()


def test_a_picture_that_cannot_be_played_falls_back_to_the_sound_and_says_so(
    open_page: Opener, talk: ReportInput
) -> None:
    view = open_page(replace(talk, files={"video": "thumbnail.png", "audio": "audio.m4a"}))
    expect(view.page.locator("#media-error")).to_have_text(
        "This browser cannot play thumbnail.png, so only its sound is played."
    )
    view.page.keyboard.press("k")
    view.wait_for_time(0.1, 24)


def test_a_moved_media_file_is_named(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(replace(talk, files={"video": "gone away.mp4"}))
    expect(view.page.locator("#media-error")).to_have_text(re.compile(r"gone away\.mp4 cannot be played"))
    assert [text for text in view.complaints if "ERR_FILE_NOT_FOUND" in text]
    view.complaints.clear()


def test_without_a_media_file_the_rest_still_works(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(replace(talk, files={}, clips=()))
    view.page.keyboard.press("/")
    view.page.keyboard.type("queue")
    expect(view.page.locator("#hits")).to_contain_text("of 3")
    view.page.locator("#words .seg >> nth=1").locator("span >> nth=0").click()
    expect(view.page.locator("#words span.now > span.now")).to_have_text("When")


def test_a_long_talk_offers_to_go_on_where_somebody_stopped(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(replace(talk, media=replace(talk.media, duration_s=5000.0)))
    view.page.evaluate("localStorage.setItem('mindreel-at-file-0123456789abcdef', '1234')")
    view.reload_until("#resume:not([hidden])")
    expect(view.page.locator("#resume")).to_have_text("Continue at 20:34")
