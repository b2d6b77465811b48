"""Where recordings are cut, and how little memory that takes."""

import struct
import subprocess
import sys
import wave
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mindreel.contracts.media import Span
from mindreel.contracts.progress import QuietReporter
from mindreel.errors import CancelledError, NotAVideoError
from mindreel.speech import vad
from mindreel.speech.chunks import plan_chunks
from mindreel.speech.wav import RATE_HZ, duration_s, read_blocks, read_span

HOURS_S = 3 * 3600


def test_every_sentence_lies_inside_one_chunk(talk: Any) -> None:
    chunks = plan_chunks(talk.wav)
    for sentence in talk.sentences:
        middle_s = (sentence["start_s"] + sentence["end_s"]) / 2
        assert sum(chunk.start_s <= middle_s <= chunk.end_s for chunk in chunks) == 1


@pytest.mark.parametrize("target_s", [20.0, 60.0, 500.0])
def test_chunks_are_in_order_do_not_overlap_and_hold_all_speech(talk: Any, target_s: float) -> None:
    chunks = plan_chunks(talk.wav, target_s=target_s)
    assert all(before.end_s <= after.start_s for before, after in pairwise(chunks))
    speech = vad.join(vad.measure(read_blocks(talk.wav, 512 * 100))).speech
    for region in vad.speech_regions(speech):
        assert any(chunk.start_s <= region.start_s and region.end_s <= chunk.end_s for chunk in chunks)
    assert all(chunk.duration_s <= 1.5 * target_s for chunk in chunks)


def test_a_short_talk_makes_work_for_several_workers(talk: Any) -> None:
    lengths = [chunk.duration_s for chunk in plan_chunks(talk.wav)]
    assert len(lengths) == 4
    assert max(lengths) <= 1.5 * min(lengths)


def test_cuts_lie_in_silence(talk: Any) -> None:
    for chunk in plan_chunks(talk.wav, target_s=30.0)[1:]:
        edge = read_span(talk.wav, Span(chunk.start_s - 0.05, chunk.start_s + 0.05))
        assert float(np.sqrt(np.mean(edge**2))) < 0.01


def test_the_plan_is_the_same_every_time(talk: Any) -> None:
    assert plan_chunks(talk.wav) == plan_chunks(talk.wav)


@pytest.mark.parametrize("sound", ["silence", "noise", "music"])
def test_no_speech_is_no_chunk(
    sound: str, request: pytest.FixtureRequest, make_wav: Callable[..., Path]
) -> None:
    assert plan_chunks(make_wav(request.getfixturevalue(sound)(60.0))) == ()


def test_an_empty_recording_is_no_chunk(make_wav: Callable[..., Path], silence: Any) -> None:
    assert plan_chunks(make_wav(silence(0.0))) == ()
    assert plan_chunks(make_wav(silence(0.01))) == ()


def test_a_long_silence_belongs_to_no_chunk(make_wav: Callable[..., Path], take: Any, silence: Any) -> None:
    chunks = plan_chunks(
        make_wav(silence(30.0), take(4.8, 12.4), silence(40.0), take(12.6, 20.4), silence(30.0))
    )
    assert [round(chunk.start_s) for chunk in chunks] == [30, 78]
    assert [round(chunk.end_s) for chunk in chunks] == [38, 86]


def test_a_short_silence_does_not_part_a_short_recording(
    make_wav: Callable[..., Path], take: Any, silence: Any
) -> None:
    assert len(plan_chunks(make_wav(take(4.8, 12.4), silence(5.0), take(12.6, 20.4)))) == 1


def test_speech_without_any_pause_is_cut_at_the_quietest_point(
    make_wav: Callable[..., Path], talk: Any
) -> None:
    """Silences are taken out, so that only one planted dip of 0.2 s is left to cut at."""
    samples = read_span(talk.wav, Span(0.0, 120.0))
    regions = vad.speech_regions(vad.join(vad.measure([samples])).speech)
    dense = np.concatenate([samples[int(r.start_s * RATE_HZ) : int(r.end_s * RATE_HZ)] for r in regions])
    loud = np.where(np.abs(dense) < 0.02, 0.02 * np.sign(dense), dense)
    dip = slice(int(41.0 * RATE_HZ), int(41.2 * RATE_HZ))
    loud[dip] *= 0.01
    chunks = plan_chunks(make_wav(loud), target_s=40.0)
    assert len(chunks) == 2
    assert 41.0 <= chunks[0].end_s <= chunks[1].start_s <= 41.2


def test_planning_reports_and_can_be_stopped(talk: Any) -> None:
    class Stopping(QuietReporter):
        seen: list[float] = []  # noqa: RUF012 - one instance in one test

        def progress(self, fraction: float, note: str = "") -> None:
            del note
            self.seen.append(fraction)

        def wait_cancelled(self, seconds: float) -> bool:
            del seconds
            return len(self.seen) == 3

    reporter = Stopping()
    with pytest.raises(CancelledError):
        plan_chunks(talk.wav, reporter=reporter)
    assert reporter.seen == sorted(reporter.seen)
    assert 0 < reporter.seen[0] < reporter.seen[-1] < 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_three_hours_are_planned_in_bounded_memory(talk: Any, tmp_path: Path) -> None:
    """A sparse file of three hours with speech at its beginning, middle and end."""
    path = tmp_path / "long.wav"
    speech = read_span(talk.wav, Span(4.8, 12.4))
    size = HOURS_S * RATE_HZ * 2
    form = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, RATE_HZ, 32000, 2, 16
    )
    path.write_bytes(form + struct.pack("<4sI", b"data", size))
    header = path.stat().st_size
    with path.open("r+b") as file:
        for start_s in (0, HOURS_S // 2, HOURS_S - 10):
            file.seek(header + start_s * RATE_HZ * 2)
            file.write((speech * 32767).astype("<i2").tobytes())
        file.truncate(header + size)
    assert duration_s(path) == HOURS_S
    program = (
        "from pathlib import Path; from mindreel.speech.chunks import plan_chunks\n"
        "def peak():  # not ru_maxrss, which begins at the peak of the parent\n"
        "    lines = Path('/proc/self/status').read_text().splitlines()\n"
        "    return next(int(each.split()[1]) for each in lines if each.startswith('VmHWM'))\n"
        "before = peak()\n"
        f"print([round(c.start_s) for c in plan_chunks(Path({str(path)!r}))])\n"
        "print(peak() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    starts, kilobytes = done.stdout.splitlines()
    assert starts == f"[0, {HOURS_S // 2}, {HOURS_S - 10}]"
    assert int(kilobytes) < 150_000


def test_blocks_do_not_change_what_is_heard(talk: Any) -> None:
    whole = vad.join(vad.measure(read_blocks(talk.wav, 512 * 100_000)))
    small = vad.join(vad.measure(read_blocks(talk.wav, 512 * 33)))
    assert np.allclose(whole.speech, small.speech, atol=1e-3)
    assert np.allclose(whole.loudness, small.loudness)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no wav at all " * 20])
def test_a_file_that_is_no_wav_is_a_clear_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(NotAVideoError, match=r"x\.wav is no readable WAV"):
        plan_chunks(tmp_path / "x.wav")


def test_another_rate_is_a_clear_sentence(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "x.wav"), "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(44_100)
        writer.writeframes(b"\0" * 400)
    with pytest.raises(NotAVideoError, match="not a 16 kHz mono 16-bit WAV"):
        plan_chunks(tmp_path / "x.wav")


def test_a_wav_that_was_cut_off_is_read_as_far_as_it_goes(talk: Any, tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(talk.wav.read_bytes()[: 44 + 12 * RATE_HZ * 2 + 1])
    assert plan_chunks(path)[-1].end_s <= 12.1
