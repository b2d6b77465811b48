from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from activities.edge import activity_edge
from activities.pulse import pulse
from activities.reading import read
from activities.step import Run, Step, Steps
from mindreel.contracts.codec import to_json
from mindreel.contracts.inputs import MergeInput
from mindreel.contracts.steps import Transcribed
from mindreel.contracts.transcript import ChunkTranscript, Transcript

_STEP = Step(name="transcript", stage="transcribe", kind=Transcribed)
_TOLD = 10
"""Cuts told one by one; hours of music may have hundreds, and remarks travel in every later payload."""


class Merger(Protocol):
    """Joins chunks to a transcript; see `mindreel.speech.merge`."""

    def __call__(
        self,
        chunks: Sequence[ChunkTranscript],
        *,
        language: str,
        language_probability: float,
        duration_s: float,
        model: str,
    ) -> Transcript:
        """No word lost or doubled at the edges."""


@dataclass(frozen=True)
class MergeActivity:
    """One transcript out of all chunks, and its subtitles."""

    steps: Steps
    merger: Merger
    to_srt: Callable[[Transcript], str]
    to_vtt: Callable[[Transcript], str]
    to_text: Callable[[Transcript], str]

    @activity.defn(name="merge_transcript", no_thread_cancel_exception=True)
    def merge_transcript(self, given: MergeInput) -> Transcribed:
        """Join, and write transcript.json, .srt, .vtt and .txt."""
        plan = given.plan
        inputs = (
            [ref.sha256 for ref in given.chunks],
            plan.language,
            plan.language_probability,
            plan.model,
            given.duration_s,
        )
        with activity_edge(_STEP.stage, given.request.video.id):
            transcribed = self.steps.perform(
                _STEP, given.request, inputs, lambda run: self._merge(run, given), share=(0.99, 1.0)
            )
            with pulse(1.0):
                self.steps.catalog.describe(given.request.video.id, language=transcribed.language)
            return transcribed

    def _merge(self, run: Run, given: MergeInput) -> Transcribed:
        transcript = self.merger(
            [read(run.store, ref, ChunkTranscript) for ref in given.chunks],
            language=given.plan.language,
            language_probability=given.plan.language_probability,
            duration_s=given.duration_s,
            model=given.plan.recogniser,
        )
        if given.chunks and not transcript.segments:
            run.remark("There is sound like speech, but no word could be made out.", degraded=True)
        for sentence in _cuts(transcript):
            run.remark(sentence)
        return Transcribed(
            step=run.report(),
            transcript=run.keep("transcript.json", to_json(transcript), "application/json"),
            srt=run.keep("transcript.srt", self.to_srt(transcript), "application/x-subrip"),
            vtt=run.keep("transcript.vtt", self.to_vtt(transcript), "text/vtt"),
            text=run.keep("transcript.txt", self.to_text(transcript), "text/plain"),
            language=transcript.language,
            words=len(transcript.words),
        )


def _cuts(transcript: Transcript) -> list[str]:
    cuts = [f"Cut from the transcript at {cut.start_s:.0f} s: {cut.reason}." for cut in transcript.removed]
    if len(cuts) <= _TOLD:
        return cuts
    told = cuts[: _TOLD - 1]
    return [*told, f"{len(cuts) - len(told)} more stretches were cut; transcript.json lists them all."]
