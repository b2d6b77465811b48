from mindreel.sources.platforms.base import Platform

TIKTOK = Platform(
    name="tiktok",
    title="TikTok",
    hosts=frozenset({"tiktok.com", "vm.tiktok.com", "vt.tiktok.com"}),
    videos=(
        # TikTok finds the video by its number; `@_` stands for any author.
        (r"[^/]+/@[\w.%-]*/video/(?P<id>\d+)", "https://www.tiktok.com/@_/video/{id}"),
        (r"[^/]+/(?:embed(?:/v\d+)?|player/v1|v)/(?P<id>\d+)", "https://www.tiktok.com/@_/video/{id}"),
    ),
    links=(r"v[mt]\.tiktok\.com/\w+", r"tiktok\.com/t/\w+"),
    collections=(
        (r"tiktok\.com/@(?P<id>[\w.%-]+)/?(?:\?|$)", "https://www.tiktok.com/@{id}"),
        (
            r"tiktok\.com/@(?P<name>[\w.%-]+)/collection/(?P<id>[^/?]+-\d+)",
            "https://www.tiktok.com/@{name}/collection/{id}",
        ),
    ),
)
