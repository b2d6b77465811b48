"""What yt-dlp and the sites say in words only: all sorting by text is in the table below."""

import re

from mindreel.errors import (
    BlockedError,
    MindreelError,
    NotAVideoError,
    NotYetError,
    SourceForbiddenError,
    SourceNotFoundError,
    TransientError,
)

COOKIES = "log in with a browser, export its cookies and name the file in MINDREEL_COOKIES_FILE"
"""What helps where a site wants a person."""

_NOISE = (
    re.compile(r"\x1b\[[0-9;]*m"),
    re.compile(r"^(?:ERROR:\s*|Got error:\s*)+"),
    re.compile(r"[;.]?\s*Giving up after \d+ retries"),
    re.compile(r"^\[[\w:.+-]+\]\s+(?:[^\s:]+:\s+)?"),
    re.compile(r"[;.]?\s*please report this issue on.*", re.IGNORECASE | re.DOTALL),
    re.compile(r"\s*\(caused by .*", re.DOTALL),
    re.compile(r"\s*Use --\S+.*|\s*See\s+https?://.*|\s*You might want to use a VPN.*", re.DOTALL),
)
_WORDS: tuple[tuple[str, type[MindreelError], str], ...] = (
    (
        r"will begin|premieres? in|premiere will|is upcoming|not currently live",
        NotYetError,
        "try again then",
    ),
    (
        (
            r"not a bot|confirm your age|age.?restricted|inappropriate for some users|members.only"
            r"|join this channel|subscribers? only|premium only|\bsign in|\blog.?in\b|\blogged.in"
            r"|registered users|--cookies|--username|account cookies"
        ),
        BlockedError,
        COOKIES,
    ),
    (r"\bDRM\b", SourceForbiddenError, "choose a video without copy protection"),
    (
        r"available (?:in|from) your|geo.?restrict|geo.?block",
        SourceForbiddenError,
        "choose a video that may be seen from here",
    ),
    (
        r"private (?:video|account)|is private|video is password|requires payment|purchase",
        SourceForbiddenError,
        "ask its owner for access or choose another video",
    ),
    (
        r"requested format is not available|no video formats|no formats|there.s no video|no video in",
        NotAVideoError,
        "give the address of a page with a video",
    ),
    (
        (
            r"removed|no longer available|does ?n[o']t exist|terminated|deleted|video unavailable|not found"
            r"|is(?: not|n't) available"
        ),
        SourceNotFoundError,
        "check the address",
    ),
    (
        (
            r"timed out|timeout|more expected|did not get any data|file is empty|remote end closed|incomplete"
            r"|connection (?:reset|aborted|refused)|content too short"
        ),
        TransientError,
        "try again later",
    ),
)
"""(words, kind, advice); the first line that matches decides."""


def by_words(text: str, host: str) -> MindreelError | None:
    """The error that the words of `plain_text` stand for; None where they say nothing we know."""
    for pattern, kind, advice in _WORDS:
        if re.search(pattern, text, re.IGNORECASE):
            return kind(f"{host}: {text}; {advice}.")
    return None


def plain_text(error: BaseException) -> str:
    """The message without colours, prefixes, stack, and requests to report it; no full stop at the end."""
    text = str(error)
    for pattern in _NOISE:
        text = pattern.sub("", text)
    return " ".join(text.split()).rstrip(".;, ")
