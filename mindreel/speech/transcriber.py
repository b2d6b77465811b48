"""faster-whisper over one chunk at a time, with times on the video's clock."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from faster_whisper import WhisperModel

from mindreel.contracts.media import Span
from mindreel.contracts.progress import Reporter
from mindreel.contracts.transcript import ChunkTranscript, Word
from mindreel.errors import CancelledError, SetupError
from mindreel.speech import device as devices
from mindreel.speech import vad
from mindreel.speech.cleaning import Phrase, clean
from mindreel.speech.clock import Clock
from mindreel.speech.evidence import Evidence
from mindreel.speech.language import FIRST, is_clear, places, refuse_unknown, verdict
from mindreel.speech.sentences import to_segments
from mindreel.speech.wav import RATE_HZ, Samples, read_span

_PAD_S = 0.4
_JOIN_S = 1.2  # with both pads, silences of 2 s and more are shortened, as faster-whisper's own filter does


class Transcriber:
    """One model in memory, shared by all threads that transcribe chunks.

    On a CPU each worker is one thread: on hyperthreads two workers of one thread are half again as fast as
    one worker of two. The model is loaded when it is first needed.
    """

    def __init__(
        self,
        model_path: Path,
        *,
        label: str,
        device: str = "auto",
        compute_type: str = "auto",
        workers: int = 0,
    ) -> None:
        """`label` names the model in `description`; `workers` chunks run at once (0: one per core).

        Raises `SetupError` for a GPU that is asked for and not there, `InputError` for a compute type
        that does not exist.
        """
        self._path, self._label = model_path, label
        self._device = devices.choose(device, compute_type)
        self.workers = workers or devices.chunks_at_once(self._device)
        self._lock = Lock()
        self._model: Any = None

    @property
    def description(self) -> str:
        """What transcribes, e.g. `faster-whisper base int8 cpu`; says why a GPU is left unused."""
        note = f" ({self._device.note})" if self._device.note else ""
        return f"faster-whisper {self._label} {self._device.compute_type} {self._device.name}{note}"

    def detect_language(self, wav: Path, spans: Sequence[Span]) -> tuple[str, float]:
        """ISO 639-1 code and its probability, heard in several places of `spans`; `und` without speech.

        Raises `SetupError` where the model cannot run.
        """
        wanted = places(spans)
        if not wanted:
            return "und", 0.0
        model = self._loaded()
        if not model.model.is_multilingual:
            return "en", 1.0

        def hear(place: Span) -> dict[str, float]:
            return dict(model.detect_language(read_span(wav, place))[2])

        with self._failures(), ThreadPoolExecutor(self.workers) as pool:
            heard = list(pool.map(hear, wanted[:FIRST]))
            if not is_clear(heard):
                heard += pool.map(hear, wanted[FIRST:])
        return verdict(heard)

    def transcribe(self, wav: Path, span: Span, *, language: str, reporter: Reporter) -> ChunkTranscript:
        """What is said in `span` of `wav` (16 kHz mono 16-bit); only that range is read. Thread-safe.

        Raises `CancelledError` between two phrases, `InputError` for a language the model does not know,
        `SetupError` where the model cannot run.
        """
        samples = read_span(wav, span)
        length_s = samples.size / RATE_HZ
        regions = vad.speech_regions(vad.join(vad.measure([samples])).speech) if samples.size else ()
        if not regions:
            reporter.progress(1.0)
            return ChunkTranscript(span, ())
        clock = Clock(
            vad.padded(regions, pad_s=_PAD_S, join_s=_JOIN_S, end_s=length_s), offset_s=span.start_s
        )
        phrases = list(self._phrases(clock.take(samples), clock, language, reporter))
        heard = [Span(span.start_s + region.start_s, span.start_s + region.end_s) for region in regions]
        words, removed = clean(phrases, heard, end_s=span.start_s + length_s)
        reporter.progress(1.0)
        return ChunkTranscript(span, to_segments(words), removed)

    def _phrases(self, audio: Samples, clock: Clock, language: str, reporter: Reporter) -> Iterator[Phrase]:
        model = self._loaded()
        refuse_unknown(language, known=model.supported_languages, label=self._label)
        with self._failures():
            segments, _ = model.transcribe(
                audio, language=language, beam_size=5, condition_on_previous_text=False, word_timestamps=True
            )
            for segment in segments:
                tokens = tuple(_token(word, clock) for word in segment.words or ())
                yield Phrase(tokens, segment.seek, _evidence(segment))
                reporter.progress(min(1.0, segment.end * RATE_HZ / audio.size))
                if reporter.wait_cancelled(0):
                    raise CancelledError("Transcription was cancelled.")

    def _loaded(self) -> Any:  # noqa: ANN401 - faster-whisper has no types
        with self._lock:
            if self._model is None:
                with self._failures():
                    self._model = WhisperModel(
                        str(self._path),
                        device=self._device.name,
                        compute_type=self._device.compute_type,
                        cpu_threads=1,
                        num_workers=self.workers,
                        local_files_only=True,
                    )
            return self._model

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """CTranslate2 says everything with a RuntimeError: a damaged file, memory that does not suffice."""
        try:
            yield
        except RuntimeError as error:
            raise SetupError(
                f"The speech model {self._label} in {self._path} does not run on {self._device.name}: {error}"
            ) from error


def _token(word: Any, clock: Clock) -> Word:  # noqa: ANN401 - faster-whisper has no types
    at = clock.original(float(word.start), float(word.end))
    return Word(word.word, at.start_s, at.end_s, float(word.probability))


def _evidence(segment: Any) -> Evidence:  # noqa: ANN401 - faster-whisper has no types
    return Evidence(
        float(segment.no_speech_prob), float(segment.avg_logprob), float(segment.compression_ratio)
    )
