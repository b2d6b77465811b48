from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from activities.edge import activity_edge
from activities.pulse import pulse
from activities.reading import read, read_whole
from activities.step import Run, Step, Steps
from mindreel.contracts.inputs import IndexInput
from mindreel.contracts.progress import Reporter
from mindreel.contracts.steps import Indexed
from mindreel.contracts.transcript import Transcript
from mindreel.store.protocols import SearchIndex

_STEP = Step(name="index", stage="index", kind=Indexed)


class Rows(Protocol):
    """Vectors as rows of float32, as NumPy keeps them (little-endian on every machine we run on)."""

    def tobytes(self) -> bytes:
        """All rows, one after the other."""


class Embedder(Protocol):
    """Sentences to vectors; see `mindreel.insight.embeddings`."""

    @property
    def name(self) -> str:
        """With its version, which is part of the artifact's key."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages whose meaning it knows."""

    def embed(self, texts: Sequence[str], *, reporter: Reporter) -> Rows:
        """One L2-normalised vector a text."""


@dataclass(frozen=True)
class IndexActivity:
    """Sentence embeddings and full text, so that search finds the sentence and the second."""

    steps: Steps
    embedder: Embedder
    search: SearchIndex

    @activity.defn(name="index", no_thread_cancel_exception=True)
    def index(self, given: IndexInput) -> Indexed:
        """Embed once, and write the index every time: it is quick, and mends a lost catalog."""
        inputs = (given.transcript.sha256, self.embedder.name)
        with activity_edge(_STEP.stage, given.request.video.id):
            indexed = self.steps.perform(_STEP, given.request, inputs, lambda run: self._embed(run, given))
            with pulse(1.0):
                self._write(given, indexed)
            return indexed

    def _embed(self, run: Run, given: IndexInput) -> Indexed:
        transcript = read(run.store, given.transcript, Transcript)
        texts = [segment.text for segment in transcript.segments]
        vectors = b""
        if texts and transcript.language in self.embedder.languages:
            vectors = self.embedder.embed(texts, reporter=run.reporter).tobytes()
        elif texts:
            run.remark(
                "Search by meaning does not know this language; its sentences are found by their words."
            )
        reference = run.keep("vectors.f32", vectors, "application/octet-stream")
        return Indexed(step=run.report(), vectors=reference, sentences=len(texts))

    def _write(self, given: IndexInput, indexed: Indexed) -> None:
        store = self.steps.store
        transcript = read(store, given.transcript, Transcript)
        vectors = _unpack(read_whole(store, indexed.vectors), self.embedder.dimensions)
        self.search.replace(
            given.request.video.id, title=given.title, segments=transcript.segments, vectors=vectors
        )


def _unpack(data: bytes, dimensions: int) -> list[Sequence[float]]:
    flat = array("f", data)
    return [flat[at : at + dimensions] for at in range(0, len(flat), dimensions)]
