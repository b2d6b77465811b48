"""One spelling for the many ways to write the same http(s) URL (RFC 3986, section 6)."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

from mindreel.errors import InputError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_TRACKING = re.compile(
    r"utm_\w*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|si|mc_[ce]id"
    r"|_ga|_gl|_hs\w+|mkt_tok|ref_src|ref_url|wt_mc|vero_id|share_id|share_source",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_KEPT = "%/:?#[]@!$&'()*+,;=~"


def normalise_url(source: str) -> str:
    """The URL with its host in lower case and without default port, fragment and tracking; query sorted.

    Raises `InputError` where it has no usable host, or carries a user name or password.
    """
    try:
        parts = urlsplit(source)
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except ValueError as error:
        raise InputError(f"{source} is not a valid URL: {error}.") from error
    if not host:
        raise InputError(f"{source} names no host; a URL looks like https://example.org/talk.mp4.")
    if parts.username is not None:
        raise InputError(
            f"The URL for {host} carries a user name or password, which would end up in logs; "
            "give it without, and set a cookies file where the site needs a login."
        )
    scheme = parts.scheme.lower()
    where = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    return urlunsplit((scheme, where, _escape(parts.path) or "/", _tidy_query(parts.query), ""))


def _ascii_host(host: str) -> str:
    """Lower case, internationalised names as in RFC 3490, IPv6 in brackets."""
    host = host.lower().removesuffix(".")
    if ":" in host:
        return f"[{host}]"
    return host.encode("idna").decode() if host else ""


def _tidy_query(query: str) -> str:
    """Without tracking, sorted by name; the pieces themselves stay as written, for servers that sign them."""
    pieces = [
        piece for piece in query.split("&") if piece and not _TRACKING.fullmatch(piece.partition("=")[0])
    ]
    return "&".join(sorted((_escape(piece) for piece in pieces), key=lambda piece: piece.partition("=")[0]))


def _escape(text: str) -> str:
    """Percent-encoding as in RFC 3986, section 6.2.2: no needless escapes, those needed in capitals."""
    return _ESCAPE.sub(_tidy_escape, quote(text, safe=_KEPT))


def _tidy_escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()
