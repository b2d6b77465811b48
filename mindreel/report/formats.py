"""Numbers and paths as a person or a browser reads them."""

import math
import re
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")
_KILO = 1000


def seconds(value_s: float) -> str:
    """`83.5`: for `#t=` links and data attributes, to the hundredth, never negative."""
    return f"{max(0.0, value_s):.2f}".rstrip("0").rstrip(".")


def clock(value_s: float) -> str:
    """`2:03`, or `1:02:03` from one hour on."""
    whole = math.floor(max(0.0, value_s) + 1e-6)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def length(value_s: float) -> str:
    """`42 s`, `3 min 5 s`, or `1 h 4 min`."""
    whole = round(max(0.0, value_s))
    if whole < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{whole} s"
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [(hours, "h"), (minutes, "min")] if hours else [(minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def size(value_bytes: int) -> str:
    """`3.8 MB`, in powers of 1000 as file managers show it."""
    number = float(value_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < _KILO or unit == "GB":
            break
        number /= _KILO
    return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"


def href(path: str) -> str:
    """The percent-encoded URL of a file beside the page.

    Every byte outside RFC 3986's unreserved characters is encoded, so a colon, a `?` or a quote in
    a name stays part of the name. Raises ValueError for a path that leaves the page's folder.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts:
        raise ValueError(f"{path!r} is not a relative path inside the page's folder.")
    return quote("/".join(parts).encode("utf-8", "surrogateescape"), safe="/")


def web_link(url: str | None) -> str | None:
    """The URL where it is http or https, else None: a `javascript:` address is never linked."""
    if url is None:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else None


def language_tag(language: str) -> str:
    """A BCP 47 tag for a `lang` attribute; empty (unknown, as HTML says it) where there is none."""
    return language if language != "und" and _LANGUAGE.fullmatch(language) else ""
