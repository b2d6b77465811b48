"""Where an artifact lies, and what it is, by its key: `<video id>/<step>-<fingerprint>/<name>`."""

from dataclasses import dataclass

from mindreel.contracts.buckets import Buckets

_RECORD = "result.json"
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_OF_STEPS = {
    "download": ("videos", "video"),
    "audio": ("audio", "audio"),
    "thumbnail": ("thumbnails", "thumbnail"),
    "plan-speech": ("transcripts", "transcript"),
    "chunk": ("transcripts", "transcript"),
    "transcript": ("transcripts", "transcript"),
    "clip": ("clips", "clip"),
}
"""Step to field of `Buckets` and kind; every other step's are reports, of a kind that is named like it."""
_PARTS = 3
_DIGITS = 16


@dataclass(frozen=True)
class Place:
    """Where an artifact lies."""

    bucket: str
    """As it is called in the project."""
    kind: str
    """video, audio, thumbnail, transcript, clip, record (how a step went), or the step that made it."""
    produced_by: str
    """The step; empty where the key names none."""


def place_of(key: str, buckets: Buckets) -> Place:
    """Records of steps and whatever is not named here lie with the reports.

    Thumbnails may be public, so nothing but pictures comes there.
    """
    parts = key.split("/")
    step = parts[1].rpartition("-")[0] if len(parts) == _PARTS else ""
    if parts[-1] == _RECORD:
        return Place(buckets.reports, "record", step)
    field, kind = _OF_STEPS.get(step, ("reports", step or "other"))
    if field == "thumbnails" and not key.endswith(_PICTURES):
        field = "reports"
    return Place(getattr(buckets, field), kind, step)


def object_name(key: str, sha256: str) -> str:
    """What that content is called in its bucket: another content of the key is never written over it.

    The SQL function `artifact_object` is the same.
    """
    return f"{key}/{sha256[:_DIGITS]}-{key.rpartition('/')[2]}"


def artifact_buckets(buckets: Buckets) -> list[str]:
    """Those that artifacts lie in: all but the inbox, whose files belong to people."""
    return [name for name in buckets.names if name != buckets.inbox]
