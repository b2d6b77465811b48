"""The report as a CSV file: what a spreadsheet and a program make of it."""

import codecs
import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindreel.contracts.batch import BatchView, RowView
from mindreel.report.batch_csv import COLUMNS, neutral, render_csv

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


def batch(name: str = "talks", problem: str = "") -> BatchView:
    return BatchView(name, "/srv/inbox", f"{name}.csv", "running", {}, 0.0, None, "", "", problem=problem)


def row(number: int = 2, **fields: Any) -> RowView:
    known: dict[str, Any] = {
        "number": number,
        "item": 0,
        "url": "https://example.org/a.mp4",
        "video_id": "web-0123456789abcdef",
        "title": "A talk",
        "outcome": "completed",
    }
    return RowView(**(known | fields))


def read(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def test_it_is_written_as_excel_and_rfc_4180_expect() -> None:
    content = render_csv(batch(), [row(), row(3)])
    assert content.startswith(codecs.BOM_UTF8 + b"row,item,url,")
    assert content.count(b"\r\n") == 3
    assert content.count(b"\n") == 3
    assert content.endswith(b"\r\n")


def test_a_row_says_all_that_is_known() -> None:
    given = row(
        4,
        item=2,
        url="https://example.org/ä?x=1,2",
        title='Say "hello"\nin two lines; 中文 🎉',
        outcome="failed",
        stage="download",
        error_class="network",
        message="example.org could not be reached; try again.",
        seconds=12.34,
        library="/srv/Émile's library/web-1",
        tenant="acme",
    )
    (said,) = read(render_csv(batch(), [given]))
    assert said == {
        "row": "4",
        "item": "2",
        "url": given.url,
        "title": given.title,
        "video_id": "web-0123456789abcdef",
        "outcome": "failed",
        "stage": "download",
        "error_class": "network",
        "message": given.message,
        "what_to_do": "Check the network, and that the site is up in a browser, and try again. "
        "To try again: python starter.py batch retry talks --class network",
        "seconds": "12.3",
        "result": "file:///srv/%C3%89mile%27s%20library/web-1/report.html",
        "original": "",
        "tenant": "acme",
    }


def test_a_good_row_needs_no_advice() -> None:
    (said,) = read(render_csv(batch(), [row()]))
    assert (said["error_class"], said["message"], said["what_to_do"], said["seconds"]) == ("", "", "", "")


@pytest.mark.parametrize(
    ("outcome", "error_class", "retried"),
    [("refused", "input", False), ("partial", "partial", True), ("cancelled", "cancelled", True)],
)
def test_a_row_without_a_class_gets_the_word_that_retry_knows(
    outcome: str, error_class: str, *, retried: bool
) -> None:
    (said,) = read(render_csv(batch(), [row(outcome=outcome)]))
    assert said["error_class"] == error_class
    assert said["what_to_do"]
    assert ("batch retry talks" in said["what_to_do"]) == retried


def test_a_duplicate_says_of_what_and_leads_to_the_result() -> None:
    rows = [
        row(outcome="duplicate", original="row 2 of talks", library="/srv/a"),
        row(3, outcome="duplicate"),
    ]
    first, second = read(render_csv(batch(), rows))
    assert first["message"] == "The same video as row 2 of talks."
    assert first["original"] == "row 2 of talks"
    assert first["result"] == "file:///srv/a/report.html"
    assert second["message"] == "This video was there before."


def test_a_result_on_the_web_is_linked_there() -> None:
    (said,) = read(render_csv(batch(), [row(library="https://bucket.example.org/v/web-1/")]))
    assert said["result"] == "https://bucket.example.org/v/web-1/report.html"


def test_a_result_in_a_project_is_named_by_its_place() -> None:
    place = "supabase://abc.supabase.co/reports/published/web-1"
    (said,) = read(render_csv(batch(), [row(library=place)]))
    assert said["result"] == place


def test_a_file_that_cannot_be_taken_says_so_in_a_row_of_its_own() -> None:
    content = render_csv(batch(problem="It is a spreadsheet; export it as CSV."), [row()])
    problem, kept = read(content)
    assert (problem["row"], problem["outcome"], problem["stage"]) == ("", "refused", "csv")
    assert problem["message"] == "Nothing of talks.csv could be taken. It is a spreadsheet; export it as CSV."
    assert "next scan" in problem["what_to_do"]
    assert kept["row"] == "2"


def test_an_empty_batch_is_a_header() -> None:
    assert render_csv(batch(), []) == codecs.BOM_UTF8 + ",".join(COLUMNS).encode() + b"\r\n"


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        '=HYPERLINK("https://example.org","click")',
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "  =1",
        "\u00a0=1",
        "\u3000@x",
        "\ufeff=1",
        *(f"{sign}1" for sign in SIGNS),
    ],
)
def test_a_cell_that_looks_like_a_formula_becomes_visible_text(cell: str) -> None:
    (said,) = read(render_csv(batch(), [row(title=cell, url=cell, message=cell, tenant=cell, stage=cell)]))
    for column in ("title", "url", "message", "tenant", "stage"):
        assert said[column] == f"'{cell}"


@pytest.mark.parametrize("cell", ["A = B", "https://example.org/?a=1&b=-2", "3 - 2", "'quoted'", "a\tb", ""])
def test_ordinary_text_is_left_alone(cell: str) -> None:
    assert neutral(cell) == cell


def test_where_a_semicolon_begins_a_cell_no_formula_begins() -> None:
    """Excel in half of Europe splits at semicolons and at line ends, whatever the quotes say."""
    title = 'a;=1;b;"@SUM(A1)"\n-2'
    (said,) = read(render_csv(batch(), [row(title=title)]))
    assert said["title"] == "a;'=1;b;'\"@SUM(A1)\"\n'-2"


def test_what_cannot_be_encoded_is_shown() -> None:
    (said,) = read(render_csv(batch(), [row(title="half \ud83d and nul \x00", library="/srv/\udce9")]))
    assert said["title"] == "half \\ud83d and nul \ufffd"
    assert said["result"] == "file:///srv/%E9/report.html"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30), st.text(alphabet=SIGNS + ";,\t\r\n\"' a\x00", max_size=12))
def test_whatever_a_row_holds_it_stays_one_record_without_a_formula(one: str, other: str) -> None:
    content = render_csv(batch(), [row(title=one + other, url=other + one, message=other)])
    (said,) = read(content)
    assert set(said) == set(COLUMNS)
    for cell in said.values():
        assert not cell.lstrip().startswith(tuple(SIGNS))
        assert not cell.startswith(("\t", "\r", "\n"))
    cells = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert not [cell for record in cells for cell in record if cell.lstrip().startswith(tuple(SIGNS))]
