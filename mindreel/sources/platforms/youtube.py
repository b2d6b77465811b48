from mindreel.sources.platforms.base import Platform

_ID = r"(?!videoseries|live_stream)(?P<id>[\w-]{11})(?![\w-])"
_LIST = "https://www.youtube.com/playlist?list={id}"
_CHANNEL = "https://www.youtube.com/{name}{tab}"
_NAME = r"(?P<name>@[^/?]+|channel/UC[\w-]+|(?:c|user)/[^/?]+)"
_OLD_NAME = (
    r"(?P<name>(?!(?:playlist|watch|shorts|embed|live|clip|feeds?|hashtag|results|search|gaming|music|movies"
    r"|premium|trending|explore|account|about|upload|channel|user|browse|redirect|attribution_link|post"
    r"|source|shared|show|signin|logout|ads|creators|kids|intl|t|c|v|e)(?:[/?]|$))[\w.-]+)"
)
# The page a channel opens with (`featured`) is a selection: the channel as a whole is meant.
_TAB = r"(?:/featured)?(?P<tab>(?:/(?:videos|shorts|streams|live|podcasts|playlists|releases))?)/?(?:\?|$)"
_WATCH = "https://www.youtube.com/watch?v={id}"

YOUTUBE = Platform(
    name="youtube",
    title="YouTube",
    hosts=frozenset(
        {"youtube.com", "music.youtube.com", "gaming.youtube.com", "youtube-nocookie.com", "youtu.be"}
    ),
    videos=(
        (rf"youtu\.be/{_ID}", _WATCH),
        (rf"[^/]+/(?:shorts|embed|live|v|e)/{_ID}", _WATCH),
        (rf"[^/]+/watch/?\?(?:[^#]*&)?v={_ID}", _WATCH),
        (rf"[^/]+/watch/{_ID}", _WATCH),
    ),
    links=(r"youtube\.com/clip/[\w-]+",),
    collections=(
        (r"[^/]+/(?:playlist|watch|embed/videoseries)/?\?(?:[^#]*&)?list=(?P<id>[\w-]+)", _LIST),
        (r"music\.youtube\.com/browse/(?P<id>[\w-]+)", "https://music.youtube.com/browse/{id}"),
        (r"[^/]+/feeds/videos\.xml\?(?:[^#]*&)?playlist_id=(?P<id>[\w-]+)", _LIST),
        (
            r"[^/]+/feeds/videos\.xml\?(?:[^#]*&)?channel_id=(?P<id>UC[\w-]+)",
            "https://www.youtube.com/channel/{id}",
        ),
        (rf"[^/]+/{_NAME}{_TAB}", _CHANNEL),
        (rf"youtube\.com/{_OLD_NAME}{_TAB}", _CHANNEL),
    ),
)
