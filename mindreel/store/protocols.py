"""The stores every implementation offers; one contract test suite runs over all of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.cleanup import Cleaned
from mindreel.contracts.publication import Publication
from mindreel.contracts.transcript import Segment

Tick = Callable[[int], object]
"""Called every few megabytes of a transfer with the bytes done so far; what it raises ends the transfer."""


def no_tick(_done_bytes: int) -> None:
    """For transfers that nobody watches."""


@dataclass(frozen=True)
class Difference:
    """Where what is recorded of artifacts and what is there differ."""

    kind: str
    """`file without row`, `row without file`, or `size`."""
    key: str
    text: str
    """One sentence: what is wrong, and what mending does about it."""


class ArtifactStore(Protocol):
    """Files by key. A key is written whole or not at all, and never read half-written."""

    def put_file(self, key: str, path: Path, media_type: str, *, tick: Tick = no_tick) -> ArtifactRef:
        """Store the file at `path` under `key`, replacing what was there.

        The file may be moved away, so never give a file that belongs to a person: give a link to it.
        Where a transfer was interrupted, calling again with the same content goes on with it.
        """

    def put_bytes(self, key: str, data: bytes, media_type: str) -> ArtifactRef:
        """Store `data` under `key`."""

    def read_bytes(self, key: str) -> bytes | None:
        """The content of a small artifact, or None when there is none."""

    def exists(self, ref: ArtifactRef) -> bool:
        """True when the artifact is there in the size that `ref` says."""

    def local_path(self, ref: ArtifactRef, *, folder: Path, tick: Tick = no_tick) -> Path:
        """A local file with the content, read-only by contract, that stays as long as `folder` does.

        It may be put there, as a link to a copy that others use too. Its name ends as the key does. Raises
        `SetupError` when the artifact is gone.
        """

    def delete_prefix(self, prefix: str) -> Cleaned:
        """Remove the key `prefix` and every key in the folder of that name, which count as one.

        `v1/a` takes `v1/a/x`, not `v1/ab/x`. What the library shows stays, as a link or as it is.
        """

    def prefixes(self) -> Iterator[str]:
        """The first parts of all keys, which are ids of videos; those stored meanwhile may be left out."""

    def changed_s(self, prefix: str) -> float | None:
        """When anything below `prefix` was last stored, in seconds since 1970; None when nothing is."""

    def sweep(self) -> Cleaned:
        """Remove what interrupted writers left, never what one still writes."""

    def differences(self) -> Iterator[Difference]:
        """Where rows and files differ; what somebody may still be writing is left out."""

    def mend(self, difference: Difference) -> Cleaned:
        """Do what its text says; nothing where it is mended already."""


@dataclass(frozen=True)
class VideoRow:
    """What the catalog knows of one video."""

    id: str
    source: str
    platform: str
    title: str
    status: str
    """queued, running, completed, partial, expanded, failed or cancelled."""
    stage: str
    """Of the running video, or where it failed."""
    percent: float
    """0 to 100, of the whole video."""
    reasons: tuple[str, ...]
    duration_s: float | None
    language: str | None
    library: str | None
    workflow_id: str
    created_at: str
    """ISO 8601, UTC."""
    updated_at: str
    request_json: str = ""
    """JSON of the last `VideoRequest`, so that `retry` works after the history is gone."""
    result_json: str | None = None
    """JSON of `VideoResult` once there is one."""
    error_class: str = ""
    """Why the last run failed, as in `mindreel.errors`; empty where it did not."""
    began_at: str | None = None
    """When the last run began, ISO 8601, UTC; None while it is queued."""


@dataclass(frozen=True)
class Standing:
    """What is compared of a video with its workflow and its page; as in `VideoRow`."""

    id: str
    status: str
    source: str
    library: str | None
    workflow_id: str
    updated_at: str


class Catalog(Protocol):
    """One row a video; the durable record after Temporal's history is gone.

    What a run says of itself bears its `run_id`, which is Temporal's. Once another run has begun, or waits to
    begin, it is not heard any more: it may be an attempt that was held up for hours. A run that never said
    that it began is heard, because a workflow that was reset goes on in the middle, under another id.
    """

    def begin(
        self,
        video_id: str,
        *,
        source: str,
        platform: str,
        workflow_id: str,
        request_json: str,
        run_id: str = "",
    ) -> None:
        """A run begins: status `running`, stage `resolve`, 0 %; earlier title and library stay.

        Nothing happens where this run has begun before.
        """

    def describe(
        self,
        video_id: str,
        *,
        title: str | None = None,
        duration_s: float | None = None,
        language: str | None = None,
    ) -> None:
        """Record what became known; None leaves a field as it is."""

    def advance(self, video_id: str, *, stage: str, percent: float, run_id: str = "") -> None:
        """Record how far a run is: percent never falls; nothing happens when no run is under way."""

    def finish(
        self,
        video_id: str,
        *,
        status: str,
        reasons: Sequence[str],
        library: str | None = None,
        result_json: str | None = None,
        error_class: str = "",
        stage: str = "",
        run_id: str = "",
    ) -> None:
        """The run ended as `status` says; None keeps an earlier library and result, "" the stage.

        Without `run_id` somebody else found out that it ended: what has ended already stays as it is.
        """

    def get(self, video_id: str) -> VideoRow | None:
        """One row by exact id."""

    def find(self, prefix: str) -> list[VideoRow]:
        """Rows whose id starts with `prefix`, newest first (so that people may type short ids)."""

    def list(self, *, limit: int = 100) -> list[VideoRow]:
        """Rows, newest first."""

    def standings(self) -> Iterator[Standing]:
        """How every video stands, without the long texts; those begun meanwhile may be left out."""

    def holding(self, video_id: str) -> AbstractContextManager[VideoRow | None]:
        """Inside, no run of this video begins and none is queued: its row as it stays until the end.

        For moments only, and for what must not happen beside a run: others' changes wait meanwhile. Raises
        `BusyError` at the end where somebody may have changed it after all.
        """


@dataclass(frozen=True)
class SearchHit:
    """One sentence that answers a search."""

    video_id: str
    title: str
    segment_id: int
    start_s: float
    end_s: float
    text: str
    score: float
    """Reciprocal rank fusion; higher is better, comparable within one search."""
    matched: str
    """keyword, meaning or both."""


class SearchIndex(Protocol):
    """Sentences of all videos, by words and by meaning."""

    def replace(
        self, video_id: str, *, title: str, segments: Sequence[Segment], vectors: Sequence[Sequence[float]]
    ) -> None:
        """Index a video's segments, in place of whatever was indexed for it.

        Vectors are L2-normalised, one a segment; none at all for a language that the model does not know,
        whose sentences are then found by their words.
        """

    def search(self, words: str, vector: Sequence[float], *, limit: int = 10) -> list[SearchHit]:
        """Best first, fused by reciprocal rank (Cormack et al. 2009, k = 60).

        With an empty `vector` by words alone. What shares no word with `words` and is far in meaning is no
        answer. Nothing in `words` is read as syntax.
        """


class Library(Protocol):
    """What people open: one folder a video, with names a person can read."""

    def publish(self, publication: Publication, *, folder: Path, tick: Tick = no_tick) -> str:
        """Show a video, in place of what was shown of it; where: an absolute folder, or an address.

        Readers see all of the old or all of the new. `folder` is for files on the way. Raises `OSError` or
        `SetupError`, e.g. when the disk is full; then what was shown stands.
        """

    def fetch(self, video_id: str) -> Path | None:
        """The video's folder on this machine, brought here where it is not; None when nothing is shown."""

    def leftovers(self, *, before_s: float) -> list[str]:
        """Ids of videos of which an interrupted attempt left something, unchanged since (s since 1970)."""

    def sweep(self, video_id: str) -> Cleaned:
        """Remove it; for a video that nobody is publishing."""
