"""What yt-dlp and the sites say in words only: all sorting by text is in the table below."""

import re

from mindreel.errors import (
    BlockedError,
    BotCheckError,
    MindreelError,
    NotAVideoError,
    NotYetError,
    RateLimitedError,
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
    re.compile(r"[;.,]?\s*please report this issue on.*", re.IGNORECASE | re.DOTALL),
    re.compile(r"\s*\(caused by .*", re.DOTALL),
)
_HINTS = re.compile(  # how to go on with yt-dlp's own command line
    r"[;.,]?\s*(?:(?:if it is not, then |or else )?use --\S|(?:also )?see\s+https?://|try again with\s+--"
    r"|you might want to use a VPN|it is recommended to use|install a required impersonation|use the --).*",
    re.IGNORECASE | re.DOTALL,
)

_Words = tuple[tuple[str, type[MindreelError], str], ...]
_SITE_WIDE: _Words = (
    (
        (
            r"not a bot|as a bot|\bcaptcha|unusual traffic|fresh cookies|account cookies"
            # TikTok and Instagram say these to an address that asked too often, of posts open to everybody.
            r"|requiring login for access|redirected to the login page|rate.?limit reached or login required"
            r"|empty media response"
        ),
        BotCheckError,
        f"wait, or {COOKIES}",
    ),
    (
        r"anti-bot|tls fingerprint|data center IP",
        BotCheckError,
        "wait, or fetch from another network",
    ),
)
"""Refusals that meet every video of the site; what concerns one video alone stands below."""
_WORDS: _Words = (
    (
        r"will begin|premieres? in|premiere will|is upcoming|not currently live",
        NotYetError,
        "try again then",
    ),
    (
        (
            r"rate.?limited|rate.?limit exceeded|(?:exceeded|reached) the (?:API )?rate.?limit"
            r"|too many requests|temporarily blocked|going too fast"
        ),
        RateLimitedError,
        "try again later",
    ),
    (
        (
            r"confirm your age|age.?restricted|inappropriate for some users|members.only"
            r"|join this channel|subscribers? only|premium only|\bsign in|\blog.?in\b|\blogged.in"
            r"|registered users|--cookies|--username"
        ),
        BlockedError,
        COOKIES,
    ),
    (r"\bDRM\b", SourceForbiddenError, "choose a video without copy protection"),
    (
        r"available (?:in|from) your|geo.?restrict|geo.?block|is blocked from accessing",
        SourceForbiddenError,
        "choose a video that may be seen from here",
    ),
    (
        (
            r"private (?:video|account)|is private|by a password|is password|video password|requires payment"
            r"|purchase|limits who can view|embed-only"
        ),
        SourceForbiddenError,
        "ask its owner for access or choose another video",
    ),
    (
        (
            r"requested format is not available|no video formats|no formats|there.s no video|no video in"
            r"|no video could be found"
        ),
        NotAVideoError,
        "give the address of a page with a video",
    ),
    (
        (
            r"removed|no longer (?:available|exists)|does ?n[o']t exist|terminated|deleted|video unavailable"
            r"|not found|is(?: not|n't) available|is unavailable|suspended account|does the playlist exist"
        ),
        SourceNotFoundError,
        "check the address",
    ),
    (
        (
            r"timed out|timeout|more expected|did not get any data|file is empty|remote end closed|incomplete"
            r"|connection (?:reset|aborted|refused)|content too short|needs to be reloaded"
        ),
        TransientError,
        "try again later",
    ),
)
"""(words, kind, advice); the first line that matches decides."""


def site_refuses(error: BaseException, host: str) -> MindreelError | None:
    """The error where the site refuses everybody like us, whatever the video; None where it does not."""
    return _first(_SITE_WIDE, error, host)


def by_words(error: BaseException, host: str) -> MindreelError | None:
    """The error that the words of `error` stand for; None where they say nothing we know."""
    return _first(_WORDS, error, host)


def plain_text(error: BaseException) -> str:
    """The message without colours, prefixes, stack, hints and pleas to report it; no full stop at the end."""
    return " ".join(_HINTS.sub("", _said(error)).split()).rstrip(".;, ")


def _first(table: _Words, error: BaseException, host: str) -> MindreelError | None:
    said = _said(error)
    for pattern, kind, advice in table:
        if re.search(pattern, said, re.IGNORECASE):
            return kind(f"{host}: {plain_text(error)}; {advice}.")
    return None


def _said(error: BaseException) -> str:
    """The message with yt-dlp's hints, which tell that a login would help."""
    text = str(error)
    for pattern in _NOISE:
        text = pattern.sub("", text)
    return text
