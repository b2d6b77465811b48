"""Search, quiz, mind map, clips and tabs, in a real Chromium, from disk."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from mindreel.report.page import ReportInput

Opener = Callable[..., Any]


def test_search_counts_marks_and_steps_through_the_matches(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.keyboard.press("/")
    expect(view.page.locator("#transcript")).to_be_visible()
    view.page.keyboard.type("QUEUE")
    hits = view.page.locator("#hits")
    expect(hits).to_have_text("1 of 3")
    assert view.page.evaluate("CSS.highlights.get('search-hit').size") == 3
    view.page.keyboard.press("Enter")
    expect(hits).to_have_text("2 of 3")
    view.page.keyboard.press("Shift+Enter")
    view.page.click("#hit-previous")
    expect(hits).to_have_text("3 of 3")
    assert view.page.evaluate("[...CSS.highlights.get('search-now')][0].toString()") == "queue"
    view.page.press("#query", "Escape")
    expect(hits).to_have_text("")
    assert view.page.evaluate("CSS.highlights.get('search-hit').size") == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [("unlike a cafe", "Ünlike a café"), ("looking. when a", "looking. When a"), ("ork saf", "ork saf")],
)
def test_search_ignores_accents_and_finds_phrases_across_sentences(
    open_page: Opener, talk: ReportInput, query: str, found: str
) -> None:
    view = open_page(talk)
    view.page.keyboard.press("/")
    view.page.keyboard.type(query)
    expect(view.page.locator("#hits")).to_have_text("1 of 1")
    marked = view.page.evaluate("[...CSS.highlights.get('search-now')][0].toString()")
    assert " ".join(line for line in marked.split() if ":" not in line) == found


def test_a_search_without_a_match_says_so(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.keyboard.press("/")
    view.page.keyboard.type("zebra")
    expect(view.page.locator("#hits")).to_have_text("Not found")
    expect(view.page.locator("#hit-next")).to_be_disabled()


def test_the_quiz_judges_explains_and_counts(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.click("#tab-quiz")
    questions = view.page.locator(".question")
    expect(questions.nth(0).locator(".why")).to_be_hidden()
    questions.nth(0).locator(".choice >> nth=3").click()
    expect(questions.nth(0).locator(".choice.right")).to_contain_text("Right")
    expect(questions.nth(0).locator(".explanation")).to_have_text(talk.analysis.quiz[0].explanation)
    questions.nth(1).locator(".choice >> nth=0").click()
    expect(questions.nth(1).locator(".choice.wrong")).to_contain_text("Not this one")
    expect(questions.nth(1).locator(".choice.right")).to_contain_text("The answer")
    expect(view.page.locator("#score-text")).to_have_text("1 of 2 right, 2 to go")
    expect(questions.nth(1).locator(".choice >> nth=3")).to_be_disabled()
    questions.nth(1).get_by_text("Hear it").click()
    view.wait_for_time(9.0, 12.0)
    view.page.click("#quiz-again")
    expect(view.page.locator("#score-text")).to_contain_text("4 questions")
    expect(questions.nth(0).locator(".choice >> nth=0")).to_be_enabled()


def node(view: Any, label: str) -> Any:
    return view.page.locator(f"#map-nodes .node[aria-label^='{label}']").first


def test_the_mind_map_folds_and_plays(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.click("#tab-mindmap")
    chapter = node(view, "What retries need")
    point = node(view, "Retries need a limit")
    expect(chapter).to_have_attribute("aria-expanded", "true")
    chapter.locator(".fold .ring").click()
    expect(chapter).to_have_attribute("aria-expanded", "false")
    expect(point).to_be_hidden()
    expect(chapter.locator(".fold text")).to_have_text("2")
    chapter.locator(".fold .ring").click()
    expect(point).to_be_visible()
    point.locator(".box").click()
    view.wait_for_time(12.0, 15.0)
    expect(chapter).to_have_class("node chapter now")


def test_the_mind_map_obeys_the_keyboard(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.click("#tab-mindmap")
    expect(view.page.locator("#map-nodes [tabindex='0']")).to_have_count(1)
    view.page.focus("#map-nodes [tabindex='0']")
    press = view.page.keyboard.press
    focused = view.page.locator("#map-nodes .node:focus")
    press("ArrowRight")
    expect(focused).to_have_attribute("aria-label", "Why queues help (0:00)")
    press("ArrowLeft")
    expect(focused).to_have_attribute("aria-expanded", "false")
    press("ArrowDown")
    expect(focused).to_have_attribute("aria-label", "What retries need (0:09)")
    press("Enter")
    view.wait_for_time(9.0, 12.0)
    press(" ")
    expect(focused).to_have_attribute("aria-expanded", "false")
    before = view.page.get_attribute("#map-view", "transform")
    press("+")
    assert view.page.get_attribute("#map-view", "transform") != before


def test_the_mind_map_zooms_under_the_pointer_and_moves_by_dragging(
    open_page: Opener, talk: ReportInput
) -> None:
    view = open_page(talk)
    view.page.click("#tab-mindmap")
    root = node(view, "Why queues help (0:00)").locator(".box").first
    before = root.bounding_box()
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.wheel(0, -200)
    view.page.wait_for_timeout(100)
    zoomed = root.bounding_box()
    assert zoomed["width"] > before["width"] * 1.2
    assert zoomed["x"] + zoomed["width"] / 2 == pytest.approx(x, abs=2)
    view.page.mouse.down()
    view.page.mouse.move(x + 60, y + 30, steps=4)
    view.page.mouse.up()
    moved = root.bounding_box()
    assert moved["x"] - zoomed["x"] == pytest.approx(60, abs=2)
    assert view.media_time() == 0, "a drag is no click"
    view.page.click("#map-fit")
    frame, fitted = view.page.locator("#map").bounding_box(), root.bounding_box()
    assert frame["x"] <= fitted["x"] <= frame["x"] + frame["width"]


def test_everything_unfolds_and_stays_inside_after_fit(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk, width=375, height=812)
    view.page.click("#tab-mindmap")
    view.page.click("#map-all")
    expect(view.page.locator("#map-nodes .node.term >> visible=true")).to_have_count(6)
    frame = view.page.locator("#map").bounding_box()
    for box in view.page.locator("#map-nodes .box").all():
        inner = box.bounding_box()
        assert frame["x"] <= inner["x"]
        assert inner["x"] + inner["width"] <= frame["x"] + frame["width"]


def test_a_clip_plays_alone_and_can_be_downloaded(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    clips = view.page.locator("#clip-grid video")
    assert clips.nth(0).evaluate("v => v.preload") == "none"
    view.page.keyboard.press("k")
    view.page.click("#tab-clips")
    view.page.click("#clip-grid .big-play >> nth=0")
    expect(view.page.locator("body.playing")).to_have_count(0)
    expect(clips.nth(0)).to_have_js_property("paused", False)
    expect(clips.nth(0)).to_have_js_property("controls", True)
    view.page.click("#clip-grid .big-play >> nth=1")
    expect(clips.nth(0)).to_have_js_property("paused", True)
    assert clips.nth(1).evaluate("async v => { await v.play(); return v.duration; }") == pytest.approx(
        6, abs=0.2
    )
    link = view.page.locator("#clip-grid a[download]").first
    assert link.get_attribute("href") == "clips/01-queues.mp4"
    view.page.click("#tab-overview")
    expect(clips.nth(1)).to_have_js_property("paused", True)


def test_tabs_are_moved_by_arrows_and_digits(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.focus("#tab-overview")
    view.page.keyboard.press("ArrowRight")
    expect(view.page.locator("#tab-transcript")).to_be_focused()
    expect(view.page.locator("#overview")).to_be_hidden()
    view.page.keyboard.press("4")
    expect(view.page.locator("#tab-quiz")).to_have_attribute("aria-selected", "true")
    assert view.media_time() == 0
    view.page.keyboard.press("End")
    expect(view.page.locator("#details")).to_be_visible()
