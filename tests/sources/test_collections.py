import pytest

from mindreel.sources.collections import collection_address, is_collection

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
