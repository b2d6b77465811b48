"""What a gate knows, and how one run of it hands that to the next."""

import base64
import zlib
from dataclasses import dataclass, field

from mindreel.contracts.codec import from_json, to_json
from mindreel.contracts.sites import Visitor

MOST_EVENTS = 2000
"""Of one run's history: about two hundred visits, after which the next run goes on."""


@dataclass(frozen=True)
class Waiting:
    """A visitor in line."""

    visitor: Visitor
    since: float
    """Times are seconds since the epoch."""
    place: int
    """Who came earlier has the smaller one."""


@dataclass(frozen=True)
class Inside:
    """A visitor that was let in."""

    turn: int
    number: int
    """Of its admission; grows."""
    since: float


@dataclass
class GateState:
    """Everything but the rules."""

    waiting: dict[str, Waiting] = field(default_factory=dict)
    """By workflow id, as `inside`."""
    inside: dict[str, Inside] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)
    """Tenant to the number of its last admission."""
    failed_at: dict[str, int] = field(default_factory=dict)
    """Workflow that comes again after a refusal to the newest admission there was at that time."""
    entered: int = 0
    admitted: int = 0
    newest_well: int = 0
    """The newest admission whose visit went well."""
    successes: int = 0
    refusals: int = 0
    """Visits refused in a row."""
    failures: int = 0
    """Network failures in a row while it was open."""
    closings: int = 0
    """In a row: each makes the pause twice as long."""
    closed_at: float | None = None
    """Since when the site refuses everybody; None while it does not."""
    opens_at: float = 0.0
    """When a closed gate lets somebody in to try."""
    refusal: str = ""
    """Error class of the last refusal, and its sentence in `reason`."""
    reason: str = ""
    trying: str = ""
    """Workflow of the visitor that finds out whether the site answers again."""
    answered: int = 0
    """Number of the admission that found the site to answer again, while no visit since has ended well: the
    gate is open, and closes for longer than before when somebody is refused. 0 while there is none."""
    early: bool = False
    """True when it was let in before its time, because somebody waits for the answer."""
    paused: str | None = None
    """Why a person has paused it."""
    last_admission_at: float = 0.0

    @property
    def is_closed(self) -> bool:
        """Whether only one may try."""
        return self.closed_at is not None and not self.answered


def pack(state: GateState) -> str:
    """As short text: ten thousand visitors as JSON would come near the limit of a payload."""
    return base64.b85encode(zlib.compress(to_json(state, indent=None))).decode()


def unpack(text: str) -> GateState:
    """What `pack` was given; a new state for the empty text."""
    return from_json(GateState, zlib.decompress(base64.b85decode(text))) if text else GateState()
