"""What a person may write into a file, and what becomes of it."""

import codecs

import pytest

from mindreel.contracts.batch import CsvFile, CsvLimits, CsvRow
from mindreel.contracts.video import Options
from mindreel.sources.csv_rows import parse

LIMITS = CsvLimits()
TALK = "https://example.org/talk.mp4"


def read(text: str, encoding: str = "utf-8", limits: CsvLimits = LIMITS) -> CsvFile:
    return parse(text.encode(encoding), limits)


def rows(text: str, encoding: str = "utf-8") -> dict[int, CsvRow]:
    file = read(text, encoding)
    assert file.problem == ""
    return {row.number: row for row in file.rows}


def only(text: str) -> CsvRow:
    (row,) = rows(text).values()
    return row


def test_a_row_is_a_video_with_its_options() -> None:
    row = only(
        "url,title,language,clips,captions,vertical,tenant,priority\n"
        "https://youtu.be/dQw4w9WgXcQ,My talk,en,3,yes,x,sales,high\n"
    )
    assert row.video is not None
    assert (row.number, row.url, row.video.id) == (
        2,
        "https://youtu.be/dQw4w9WgXcQ",
        "youtube-dQw4w9WgXcQ",
    )
    assert row.options == Options(clips=3, captions=True, vertical=True, language="en")
    assert (row.title, row.tenant, row.priority, row.problem) == ("My talk", "sales", 1, "")


def test_empty_cells_mean_the_defaults() -> None:
    row = only(f"url,title,language,clips,captions,vertical,tenant,priority,options\n{TALK},,,,,,,,\n")
    assert (row.options, row.title, row.tenant, row.priority) == (Options(), "", "", 3)


@pytest.mark.parametrize(
    ("encoding", "mark", "name"),
    [
        ("utf-8", b"", ""),
        ("utf-8", codecs.BOM_UTF8, ""),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("utf-16-be", b"", "UTF-16"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "UTF-32"),
        ("utf-32-be", codecs.BOM_UTF32_BE, "UTF-32"),
        ("cp1252", b"", "Windows-1252"),
    ],
)
def test_every_encoding_of_office_programs_is_read_and_an_unusual_one_is_told(
    encoding: str, mark: bytes, name: str
) -> None:
    file = parse(mark + f"url,title\n{TALK},Über „Bohnen“ für 5 €\n".encode(encoding), LIMITS)
    assert [row.title for row in file.rows] == ["Über „Bohnen“ für 5 €"]
    assert file.remarks == ((f"Read as {name}, separated by commas.",) if name else ())


def test_a_few_damaged_bytes_do_not_make_a_title_unreadable() -> None:
    cut = "咖啡和豆子".encode()[:-1]
    file = parse(f"url,title\n{TALK},咖啡\n{TALK}?2,".encode() + cut, LIMITS)
    assert [row.title for row in file.rows] == ["咖啡", "咖啡和豆\ufffd"]
    assert file.remarks == ("One character could not be read.",)


def test_a_line_in_another_encoding_is_read_as_what_it_is() -> None:
    file = parse(f"url,title\n{TALK},咖啡\n".encode() + f"{TALK}?2,Café\n".encode("cp1252"), LIMITS)
    assert [row.title for row in file.rows] == ["咖啡", "Café"]
    assert file.remarks == ("One line was read as Windows-1252.",)


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", ""), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_read(delimiter: str, name: str, end: str) -> None:
    lines = [
        ["title", "url", "clips"],
        ['"One, two; three|four\tfive"', TALK, "1"],
        ["", f"{TALK}?b=1,5", "2"],
    ]
    if delimiter == ",":
        lines[2][1] = f'"{lines[2][1]}"'
    file = read(end.join(delimiter.join(cells) for cells in lines))
    assert [(row.number, row.url, row.options.clips) for row in file.rows] == [
        (2, TALK, 1),
        (3, f"{TALK}?b=1,5", 2),
    ]
    assert file.rows[0].title == "One, two; three|four five"
    assert file.remarks == ((f"Read as UTF-8, separated by {name}.",) if name else ())


def test_excels_hint_names_the_delimiter_and_is_no_row() -> None:
    found = rows(f"sep=;\r\nurl;title\r\n{TALK};a, b\r\n", "utf-16")
    assert {number: row.title for number, row in found.items()} == {2: "a, b"}


def test_a_hint_that_cannot_be_is_told() -> None:
    assert "separates the cells" in read(f"sep=:\nurl:title\n{TALK}:x\n").problem


def test_rows_are_counted_as_a_spreadsheet_counts() -> None:
    found = rows(f'# my talks\nurl,title\n\n{TALK}?1,"two\nlines"\n,,\n#{TALK}?2,old\n{TALK}?3,x\n')
    assert {number: row.url for number, row in found.items()} == {4: f"{TALK}?1", 7: f"{TALK}?3"}
    assert found[4].title == "two lines"


def test_a_plain_list_of_addresses_needs_no_header() -> None:
    file = read(f"{TALK}\n\n{TALK}?a=1,2#t=3\n<{TALK}?c>,\n")
    assert [(row.number, row.url) for row in file.rows] == [
        (1, TALK),
        (3, f"{TALK}?a=1,2#t=3"),
        (4, f"{TALK}?c"),
    ]
    assert file.remarks == ()


def test_without_a_header_the_address_is_found_among_other_cells_and_the_rest_is_told() -> None:
    file = read(f"1;My talk;{TALK}\n2;Other, talk;{TALK}?b\n3;None;\n")
    assert [(row.number, row.url) for row in file.rows] == [(1, TALK), (2, f"{TALK}?b"), (3, "3")]
    assert file.rows[2].problem
    assert any("no header says" in remark for remark in file.remarks)


def test_two_addresses_in_a_row_without_a_header_are_not_guessed_between() -> None:
    file = read(f"{TALK},https://example.org/picture.jpg,a b\n")
    assert "several addresses" in file.rows[0].problem


@pytest.mark.parametrize(
    "name",
    ["url", "URL", "Video URL", "video_url", "video-url", " Link ", "href", "Address", "source", "uri"],
)
def test_the_column_of_addresses_has_many_names(name: str) -> None:
    assert only(f"title,{name}\nx,{TALK}\n").url == TALK


def test_the_surest_name_wins_over_others() -> None:
    row = only(f"Source,Video,URL\nYouTube,My talk,{TALK}\n")
    assert row.url == TALK


def test_the_header_may_stand_below_a_heading_or_behind_a_hash() -> None:
    assert rows(f"My talks,\nurl,title\n{TALK},x\n")[3].title == "x"
    assert rows(f"#url,title\n{TALK},x\n")[2].title == "x"
    assert rows(f"#,url,title\n1,{TALK},x\n")[2].title == "x"


def test_a_column_of_addresses_with_another_name_is_found_where_it_is_the_only_one() -> None:
    file = read(f"Page,lang\n{TALK},de\n")
    assert file.rows[0].options.language == "de"
    assert any("'Page'" in remark for remark in file.remarks)


def test_columns_that_cannot_be_told_apart_are_refused() -> None:
    assert "'Page', 'Picture'" in read(f"Page,Picture,lang\n{TALK},{TALK}.jpg,de\n").problem
    assert "Two columns are called" in read(f"url,URL\n{TALK},{TALK}\n").problem


def test_columns_that_are_not_understood_are_ignored_and_told() -> None:
    file = read(f"url,Views,notes\n{TALK},1,{'n' * 9000}\n")
    assert file.rows[0].problem == ""
    assert file.remarks == ("Not understood and ignored: the columns 'Views', 'notes'.",)


def test_cells_beyond_the_header_are_told() -> None:
    file = read(f"url,title\n{TALK},Hello, world\n")
    assert file.rows[0].title == "Hello"
    assert any("under no name" in remark for remark in file.remarks)


@pytest.mark.parametrize(
    "cell",
    [
        f"  {TALK} ",
        f"<{TALK}>",
        f"\u00a0{TALK}\u00a0",
        f"\ufeff{TALK}\u200b",
        "https://exam\u200bple.org/talk.mp4",
        f"“{TALK}”",
        f'"""{TALK}"""',
        f"{TALK}\0",
    ],
)
def test_what_copying_leaves_around_an_address_is_removed(cell: str) -> None:
    assert only(f"url,title\n{cell},x\n").url == TALK


def test_playlists_and_channels_are_marked() -> None:
    row = only("url\nhttps://www.youtube.com/playlist?list=PLabcdefghijk\n")
    assert (row.collection, row.video, row.problem) == (True, None, "")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("/etc/passwd", "no files of this machine"),
        ("file:///etc/passwd", "no files of this machine"),
        ("FILE:/etc/passwd", "no files of this machine"),
        ("~/talk.mp4", "no files of this machine"),
        ("../talk.mp4", "no files of this machine"),
        ("C:\\talks\\a.mp4", "no files of this machine"),
        ("\\\\server\\share\\a.mp4", "no files of this machine"),
        ("ftp://example.org/a.mp4", "must be an http(s) address"),
        ("//example.org/a.mp4", "must be an http(s) address"),
        ("ytsearch1:talk", "must be an http(s) address"),
        ("tests/conftest.py", "must be an http(s) address"),
        ("www.youtube.com/watch?v=dQw4w9WgXcQ", "write https://"),
        ("https://", "names no host"),
        ("https:///talk.mp4", "names no host"),
        ("https://example.org/my talk.mp4", "write %20"),
        (f"{TALK} {TALK}?b", "several addresses"),
        (f'"{TALK}\n{TALK}?b"', "several addresses"),
        (f'"{TALK},{TALK}?b"', "several addresses"),
        ("", "url is empty"),
    ],
)
def test_an_address_that_cannot_be_taken_is_refused_in_words(cell: str, words: str) -> None:
    row = only(f"url,title\n{cell},x\n")
    assert words in row.problem
    assert row.video is None


def test_a_local_file_is_not_even_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mindreel.sources.identity.identify_file", lambda _: pytest.fail("looked at a file"))
    assert len(rows("url,title\n/etc/passwd,a\nfile:///etc/passwd,b\nconftest.py,c\n")) == 3


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    row = only("url,title\nhttps://me:secret@example.org/a.mp4,x\n")
    assert "password" in row.problem
    assert "secret" not in f"{row.url}{row.problem}"


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("clips", "many"),
        ("clips", "101"),
        ("clips", "-1"),
        ("clips", "2.5"),
        ("captions", "perhaps"),
        ("vertical", "2"),
        ("language", "English"),
        ("language", "xx"),
        ("priority", "0"),
        ("priority", "6"),
        ("priority", "urgent"),
        ("tenant", "t" * 65),
        ("options", "{"),
        ("options", "[1]"),
        ("options", "[" * 4000),
        ("options", '{"clip": 3}'),
        ("options", '{"clips": true}'),
        ("options", '{"clips": NaN}'),
        ("options", '{"language": "\\ud800"}'),
        ("options", '{"model": "/etc"}'),
        ("options", '{"model": "someone/something"}'),
    ],
)
def test_a_field_that_makes_no_sense_refuses_the_row_and_names_field_and_value(field: str, cell: str) -> None:
    quoted = cell.replace('"', '""')
    row = only(f'url,{field}\n{TALK},"{quoted}"\n')
    assert field in row.problem
    row.problem.encode()
    assert row.video is None


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    problem = only("url,clips,language\nhttps:///x,many,xx\n").problem
    assert all(word in problem for word in ("names no host", "clips is 'many'", "language is 'xx'"))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *((word, True) for word in ("yes", "TRUE", "1", "x", "WAHR", "oui", "Ja")),
        *((word, False) for word in ("no", "FALSE", "0", "nein", "FAUX")),
    ],
)
def test_yes_and_no_are_understood_as_spreadsheets_write_them(cell: str, value: bool) -> None:  # noqa: FBT001
    assert only(f"url,captions\n{TALK},{cell}\n").options.captions is value


@pytest.mark.parametrize(
    ("cell", "code"), [("en", "en"), ("DE", "de"), ("en-US", "en"), ("zh_Hant_TW", "zh"), ("auto", None)]
)
def test_languages_are_codes(cell: str, code: str | None) -> None:
    assert only(f"url,lang\n{TALK},{cell}\n").options.language == code


def test_options_are_json_and_a_column_of_its_own_beats_them() -> None:
    json = (
        '"{""clips"": 3, ""captions"": true, ""language"": ""de"", ""model"": ""small"", ""vertical"": null}"'
    )
    found = rows(f"url,clips,options\n{TALK}?1,,{json}\n{TALK}?2,7,{json}\n")
    assert found[2].options == Options(clips=3, captions=True, language="de", model="small")
    assert found[3].options == Options(clips=7, captions=True, language="de", model="small")


def test_a_long_title_is_shortened_and_a_field_too_long_refuses_its_row_only() -> None:
    found = rows(
        f"url,title\n{TALK}?1,{'t' * 4000}\n{TALK}?2,{'t' * 5000}\n{TALK}?{'u' * 5000},x\n{TALK}?4,x\n"
    )
    assert (len(found[2].title), found[2].title[-1]) == (300, "…")
    assert "title is 5,000 characters" in found[3].problem
    assert "url is 5,0" in found[4].problem
    assert found[5].problem == ""


def test_a_line_with_a_hash_is_a_comment_unless_it_may_be_a_row() -> None:
    file = read(
        f'title,url\n#later,{TALK}?1\n"#MeToo",{TALK}?2\n# remember\n"# well, remember",\nx,{TALK}?3\n'
    )
    found = {row.number: row.problem for row in file.rows}
    assert sorted(found) == [2, 3, 6]
    assert "begins with #" in found[2]
    assert found[3] == found[6] == ""


def test_an_address_in_a_comment_is_told() -> None:
    file = read(f"url,title\n{TALK},x\n# {TALK}?2,y\n")
    assert len(file.rows) == 1
    assert file.remarks == ("In row 3 an address stands behind a # and was taken as a comment.",)


UNCLOSED = "quotation mark in this row is opened and not closed"


def test_a_quotation_mark_that_is_never_closed_spoils_its_own_row_only() -> None:
    found = rows(f'url,title\n{TALK}?1,"open\n{TALK}?2,x\n{TALK}?3,y\n')
    assert UNCLOSED in found[2].problem
    assert [found[3].title, found[4].title] == ["x", "y"]


def test_a_quotation_mark_that_a_later_row_closes_spoils_its_own_row_only() -> None:
    found = rows(f'url,title\n{TALK}?1,"open\n{TALK}?2,x\n{TALK}?3,"quoted, well"\n{TALK}?4,"two\nlines"\n')
    assert {number: bool(row.problem) for number, row in found.items()} == {
        2: True,
        3: False,
        4: False,
        5: False,
    }
    assert found[5].title == "two lines"


def test_rows_between_two_stray_quotation_marks_are_not_lost_in_a_title() -> None:
    found = rows(f'url,title\n{TALK}?1,"open\n{TALK}?2,x\n{TALK}?3,5"\n{TALK}?4,y\n')
    assert UNCLOSED in found[2].problem
    assert [row.url for row in found.values()] == [f"{TALK}?{number}" for number in (1, 2, 3, 4)]


def test_lines_of_a_description_that_look_like_rows_are_left_and_told() -> None:
    file = read(f'url,description\n{TALK}?1,"My links:\n{TALK}?2,that is all"\n{TALK}?3,y\n')
    assert [(row.number, row.url) for row in file.rows] == [(2, f"{TALK}?1"), (3, f"{TALK}?3")]
    assert any("check its quotation marks" in remark for remark in file.remarks)


def test_quotation_marks_within_a_title_are_harmless() -> None:
    found = rows(f'url,title\n{TALK}?1,"The "best" talk"\n{TALK}?2,a 5" disk\n{TALK}?3,"said ""hi"""\n')
    assert not any(row.problem for row in found.values())
    assert found[4].title == 'said "hi"'


def test_thousands_of_broken_rows_take_no_longer_than_good_ones() -> None:
    found = rows("url,title\n" + f'{TALK}","open\n' * 9999)
    assert len(found) == 9999


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b"\0" * 100, "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"url,title\r\n", "a header and no rows"),
        (b"url,title\r\n,,\r\n# x\r\n", "a header and no rows"),
        (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml", "a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "a spreadsheet"),
        (bytes(range(256)) * 20, "no text"),
        (b"%PDF-1.7\n%\xb5\xb5\xb5\xb5\n", "No http(s) address"),
        (b"<!DOCTYPE html>\n<html><body><a href='https://example.org'>x</a>", "web page"),
        (b"Dear all,\nplease find attached\n", "No http(s) address"),
        (b"title,lang\nx,en\n", "No column is called url"),
    ],
)
def test_a_file_without_videos_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    file = parse(data, LIMITS)
    assert file.rows == ()
    assert words in file.problem
    assert file.problem.endswith(".")


def test_too_much_is_refused_whole() -> None:
    text = "url\n" + f"{TALK}\n" * 3
    assert "more than 2 rows" in read(text, limits=CsvLimits(max_rows=2)).problem
    assert "larger than" in read(text, limits=CsvLimits(max_bytes=20)).problem
    assert "lines" in read("\n" * 300 + text, limits=CsvLimits(max_rows=2)).problem
    assert len(read(text, limits=CsvLimits(max_rows=3)).rows) == 3
