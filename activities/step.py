"""How every step runs: find finished work by key and reuse it, else do it, store it, and say how it went."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Generic, Protocol, TypeVar

from pydantic import ValidationError
from temporalio import activity

from activities.edge import activity_edge, activity_span
from activities.keys import fingerprint, references
from activities.pulse import pulse
from activities.reporter import ActivityReporter
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.codec import from_json, to_json
from mindreel.contracts.stages import overall_percent
from mindreel.contracts.steps import Remark, StepReport
from mindreel.contracts.video import VideoRequest
from mindreel.errors import BusyError, CancelledError, MindreelError, TransientError
from mindreel.store.protocols import ArtifactStore, Catalog
from mindreel.telemetry import log


class HasReport(Protocol):
    """Every step's result tells how the step went."""

    @property
    def step(self) -> StepReport:
        """How it went."""


T = TypeVar("T", bound=HasReport)
_MEGABYTE = 1e6


class Scratch(Protocol):
    """Temporary folders that leave nothing behind."""

    def folder(self, prefix: str) -> AbstractContextManager[Path]:
        """A private folder for one attempt."""

    def keyed(
        self, name: str, *, keep: Callable[[BaseException], bool], wait_cancelled: Callable[[float], bool]
    ) -> AbstractContextManager[Path]:
        """A folder by name that survives a crash, and the errors that `keep` says, for the next attempt."""


@dataclass(frozen=True)
class Step(Generic[T]):
    """What a step is called and which version of its code makes its artifacts."""

    name: str
    stage: str
    kind: type[T]
    version: int = 1
    """Raise it when the code would make something else of the same inputs: old artifacts are then remade."""
    reusable: bool = True
    """False where the step does its (quick) work every time."""
    stall_s: float = 600.0
    """How long it may go without any progress before it counts as hung."""
    resumable: bool = False
    """True where a retry can go on with what the last attempt left in its folder."""


@dataclass
class Run:
    """One attempt at one step: its folder, its reporter, and what it has to say."""

    name: str
    stage: str
    prefix: str
    """Of the keys of this step's artifacts."""
    folder: Path
    reporter: ActivityReporter
    store: ArtifactStore
    _remarks: list[Remark] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def remark(self, text: str, *, degraded: bool = False) -> None:
        """Record a sentence for the person; `degraded` makes the outcome partial."""
        self._remarks.append(Remark(self.stage, text, degraded))

    def keep(self, name: str, content: Path | bytes | str, media_type: str) -> ArtifactRef:
        """Store an artifact of this step."""
        key = f"{self.prefix}/{name}"
        if isinstance(content, Path):
            return self.store.put_file(key, content, media_type, tick=self.watched(f"storing {name}"))
        data = content.encode() if isinstance(content, str) else content
        return self.store.put_bytes(key, data, media_type)

    def local(self, ref: ArtifactRef) -> Path:
        """The artifact as a file that stays as long as this attempt's folder; read it, never write to it."""
        name = PurePosixPath(ref.key).name
        return self.store.local_path(ref, folder=self.folder, tick=self.watched(f"fetching {name}"))

    def watched(self, what: str) -> Callable[[int], None]:
        """For transfers: shows how far they are, and ends them when the attempt is to stop."""

        def tick(done_bytes: int) -> None:
            self.reporter.note(f"{what}: {done_bytes / _MEGABYTE:.0f} MB")
            if self.reporter.wait_cancelled(0.0):
                raise CancelledError("It was cancelled.")

        return tick

    def report(self) -> StepReport:
        """How it went; the last thing a body does."""
        return StepReport(
            name=self.name,
            seconds=round(time.monotonic() - self._began, 3),
            attempts=activity.info().attempt,
            reused=False,
            remarks=tuple(self._remarks),
        )


@dataclass(frozen=True)
class Steps:
    """Runs steps; shared by all activities of a worker."""

    store: ArtifactStore
    catalog: Catalog
    scratch: Scratch

    def perform(
        self,
        step: Step[T],
        request: VideoRequest,
        inputs: tuple[object, ...],
        body: Callable[[Run], T],
        *,
        share: tuple[float, float] = (0.0, 1.0),
    ) -> T:
        """The result of `step` on `inputs`: found, or made by `body`.

        `inputs` is all that the result depends on: hashes of artifacts, parameters. `share` is which part
        of the stage this activity is (chunk 3 of 10 is `(0.2, 0.3)`). Raises Temporal's errors only.
        """
        ids = (step.stage, request.video.id)
        with activity_edge(*ids), activity_span(*ids):
            prefix = _prefix(step, request, inputs)
            with pulse():
                found = self._finished(step, prefix, request)
            if found is not None:
                self._advance(step.stage, request, share)(1.0)
                log().info("step reused", step=step.name)
                return found
            log().info("step started", step=step.name)
            result = self._do(step, request, prefix, body, share)
            log().info("step finished", step=step.name, seconds=result.step.seconds)
            return result

    def finished(self, step: Step[T], request: VideoRequest, inputs: tuple[object, ...]) -> T | None:
        """What `perform` would reuse; None where it would have to work."""
        return self._finished(step, _prefix(step, request, inputs), request)

    def _do(
        self,
        step: Step[T],
        request: VideoRequest,
        prefix: str,
        body: Callable[[Run], T],
        share: tuple[float, float],
    ) -> T:
        reporter = ActivityReporter(self._advance(step.stage, request, share), stall_s=step.stall_s)
        with reporter.pulse():
            with (
                self._folder(step, prefix, request, reporter) as folder,
                interruption_is_transient(reporter, step.stage),
            ):
                result = body(Run(step.name, step.stage, prefix, folder, reporter, self.store))
            if step.reusable:
                record = {"force": request.force, "result": json.loads(to_json(result))}
                data = json.dumps(record).encode()
                self.store.put_bytes(f"{prefix}/result.json", data, "application/json")
            reporter.progress(1.0)
        return result

    def _folder(
        self, step: Step[T], prefix: str, request: VideoRequest, reporter: ActivityReporter
    ) -> AbstractContextManager[Path]:
        if step.resumable:
            return self.scratch.keyed(
                prefix.replace("/", "-"),
                keep=lambda error: _is_tried_again(error, request),
                wait_cancelled=reporter.wait_cancelled,
            )
        return self.scratch.folder(step.name)

    def _finished(self, step: Step[T], prefix: str, request: VideoRequest) -> T | None:
        data = self.store.read_bytes(f"{prefix}/result.json") if step.reusable else None
        if data is None:
            return None
        record = json.loads(data)
        if request.force not in ("", record["force"]):
            return None
        try:
            result = from_json(step.kind, json.dumps(record["result"]).encode())
        except ValidationError:
            log().info("step is done again: its result is another version's", step=step.name)
            return None
        if not all(self.store.exists(ref) for ref in references(result)):
            return None
        if any(remark.degraded for remark in result.step.remarks):
            return None  # what was missing (a font, say) may be there by now: `retry` is to try again
        report = replace(result.step, reused=True, attempts=activity.info().attempt)
        return replace(result, step=report)  # type: ignore[type-var] # every T is a frozen dataclass

    def _advance(
        self, stage: str, request: VideoRequest, share: tuple[float, float]
    ) -> Callable[[float], None]:
        run_id = activity.info().workflow_run_id or ""

        def advance(fraction: float) -> None:
            begin, end = share
            percent = overall_percent(stage, begin + (end - begin) * fraction)
            try:
                self.catalog.advance(request.video.id, stage=stage, percent=percent, run_id=run_id)
            except TransientError as error:  # the next beat says it anew: no reason to lose the work
                log().info("progress not recorded", reason=str(error))

        return advance


def _prefix(step: Step[T], request: VideoRequest, inputs: tuple[object, ...]) -> str:
    return f"{request.video.id}/{step.name}-{fingerprint(step.name, step.version, inputs)}"


def _is_tried_again(error: BaseException, request: VideoRequest) -> bool:
    """Whether another attempt will come and find what this one leaves in its folder.

    After the last one a request with patience may come once more through the gate of its site; where it does
    not, what it left is an orphan, which cleaning up removes.
    """
    info = activity.info()
    most = info.retry_policy.maximum_attempts if info.retry_policy else 0
    if 0 < most <= info.attempt and not request.patience_s:
        return False
    return not isinstance(error, MindreelError) or error.retryable


@contextmanager
def interruption_is_transient(reporter: ActivityReporter, stage: str) -> Iterator[None]:
    """Work that nobody asked to stop is tried again, and may go on with what it leaves in its folder."""
    try:
        yield
    except CancelledError as cancelled:
        details = activity.cancellation_details()
        if reporter.stalled:
            raise TransientError(f"Nothing moved for a long time during {stage}.") from cancelled
        if details is not None and not details.cancel_requested:
            # A worker that drains, a server that was out of reach for too long, a pause in the Web UI.
            raise BusyError(f"The worker had to let go of {stage}.") from cancelled
        raise
