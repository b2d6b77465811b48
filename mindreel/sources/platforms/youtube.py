from mindreel.sources.platforms.base import Platform

_ID = r"(?P<id>[\w-]{11})(?![\w-])"
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
)
