"""Files as bad as they come: the parser never raises and never loses a valid row."""

import codecs
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mindreel.contracts.batch import CsvLimits
from mindreel.sources.csv_rows import parse
from mindreel.sources.identity import identify

LIMITS = CsvLimits(max_field_chars=400)
FUZZ = settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-16-le", b""),
    ("utf-16-be", b""),
    ("utf-32-le", codecs.BOM_UTF32_LE),
    ("utf-32-be", codecs.BOM_UTF32_BE),
    ("cp1252", b""),
]
NAMES = {
    "url": ["url", "Video URL", "LINK", "href"],
    "title": ["title", "Titel"],
    "clips": ["clips"],
    "notes": ["Notes"],
}
KINDS = ["valid", "valid", "valid", "blank", "comment", "broken", "junk", "huge"]
NARROW = "aé \"',;\t|\n\r#\0\x1f"
WIDE = f"{NARROW}\u00a0咖🎬\u2028\x85\u200b"


@dataclass(frozen=True)
class Written:
    """A file, and which videos its valid rows name."""

    data: bytes
    videos: dict[int, str]
    """Row number to id."""


@dataclass(frozen=True)
class Style:
    """How a file is written."""

    encoding: str
    columns: tuple[str, ...]
    delimiter: str

    @property
    def letters(self) -> str:
        return NARROW if self.encoding == "cp1252" else WIDE


@st.composite
def styles(draw: st.DrawFn, encoding: str) -> Style:
    """A table with a header, or a list."""
    if draw(st.booleans()):
        return Style(encoding, ("url",), "")
    return Style(encoding, tuple(draw(st.permutations(list(NAMES)))), draw(st.sampled_from(",;\t|")))


@st.composite
def files(draw: st.DrawFn) -> Written:
    """Rows good and bad, in any encoding and with any delimiter."""
    encoding, mark = draw(st.sampled_from(ENCODINGS))
    style = draw(styles(encoding))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    head = _head(draw, style)
    lines = [f"{line}{end}".encode(encoding) for line in head]
    number, videos = len(head) - ("sep=" in head[0] if head else 0), {}
    for kind in draw(st.lists(st.sampled_from(KINDS), max_size=8)):
        number += 1
        url = f"https://example.org/{number}?{draw(st.sampled_from(['', 'a=1,2', 'b=x;y', 'é']))}"
        if kind == "valid":
            videos[number] = identify(url).id
        line = draw(junk(encoding)) if kind == "junk" else _line(draw, kind, url, style).encode(encoding)
        lines.append(line + end.encode(encoding))
    return Written(mark + b"".join(lines), videos)


def _head(draw: st.DrawFn, style: Style) -> list[str]:
    if not style.delimiter:
        return []
    header = style.delimiter.join(draw(st.sampled_from(NAMES[column])) for column in style.columns)
    return [f"sep={style.delimiter}", header] if draw(st.booleans()) else [header]


def _line(draw: st.DrawFn, kind: str, url: str, style: Style) -> str:
    if kind == "blank":
        return draw(st.sampled_from(["", "  ", style.delimiter * 3]))
    if kind == "comment":
        return "# " + _one_line(_text(draw, style))
    cells = {
        "url": _quoted(draw, draw(st.sampled_from(["", " ", "\0"])) + url, style),
        "title": _quoted(draw, _text(draw, style), style),
        "clips": draw(st.sampled_from(["", "3", '"5"'])),
        "notes": _quoted(draw, _text(draw, style) * draw(st.sampled_from([1, 1, 1, 99])), style),
    }
    if kind == "huge":
        cells["title"] = cells["url"] = f"https://{'x' * 500}"
    if kind == "broken":
        cells = {name: _one_line(cell).replace(style.delimiter or ",", "") for name, cell in cells.items()}
        cells[style.columns[-1]] = f'"{cells[style.columns[-1]]}'
    return style.delimiter.join(cells[column] for column in style.columns)


def _text(draw: st.DrawFn, style: Style) -> str:
    """Behind a mark that was left open, a cell that begins with the end of one is its end for any reader."""
    return draw(st.text(st.sampled_from(style.letters), max_size=12)).lstrip(f'{style.delimiter}"\n\r\0\x1f ')


def _one_line(text: str) -> str:
    """Also without marks, which might close one that was left open above."""
    return text.replace("\n", "").replace("\r", "").replace('"', "")


def _quoted(draw: st.DrawFn, text: str, style: Style) -> str:
    """By the rules; also where they need none."""
    if draw(st.booleans()) or any(mark in text for mark in f'"\n\r#{style.delimiter or ",;"}'):
        return '"' + text.replace('"', '""') + '"'
    return text


def junk(encoding: str) -> st.SearchStrategy[bytes]:
    """Bytes that make no sense, in whole units of the encoding, without marks and ends of lines."""
    unit = len("x".encode(encoding))
    return st.lists(st.binary(min_size=unit, max_size=unit), max_size=30).map(
        lambda units: b"".join(piece for piece in units if piece.decode(encoding, "replace") not in '"\n\r')
    )


@pytest.mark.slow
@FUZZ
@given(files())
def test_every_valid_row_comes_back_with_its_number(written: Written) -> None:
    file = parse(written.data, LIMITS)
    assert not (file.problem and written.videos), file.problem
    found = {row.number: row.video.id for row in file.rows if row.video}
    assert {number: found.get(number) for number in written.videos} == written.videos
    assert all((row.video is None) == bool(row.problem) for row in file.rows)


TROUBLE = st.text("\"',;\t|\n\r#\0htps://ae.\u00a0\ufeff<>@[]%?=&", max_size=200).map(str.encode)


@pytest.mark.slow
@FUZZ
@given(st.binary(max_size=300) | TROUBLE | st.builds(bytes.__add__, st.just(b"url,title,options\n"), TROUBLE))
def test_no_bytes_make_the_parser_raise(data: bytes) -> None:
    file = parse(data, LIMITS)
    assert bool(file.problem) != bool(file.rows)
    shown = [file.problem, *file.remarks, *(f"{row.url}{row.title}{row.problem}" for row in file.rows)]
    assert "\ud800" not in "".join(shown).encode().decode()
