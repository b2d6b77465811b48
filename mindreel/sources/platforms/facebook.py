from mindreel.sources.platforms.base import Platform

_WATCH = "https://www.facebook.com/watch/?v={id}"

FACEBOOK = Platform(
    name="facebook",
    title="Facebook",
    hosts=frozenset({"facebook.com", "fb.com", "fb.watch"}),
    videos=(
        (
            r"[^/]+/(?:watch/?|watch/live/?|video\.php|video/embed)\?(?:[^#]*&)?v(?:ideo_id)?=(?P<id>\d+)",
            _WATCH,
        ),
        (r"[^/]+/[^/?]+/videos/(?:[^/?]+/)*?(?P<id>\d+)(?:[/?]|$)", _WATCH),
        (r"[^/]+/reel/(?P<id>\d+)", "https://www.facebook.com/reel/{id}"),
    ),
    links=(
        r"fb\.watch/[\w-]+",
        r"[^/]+/share/(?:[vr]/)?\w+",
        r"[^/]+/(?:story|permalink)\.php\?",
        r"[^/]+/[^/?]+/posts/",
        r"[^/]+/groups/[^/?]+/(?:posts|permalink)/\d+",
    ),
)
