"""The stores every implementation offers; one contract test suite runs over all of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.batch import BatchFile, BatchView, CsvFile, CsvRow, PendingRow, RowMark, RowView
from mindreel.contracts.cleanup import Cleaned
from mindreel.contracts.transcript import Segment


class ArtifactStore(Protocol):
    """Files by key. A key is written whole or not at all, and never read half-written."""

    def put_file(
        self, key: str, path: Path, media_type: str, *, tick: Callable[[], object] = lambda: None
    ) -> ArtifactRef:
        """Store the file at `path` under `key`, replacing what was there.

        The file may be moved away, so never give a file that belongs to a person: give a link to it.
        `tick` is called every few megabytes, so that a long transfer can show that it lives.
        """

    def put_bytes(self, key: str, data: bytes, media_type: str) -> ArtifactRef:
        """Store `data` under `key`."""

    def read_bytes(self, key: str) -> bytes | None:
        """The content of a small artifact, or None when there is none."""

    def exists(self, ref: ArtifactRef) -> bool:
        """True when the artifact is there in the size that `ref` says."""

    def local_path(self, ref: ArtifactRef) -> Path:
        """A local file with the content, read-only by contract. Raises `SetupError` when it is gone."""

    def delete_prefix(self, prefix: str) -> int:
        """Remove the key `prefix` and every key in the folder of that name; the bytes freed.

        `v1/a` takes `v1/a/x`, not `v1/ab/x`.
        """

    def prefixes(self) -> Iterator[str]:
        """The first parts of all keys, which are ids of videos; those stored meanwhile may be left out."""

    def changed_s(self, prefix: str) -> float | None:
        """When anything below `prefix` was last stored, in seconds since 1970; None when nothing is."""

    def sweep(self) -> Cleaned:
        """Remove what interrupted writers left, never what one still writes."""


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


class Catalog(Protocol):
    """One row a video; the durable record after Temporal's history is gone."""

    def begin(
        self, video_id: str, *, source: str, platform: str, workflow_id: str, request_json: str
    ) -> None:
        """A run begins: status `running`, stage `resolve`, 0 %; earlier title and library stay."""

    def describe(
        self,
        video_id: str,
        *,
        title: str | None = None,
        duration_s: float | None = None,
        language: str | None = None,
    ) -> None:
        """Record what became known; None leaves a field as it is."""

    def advance(self, video_id: str, *, stage: str, percent: float) -> None:
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
    ) -> None:
        """The run ended as `status` says; None keeps an earlier library and result, "" the stage."""

    def get(self, video_id: str) -> VideoRow | None:
        """One row by exact id."""

    def find(self, prefix: str) -> list[VideoRow]:
        """Rows whose id starts with `prefix`, newest first (so that people may type short ids)."""

    def list(self, *, limit: int = 100) -> list[VideoRow]:
        """Rows, newest first."""

    def holding(self, video_id: str) -> AbstractContextManager[VideoRow | None]:
        """Inside, no run of this video begins and none is queued: its row as it stays until the end.

        For moments only, and for what must not happen beside a run: others' changes wait meanwhile.
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


class BatchLedger(Protocol):
    """What every CSV file held and what became of its rows: remembered after Temporal's history is gone.

    It shares a database with the catalog: what became of a started row is what the catalog says of its video.
    An unknown batch has no rows; changing one raises `SetupError`. One row at most, in whichever file, is
    PENDING for a video, so none is started twice.
    """

    def seen(self, inbox: str, file: str) -> BatchFile | None:
        """The state of this file that was last registered, well or malformed; None for a new one."""

    def name_for(self, inbox: str, file: str) -> str:
        """The name of the batch of this file: the one it has, else the file's name without `.csv`.

        Where another file has a batch of that name, a few hex digits that stand for this one are added.
        """

    def touch(self, name: str, version: str) -> None:
        """The file's `version` has changed and its content has not."""

    def register(self, file: BatchFile, content: CsvFile) -> BatchView:
        """Take a state of a file, in one transaction; the same content twice changes nothing but the version.

        What was malformed and is read otherwise now, say because a limit was raised, is taken anew.
        A row whose video (or playlist) an earlier state of this file had keeps what became of it, however it
        moved, with the videos of its playlist. So failed ones are not started again, and options edited after
        the start are not applied, which `rows` says. Rows that are gone from the file are forgotten, whatever
        their videos do. Of the others those with a problem are REFUSED; those are DUPLICATE whose video
        stands in an earlier row that makes sense, waits or is under way for another batch, is running, or was
        completed or partial before; a page that was found to hold several videos before is STARTED, for them
        to be listed anew; the rest is PENDING, also what failed in another batch or by itself. Duplicates are
        judged anew with each state. A run that said nothing for an hour and is no other batch's is not
        believed to be running: starting it finds out.

        A malformed state changes the problem and the remarks only; the rows before it stand.
        The batch is `running` again, so that its report is written; only `paused` stays, and `cancelled`
        where nothing is pending. The view bears another name than `file` where that was taken meanwhile.
        """

    def take(self, name: str, *, limit: int, most_open: int) -> list[PendingRow]:
        """The next pending videos, by priority, then each tenant's in turn; none unless `running`.

        Their videos are `queued` in the catalog from now on; a running one goes on. The rows stay pending
        until `mark`, so a second call returns them again, before others; those whose video has begun since
        count as started instead. What somebody else has finished since it was registered is not returned.
        No more than `most_open` rows are ever begun and not ended.
        """

    def mark(self, name: str, marks: Sequence[RowMark]) -> None:
        """Record what became of taken rows; a row that is gone or not pending is left out.

        One that is REFUSED here, and not by its file, counts as failed: with the class of the mark it may be
        released. So does a page whose videos, found by its run, cannot be listed.
        """

    def collections(self, name: str, *, limit: int) -> list[CsvRow]:
        """Rows whose playlist is to be read; none unless the batch is `running`.

        Those are pending ones known by their address, and started ones whose video ended as `expanded`.
        """

    def expand(self, name: str, number: int, items: Sequence[CsvRow], message: str) -> None:
        """The videos of a row's playlist: rows of their own, judged as by `register`; the row is EXPANDED.

        Nothing happens where the row is gone, expanded already or withdrawn.
        """

    def release(self, name: str, *, classes: frozenset[str] = frozenset()) -> int:
        """Make failed, cancelled and withdrawn rows of these error classes pending again; how many.

        A class means its family too (`CLASS_FAMILIES`). An empty set means all classes but that of partial
        videos, which is `partial`; of a cancelled or withdrawn row it is `cancelled`. A row whose video
        another batch is about to start is left alone: it will tell how that went.
        The batch is `running` again where there are any, and its pace is measured from now on.
        """

    def set_state(self, name: str, state: str) -> None:
        """running, paused, cancelled (then pending rows are WITHDRAWN) or finished.

        Taken rows count as started when a batch is cancelled: their workflows may exist. `finished` is not
        taken on while a row has not ended.
        """

    def batch(self, name: str) -> BatchView | None:
        """One batch; fast also with 10,000 rows."""

    def batches(self) -> list[BatchView]:
        """All, newest first."""

    def rows(self, name: str) -> list[RowView]:
        """All rows in order of the file."""

    def open_videos(self, name: str, *, unchanged_s: float = 0.0, limit: int = 10_000) -> list[str]:
        """Ids of videos this batch took, and no other since, that are queued or running.

        Only those that did not change for so long.
        """
