"""Transcription against faster-whisper as a user calls it, on ten minutes of speech and the same weights.

    python benchmarks/transcription.py [--audio FILE --text FILE] [--rounds N] [--json]

A is mindreel as in production: plan, detect the language, transcribe the chunks on as many threads as there
are cores, merge. B is `WhisperModel(path).transcribe(file)`: default settings, all cores. Each run is a fresh
process and is measured from the loading of the model to the last word; A B A B. The speech is the sample
talk, a sonnet and Jane Austen (LibriVox), all of it twice, each time at another pace.
"""

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mindreel.contracts.progress import QuietReporter  # noqa: E402 - after the path is set
from mindreel.speech.chunks import plan_chunks  # noqa: E402
from mindreel.speech.merge import merge  # noqa: E402
from mindreel.speech.models import ensure_model  # noqa: E402
from mindreel.speech.transcriber import Transcriber  # noqa: E402
from mindreel.speech.wav import duration_s  # noqa: E402
from tests.support import real_speech  # noqa: E402

PACES = (0.95, 0.9)
TARGET = 0.40


@dataclass(frozen=True)
class Run:
    """One measured run."""

    seconds: float
    text: str


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--audio", type=Path, help="another recording, with --text")
    parser.add_argument("--text", type=Path, help="what is said in --audio")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mindreel-bench-") as name:
        folder = Path(name)
        speech = _recording(arguments.audio, arguments.text, folder)
        figures = measure(speech, ensure_model("base", folder / "models"), arguments.rounds)
    print(json.dumps(figures) if arguments.json else _table(figures))


def measure(speech: real_speech.Recording, model: Path, rounds: int) -> dict[str, object]:
    """Times in seconds, word error rates in percent, and the ratio of the medians."""
    ours: list[Run] = []
    theirs: list[Run] = []
    for _ in range(rounds):
        ours.append(_fresh(mindreel, speech.path, model))
        theirs.append(_fresh(faster_whisper_as_called, speech.path, model))
    ours_s = statistics.median(run.seconds for run in ours)
    theirs_s = statistics.median(run.seconds for run in theirs)
    return {
        "audio_s": round(duration_s(speech.path), 1),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "mindreel_s": round(ours_s, 2),
        "mindreel_all_s": [round(run.seconds, 2) for run in ours],
        "mindreel_wer": _worst(ours, speech.text),
        "faster_whisper_s": round(theirs_s, 2),
        "faster_whisper_all_s": [round(run.seconds, 2) for run in theirs],
        "faster_whisper_wer": _worst(theirs, speech.text),
        "ratio": round(ours_s / theirs_s, 3),
        "target": TARGET,
    }


def mindreel(wav: Path, model: Path) -> Run:
    """Chunks shared by the threads of one model, as a worker does it."""
    start = time.perf_counter()
    transcriber = Transcriber(model, label="base")
    chunks = plan_chunks(wav)
    language, probability = transcriber.detect_language(wav, chunks)
    with ThreadPoolExecutor(transcriber.workers) as pool:
        jobs = [
            pool.submit(transcriber.transcribe, wav, chunk, language=language, reporter=QuietReporter())
            for chunk in chunks
        ]
        said = [job.result() for job in jobs]
    transcript = merge(
        said,
        language=language,
        language_probability=probability,
        duration_s=duration_s(wav),
        model=transcriber.description,
    )
    return Run(time.perf_counter() - start, transcript.text)


def faster_whisper_as_called(wav: Path, model: Path) -> Run:
    """What its README shows first."""
    from faster_whisper import WhisperModel  # noqa: PLC0415 - imported in the process that measures

    start = time.perf_counter()
    segments, _ = WhisperModel(str(model)).transcribe(str(wav))
    text = " ".join(segment.text for segment in segments)
    return Run(time.perf_counter() - start, text)


def _fresh(way: Callable[[Path, Path], Run], wav: Path, model: Path) -> Run:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(way, wav, model).result()


def _recording(audio: Path | None, text: Path | None, folder: Path) -> real_speech.Recording:
    if audio and text:
        return real_speech.Recording(real_speech.decode(audio, folder / "all.wav"), text.read_text())
    readings = [
        real_speech.talk(),
        real_speech.sonnet(folder),
        *real_speech.sense_and_sensibility(folder),
    ]
    with wave.open(str(folder / "all.wav"), "wb") as joined:
        joined.setnchannels(1)
        joined.setsampwidth(2)
        joined.setframerate(16_000)
        for pace in PACES:
            for reading in readings:
                part = real_speech.decode(
                    reading.path, folder / "part.wav", f"atempo={pace}", "apad=pad_dur=1"
                )
                with wave.open(str(part), "rb") as source:
                    joined.writeframes(source.readframes(source.getnframes()))
    return real_speech.Recording(
        folder / "all.wav", " ".join(reading.text for reading in readings * len(PACES))
    )


def _worst(runs: list[Run], truth: str) -> float:
    return round(100 * max(real_speech.errors(truth, run.text).wer for run in runs), 2)


def _table(figures: dict[str, object]) -> str:
    rows = "".join(
        f"{name:16}{figures[f'{key}_s']:>9}{figures[f'{key}_wer']:>8}   {figures[f'{key}_all_s']}\n"
        for name, key in (("mindreel", "mindreel"), ("faster-whisper", "faster_whisper"))
    )
    return (
        f"{figures['audio_s']} s of speech on {figures['machine']}\n"
        f"{'':16}{'seconds':>9}{'WER %':>8}   every run\n"
        f"{rows}ratio           {figures['ratio']:>9}   (at most {figures['target']})"
    )


if __name__ == "__main__":
    main()
