"""The gate of a site: who may fetch from it, and when."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mindreel.contracts.video import VideoIdentity, VideoRequest


def site_of(platform: str, locator: str) -> str:
    """The platform's name, or host (and port, where it is not the usual one) of any other address."""
    return platform if platform != "generic" else urlsplit(locator).netloc.lower()


def site_of_video(video: VideoIdentity) -> str | None:
    """The site a video comes from; None for a local file."""
    return None if video.platform == "file" else site_of(video.platform, video.locator)


@dataclass(frozen=True)
class SiteRules:
    """How politely a site is treated."""

    max_concurrent: int = 4
    """Videos fetched at once."""
    min_interval_s: float = 0.0
    """Between the beginnings of two fetches."""
    first_pause_s: float = 60.0
    """How long the gate stays closed when a site starts refusing; doubled each time it refuses again."""
    longest_pause_s: float = 6 * 3600.0
    failures: int = 3
    """Network failures in a row after which a site counts as down."""


@dataclass(frozen=True)
class GateInput:
    """The argument of the workflow `SiteGate`."""

    site: str
    rules: SiteRules
    carried: str = ""
    """What the last run of a long-lived gate hands to the next; empty for a new one."""


@dataclass(frozen=True)
class Visitor:
    """A workflow that wants to fetch from the site; it is answered by the signal `admitted`."""

    workflow_id: str
    turn: int
    """Grows with each visit of this workflow, also over its runs, so that late signals are told apart."""
    priority: int = 3
    """1 is admitted first, 5 last."""
    tenant: str = ""
    """Among equals, the tenant whose last turn is longest ago."""
    patience_s: float = 0.0
    """After so long before a closed gate it is turned away; with 0 it is let in at once to try."""


@dataclass(frozen=True)
class KnockInput:
    """Lets a visitor stand in line, unless there is nothing to fetch."""

    site: str
    gate: str
    """The workflow id of the gate."""
    queue: str
    """Where gates run."""
    visitor: Visitor
    request: VideoRequest | None = None
    """A video that may be here already; None for any other visit."""


@dataclass(frozen=True)
class Knocked:
    """What came of it."""

    needed: bool
    """False when all is here, and nobody stands in line."""


@dataclass(frozen=True)
class Departure:
    """How a visit went, or that a visitor in line does not wait any longer."""

    workflow_id: str
    turn: int
    refusal: str = ""
    """Error class: rate_limit, bot_check, network or unknown_host where the site refused; empty where it
    answered, were it that a video is gone; another where the visit says nothing about the site."""
    sentence: str = ""
    retry_after_s: float | None = None
    """As the site asked for it."""
    comes_again: bool = False
    """True when the same workflow will enter once more."""


@dataclass(frozen=True)
class Admission:
    """The argument of the signal `admitted`."""

    turn: int
    well: bool = False
    """A visit that began after this workflow's last network failure went well: the site is not to blame."""
    refusing_s: float = 0.0
    """How long the site has been refusing everybody; 0 while it does not."""
    refusal: str = ""
    """Not empty: turned away, for this error class, and not admitted."""
    sentence: str = ""
    """Why it is turned away."""
    trial: bool = False
    """True for the one that finds out whether the site answers again; it says so as soon as it knows."""


@dataclass(frozen=True)
class GateView:
    """The answer to the query `gate`."""

    site: str
    state: str
    """open, closed, trying (one visitor finds out whether the site answers again) or paused (by a person)."""
    reason: str
    """Why it is not open; the site's own words."""
    opens_at: str | None
    """ISO 8601, UTC: when the next visitor is let in to try."""
    inside: int
    waiting: int
    successes: int
    refusals: int
    """In a row, until one visit went well."""
