from mindreel.sources.platforms.base import Platform

INSTAGRAM = Platform(
    name="instagram",
    title="Instagram",
    hosts=frozenset({"instagram.com", "instagr.am"}),
    videos=(
        # The part before /reel/ may be the author's name; all of these spell the same post.
        (r"[^/]+/(?:[\w.]+/)?(?:reels?|p|tv)/(?P<id>[\w-]+)", "https://www.instagram.com/p/{id}/"),
    ),
    links=(r"[^/]+/share/(?:\w+/)?[\w-]+", r"[^/]+/stories/[\w.]+/\d+"),
)
