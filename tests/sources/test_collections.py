import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest

from mindreel.contracts.video import Collection, CollectionVideo, Limits
from mindreel.errors import NotAVideoError, RateLimitedError, SourceForbiddenError, SourceNotFoundError
from mindreel.sources import listing
from mindreel.sources.collections import is_collection, list_videos
from mindreel.sources.identity import collection_address, identify
from mindreel.sources.resolve import resolve
from tests.sources.conftest import Recorder
from tests.support.loopback_site import LoopbackSite

_SAME_LIST = {
    "https://www.youtube.com/playlist?list=PL123": [
        "https://www.youtube.com/playlist?list=PL123",
        "https://m.youtube.com/playlist?list=PL123&si=AbCdEf",
        "HTTPS://YouTube.com/watch?list=PL123",
        "https://www.youtube.com/embed/videoseries?list=PL123",
        "https://music.youtube.com/playlist?list=PL123",
    ],
    "https://www.youtube.com/@someone": [
        " https://www.youtube.com/@someone ",
        "http://youtube.com/@someone/featured?view=0",
        "https://m.youtube.com/@someone/",
    ],
    "https://www.youtube.com/@%E5%BC%A0%E4%B8%89/videos": ["https://www.youtube.com/@张三/videos"],
    "https://www.youtube.com/@someone/shorts": ["https://www.youtube.com/@someone/shorts"],
    "https://www.youtube.com/channel/UC123/streams": ["https://www.youtube.com/channel/UC123/streams"],
    "https://www.youtube.com/channel/UC123": [
        "https://www.youtube.com/feeds/videos.xml?channel_id=UC123",
    ],
    "https://www.youtube.com/c/TED": ["https://www.youtube.com/c/TED"],
    "https://www.youtube.com/user/TED/videos": ["https://www.youtube.com/user/TED/videos"],
    "https://www.youtube.com/TED": ["https://www.youtube.com/TED"],
    "https://vimeo.com/showcase/123": [
        "http://www.vimeo.com/album/123",
        "https://vimeo.com/showcase/123/embed",
    ],
    "https://vimeo.com/channels/staffpicks": ["https://vimeo.com/channels/staffpicks/videos"],
    "https://vimeo.com/groups/meetup": ["https://vimeo.com/groups/meetup"],
    "https://vimeo.com/someone/videos": ["https://vimeo.com/someone", "https://vimeo.com/someone/videos"],
    "https://www.tiktok.com/@some.one": ["https://www.tiktok.com/@some.one?lang=en"],
    "https://www.tiktok.com/@someone/collection/best-7371330159376370462": [
        "https://www.tiktok.com/@someone/collection/best-7371330159376370462?lang=en"
    ],
}


@pytest.mark.parametrize(
    ("expected", "url"), [(list_, url) for list_, urls in _SAME_LIST.items() for url in urls]
)
def test_playlists_and_channels_are_known_by_their_address(expected: str, url: str) -> None:
    assert is_collection(url)
    assert collection_address(url) == expected
    assert collection_address(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL123&index=4",
        "https://youtu.be/dQw4w9WgXcQ?list=PL123",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://vimeo.com/channels/staffpicks/76979871",
        "https://vimeo.com/showcase/123/video/76979871",
        "https://www.tiktok.com/@someone/video/7106594312292453675",
    ],
)
def test_a_video_shown_as_part_of_a_list_is_one_video(url: str) -> None:
    assert not is_collection(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/",
        "https://www.youtube.com/results?search_query=queues",
        "https://www.youtube.com/feed/subscriptions",
        "https://vimeo.com/upgrade",
        "https://www.instagram.com/someone/",
        "https://x.com/someone",
        "https://example.org/feed.xml",
        "https://youtube.com.example.org/playlist?list=PL123",
        "playlist.csv",
        "",
        "http://[broken",
        "https://me:secret@www.youtube.com/playlist?list=PL123",
    ],
)
def test_everything_else_is_no_list_that_is_known_by_its_address(url: str) -> None:
    assert not is_collection(url)


@pytest.fixture
def listed(limits: Limits, scratch: Path, same_process: None) -> Callable[..., Collection]:
    """Lists a path of the site, at most a hundred entries."""
    del same_process

    def list_them(url: str, most: int = 100) -> Collection:
        return list_videos(url, limits, most=most, scratch=scratch, reporter=Recorder())

    return list_them


List = Callable[..., Collection]


def test_a_page_with_several_videos_gives_the_address_of_each(site: LoopbackSite, listed: List) -> None:
    found = listed(site.url("pages/a.mp4,b.mp4,a.mp4"))
    assert found == Collection(
        "My holiday talk",
        (
            CollectionVideo(site.url("a.mp4"), "My holiday talk (1)"),
            CollectionVideo(site.url("b.mp4"), "My holiday talk (2)"),
        ),
        total=3,
    )
    assert site.gets("a.mp4") == 0, "no video is opened to list it"


def test_a_stream_on_a_page_is_named_by_its_manifest(
    site: LoopbackSite, listed: List, limits: Limits, scratch: Path
) -> None:
    master = site.add_hls(site.directory / "talk.mp4", imageio_ffmpeg.get_ffmpeg_exe())
    found = listed(site.url(f"pages/{master},talk.mp4"))
    assert [video.url for video in found.videos] == [site.url(master), site.url("talk.mp4")]
    for video in found.videos:
        one = resolve(identify(video.url), limits, scratch=scratch, reporter=Recorder())
        assert (one.entries, one.remarks) == (1, ())


def test_a_feed_gives_its_enclosures(site: LoopbackSite, listed: List) -> None:
    found = listed(site.url("feed/a.mp4,b.mp4"))
    assert found.title == "My feed"
    assert found.videos == (
        CollectionVideo(site.url("a.mp4"), "Episode 1"),
        CollectionVideo(site.url("b.mp4"), "Episode 2"),
    )
    assert (found.total, found.remarks) == (2, ())


def test_entries_of_known_sites_keep_their_own_address(site: LoopbackSite, listed: List) -> None:
    youtube, vimeo = "https://youtu.be/dQw4w9WgXcQ", "https://vimeo.com/76979871/abcdef1234"
    found = listed(site.url(f"feed/{youtube},{vimeo},{youtube}"))
    assert [video.url for video in found.videos] == [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://vimeo.com/76979871/abcdef1234",
    ]


def test_no_more_are_taken_than_wanted_and_it_is_said(site: LoopbackSite, listed: List) -> None:
    found = listed(site.url("feed/a.mp4,b.mp4,c.mp4,d.mp4"), most=2)
    assert [video.title for video in found.videos] == ["Episode 1", "Episode 2"]
    assert found.total == 4
    assert found.remarks == ("The list holds 4 videos; only its first 2 were looked at.",)
    assert listed(site.url("feed/a.mp4,b.mp4"), most=2).remarks == ()


def test_what_is_no_web_address_of_a_single_video_is_left_out_and_counted(
    site: LoopbackSite, listed: List
) -> None:
    found = listed(site.url("feed/file:///etc/hosts,a.mp4,https://x.com/someone"))
    assert [video.url for video in found.videos] == [site.url("a.mp4")]
    assert found.remarks == ("Entries left out because they are no single video: 2.",)


def test_private_and_deleted_videos_are_left_out_and_counted(site: LoopbackSite, listed: List) -> None:
    (site.directory / "list.rss").write_text(
        "<rss version='2.0'><channel><title>Mine</title>"
        "<item><title>[Private video]</title><link>https://youtu.be/aaaaaaaaaaa</link></item>"
        "<item><title>[Deleted video]</title><link>https://youtu.be/bbbbbbbbbbb</link></item>"
        "<item><title>Here</title><link>https://youtu.be/ccccccccccc</link></item>"
        "</channel></rss>"
    )
    found = listed(site.url("list.rss"))
    assert [video.title for video in found.videos] == ["Here"]
    assert found.remarks == ("Private or deleted videos left out: 2.",)


def test_a_list_that_names_only_itself_holds_nothing(site: LoopbackSite, listed: List) -> None:
    (site.directory / "list.rss").write_text(
        f"<rss version='2.0'><channel><item><link>{site.url('list.rss')}</link></item></channel></rss>"
    )
    with pytest.raises(NotAVideoError, match=r"No video could be taken from the list at http://127"):
        listed(site.url("list.rss"))


def test_a_page_that_has_only_one_video_by_now_gives_that(site: LoopbackSite, listed: List) -> None:
    found = listed(site.url("page/a.mp4"))
    assert [video.url for video in found.videos] == [site.url("a.mp4")]
    assert found.total == 1


class Tabs:
    """A list of lists, as the page of a channel is; each is a feed of the site."""

    def __init__(self, site: LoopbackSite) -> None:
        self.site = site

    def write(self, name: str, *paths: str) -> str:
        items = "".join(
            f"<item><title>{path}</title><link>{self.site.url(path)}</link></item>" for path in paths
        )
        feed = f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>"
        (self.site.directory / name).write_text(feed)
        return self.site.url(name)


@pytest.fixture
def tabs(site: LoopbackSite, monkeypatch: pytest.MonkeyPatch) -> Tabs:
    """Feeds of the site count as lists known by their address."""
    monkeypatch.setattr(listing, "collection_address", lambda url: url if url.endswith(".rss") else None)
    return Tabs(site)


def test_the_lists_of_a_channel_are_read_in_order_and_each_video_is_taken_once(
    tabs: Tabs, listed: List
) -> None:
    tabs.write("videos.rss", "a.mp4", "b.mp4")
    tabs.write("playlists.rss", "one.rss")
    tabs.write("one.rss", "b.mp4", "c.mp4")
    found = listed(tabs.write("channel.rss", "videos.rss", "playlists.rss", "d.mp4"))
    assert found.title == "channel.rss"
    assert [video.title for video in found.videos] == ["a.mp4", "b.mp4", "c.mp4", "d.mp4"]
    assert (found.total, found.remarks) == (5, ())


def test_no_further_list_is_opened_once_there_are_enough(tabs: Tabs, listed: List) -> None:
    tabs.write("videos.rss", "a.mp4", "b.mp4")
    tabs.write("shorts.rss", "c.mp4")
    found = listed(tabs.write("channel.rss", "videos.rss", "shorts.rss"), most=2)
    assert [video.title for video in found.videos] == ["a.mp4", "b.mp4"]
    assert found.total is None
    assert found.remarks == ("The list holds more videos; only its first 2 were looked at.",)
    assert tabs.site.gets("shorts.rss") == 0


def test_a_list_within_a_list_that_is_gone_is_said_and_the_rest_taken(tabs: Tabs, listed: List) -> None:
    found = listed(tabs.write("channel.rss", "gone.rss", "a.mp4"))
    assert [video.title for video in found.videos] == ["a.mp4"]
    (remark,) = found.remarks
    assert remark.startswith("A list in it could not be read: 127.0.0.1 has nothing at this address")


def test_a_site_that_begins_to_refuse_on_the_way_is_no_shorter_list(tabs: Tabs, listed: List) -> None:
    with pytest.raises(RateLimitedError):
        listed(tabs.write("channel.rss", "a.mp4", "burst/0/more.rss"))


def test_a_list_that_names_itself_through_another_ends(tabs: Tabs, listed: List) -> None:
    tabs.write("back.rss", "channel.rss", "a.mp4")
    found = listed(tabs.write("channel.rss", "back.rss", "b.mp4"))
    assert [video.title for video in found.videos] == ["a.mp4", "b.mp4"]
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("none", NotAVideoError),
        ("status/404", SourceNotFoundError),
        ("status/429?retry_after=7", RateLimitedError),
    ],
)
def test_a_list_that_cannot_be_read_fails_as_a_video_does(
    path: str, kind: type[Exception], site: LoopbackSite, listed: List
) -> None:
    with pytest.raises(kind):
        listed(site.url(path))


def test_lists_are_read_through_the_guard(
    site: LoopbackSite, limits: Limits, scratch: Path, same_process: None
) -> None:
    del same_process
    guarded = replace(limits, allow_private_hosts=False)
    with pytest.raises(SourceForbiddenError, match="MINDREEL_ALLOW_PRIVATE_HOSTS=1"):
        list_videos(site.url("feed/a.mp4"), guarded, most=5, scratch=scratch, reporter=Recorder())
    assert not site.requests


def test_lists_are_read_in_a_child_process(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    found = list_videos(site.url("feed/张三.mp4"), limits, most=5, scratch=scratch, reporter=Recorder())
    assert [video.url for video in found.videos] == [site.url("张三.mp4")]


def test_the_child_is_started_for_every_video_so_it_loads_no_pydantic() -> None:
    code = "import sys, mindreel.sources.child; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
