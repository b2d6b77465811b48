import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.errors import InputError, NotAVideoError, SourceForbiddenError, SourceNotFoundError
from mindreel.sources.identity import identify
from mindreel.sources.urls import normalise_url

SAME_VIDEO = {
    "youtube-dQw4w9WgXcQ": [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://youtube.com/watch?app=desktop&v=dQw4w9WgXcQ&list=PL123&index=4&t=30s",
        "https://m.youtube.com/watch?v=dQw4w9WgXcQ&si=AbCdEf",
        "https://music.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ?si=AbCdEf",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube.com/embed/dQw4w9WgXcQ?start=5",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        "https://www.youtube.com/live/dQw4w9WgXcQ?feature=share",
        "HTTPS://WWW.YouTube.com/watch?v=dQw4w9WgXcQ#t=3",
    ],
    "instagram-CabC_-dEf12": [
        "https://www.instagram.com/p/CabC_-dEf12/",
        "https://instagram.com/reel/CabC_-dEf12/?igsh=MzRlODBiNWFlZA==",
        "https://www.instagram.com/some.author/reel/CabC_-dEf12/",
        "https://www.instagram.com/tv/CabC_-dEf12",
    ],
    "tiktok-7106594312292453675": [
        "https://www.tiktok.com/@some.author/video/7106594312292453675?lang=en",
        "https://m.tiktok.com/v/7106594312292453675.html",
        "https://www.tiktok.com/embed/v2/7106594312292453675",
    ],
    "facebook-1234567890": [
        "https://www.facebook.com/watch/?v=1234567890",
        "https://m.facebook.com/some.page/videos/1234567890/",
        "https://www.facebook.com/some.page/videos/a-title/1234567890/?mibextid=x",
        "https://www.facebook.com/reel/1234567890",
        "https://www.facebook.com/video.php?v=1234567890",
    ],
    "x-1790000000000000000": [
        "https://twitter.com/someone/status/1790000000000000000?s=20",
        "https://x.com/someone/status/1790000000000000000",
        "https://mobile.twitter.com/i/web/status/1790000000000000000",
        "https://x.com/someone/status/1790000000000000000/video/1",
    ],
    "x-1790000000000000000-2": ["https://x.com/someone/status/1790000000000000000/video/2"],
    "vimeo-76979871": [
        "https://vimeo.com/76979871",
        "https://player.vimeo.com/video/76979871?autoplay=1",
        "https://vimeo.com/channels/staffpicks/76979871",
        "https://vimeo.com/76979871/abcdef1234",
        "https://player.vimeo.com/video/76979871?h=abcdef1234",
    ],
}


@pytest.mark.parametrize(
    ("expected", "url"), [(id_, url) for id_, urls in SAME_VIDEO.items() for url in urls]
)
def test_every_spelling_of_a_known_address_is_the_same_video(expected: str, url: str) -> None:
    video = identify(url)
    assert video.id == expected
    assert identify(video.locator).id == expected


def test_the_hash_of_an_unlisted_vimeo_video_stays_in_its_address() -> None:
    video = identify("https://player.vimeo.com/video/76979871?h=abcdef1234")
    assert video.locator == "https://vimeo.com/76979871/abcdef1234"


@pytest.mark.parametrize(
    "url",
    ["https://vm.tiktok.com/ZMabc123/", "https://fb.watch/abc-12_3/", "https://www.youtube.com/clip/UgkxAbC"],
)
def test_short_links_are_hashed_because_only_the_site_knows_them(url: str) -> None:
    assert re.fullmatch(r"(tiktok|facebook|youtube)-[0-9a-f]{16}", identify(url).id)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/playlist?list=PL123",
        "https://www.youtube.com/embed/videoseries?list=PL123",
        "https://www.youtube.com/@someone/videos",
        "https://www.tiktok.com/@someone",
        "https://vimeo.com/channels/staffpicks",
    ],
)
def test_a_list_of_videos_is_refused_with_a_hint_at_csv_files(url: str) -> None:
    with pytest.raises(InputError, match=r"is a list of videos on \w+; .* in a row of a CSV file, .*\)\.$"):
        identify(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=tooshort",
        "https://www.youtube.com/embed/live_stream?channel=UC123",
        "https://www.youtube.com/results?search_query=queues",
        "https://www.instagram.com/someone/",
        "https://x.com/someone",
    ],
)
def test_what_is_neither_a_video_nor_a_list_that_can_be_read_is_refused(url: str) -> None:
    with pytest.raises(InputError, match=r"is not the address of a single video on \w+; give .* video\.$"):
        identify(url)


def test_a_host_that_only_looks_like_a_platform_is_generic() -> None:
    assert identify("https://youtube.com.example.org/watch?v=dQw4w9WgXcQ").platform == "generic"


def test_other_addresses_are_one_video_whatever_tracking_they_carry() -> None:
    plain = identify("https://example.org/talk.mp4?a=1&b=2")
    decorated = identify("HTTPS://Example.ORG:443/talk.mp4?utm_source=x&b=2&fbclid=y&a=1&gclid=z#part")
    assert decorated == plain
    assert re.fullmatch(r"web-[0-9a-f]{16}", plain.id)
    assert identify("https://example.org/talk.mp4?a=1&b=3") != plain
    assert identify("https://example.org:8443/talk.mp4?a=1&b=2") != plain


def test_international_addresses_get_one_ascii_spelling() -> None:
    assert identify("http://münchen.example/gespräch 1.mp4") == identify(
        "http://xn--mnchen-3ya.example/gespr%c3%a4ch%201.mp4"
    )


@given(st.text(min_size=1, max_size=40))
def test_a_normalised_url_stays_as_it_is(text: str) -> None:
    once = normalise_url(f"https://example.org/{text}?{text}")
    assert normalise_url(once) == once
    assert once.isascii()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("ytsearch1:talks about queues", "ytsearch1: is not supported"),
        ("ftp://example.org/talk.mp4", "ftp: is not supported"),
        ("javascript:alert(1)", "javascript: is not supported"),
        ("http:///talk.mp4", "names no host"),
        ("https://example.org:99999/", "not a valid URL"),
        ("https://me:secret@example.org/talk.mp4", "carries a user name or password"),
        ("file://server/talk.mp4", "another machine"),
        ("", "No source was given"),
        ("talk\0.mp4", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        ("talk\udcff.mp4", "not valid UTF-8"),
        ("https://example.org/\udcff", "not valid UTF-8"),
    ],
)
def test_what_is_no_video_source_is_refused_in_one_sentence(source: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        identify(source)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert str(caught.value).encode()


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        identify("https://me:secret@example.org/talk.mp4")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "talk.mp4",
        "my talk.mp4",
        'it\'s "mine".mp4',
        "演讲 第1集.mp4",
        "🎤 talk.mp4",
        "a#b?c%20.mp4",
        "b:c.mp4",
    ],
)
def test_a_local_file_is_known_by_its_content(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_bytes(b"some content")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    spellings = [name, f"./{name}", str(path), f"~/{name}", path.as_uri()]
    assert {identify(spelling).locator for spelling in spellings} == {str(path)}
    assert {identify(spelling).id for spelling in spellings} == {"file-290f493c44f5d63d"}


def test_a_renamed_copy_is_still_the_same_video(tmp_path: Path) -> None:
    (tmp_path / "one.mp4").write_bytes(b"some content")
    (tmp_path / "two.mov").write_bytes(b"some content")
    assert identify(str(tmp_path / "one.mp4")).id == identify(str(tmp_path / "two.mov")).id


def test_files_that_cannot_be_videos_are_refused_without_opening_them(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(NotAVideoError, match=r"is empty"):
        identify(str(tmp_path / "empty.mp4"))
    with pytest.raises(InputError, match="is a folder"):
        identify(str(tmp_path))
    with pytest.raises(InputError, match="device, pipe or socket"):
        identify(str(tmp_path / "pipe.mp4"))
    with pytest.raises(InputError, match="device, pipe or socket"):
        identify("/dev/zero")
    with pytest.raises(SourceNotFoundError, match="There is no file"):
        identify(str(tmp_path / "missing.mp4"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "locked.mp4"
    path.write_bytes(b"content")
    path.chmod(0)
    with pytest.raises(SourceForbiddenError, match="check its permissions"):
        identify(str(path))


def test_a_web_address_without_https_gets_a_hint() -> None:
    with pytest.raises(SourceNotFoundError, match=r"write https://example\.org/talk"):
        identify("example.org/talk")


def test_identifying_loads_neither_yt_dlp_nor_anything_heavy() -> None:
    heavy = "{'yt_dlp', 'pydantic', 'imageio_ffmpeg'}"
    code = f"import sys, mindreel.sources.identity; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
