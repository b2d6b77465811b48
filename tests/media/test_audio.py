"""Sound for speech recognition and for listening."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mindreel.contracts.progress import QuietReporter
from mindreel.errors import InputError
from mindreel.media.audio import extract_audio
from mindreel.media.probe import probe

Make = Callable[..., Path]
BEEPS = "aevalsrc='if(lt(mod(t,1),0.1),0.5*sin(2*PI*1000*t),0)':s=48000:d=6"


def samples(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def first_loud_s(path: Path) -> float:
    return float(np.flatnonzero(np.abs(samples(path).astype(int)) > 3000)[0]) / 16_000


def test_speech_and_listening_files_last_as_long_as_the_video(plain: Path, tmp_path: Path) -> None:
    files = extract_audio(plain, probe(plain), tmp_path, reporter=QuietReporter())
    assert len(samples(files.speech)) / 16_000 == pytest.approx(8.0, abs=0.05)
    listen = probe(files.listen)
    assert listen.faststart
    assert listen.duration_s == pytest.approx(8.0, abs=0.05)
    assert files.remarks == ()


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_sound_that_begins_late_stays_late(
    suffix: str, plain: Path, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    late = tmp_path / f"late.{suffix}"
    ffmpeg(
        "-i", plain, "-f", "lavfi", "-i", BEEPS, "-map", "0:v", "-map", "1:a",
        "-c:v", "copy", "-c:a", "aac", "-af", "asetpts=PTS+1.5/TB", late,
    )  # fmt: skip
    files = extract_audio(late, probe(late), tmp_path, reporter=QuietReporter())
    assert first_loud_s(files.speech) == pytest.approx(1.5, abs=0.04)


def test_sound_stays_in_place_when_a_transport_stream_begins_with_its_picture(
    plain: Path, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    late = tmp_path / "late.ts"
    ffmpeg(
        "-i", plain, "-f", "lavfi", "-i", BEEPS, "-map", "0:v", "-map", "1:a",
        "-c:v", "copy", "-c:a", "aac", "-af", "asetpts=PTS+0.5/TB", late,
    )  # fmt: skip
    files = extract_audio(late, probe(late), tmp_path, reporter=QuietReporter())
    assert first_loud_s(files.speech) == pytest.approx(0.5, abs=0.04)


@pytest.fixture(scope="module")
def two_tracks(plain: Path, tmp_path_factory: pytest.TempPathFactory, ffmpeg: Callable[..., None]) -> Path:
    path = tmp_path_factory.mktemp("tracks") / "two.mkv"
    ffmpeg(
        "-i", plain, "-f", "lavfi", "-i", "sine=f=200:d=8", "-f", "lavfi", "-i", "sine=f=2000:d=8",
        "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "copy", "-c:a", "aac",
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger",
        "-disposition:a:0", "0", "-disposition:a:1", "default", path,
    )  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("language", "number", "why"),
    [("en", 1, "“en”"), ("de", 2, "“de”"), (None, 2, "default"), ("fr", 2, "default")],
)
def test_of_several_tracks_the_one_asked_for_is_taken_and_said(
    language: str | None, number: int, why: str, two_tracks: Path, tmp_path: Path
) -> None:
    files = extract_audio(
        two_tracks, probe(two_tracks), tmp_path, reporter=QuietReporter(), language=language
    )
    (remark,) = files.remarks
    assert f"track {number} " in remark
    assert why in remark
    crossings = np.count_nonzero(np.diff(np.signbit(samples(files.speech)[16_000:32_000])))
    assert crossings == pytest.approx(400 if number == 1 else 4000, rel=0.05)


def test_a_video_without_sound_is_refused(make_video: Make, tmp_path: Path) -> None:
    silent = make_video("silent.mp4", sound=False, seconds=1)
    with pytest.raises(InputError, match="no sound"):
        extract_audio(silent, probe(silent), tmp_path, reporter=QuietReporter())


def test_odd_file_names(plain: Path, tmp_path: Path) -> None:
    odd = tmp_path / 'it\'s "视频" 😀'
    odd.mkdir()
    copy = odd / "a%03d b'c.mp4"
    copy.write_bytes(plain.read_bytes())
    files = extract_audio(copy, probe(copy), odd, reporter=QuietReporter())
    assert files.speech.stat().st_size > 100_000
