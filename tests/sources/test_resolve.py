from dataclasses import replace
from pathlib import Path

import pytest

from mindreel.contracts.video import Limits, SourceInfo
from mindreel.errors import (
    LimitExceededError,
    MindreelError,
    NotAVideoError,
    RateLimitedError,
    SetupError,
    SourceForbiddenError,
    SourceNotFoundError,
    TransientError,
)
from mindreel.sources.identity import identify
from mindreel.sources.resolve import resolve
from tests.sources.conftest import Recorder
from tests.support.loopback_site import LoopbackSite

pytestmark = pytest.mark.usefixtures("same_process")


def _resolve(source: str, limits: Limits, scratch: Path) -> SourceInfo:
    try:
        return resolve(identify(source), limits, scratch=scratch, reporter=Recorder())
    finally:
        assert not list(scratch.iterdir()), "nothing may be left behind"


def test_a_page_with_metadata_tells_it(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    info = _resolve(site.url("jsonld/talk.mp4"), limits, scratch)
    assert info.title == "A talk about queues"
    assert info.uploader == "Ada"
    assert info.duration_s == 4
    assert info.upload_date == "2024-03-05"
    assert info.description == "Why queues help."
    assert info.thumbnail_url == site.url("poster.jpg")
    assert info.size_bytes == (site.directory / "talk.mp4").stat().st_size
    assert info.remarks == ()


def test_of_a_page_with_several_videos_the_first_is_taken_and_said(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    info = _resolve(site.url("pages/talk.mp4,other.mp4"), limits, scratch)
    assert info.title == "My holiday talk"
    assert info.remarks == ("The page holds 2 videos; this is the first of them.",)
    assert info.entries == 2


@pytest.mark.parametrize(
    ("path", "entries"),
    [
        ("talk.mp4", 1),
        ("page/talk.mp4", 1),
        ("jsonld/talk.mp4", 1),
        ("pages/talk.mp4,gone.mp4,other.mp4", 3),
        ("feed/talk.mp4", 1),
        ("feed/talk.mp4,other.mp4", 2),
    ],
)
def test_it_is_told_how_many_videos_an_address_leads_to(
    path: str, entries: int, request: pytest.FixtureRequest
) -> None:
    site: LoopbackSite = request.getfixturevalue("site")
    info = _resolve(site.url(path), request.getfixturevalue("limits"), request.getfixturevalue("scratch"))
    assert info.entries == entries
    assert len(info.remarks) == (entries > 1)


def test_several_are_told_also_where_the_first_is_broken(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    info = _resolve(site.url("feed/status/404,talk.mp4"), limits, scratch)
    assert (info.title, info.entries) == ("Episode 1", 2)
    with pytest.raises(SourceNotFoundError):
        _resolve(site.url("feed/status/404"), limits, scratch)


def test_a_page_without_video_is_refused(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    with pytest.raises(NotAVideoError, match=r"^No video was found on the page at 127\.0\.0\.1;"):
        _resolve(site.url("none"), limits, scratch)


def test_private_addresses_are_refused_unless_allowed(site: LoopbackSite, scratch: Path) -> None:
    with pytest.raises(SourceForbiddenError, match="MINDREEL_ALLOW_PRIVATE_HOSTS=1"):
        _resolve(site.url("talk.mp4"), Limits(min_free_bytes=0), scratch)
    assert not site.requests


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (404, SourceNotFoundError, "127.0.0.1 has nothing at this address (HTTP 404); check it."),
        (403, SourceForbiddenError, "127.0.0.1 refuses access (HTTP 403)"),
        (500, TransientError, "127.0.0.1 answered HTTP 500 (a fault on its side); try again later."),
    ],
)
def test_refusals_of_the_site_are_sorted(
    status: int, kind: type[MindreelError], sentence: str, request: pytest.FixtureRequest
) -> None:
    site: LoopbackSite = request.getfixturevalue("site")
    with pytest.raises(kind) as caught:
        _resolve(
            site.url(f"status/{status}"),
            request.getfixturevalue("limits"),
            request.getfixturevalue("scratch"),
        )
    assert sentence in str(caught.value)


def test_retry_after_is_handed_on(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    with pytest.raises(RateLimitedError) as caught:
        _resolve(site.url("status/429?retry_after=7"), limits, scratch)
    assert caught.value.retry_after_s == 7


def test_a_site_that_has_had_enough_says_when_to_come_back_and_is_believed(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    site.limit = 1
    (site.directory / "other.mp4").write_bytes((site.directory / "talk.mp4").read_bytes())
    assert _resolve(site.url("limited/talk.mp4"), limits, scratch).entries == 1
    with pytest.raises(RateLimitedError) as caught:
        _resolve(site.url("limited/other.mp4?retry_after=7"), limits, scratch)
    assert caught.value.retry_after_s == 7
    assert site.refused == 1, "our own attempts follow the gate; yt-dlp makes none behind its back"
    site.limit = None
    assert _resolve(site.url("limited/other.mp4"), limits, scratch).entries == 1


def test_nobody_listening_is_transient(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    del site
    with pytest.raises(TransientError, match=r"^127\.0\.0\.1 could not be reached: connection refused"):
        _resolve("http://127.0.0.1:9/talk.mp4", limits, scratch)


def test_too_large_is_refused_before_a_byte_is_fetched(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    with pytest.raises(LimitExceededError, match="more than the limit of 1000 bytes"):
        _resolve(site.url("page/talk.mp4"), replace(limits, max_bytes=1000), scratch)
    assert site.gets("talk.mp4") == 0


def test_too_long_is_refused(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    with pytest.raises(LimitExceededError, match="lasts 7 h 00 min, longer than the limit of 6 h 00 min"):
        _resolve(site.url("jsonld/talk.mp4?duration=PT7H"), limits, scratch)


def test_too_little_space_is_refused(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    with pytest.raises(LimitExceededError, match="must stay free"):
        _resolve(site.url("talk.mp4"), replace(limits, min_free_bytes=2**60), scratch)


def test_live_streams_are_refused(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    (site.directory / "live.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:4,\npart7.ts\n"
    )
    with pytest.raises(LimitExceededError, match="live stream"):
        _resolve(site.url("live.m3u8"), limits, scratch)


def test_a_missing_cookies_file_is_a_matter_of_setup(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    with pytest.raises(SetupError, match=r"cookies file /nowhere\.txt cannot be read"):
        _resolve(site.url("talk.mp4"), replace(limits, cookies_file="/nowhere.txt"), scratch)


def test_a_cookies_file_is_sent_and_left_alone(
    site: LoopbackSite, limits: Limits, scratch: Path, tmp_path: Path
) -> None:
    cookies = tmp_path / "cookies.txt"
    line = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tabc"
    cookies.write_text(f"# Netscape HTTP Cookie File\n{line}\n")
    before = cookies.read_bytes()
    _resolve(site.url("talk.mp4"), replace(limits, cookies_file=str(cookies)), scratch)
    assert "session=abc" in site.cookies
    assert cookies.read_bytes() == before


def test_a_local_file_gets_a_readable_title(limits: Limits, scratch: Path, tmp_path: Path) -> None:
    path = tmp_path / "my_talk.v1.2 final.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42")
    info = _resolve(str(path), limits, scratch)
    assert info.title == "my talk v1.2 final"
    assert info.size_bytes == 12


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Dear diary,\nno video today.\n", "holds no video but text"),
        ("Текст без видео\n".encode() * 100, "holds no video but text"),
        (b"#EXTM3U\n#EXTINF:4,\nfile:///etc/hosts\n", "a playlist that points to other files"),
        (b"  <!DOCTYPE html><html></html>", "holds no video but a web page"),
    ],
)
def test_text_named_mp4_is_refused(
    content: bytes, sentence: str, limits: Limits, scratch: Path, tmp_path: Path
) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(content)
    with pytest.raises(NotAVideoError, match=sentence):
        _resolve(str(path), limits, scratch)


def test_a_large_local_file_is_refused(limits: Limits, scratch: Path, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(bytes(2000))
    with pytest.raises(LimitExceededError, match="2000 bytes, more than the limit of 1000 bytes"):
        _resolve(str(path), replace(limits, max_bytes=1000), scratch)
