"""The recogniser on real and spoken English, and on sounds in which nobody speaks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import ctranslate2  # type: ignore[import-untyped]  # it ships no types
import pytest

from mindreel.contracts.media import Span
from mindreel.contracts.progress import QuietReporter
from mindreel.errors import CancelledError, InputError, SetupError
from mindreel.speech.chunks import plan_chunks
from mindreel.speech.transcriber import Transcriber
from mindreel.speech.wav import duration_s, read_span
from tests.support import real_speech

pytestmark = pytest.mark.slow


def nearest(times: list[float], wanted: float) -> float:
    return min(abs(time - wanted) for time in times)


def test_the_talk_is_heard_with_few_errors(talk: Any, heard_talk: Any) -> None:
    assert real_speech.errors(talk.text, heard_talk.transcript.text).wer <= 0.10
    assert heard_talk.transcript.language == "en"
    assert heard_talk.transcript.language_probability > 0.9
    assert heard_talk.transcript.model == "faster-whisper base int8 cpu"


@pytest.mark.slow
def test_nothing_of_the_talk_is_taken_for_invented(heard_talk: Any) -> None:
    assert heard_talk.transcript.removed == ()


def test_real_readers_are_heard_with_few_errors(
    readings: list[real_speech.Recording],
    hear: Callable[..., Any],
    make_wav: Callable[..., Path],
    silence: Any,
) -> None:
    pieces = [piece for reading in readings for piece in (read_span(reading.path, Span(0, 60)), silence(1.0))]
    heard = hear(make_wav(*pieces))
    truth = " ".join(reading.text for reading in readings)
    assert real_speech.errors(truth, heard.transcript.text).wer <= 0.10


def test_times_are_on_the_videos_clock_in_every_chunk(talk: Any, heard_talk: Any) -> None:
    assert len(heard_talk.chunks) >= 3
    starts = [segment.start_s for segment in heard_talk.transcript.segments]
    for chunk in heard_talk.chunks:
        inside = [s["start_s"] for s in talk.sentences if chunk.start_s <= s["start_s"] < chunk.end_s - 1]
        misses = sorted(nearest(starts, start_s) for start_s in inside)
        assert misses[len(misses) // 2] <= 0.25


def test_words_are_in_order_and_inside_the_recording(talk: Any, heard_talk: Any) -> None:
    words = heard_talk.transcript.words
    assert all(word.start_s < word.end_s for word in words)
    assert all(before.end_s <= after.start_s for before, after in pairwise(words))
    assert words[0].start_s >= 0
    assert words[-1].end_s <= duration_s(talk.wav)


def test_more_chunks_lose_and_double_nothing(talk: Any, hear: Callable[..., Any]) -> None:
    heard = hear(talk.wav, target_s=22.0)
    assert len(heard.chunks) >= 7
    found = real_speech.errors(talk.text, heard.transcript.text)
    assert found.deletions <= 3
    assert found.insertions <= 3
    truth = real_speech.spelled(talk.text).split()
    edges = [chunk.start_s for chunk in heard.chunks[1:]]
    words = heard.transcript.words
    for edge_s in edges:
        last = next(i for i, word in enumerate(words) if word.start_s >= edge_s)
        around = real_speech.spelled(" ".join(word.text for word in words[last - 2 : last + 2])).split()
        texts = [truth[i : i + len(around)] for i in range(len(truth))]
        assert max(sum(map(str.__eq__, text, around)) for text in texts) >= len(around) - 1


def test_a_pause_in_the_middle_neither_loses_words_nor_time(
    hear: Callable[..., Any], make_wav: Callable[..., Path], take: Any, silence: Any, talk: Any
) -> None:
    first, second = talk.sentences[0], talk.sentences[2]
    cut_s = first["end_s"] + 0.1
    heard = hear(make_wav(take(0, cut_s), silence(5.0), take(second["start_s"] - 0.2, second["end_s"] + 0.3)))
    found = real_speech.errors(f"{first['text']} {second['text']}", heard.transcript.text)
    assert found.wer <= 0.10
    coffee = next(word for word in heard.transcript.words if word.start_s > cut_s)
    assert coffee.text == "Coffee"
    assert coffee.start_s == pytest.approx(cut_s + 5.2, abs=0.3)
    assert heard.transcript.words[0].end_s < cut_s


@pytest.mark.parametrize("sound", ["silence", "noise", "music"])
def test_a_chunk_without_speech_is_empty(
    sound: str,
    request: pytest.FixtureRequest,
    transcriber: Transcriber,
    make_wav: Callable[..., Path],
) -> None:
    wav = make_wav(request.getfixturevalue(sound)(20.0))
    said = transcriber.transcribe(wav, Span(2.0, 18.0), language="en", reporter=QuietReporter())
    assert said.segments == ()


def test_noise_around_speech_adds_no_words(
    hear: Callable[..., Any], make_wav: Callable[..., Path], take: Any, noise: Any, talk: Any
) -> None:
    sentence = talk.sentences[0]
    wav = make_wav(noise(20.0), take(0.0, sentence["end_s"] + 0.2), noise(20.0))
    found = real_speech.errors(sentence["text"], hear(wav).transcript.text)
    assert found.insertions == 0
    assert found.wer <= 0.15


def test_threads_of_one_model_hear_what_one_thread_hears(transcriber: Transcriber, talk: Any) -> None:
    spans = [Span(4.8, 12.5), Span(12.5, 20.5)]

    def say(span: Span) -> Any:
        return transcriber.transcribe(talk.wav, span, language="en", reporter=QuietReporter())

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(say, spans))
    assert together == [say(span) for span in spans]


def test_progress_rises_to_the_end(transcriber: Transcriber, talk: Any) -> None:
    class Noting(QuietReporter):
        seen: list[float] = []  # noqa: RUF012 - one instance in one test

        def progress(self, fraction: float, note: str = "") -> None:
            del note
            self.seen.append(fraction)

    reporter = Noting()
    transcriber.transcribe(talk.wav, Span(0.0, 20.0), language="en", reporter=reporter)
    assert len(reporter.seen) >= 3
    assert reporter.seen == sorted(reporter.seen)
    assert reporter.seen[-1] == 1.0


def test_a_cancelled_chunk_stops(transcriber: Transcriber, talk: Any) -> None:
    class Impatient(QuietReporter):
        def wait_cancelled(self, seconds: float) -> bool:
            del seconds
            return True

    with pytest.raises(CancelledError):
        transcriber.transcribe(talk.wav, Span(0.0, 60.0), language="en", reporter=Impatient())


def test_an_unknown_language_is_a_clear_sentence(transcriber: Transcriber, talk: Any) -> None:
    with pytest.raises(InputError, match="does not know the language 'xx'"):
        transcriber.transcribe(talk.wav, Span(0.0, 10.0), language="xx", reporter=QuietReporter())


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_a_clear_sentence(model: Path) -> None:
    with pytest.raises(SetupError, match="sees no NVIDIA GPU"):
        Transcriber(model, label="base", device="cuda")


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="this machine has a GPU")
def test_auto_is_the_cpu_where_there_is_no_gpu(model: Path) -> None:
    assert Transcriber(model, label="base").description == "faster-whisper base int8 cpu"


def test_an_unknown_compute_type_is_a_clear_sentence(model: Path) -> None:
    with pytest.raises(InputError, match=r"'int3' does not exist on cpu; use auto or one of .*int8"):
        Transcriber(model, label="base", device="cpu", compute_type="int3")


def test_a_folder_without_a_model_is_a_clear_sentence(tmp_path: Path, talk: Any) -> None:
    transcriber = Transcriber(tmp_path, label="mine", device="cpu")
    with pytest.raises(SetupError, match=r"The speech model mine in .* does not run on cpu"):
        transcriber.transcribe(talk.wav, Span(0.0, 10.0), language="en", reporter=QuietReporter())


def test_the_language_is_that_of_the_talk(transcriber: Transcriber, talk: Any) -> None:
    language, probability = transcriber.detect_language(talk.wav, plan_chunks(talk.wav))
    assert language == "en"
    assert 0.9 < probability <= 1.0


def test_no_speech_has_no_language(transcriber: Transcriber, talk: Any) -> None:
    assert transcriber.detect_language(talk.wav, ()) == ("und", 0.0)
