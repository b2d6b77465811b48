import pytest

from mindreel.report import formats


@pytest.mark.parametrize(
    ("value_s", "text"), [(0, "0:00"), (59.999, "0:59"), (123, "2:03"), (3723.5, "1:02:03"), (-1, "0:00")]
)
def test_a_clock_shows_hours_only_when_there_are_any(value_s: float, text: str) -> None:
    assert formats.clock(value_s) == text


@pytest.mark.parametrize(
    ("value_s", "text"),
    [(0.4, "0 s"), (59.6, "1 min"), (185, "3 min 5 s"), (3600, "1 h"), (3870, "1 h 4 min")],
)
def test_a_length_is_said_in_words(value_s: float, text: str) -> None:
    assert formats.length(value_s) == text


@pytest.mark.parametrize(
    ("value", "text"), [(999, "999 bytes"), (3_800_000, "3.8 MB"), (5_000_000_000_000, "5000.0 GB")]
)
def test_a_size_is_in_powers_of_1000(value: int, text: str) -> None:
    assert formats.size(value) == text


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("clips/01-a b.mp4", "clips/01-a%20b.mp4"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("50% #1?.mp4", "50%25%20%231%3F.mp4"),
        ("讲座🎉.mp4", "%E8%AE%B2%E5%BA%A7%F0%9F%8E%89.mp4"),
        ("broken\udcff.mp4", "broken%FF.mp4"),
    ],
)
def test_a_file_name_is_never_read_as_part_of_a_url(path: str, url: str) -> None:
    assert formats.href(path) == url


@pytest.mark.parametrize("path", ["", "/etc/passwd", "//evil.example/x", "../secret", "a/../../b"])
def test_a_path_out_of_the_page_s_folder_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="relative path"):
        formats.href(path)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://", "http://[", ""]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert formats.web_link(url) is None
    assert formats.web_link("https://example.org/watch?v=1") == "https://example.org/watch?v=1"


@pytest.mark.parametrize(
    ("code", "tag"), [("en", "en"), ("zh-Hant-TW", "zh-Hant-TW"), ("und", ""), ('x" onload="', "")]
)
def test_an_unknown_language_is_left_empty(code: str, tag: str) -> None:
    assert formats.language_tag(code) == tag
