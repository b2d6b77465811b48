from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.step import Run, Step, Steps
from mindreel.contracts.codec import to_json
from mindreel.contracts.inputs import ChunkInput, SpeechInput
from mindreel.contracts.media import Span
from mindreel.contracts.progress import Reporter
from mindreel.contracts.steps import ChunkTranscribed, SpeechPlanned
from mindreel.contracts.transcript import ChunkTranscript

_FETCH_S = 3600.0
"""A large model may have to be fetched first, which says nothing until it is there."""
_PLAN = Step(name="plan-speech", stage="transcribe", kind=SpeechPlanned, stall_s=_FETCH_S)
_CHUNK = Step(name="chunk", stage="transcribe", kind=ChunkTranscribed, stall_s=_FETCH_S)
_PLAN_SHARE = 0.05
"""Of the stage: finding speech is quick beside recognising it."""


class Chunker(Protocol):
    """Finds speech and cuts it at silence; see `mindreel.speech.chunks`."""

    def __call__(self, wav: Path, *, reporter: Reporter) -> tuple[Span, ...]:
        """In order of time; empty where nobody speaks."""


class Transcriber(Protocol):
    """Recognises speech; see `mindreel.speech.transcriber`."""

    @property
    def description(self) -> str:
        """Model, number format and device."""

    def detect_language(self, wav: Path, spans: Sequence[Span]) -> tuple[str, float]:
        """ISO 639-1 code and probability."""

    def transcribe(self, wav: Path, span: Span, *, language: str, reporter: Reporter) -> ChunkTranscript:
        """Segments of one chunk on the clock of the whole."""


@dataclass(frozen=True)
class TranscribeActivities:
    """Speech to words, chunk by chunk, so that several workers share one long video."""

    steps: Steps
    chunker: Chunker
    transcriber_for: Callable[[str], Transcriber]
    """By model name or path; loaded once a worker."""
    default_model: str
    arithmetic: tuple[str, str]
    """Device and compute type as configured: another choice may hear another word."""

    @activity.defn(name="plan_speech", no_thread_cancel_exception=True)
    def plan_speech(self, given: SpeechInput) -> SpeechPlanned:
        """Find speech, cut at silence, and settle the language."""
        options = given.request.options
        model = options.model or self.default_model
        inputs = (given.speech.sha256, options.language, model, self.arithmetic)
        return self.steps.perform(
            _PLAN,
            given.request,
            inputs,
            lambda run: self._plan(run, given, model),
            share=(0.0, _PLAN_SHARE),
        )

    @activity.defn(name="transcribe_chunk", no_thread_cancel_exception=True)
    def transcribe_chunk(self, given: ChunkInput) -> ChunkTranscribed:
        """Recognise one chunk."""
        inputs = (given.speech.sha256, given.span, given.language, given.model, self.arithmetic)
        step = (1.0 - _PLAN_SHARE) / given.total
        begin = _PLAN_SHARE + step * (given.number - 1)
        return self.steps.perform(
            _CHUNK,
            given.request,
            inputs,
            lambda run: self._transcribe(run, given),
            share=(begin, begin + step),
        )

    def _plan(self, run: Run, given: SpeechInput, model: str) -> SpeechPlanned:
        wav = run.local(given.speech)
        chunks = self.chunker(wav, reporter=run.reporter)
        run.reporter.progress(0.5, f"{len(chunks)} chunks")
        language, probability, recogniser = given.request.options.language or "und", 1.0, ""
        if not chunks:
            run.remark("Nobody speaks in this video, so the transcript is empty.", degraded=True)
        else:
            run.reporter.progress(0.5, f"loading the model {model}")
            transcriber = self.transcriber_for(model)
            recogniser = transcriber.description
            if given.request.options.language is None:
                language, probability = transcriber.detect_language(wav, chunks)
        return SpeechPlanned(
            step=run.report(),
            chunks=chunks,
            language=language,
            language_probability=probability,
            model=model,
            recogniser=recogniser,
        )

    def _transcribe(self, run: Run, given: ChunkInput) -> ChunkTranscribed:
        wav = run.local(given.speech)
        transcriber = self.transcriber_for(given.model)
        chunk = transcriber.transcribe(wav, given.span, language=given.language, reporter=run.reporter)
        return ChunkTranscribed(
            step=run.report(), chunk=run.keep("chunk.json", to_json(chunk), "application/json")
        )
