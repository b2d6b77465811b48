"""Widths, colours, paper and a browser without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from mindreel.report.page import ReportInput
from tests.support.contrast import CONTRAST

Opener = Callable[..., Any]
TABS = ("overview", "transcript", "mindmap", "quiz", "clips", "details")


@pytest.mark.parametrize("which", ["talk", "hostile", "silent"])
def test_no_part_is_wider_than_the_window(
    open_page: Opener, request: pytest.FixtureRequest, which: str
) -> None:
    view = open_page(request.getfixturevalue(which))
    for width in (320, 375, 820, 1280):
        view.page.set_viewport_size({"width": width, "height": 812})
        for tab in TABS:
            view.page.click(f"#tab-{tab}")
            wide = view.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{tab} is {wide} px wide in {width}"


def test_hostile_text_runs_nothing(open_page: Opener, hostile: ReportInput) -> None:
    view = open_page(hostile)
    dialogs: list[str] = []
    view.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for tab in TABS:
        view.page.click(f"#tab-{tab}")
    view.page.click("#tab-mindmap")
    view.page.click("#map-all")
    view.page.hover("#timeline")
    view.page.reload()
    assert dialogs == []
    assert view.page.locator("img").count() == 0
    assert view.page.evaluate("getComputedStyle(document.querySelectorAll('.para p')[1]).direction") == "rtl"


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_in_both_colour_schemes(open_page: Opener, talk: ReportInput, dark: bool) -> None:  # noqa: FBT001 - a pytest parameter
    view = open_page(talk, dark=dark)
    paper = view.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 22, 24)" if dark else "rgb(250, 248, 244)")
    for tab in TABS:
        view.page.click(f"#tab-{tab}")
        if tab == "quiz":
            view.page.locator(".choice").first.click()
        found = view.page.evaluate(CONTRAST)
        assert found["looked"] > 10
        assert found["poor"] == [], tab


def test_the_chosen_theme_is_kept(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.get_by_role("button", name="Use the dark theme").click()
    view.reload_until("html[data-theme=dark]")
    assert view.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 24)"
    expect(view.page.get_by_role("button", name="Use the light theme")).to_be_visible()


def test_the_player_stays_in_sight_while_reading_on_a_phone(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk, width=375, height=667)
    view.page.mouse.move(180, 600)
    view.page.mouse.wheel(0, 3000)
    view.page.wait_for_timeout(200)
    player = view.page.locator(".player").bounding_box()
    tabs = view.page.locator(".tabs").bounding_box()
    assert player["y"] == 0
    assert tabs["y"] == pytest.approx(player["height"], abs=1)
    assert player["height"] + tabs["height"] < 667 / 2


def test_the_current_word_comes_into_sight_on_a_phone(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk, width=375, height=667, hash_="#t=22.9")
    view.page.click("#tab-transcript")
    view.page.wait_for_timeout(300)
    word = view.page.locator("#words span.now > span.now").bounding_box()
    tabs = view.page.locator(".tabs").bounding_box()
    assert tabs["y"] + tabs["height"] < word["y"] < 600


def test_without_scripts_everything_can_still_be_read(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk, java_script_enabled=False)
    for text in (
        "Summary",
        talk.transcript.segments[0].words[0].text,
        "What completes",
        "Queues keep work safe",
    ):
        expect(view.page.get_by_text(text).first).to_be_visible()
    expect(view.page.locator("#media")).to_have_attribute("controls", "")
    expect(view.page.locator("#quiz .answer").first).to_have_text("Answer: line.")


def test_on_paper_all_parts_are_printed(open_page: Opener, talk: ReportInput) -> None:
    view = open_page(talk)
    view.page.emulate_media(media="print")
    for selector in (*(f"#{tab}" for tab in TABS), "#quiz .answer >> nth=0", ".para p >> nth=0"):
        expect(view.page.locator(selector)).to_be_visible()
    for selector in ("#stage", ".tabs", "#map"):
        expect(view.page.locator(selector)).to_be_hidden()


def test_three_hours_of_talk_cost_only_what_is_in_sight(open_page: Opener, long_talk: ReportInput) -> None:
    view = open_page(long_talk, hash_="#t=9000")
    view.page.click("#tab-transcript")
    view.page.wait_for_timeout(300)
    paragraphs = view.page.locator(".para").count()
    drawn = view.page.locator(".para p").evaluate_all(
        "all => all.filter(p => p.checkVisibility({ contentVisibilityAuto: true })).length"
    )
    assert paragraphs > 300
    assert 0 < drawn < 40
    now = view.page.locator("#words span.now > span.now")
    assert now.locator("..").inner_text().startswith("Sentence 2083 ")
    assert 0 < now.bounding_box()["y"] < 900
    # `wait_for` and not `expect`, which describes all 35,000 elements each time it has to look again.
    view.page.keyboard.press("/")
    view.page.keyboard.type("sentence 24")
    view.page.locator("#hits", has_text="1 of 111").wait_for()
    view.page.keyboard.press("Shift+Enter")
    view.page.locator("#hits", has_text="111 of 111").wait_for()
    view.page.wait_for_timeout(300)
    assert 0 < view.page.get_by_text("Sentence 2499 goes").bounding_box()["y"] < 900
