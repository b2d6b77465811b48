"""The page of a batch as a file: what it says, and that nothing from a row can act in it."""

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from mindreel.contracts.batch import BatchView, RowView
from mindreel.report import assets
from mindreel.report.batch_page import SCRIPTS, STYLES, render_page

ATTACK = "</script><img src=x onerror=alert(1)>"


def row(number: int, outcome: str = "completed", **fields: Any) -> RowView:
    known: dict[str, Any] = {
        "item": 0,
        "url": f"https://example.org/{number}.mp4",
        "video_id": f"web-{number:016}",
        "title": f"Talk {number}",
    }
    return RowView(number, outcome=outcome, **(known | fields))


def view(rows: list[RowView], state: str = "running", **fields: Any) -> BatchView:
    known: dict[str, Any] = {
        "percent": 40.0,
        "seconds_left": None,
        "created_at": "2026-11-20T09:00:00+00:00",
        "updated_at": "2026-11-20T09:33:44+00:00",
    }
    counts = dict(Counter(row.outcome for row in rows))
    return BatchView("talks", "/srv/inbox", "talks.csv", state, counts, **(known | fields))


class Parsed(HTMLParser):
    """Every element with its attributes, the text of scripts and styles, and the rest of the text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.code: list[str] = []
        self.text = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self.code.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.code[-1] += data
        else:
            self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(name)) is not None]


def page_of(rows: list[RowView], state: str = "running", **fields: Any) -> Parsed:
    return Parsed(render_page(view(rows, state, **fields), rows))


def refreshes(page: Parsed) -> list[str | None]:
    return [a.get("content") for tag, a in page.elements if a.get("http-equiv") == "refresh"]


def test_a_page_in_a_project_is_reached_by_a_command_that_can_be_copied() -> None:
    there = row(1, library="supabase://abc.supabase.co/reports/published/web-0000000000000001/0f")
    rows = [there, row(2, library="/srv/library/web-2"), row(3, "failed", error_class="network"), row(4)]

    page = page_of(rows, "finished")

    assert page.words.count("starter.py open ") == 1
    assert "Page: python starter.py open web-0000000000000001" in page.words
    assert [value for value in page.values("href") if "report.html" in value] == [
        "file:///srv/library/web-2/report.html"
    ]


def test_hostile_text_becomes_text_and_nothing_else() -> None:
    hostile = row(
        2,
        "failed",
        url=f"javascript:alert(1)//{ATTACK}",
        title=f"{ATTACK} \u202eevil\u2028\ud83d",
        stage=ATTACK,
        error_class=f'x"><b>{ATTACK}',
        message=f"{ATTACK} {{{{ 7*7 }}}}",
        tenant=ATTACK,
        original=ATTACK,
        video_id=ATTACK,
    )
    attacked = view([hostile], problem=ATTACK, remarks=(ATTACK,))
    attacked = replace(attacked, name=ATTACK, file=ATTACK, inbox=ATTACK, state=ATTACK, updated_at=ATTACK)
    page = Parsed(render_page(attacked, [hostile]))
    tags = page.tags()
    assert not {"img", "b", "iframe"} & set(tags)
    assert tags.count("script") == 2
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not [link for link in page.values("href") if "javascript" in link]
    assert page.text.count(ATTACK) >= 8
    assert "{{ 7*7 }}" in page.text


def test_only_web_addresses_and_the_videos_own_pages_are_links() -> None:
    urls = ("file:///etc/passwd", "javascript:alert(1)", "/home/ada/a.mp4", "data:text/html,x", "http://[")
    rows = [row(number, url=url) for number, url in enumerate(urls, 2)]
    rows.append(row(9, url="https://example.org/?a=1&b=<2>", library="/srv/Émile's library/#1"))
    rows.append(row(10, url="/a.mp4", library="supabase://abc.supabase.co/reports/published/web-1"))
    links = [link for link in page_of(rows).values("href") if not link.startswith("#")]
    assert links == [
        "https://example.org/?a=1&b=<2>",
        "file:///srv/%C3%89mile%27s%20library/%231/report.html",
    ]


def test_the_page_needs_nothing_from_elsewhere_and_runs_only_our_code() -> None:
    page = page_of([row(2)])
    (policy,) = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert len(page.code) == 3
    for code in page.code:
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not page.values("src")
    assert not page.values("style")
    assert not re.search(r"@import|url\(", assets.styles(STYLES))
    for code in (assets.body_script(SCRIPTS), assets.styles(STYLES)):
        assert not re.search(r"</script|</style|<!--", code, re.IGNORECASE)


def test_a_row_says_what_became_of_it_and_what_to_do() -> None:
    rows = [
        row(2, library="/srv/a", seconds=185.0),
        row(3, "failed", stage="download", error_class="network", message="It could not be reached."),
        row(4, "running", stage="transcribe", percent=43.4, tenant="acme"),
        row(5, "duplicate", original="row 2"),
        row(6, "duplicate", original="row 2 of others"),
        row(7, "expanded", message="A playlist of 1 video."),
        row(7, item=1),
        row(8, "duplicate", original="row 7, video 1", message="The same video as row 7, video 1."),
        row(9, "duplicate", original="row 70"),
    ]
    page = page_of(rows)
    for words in (
        "Completed 3 min 5 s Open",
        "at download It could not be reached. Check the network",
        "Running transcribe, 43 %",
        "for acme",
        "The same video as row 2. Go to row 2",
        "The same video as row 2 of others.",
        "A playlist of 1 video.",
        "The same video as row 7, video 1. Go to row 7.1",
    ):
        assert words in page.words
    assert page.words.count("Go to row") == 2
    assert [value for value in page.values("id") if value.startswith("row-")] == [
        *(f"row-{number}" for number in range(2, 8)),
        "row-7.1",
        "row-8",
        "row-9",
    ]


def test_what_went_wrong_is_grouped_with_a_command() -> None:
    rows = [row(2), row(3, "refused", stage="csv"), row(4, "duplicate"), row(5, "expanded")]
    rows += [row(number, "failed", error_class="network") for number in range(10, 30)]
    rows += [row(40, "partial"), row(41, "cancelled")]
    page = page_of(rows)
    words = page.words[: page.words.index("What happened")]
    assert "Out of reach 20 rows" in words
    assert "21 and 8 more" in words
    assert words.index("Out of reach") < words.index("Not understood 1 row ")
    assert page.values("data-copy") == [
        "python starter.py batch retry talks --class network",
        "python starter.py batch retry talks --class cancelled",
        "python starter.py batch retry talks --class partial",
    ]
    assert "Duplicates" not in words


def test_all_rows_well_leave_nothing_to_do() -> None:
    page = page_of([row(2), row(3)], "finished", percent=100.0)
    assert "What to do" not in page.words.replace("What happened, and what to do", "")
    assert "100 %" in page.words


def test_the_bar_fills_as_far_as_the_percent_say() -> None:
    rows = [row(2), row(3, "failed"), row(4, "running", percent=50.0), row(5, "waiting")]
    page = page_of(rows, percent=62.5)
    rects = [attributes for tag, attributes in page.elements if tag == "rect" and "class" in attributes]
    widths = {rect["class"]: float(rect["width"] or 0) for rect in rects}
    assert widths == {"bar-ground": 1000, "bar-good": 250, "bar-bad": 250, "bar-running": 125}
    (label,) = [a["aria-label"] for tag, a in page.elements if a.get("class") == "bar"]
    assert label == "62 percent: 1 completed, 1 failed, 1 running, 1 waiting"


def test_the_filters_count_the_rows_in_the_page() -> None:
    rows = [row(2), row(3), row(4, "waiting"), row(5, "unheard-of")]
    assert "All 4 Completed 2 Waiting 1 unheard-of 1" in page_of(rows).words


@pytest.mark.parametrize(
    ("left_s", "said"),
    [
        (20.0, "less than a minute left"),
        (754.0, "about 13 min left"),
        (3 * 3600.0, "about 3 h left"),
        (100 * 3600.0 - 1, "about 100 h left"),
    ],
)
def test_time_left_is_said_as_roughly_as_it_is_known(left_s: float, said: str) -> None:
    assert said in page_of([row(2, "running")], seconds_left=left_s).words
    assert "left" not in page_of([row(2, "running")], "paused", seconds_left=left_s).words


def test_an_open_batch_looks_again_and_an_ended_one_does_not() -> None:
    running, ended = [row(2, "running")], [row(2)]
    assert refreshes(page_of(running)) == ["10"]
    assert refreshes(page_of(ended)) == ["10"]
    assert refreshes(page_of(running, "paused")) == ["10"]
    assert refreshes(page_of(running, "cancelled")) == ["10"]
    assert refreshes(page_of(ended, "cancelled")) == []
    assert refreshes(page_of(ended, "finished")) == []
    assert page_of(ended, "finished").values("data-refresh") == ["0"]


def test_many_rows_are_read_again_more_rarely() -> None:
    rows = [row(number, "waiting") for number in range(10_000)]
    assert b'<meta http-equiv="refresh" content="20">' in render_page(view(rows), rows)


def test_a_paused_batch_says_how_to_go_on() -> None:
    assert "paused; to go on: python starter.py batch resume talks" in page_of([row(2)], "paused").words


def test_a_file_of_which_nothing_could_be_taken_says_why() -> None:
    page = page_of([], "finished", problem="It is a spreadsheet; export it as CSV.", remarks=("A remark.",))
    assert "Nothing of talks.csv could be taken It is a spreadsheet; export it as CSV. Correct" in page.words
    assert "A remark." in page.words
    assert "table" not in page.tags()


def test_a_file_without_rows_says_so() -> None:
    assert "The file holds no rows." in page_of([], "finished").words


def test_the_same_batch_gives_the_same_page() -> None:
    rows = [row(2), row(3, "failed")]
    assert render_page(view(rows), rows) == render_page(view(rows), rows)
