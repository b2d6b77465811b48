"""The test set against invented text: the real recogniser on silence, noise, music and long pauses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mindreel.contracts.media import Span
from mindreel.contracts.progress import QuietReporter
from mindreel.speech import vad
from mindreel.speech.transcriber import Transcriber
from mindreel.speech.wav import RATE_HZ, Samples, duration_s, read_span
from tests.speech import sounds
from tests.support import real_speech

FAREWELL = Path(__file__).with_name("farewell.opus")
"""8 s, spoken by the voice of the sample talk (Piper, CC0), as `samples/talk_voice.py` makes it."""
FAREWELL_TEXT = (
    "That is all I know about coffee. Thank you for watching. "
    "Please subscribe to my channel. Thank you very much."
)


@pytest.fixture(scope="session")
def farewell(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    wav = real_speech.decode(FAREWELL, tmp_path_factory.mktemp("farewell") / "farewell.wav")
    return read_span(wav, Span(0.0, duration_s(wav)))


def level_db(samples: Samples) -> float:
    return 20 * float(np.log10(np.sqrt(np.mean(samples**2))))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name == "a choir" else ()) for name in sounds.SOUNDS],
)
def test_nothing_is_invented_where_nobody_speaks(
    name: str, hear: Callable[..., Any], make_wav: Callable[..., Path]
) -> None:
    heard = hear(make_wav(sounds.SOUNDS[name](40.0)))
    assert heard.transcript.segments == ()
    assert heard.transcript.language == "und"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["silence", "a loud room", "hum"])
def test_nothing_is_invented_even_where_the_voice_detector_errs(
    name: str, transcriber: Transcriber, make_wav: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all of it taken for speech, Whisper writes `You`, `Thank you very much.` and dots."""
    wav = make_wav(sounds.SOUNDS[name](12.0))
    monkeypatch.setattr(vad, "speech_regions", lambda speech: (Span(0.0, speech.size * vad.WINDOW_S),))
    said = transcriber.transcribe(wav, Span(0.0, 12.0), language="en", reporter=QuietReporter())
    assert said.segments == ()


@pytest.mark.slow
@pytest.mark.parametrize(("sound", "seconds"), [("humming", 4.0), ("a crowd", 1.0)])
def test_humming_and_murmuring_are_not_put_into_words(
    sound: str, seconds: float, take: Any, hear: Callable[..., Any], make_wav: Callable[..., Path]
) -> None:
    """These pass the voice detector: a voice without its consonants, and eight talking backwards at once."""
    talk = take(20.0, 180.0)
    made = sounds.humming(talk, seconds) if sound == "humming" else sounds.crowd(talk, seconds)
    heard = hear(make_wav(sounds.silence(1.0), made, sounds.silence(1.0)))
    assert heard.transcript.segments == ()


@pytest.mark.slow
def test_long_pauses_between_sentences_stay_empty(
    talk: Any, take: Any, hear: Callable[..., Any], make_wav: Callable[..., Path]
) -> None:
    """Three seconds of a room, thirty of nothing, fifteen of a band."""
    said = [talk.sentences[index] for index in (0, 2, 4, 6)]
    spoken = [take(each["start_s"] - 0.1, each["end_s"] + 0.1) for each in said]
    pauses = [sounds.room(3.0), sounds.silence(30.0), sounds.band(15.0), sounds.room(5.0)]
    heard = hear(make_wav(*(part for pair in zip(spoken, pauses, strict=True) for part in pair)))
    found = real_speech.errors(" ".join(each["text"] for each in said), heard.transcript.text)
    assert found.insertions == 0
    assert found.wer <= 0.10


@pytest.mark.slow
def test_a_second_of_speech_is_found_in_ten_minutes_of_noise(
    talk: Any, take: Any, hear: Callable[..., Any], make_wav: Callable[..., Path]
) -> None:
    coffee = take(talk.sentences[2]["start_s"] - 0.1, talk.sentences[2]["end_s"] + 0.1)
    noise = sounds.pink(600.0, db=-45.0)
    start = 400 * RATE_HZ
    noise[start : start + coffee.size] += coffee
    heard = hear(make_wav(noise))
    assert [segment.text for segment in heard.transcript.segments] == ["Coffee begins as a fruit."]
    assert heard.transcript.segments[0].start_s == pytest.approx(400.1, abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["a band", "applause"])
def test_speech_over_music_and_noise_stays(
    noise: str, talk: Any, take: Any, hear: Callable[..., Any], make_wav: Callable[..., Path]
) -> None:
    """Half as loud as the voice, and alone for ten seconds before and after."""
    first, last = talk.sentences[0], talk.sentences[1]
    speech = take(first["start_s"] - 0.1, last["end_s"] + 0.1)
    around = np.zeros(10 * RATE_HZ, np.float32)
    made = sounds.SOUNDS[noise](speech.size / RATE_HZ + 21)
    whole = np.concatenate([around, speech, around])
    heard = hear(make_wav(whole + sounds.levelled(made, level_db(speech) - 6.0)[: whole.size]))
    found = real_speech.errors(f"{first['text']} {last['text']}", heard.transcript.text)
    assert found.insertions <= 1
    assert found.wer <= 0.10


@pytest.mark.slow
@pytest.mark.parametrize("around", ["a loud room", "a band"])
def test_a_farewell_that_was_said_stays(
    around: str, farewell: Samples, hear: Callable[..., Any], make_wav: Callable[..., Path]
) -> None:
    noise = sounds.SOUNDS[around](farewell.size / RATE_HZ + 1)[: farewell.size]
    heard = hear(make_wav(farewell + sounds.levelled(noise, level_db(farewell) - 10.0)))
    assert real_speech.errors(FAREWELL_TEXT, heard.transcript.text).wer <= 0.10
    assert heard.transcript.removed == ()
