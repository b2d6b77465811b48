"""Everything that can go wrong, as one tree.

    MindreelError                 one clear sentence: what is wrong, where, what to do
    ├── InputError                the source or an option must change; trying again changes nothing
    │   ├── SourceNotFoundError   404, a missing file, a removed video
    │   ├── SourceForbiddenError  403, a private address, DRM, a geographic lock
    │   ├── NotAVideoError        no media in it, a damaged or disguised file
    │   └── LimitExceededError    too large, too long, live, not enough disk
    ├── BlockedError              the site wants a person for this video: a login, its age, a membership
    │   └── BotCheckError         the site wants a person whatever the video: a bot check, a login wall
    ├── SetupError                this machine lacks something: a model, a tool, disk space
    ├── TransientError            trying again may help; `retry_after_s` says when
    │   ├── RateLimitedError      429: too many requests, whatever the video
    │   ├── UnknownHostError      no such host: mistyped, or this machine is off the network
    │   ├── BusyError             this machine is occupied or stops: a held file, a worker that is drained
    │   │   └── StoreError        the store that rows and files are kept in is out of reach or occupied
    │   └── NotYetError           the video does not exist yet: an upcoming premiere, a live stream
    └── CancelledError            somebody asked to stop

`retryable` is a class attribute; it is translated to Temporal once, at the activity's edge.
"""

from typing import ClassVar


class MindreelError(Exception):
    """The root: its text is one sentence a person can act on."""

    retryable: ClassVar[bool] = False
    error_class: ClassVar[str] = "internal"


class InputError(MindreelError):
    """The source or an option must change."""

    error_class = "input"


class SourceNotFoundError(InputError):
    """Nothing is there: 404, a missing file, a removed video."""

    error_class = "not_found"


class SourceForbiddenError(InputError):
    """It is there and may not be fetched: 403, a private address, DRM."""

    error_class = "forbidden"


class NotAVideoError(InputError):
    """It was fetched and is no playable media."""

    error_class = "not_media"


class LimitExceededError(InputError):
    """It is larger, longer or livelier than the settings allow."""

    error_class = "limit"


class BlockedError(MindreelError):
    """The site wants a person: a login, cookies, a bot check."""

    error_class = "blocked"


class BotCheckError(BlockedError):
    """The site shows nothing to anybody like us before a person has proved to be one."""

    error_class = "bot_check"


class SetupError(MindreelError):
    """This machine lacks something: a model, a tool, disk space."""

    error_class = "setup"


class TransientError(MindreelError):
    """Trying again may help.

    `retry_after_s` is what the other side asked for (RFC 9110, Retry-After), in seconds.
    """

    retryable = True
    error_class = "network"

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RateLimitedError(TransientError):
    """The site answers too many requests with a refusal (HTTP 429), whatever the video."""

    error_class = "rate_limit"


class BusyError(TransientError):
    """This machine is occupied or stops: a held file, a worker that is drained; no site is to blame."""

    error_class = "busy"


class StoreError(BusyError):
    """The store is out of reach or occupied; neither the video nor its site is to blame."""

    error_class = "store"


class UnknownHostError(TransientError):
    """There is no such host: it is mistyped, or this machine is off the network; none can tell which."""

    error_class = "unknown_host"


class NotYetError(TransientError):
    """The video does not exist yet: an upcoming premiere, a running live stream."""

    error_class = "later"


class CancelledError(MindreelError):
    """Somebody asked to stop; child processes are gone when this is raised."""

    error_class = "cancelled"
