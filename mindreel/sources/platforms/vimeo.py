from mindreel.sources.platforms.base import Platform

_PATH = (
    r"(?:channels/[^/]+/|groups/[^/]+/videos/|album/\d+/video/|showcase/\d+/video/|video/|ondemand/[^/]+/)?"
)
_NO_NAME = (
    r"(?!(?:about|blog|business|categories|channels|create|customers|enterprise|event|events|features|groups"
    r"|help|home|join|log_in|manage|ondemand|ott|pricing|search|settings|showcase|album|site_map|solutions"
    r"|stock|tools|upgrade|upload|video|videos|watch|watchlater)(?:[/?]|$))"
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
    collections=(
        (r"vimeo\.com/(?:album|showcase)/(?P<id>[^/?]+)", "https://vimeo.com/showcase/{id}"),
        (r"vimeo\.com/channels/(?P<id>[^/?]+)(?:/videos)?/?(?:\?|$)", "https://vimeo.com/channels/{id}"),
        (r"vimeo\.com/groups/(?P<id>[^/?]+)(?:/videos)?/?(?:\?|$)", "https://vimeo.com/groups/{id}"),
        (rf"vimeo\.com/{_NO_NAME}(?P<id>[^/?]+)(?:/videos)?/?(?:\?|$)", "https://vimeo.com/{id}/videos"),
    ),
)
