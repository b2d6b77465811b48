from dataclasses import dataclass


@dataclass(frozen=True)
class ArtifactRef:
    """Where an artifact lies in the store: what payloads carry instead of content."""

    key: str
    """ASCII, `<video id>/<step>-<fingerprint>/<name>`."""
    sha256: str
    """Lower-case hex of the content."""
    size_bytes: int
    media_type: str
    """As in RFC 6838, e.g. `video/mp4`."""
