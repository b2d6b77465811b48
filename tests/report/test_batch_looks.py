"""The page of a batch in a real Chromium, from disk: widths, colours, filters, search, and looking again."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from mindreel.contracts.batch import BatchView, RowView
from mindreel.report.batch_page import render_page
from tests.support.contrast import CONTRAST

Opener = Callable[..., Page]
LONG_WORD = "W" * 300


def row(number: int, outcome: str, title: str = "", **fields: Any) -> RowView:
    known: dict[str, Any] = {
        "item": 0,
        "url": f"https://example.org/{number}.mp4",
        "video_id": f"web-{number}",
    }
    return RowView(number, title=title, outcome=outcome, **(known | fields))


ROWS = (
    row(2, "completed", "Why queues help", seconds=61.0, library="/srv/library/a"),
    row(3, "completed", "Ünlike a café", seconds=600.0, library="/srv/library/b"),
    row(4, "failed", "Retries", error_class="network", stage="download", message="It was down."),
    row(5, "failed", "Waiting", error_class="not_found", stage="resolve", message="Nothing is there."),
    row(6, "failed", "Again", error_class="network", stage="download", message="It was down."),
    row(7, "refused", url="htp:/x", stage="csv", video_id=None, message="This is no address."),
    row(8, "duplicate", original="row 2"),
    row(9, "running", "Being heard", stage="transcribe", percent=30.0, seconds=5.0),
    row(10, "waiting", LONG_WORD, url=f"https://example.org/{LONG_WORD}", tenant=LONG_WORD),
    row(11, "partial", "مرحبا بالعالم", message=LONG_WORD, library="/srv/library/c"),
    row(12, "cancelled", "Stopped"),
)


def content(rows: tuple[RowView, ...], state: str = "running", **fields: Any) -> bytes:
    known: dict[str, Any] = {
        "percent": 60.0,
        "seconds_left": 754.0,
        "created_at": "2026-11-20T09:00:00+00:00",
        "updated_at": "2026-11-20T23:33:44+00:00",
    }
    counts = dict(Counter(row.outcome for row in rows))
    return render_page(BatchView("talks", "/srv/inbox", "talks.csv", state, counts, **(known | fields)), rows)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "Émile's inbox 100% 中文"
    folder.mkdir()
    return folder / "talks.report.html"


@pytest.fixture
def open_batch(browser: Browser, path: Path) -> Iterator[Opener]:
    """Opens a batch's page from disk; a complaint or a request to elsewhere fails the test at its end."""
    pages: list[Page] = []
    complaints: list[str] = []
    requests: list[str] = []

    def opener(page_bytes: bytes, *, width: int = 1280, dark: bool = False, **options: Any) -> Page:
        path.write_bytes(page_bytes)
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", **options
        )
        context.set_default_timeout(8_000)
        page = context.new_page()
        pages.append(page)
        page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    yield opener
    for page in pages:
        page.context.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith("file:")] == []


def shown(page: Page) -> list[str]:
    numbers: list[str] = page.locator("#lines tr").evaluate_all(
        "all => all.filter(tr => tr.checkVisibility()).map(tr => tr.cells[0].textContent)"
    )
    return numbers


def test_nothing_is_wider_than_the_window(open_batch: Opener) -> None:
    page = open_batch(content(ROWS, problem=LONG_WORD, remarks=(LONG_WORD,)))
    for width in (320, 390, 820, 1024, 1280, 2200):
        page.set_viewport_size({"width": width, "height": 812})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px wide in {width}"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("state", ["running", "paused", "finished"])
def test_text_can_be_read_in_both_colour_schemes(open_batch: Opener, state: str, *, dark: bool) -> None:
    page = open_batch(content(ROWS, state, problem="It is damaged."), dark=dark)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 22, 24)" if dark else "rgb(250, 248, 244)")
    page.get_by_role("link", name="Go to row 2").click()
    found = page.evaluate(CONTRAST)
    assert found["looked"] > 60
    assert found["poor"] == []


def test_a_button_for_each_outcome_shows_its_rows(open_batch: Opener) -> None:
    page = open_batch(content(ROWS))
    failed = page.get_by_role("button", name="Failed 3")
    failed.click()
    assert shown(page) == ["4", "5", "6"]
    expect(failed).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#shown")).to_have_text("3 of 11 rows")
    page.get_by_role("button", name="All 11").click()
    assert len(shown(page)) == 11


def test_the_rows_of_one_class_are_a_click_away(open_batch: Opener) -> None:
    page = open_batch(content(ROWS))
    page.locator(".group", has_text="Out of reach").get_by_role("button", name="Show only these").click()
    assert shown(page) == ["4", "6"]
    expect(page.locator("#shown")).to_have_text("2 of 11 rows of class network")
    page.get_by_role("button", name="Show all").click()
    assert len(shown(page)) == 11


def test_search_ignores_case_and_accents_and_works_from_the_keyboard(open_batch: Opener) -> None:
    page = open_batch(content(ROWS))
    page.keyboard.press("/")
    page.keyboard.type("UNLIKE A CAFE")
    expect(page.locator("#shown")).to_have_text("1 of 11 rows")
    assert shown(page) == ["3"]
    page.locator("#query").fill("web-6")
    expect(page.locator("#row-6")).to_be_visible()
    assert shown(page) == ["6"]
    page.locator("#query").fill("zebra")
    expect(page.locator("#none")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    assert len(shown(page)) == 11


def test_rows_can_be_sorted(open_batch: Opener) -> None:
    page = open_batch(content(ROWS))
    order = page.get_by_label("Sort by")
    order.select_option("Longest first")
    assert shown(page)[:3] == ["3", "2", "9"]
    order.select_option("By outcome")
    assert shown(page)[:6] == ["2", "3", "11", "4", "5", "6"]
    order.select_option("By title")
    assert shown(page).index("6") < shown(page).index("4") < shown(page).index("3")
    order.select_option("In order of the file")
    assert shown(page) == [str(number) for number in range(2, 13)]


def test_a_row_that_a_link_names_is_shown_though_the_filter_hides_it(open_batch: Opener) -> None:
    page = open_batch(content(ROWS))
    page.get_by_role("button", name="Duplicate 1").click()
    page.get_by_role("link", name="Go to row 2").click()
    expect(page.locator("tr.found")).to_have_id("row-2")
    expect(page.locator("#row-2")).to_be_focused()
    expect(page.locator("#row-2")).to_be_in_viewport()


def test_looking_again_shows_what_is_new_and_keeps_what_was_chosen(open_batch: Opener, path: Path) -> None:
    page = open_batch(content(ROWS).replace(b'data-refresh="10"', b'data-refresh="1"'))
    page.get_by_role("button", name="Failed 3").click()
    page.locator("#query").fill("down")
    expect(page.locator("#shown")).to_have_text("2 of 11 rows")
    ended = tuple(row for row in ROWS if row.outcome not in ("running", "waiting"))
    path.write_bytes(content((*ended, row(13, "failed", "New", message="It was down.")), "finished"))
    expect(page.locator("#shown")).to_have_text("3 of 10 rows", timeout=15_000)
    assert shown(page) == ["4", "6", "13"]
    expect(page.locator("#query")).to_be_focused()
    expect(page.locator("#live")).to_be_hidden()


def test_looking_again_keeps_the_place(open_batch: Opener) -> None:
    rows = tuple(row(number, "waiting", f"Talk {number}") for number in range(2, 400))
    page = open_batch(content(rows).replace(b'data-refresh="10"', b'data-refresh="1"'))
    page.evaluate("document.getElementById('row-200').scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(300)
    before = page.locator("#row-200").bounding_box()
    with page.expect_event("load", timeout=15_000):
        pass
    page.wait_for_timeout(300)
    after = page.locator("#row-200").bounding_box()
    assert before
    assert after
    assert 0 < before["y"] < 900
    assert abs(after["y"] - before["y"]) < 40


def test_looking_again_can_be_stopped_and_stays_so(open_batch: Opener) -> None:
    page = open_batch(content(ROWS).replace(b'data-refresh="10"', b'data-refresh="1"'))
    page.get_by_role("button", name="Looks again every 1 s").click()
    page.get_by_role("button", name="Failed 3").click()
    page.reload()
    expect(page.get_by_role("button", name="Look again by itself")).to_be_visible()
    assert shown(page) == ["4", "5", "6"]
    page.get_by_role("button", name="Look again by itself").click()
    page.get_by_role("button", name="All 11").click()
    expect(page.get_by_role("button", name="Looks again every 1 s")).to_be_visible()
    assert "live" not in page.url


def test_times_are_in_the_readers_zone(open_batch: Opener) -> None:
    page = open_batch(content(ROWS), timezone_id="Asia/Shanghai", locale="en-GB")
    expect(page.locator("time")).to_have_text("21 Nov 2026, 07:33:44")


def test_a_command_is_copied(open_batch: Opener) -> None:
    page = open_batch(content(ROWS), permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the command").first.click()
    expect(page.locator("#toast")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "python starter.py batch retry talks --class network"


def test_without_scripts_everything_can_be_read(open_batch: Opener) -> None:
    page = open_batch(content(ROWS, "finished"), java_script_enabled=False)
    assert len(shown(page)) == 11
    for text in ("Nothing is there.", "Failed 3", "batch retry talks --class network"):
        expect(page.get_by_text(text).first).to_be_visible()
    expect(page.locator("#tools")).to_be_hidden()


def test_a_screen_reader_meets_a_table_at_every_width(open_batch: Opener) -> None:
    page = open_batch(content(ROWS))
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        table = page.get_by_role("table", name="Rows")
        assert table.get_by_role("row").count() == 12
        expect(table.get_by_role("columnheader", name="Outcome")).to_have_count(1)
        expect(table.get_by_role("rowheader", name="4", exact=True)).to_have_count(1)
        expect(table.get_by_role("link", name="Open the page of row 2")).to_be_visible()


def test_five_thousand_rows_cost_only_what_is_in_sight(open_batch: Opener) -> None:
    rows = tuple(row(number, "completed", f"Talk {number}") for number in range(2, 5002))
    page = open_batch(content(rows, "finished"))
    drawn = page.locator("#lines .title").evaluate_all(
        "all => all.filter(e => e.checkVisibility({ contentVisibilityAuto: true })).length"
    )
    assert 0 < drawn < 60
    page.locator("#query").fill("talk 4999")
    page.locator("#shown", has_text="1 of 5,000 rows").wait_for()
    assert shown(page) == ["4999"]
