from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.step import Run, Step, Steps
from mindreel.contracts.inputs import MediaInput
from mindreel.contracts.media import MediaInfo
from mindreel.contracts.progress import Reporter
from mindreel.contracts.steps import AudioExtracted

_STEP = Step(name="audio", stage="audio", kind=AudioExtracted)


class AudioFiles(Protocol):
    """What the extractor made."""

    @property
    def speech(self) -> Path:
        """16 kHz mono WAV."""

    @property
    def listen(self) -> Path:
        """m4a."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences, such as which of several tracks was taken."""


class AudioExtractor(Protocol):
    """Takes the sound out of a file; see `mindreel.media.audio`."""

    def __call__(
        self, media: Path, info: MediaInfo, directory: Path, *, reporter: Reporter, language: str | None
    ) -> AudioFiles:
        """Never called for a file without audio."""


@dataclass(frozen=True)
class AudioActivity:
    """Audio to recognise speech in, and audio to listen to."""

    steps: Steps
    extractor: AudioExtractor

    @activity.defn(name="audio", no_thread_cancel_exception=True)
    def audio(self, given: MediaInput) -> AudioExtracted:
        """Extract both; a video without audio is said to be one."""
        language = given.request.options.language if len(given.probe.audio) > 1 else None
        inputs = (given.media.sha256, language)
        return self.steps.perform(_STEP, given.request, inputs, lambda run: self._extract(run, given))

    def _extract(self, run: Run, given: MediaInput) -> AudioExtracted:
        if not given.probe.audio:
            run.remark("The video has no audio track, so there is no transcript.", degraded=True)
            return AudioExtracted(step=run.report(), speech=None, listen=None)
        files = self.extractor(
            run.local(given.media),
            given.probe,
            run.folder,
            reporter=run.reporter,
            language=given.request.options.language,
        )
        for sentence in files.remarks:
            run.remark(sentence)
        speech = run.keep("speech.wav", files.speech, "audio/wav")
        listen = run.keep("audio.m4a", files.listen, "audio/mp4")
        return AudioExtracted(step=run.report(), speech=speech, listen=listen)
