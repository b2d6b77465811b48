from mindreel.sources.platforms.base import Platform

_PATH = (
    r"(?:channels/[^/]+/|groups/[^/]+/videos/|album/\d+/video/|showcase/\d+/video/|video/|ondemand/[^/]+/)?"
)

VIMEO = Platform(
    name="vimeo",
    title="Vimeo",
    hosts=frozenset({"vimeo.com", "player.vimeo.com"}),
    videos=(
        # Unlisted videos open only with their hash, so it stays in the address but not in the id.
        (r"vimeo\.com/(?P<id>\d+)/(?P<hash>[0-9a-f]{6,})", "https://vimeo.com/{id}/{hash}"),
        (
            r"player\.vimeo\.com/video/(?P<id>\d+)\?(?:[^#]*&)?h=(?P<hash>[0-9a-f]+)",
            "https://vimeo.com/{id}/{hash}",
        ),
        (rf"(?:player\.)?vimeo\.com/{_PATH}(?P<id>\d+)(?:[/?]|$)", "https://vimeo.com/{id}"),
    ),
)
