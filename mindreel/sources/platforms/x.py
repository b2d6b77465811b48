from mindreel.sources.platforms.base import Platform

X = Platform(
    name="x",
    title="X",
    hosts=frozenset({"x.com", "twitter.com"}),
    videos=(
        # A post may hold several videos; the second and later ones are videos of their own.
        (
            r"[^/]+/(?:i/web|i|\w+)/status(?:es)?/(?P<id>\d+)/video/(?P<part>\d+)",
            "https://x.com/i/status/{id}/video/{part}",
        ),
        (r"[^/]+/(?:i/web|i|\w+)/status(?:es)?/(?P<id>\d+)", "https://x.com/i/status/{id}"),
        (r"[^/]+/i/broadcasts/(?P<id>\w+)", "https://x.com/i/broadcasts/{id}"),
        (r"[^/]+/i/spaces/(?P<id>\w+)", "https://x.com/i/spaces/{id}"),
    ),
)
