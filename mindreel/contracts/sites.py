"""The gate of a site: who may fetch from it, and when."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mindreel.contracts.video import VideoIdentity


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
class Visitor:
    """A workflow that wants to fetch from the site; it is admitted by the signal `admitted`."""

    workflow_id: str
    turn: int
    """Counts the visits of this workflow, so that late signals of an earlier one are told apart."""
    priority: int = 3
    """1 is admitted first, 5 last."""
    tenant: str = ""
    """Among equals, the tenant whose last turn is longest ago."""


@dataclass(frozen=True)
class Departure:
    """How a visit went."""

    workflow_id: str
    turn: int
    refusal: str = ""
    """Error class where the site refused (rate_limit, bot_check, network); empty where it answered."""
    sentence: str = ""
    retry_after_s: float | None = None
    """As the site asked for it."""


@dataclass(frozen=True)
class Admission:
    """The argument of the signal `admitted`."""

    turn: int
    successes: int
    """Visits that went well so far. Unchanged at a second failure: the site is to blame, not the video."""


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
