"""Clips: exact at both ends, whatever the source is, and honest about how they were made."""

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.progress import QuietReporter
from mindreel.errors import CancelledError, InputError
from mindreel.media.checks import check_clip
from mindreel.media.cut import cut_clip
from mindreel.media.probe import probe

Make = Callable[..., Path]
Plan = Callable[..., ClipPlan]
Frames = Callable[..., list[tuple[float, NDArray[np.int16]]]]
FLASHES = "color=black:s=160x90:r=25:d=8,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.12)'"
BEEPS = "aevalsrc='if(lt(mod(t,1),0.12),0.5*sin(2*PI*1000*t),0)':s=48000:d=8"
FAST = ("-preset", "ultrafast")


def cut(source: Path, plan: ClipPlan, folder: Path, *, vertical: bool = False) -> tuple[Path, CutReport]:
    """Cut, and let the quality gate find nothing."""
    info = probe(source)
    clip, report = cut_clip(source, info, plan, folder, vertical=vertical, reporter=QuietReporter())
    assert check_clip(clip, info, plan, report, vertical=vertical) == []
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    return clip, report


def assert_same_frames(source: Path, clip: Path, report: CutReport, frames: Frames) -> None:
    """Every frame of the clip is the source's frame of that time, none is missing or too many."""
    wanted = [
        picture
        for second, picture in frames(source)
        if report.start_s - 0.005 <= second < report.end_s - 0.005
    ]
    got = frames(clip)
    assert len(got) == len(wanted)
    steps = np.diff([second for second, _ in got])
    assert steps.max() - steps.min() < 0.002
    assert max(np.abs(one - other).mean() for (_, one), other in zip(got, wanted, strict=True)) < 2.5


SMART: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "mp4 with B-frames": ("b.mp4", (), {}),
    "mkv with a deep B-pyramid": ("deep.mkv", ("-bf", "8", "-x264-params", "b-pyramid=normal:b-adapt=2"), {}),
    "no B-frames": ("flat.mp4", ("-bf", "0"), {}),
    "baseline at 29.97": ("baseline.mp4", ("-profile:v", "baseline"), {"rate": "30000/1001"}),
    "transport stream": ("b.ts", (), {}),
    "start time not 0": ("late.mp4", ("-output_ts_offset", "10"), {}),
    "odd size that is cropped": ("odd.mp4", ("-vf", "scale=322:182"), {}),
    "pixels that are not square": ("sar.mp4", ("-vf", "setsar=4/3"), {"sound": False}),
    "open GOPs, an IDR at 2 s": (
        "open.mp4",
        ("-x264-params", "open-gop=1:keyint=50", "-force_key_frames", "2", "-forced-idr", "1"),
        {},
    ),
}


@pytest.mark.parametrize("case", SMART, ids=str)
@pytest.mark.parametrize("ends", [(1.23, 7.11), (0.0, 8.0)], ids=["inside", "to the exact end"])
def test_h264_is_copied_but_for_its_edges(  # noqa: PLR0917 - fixtures
    case: str, ends: tuple[float, float], make_video: Make, plan: Plan, frames: Frames, tmp_path: Path
) -> None:
    name, options, drawing = SMART[case]
    source = make_video(name, *options, **drawing)
    clip, report = cut(source, plan(ends[0], min(ends[1], probe(source).duration_s)), tmp_path)
    assert report.method == "smart", report.why
    assert report.copied_share >= 0.5
    assert_same_frames(source, clip, report, frames)


def test_copied_packets_are_the_sources_own_bytes(plain: Path, plan: Plan, tmp_path: Path) -> None:
    clip, report = cut(plain, plan(1.0, 7.0), tmp_path)
    assert _packets(clip) & _packets(plain)
    assert len(_packets(clip) & _packets(plain)) == round(report.copied_share * 150)


def test_a_clip_on_key_frames_is_copied_whole(
    make_video: Make, plan: Plan, frames: Frames, tmp_path: Path
) -> None:
    source = make_video("flat.mp4", "-bf", "0")
    clip, report = cut(source, plan(2.0, 6.0), tmp_path)
    assert report.copied_share == 1.0
    assert_same_frames(source, clip, report, frames)


def test_rotation_survives_a_smart_cut(
    plain: Path, plan: Plan, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    phone = tmp_path / "phone.mp4"
    ffmpeg("-display_rotation", 90, "-i", plain, "-c", "copy", phone)
    clip, report = cut(phone, plan(1.23, 7.11), tmp_path)
    assert report.method == "smart"
    video = probe(clip).video
    assert video is not None
    assert (video.width, video.height, abs(video.rotation_deg)) == (180, 320, 90)


REENCODED = {
    "interlaced": (
        "i.mp4",
        ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-flags", "+ildct+ilme"),
        (),
        "interlaced",
    ),
    "vp9": ("r.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), (), "vp9"),
    "hevc": ("r.mp4", ("-c:v", "libx265", *FAST, "-x265-params", "log-level=error"), (), "hevc"),
    "open GOPs": (
        "o.mp4",
        ("-c:v", "libx264", "-pix_fmt", "yuv420p"),
        ("-x264-params", "open-gop=1:keyint=50"),
        "IDR",
    ),
    "one key frame": ("one.mp4", ("-c:v", "libx264", *FAST, "-pix_fmt", "yuv420p"), ("-g", "999"), "IDR"),
    "4:4:4": ("444.mp4", ("-c:v", "libx264", *FAST, "-pix_fmt", "yuv444p"), (), "yuv444p"),
}


@pytest.mark.parametrize("case", REENCODED, ids=str)
def test_other_sources_are_encoded_again_and_the_reason_is_said(
    case: str, make_video: Make, plan: Plan, frames: Frames, tmp_path: Path
) -> None:
    name, codecs, options, reason = REENCODED[case]
    source = make_video(name, *options, codecs=codecs, seconds=4)
    clip, report = cut(source, plan(1.23, 3.71), tmp_path)
    assert report.method == "reencode"
    assert reason in report.why
    assert_same_frames(source, clip, report, frames)


def test_a_faulty_smart_cut_is_thrown_away(
    plain: Path, plan: Plan, frames: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packets are damaged on their way into the file, as a wrong join would do."""
    monkeypatch.setattr("mindreel.media.smartcut.write.copied_packets", _damaged_packets)
    clip, report = cut(plain, plan(1.23, 7.11), tmp_path)
    assert report.method == "reencode"
    assert "of the finished clip" in report.why or "does not decode" in report.why
    assert_same_frames(plain, clip, report, frames)


VARYING = ("-vf", "select='lt(n,60)+not(mod(n,7))'", "-fps_mode", "vfr")


def test_a_varying_frame_rate_is_copied_with_its_own_times(
    make_video: Make, plan: Plan, frames: Frames, tmp_path: Path
) -> None:
    source = make_video("vfr.mp4", *VARYING)
    clip, report = cut(source, plan(0.52, 6.5), tmp_path)
    assert report.method == "smart"
    wanted = [one for one in frames(source) if report.start_s - 0.005 <= one[0] < report.end_s - 0.021]
    got = frames(clip)
    assert [second for second, _ in got] == pytest.approx(
        [one - report.start_s for one, _ in wanted], abs=1e-3
    )
    assert max(np.abs(one[1] - other[1]).mean() for one, other in zip(got, wanted, strict=True)) < 2.5


def test_a_clip_that_begins_between_sparse_frames_shows_what_was_on_screen(
    make_video: Make, plan: Plan, frames: Frames, tmp_path: Path
) -> None:
    source = make_video("vfr.mp4", *VARYING)
    clip, report = cut(source, plan(3.47, 6.5), tmp_path)
    assert report.method == "reencode"
    assert "no frame of the source begins" in report.why
    shown = frames(source)
    for second, picture in frames(clip)[::5]:
        near = [_on_screen(shown, second + report.start_s + step) for step in (-0.021, 0.0, 0.021)]
        assert min(np.abs(picture - one).mean() for one in near) < 2.5


def test_the_last_picture_stays_where_sound_goes_on_without_it(
    plan: Plan, frames: Frames, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    source = tmp_path / "short-picture.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=320x180:d=3", "-f", "lavfi", "-i", "sine=d=6")
    ffmpeg(*picture, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", source)
    for start_s, end_s, name in ((2.0, 5.0, "across"), (4.0, 5.5, "after")):
        clip, report = cut(source, plan(start_s, end_s, name=name), tmp_path)
        assert report.method == "reencode"
        assert np.abs(frames(clip)[-1][1] - frames(source)[-1][1]).mean() < 2.5


def test_hdr_becomes_the_colours_of_ordinary_screens(
    plan: Plan, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    source = tmp_path / "hlg.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=320x180:d=2", "-pix_fmt", "yuv420p10le", "-c:v", "libx265", *FAST,
        "-x265-params", "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc", source,
    )  # fmt: skip
    clip, report = cut(source, plan(0.5, 1.5), tmp_path)
    assert report.method == "reencode"
    with av.open(str(clip)) as container:
        context = container.streams.video[0].codec_context
        assert (context.pix_fmt, context.color_trc, context.color_primaries) == ("yuv420p", 1, 1)
        assert 40 < next(container.decode(video=0)).to_ndarray(format="gray").mean() < 215


def test_beeps_and_flashes_stay_together(plan: Plan, tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    for suffix in ("mp4", "ts"):
        source = tmp_path / f"beep.{suffix}"
        ffmpeg(
            "-f", "lavfi", "-i", FLASHES, "-f", "lavfi", "-i", BEEPS,
            "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", 50, "-c:a", "aac", source,
        )  # fmt: skip
        clip, report = cut(source, plan(1.3, 6.7, name=suffix), tmp_path)
        assert report.method == "smart"
        flashes, beeps = _flashes(clip), _beeps(clip)
        assert len(flashes) == len(beeps) == 5
        assert max(abs(one - other) for one, other in zip(flashes, beeps, strict=True)) < 0.04


def test_quiet_sound_is_raised_and_silence_is_left_alone(
    plan: Plan, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    """`cut` measures: in the band or silent."""
    for name, sound in (
        ("quiet", "anoisesrc=a=0.004:d=4"),
        ("peaky", "aevalsrc='0.9*sin(2*PI*200*t)*exp(-40*mod(t,0.5))':d=4"),
        ("silent", "anullsrc=d=4"),
    ):
        source = tmp_path / f"{name}-source.mp4"
        ffmpeg(
            "-f", "lavfi", "-i", "testsrc2=s=160x90:d=4", "-f", "lavfi", "-t", 4, "-i", sound,
            "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", source,
        )  # fmt: skip
        cut(source, plan(0.5, 3.5, name=name), tmp_path)


def test_a_clip_is_never_written_over_its_source(plain: Path, plan: Plan, tmp_path: Path) -> None:
    source = tmp_path / "01-clip.mp4"
    source.write_bytes(plain.read_bytes())
    with pytest.raises(InputError, match="over its own source"):
        cut_clip(source, probe(source), plan(1.0, 6.0), tmp_path, reporter=QuietReporter())
    assert source.read_bytes() == plain.read_bytes()


def test_a_video_without_sound(make_video: Make, plan: Plan, tmp_path: Path) -> None:
    clip, _ = cut(make_video("silent4.mp4", sound=False, seconds=4), plan(1.0, 3.0), tmp_path)
    assert probe(clip).audio == ()


def test_sound_without_a_picture_becomes_an_m4a(
    plan: Plan, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=5", tmp_path / "talk.mp3")
    clip, report = cut(tmp_path / "talk.mp3", plan(1.25, 4.5), tmp_path)
    assert (clip.suffix, report.method) == (".m4a", "audio")
    assert probe(clip).duration_s == pytest.approx(3.25, abs=0.03)


def test_a_one_second_video(make_video: Make, plan: Plan, tmp_path: Path) -> None:
    clip, _ = cut(make_video("one-second.mp4", seconds=1), plan(0.0, 1.0), tmp_path)
    assert probe(clip).duration_s == pytest.approx(1.0, abs=0.04)


def test_a_plan_past_the_end_is_refused(plain: Path, plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lies outside"):
        cut_clip(plain, probe(plain), plan(20.0, 30.0), tmp_path, reporter=QuietReporter())


def test_odd_names_of_folders_and_files(plain: Path, plan: Plan, tmp_path: Path) -> None:
    odd = tmp_path / 'it\'s "视频" 😀 [a],b;c:d'
    odd.mkdir()
    source = odd / "a b'c%d.mp4"
    source.write_bytes(plain.read_bytes())
    cut(source, plan(1.0, 6.0), odd)
    cut(source, plan(1.0, 2.0), odd, vertical=True)


def test_a_wide_picture_becomes_9_16(plain: Path, plan: Plan, tmp_path: Path) -> None:
    clip, report = cut(plain, plan(1.0, 2.0), tmp_path, vertical=True)
    video = probe(clip).video
    assert video is not None
    assert (video.width, video.height) == (720, 1280)
    assert "9:16 from the middle" in report.why


def test_slides_are_fitted_not_cropped(plan: Plan, tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    slide = "color=white:s=640x360:d=4,drawgrid=w=30:h=30:t=3:c=black"
    ffmpeg("-f", "lavfi", "-i", slide, "-c:v", "libx264", "-pix_fmt", "yuv420p", tmp_path / "slides.mp4")
    _, report = cut(tmp_path / "slides.mp4", plan(0.5, 3.5), tmp_path, vertical=True)
    assert "whole picture" in report.why


class _Impatient:
    """Cancelled half a second after it was made."""

    def __init__(self) -> None:
        self._end = time.monotonic() + 0.5

    def progress(self, fraction: float, note: str = "") -> None:
        pass

    def wait_cancelled(self, seconds: float) -> bool:
        time.sleep(seconds)
        return time.monotonic() > self._end


def test_cancelling_leaves_no_temporary_file(plan: Plan, tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    slow = "testsrc2=s=1280x720:d=60"
    ffmpeg("-f", "lavfi", "-i", slow, "-c:v", "libx264", *FAST, "-g", 9999, tmp_path / "slow.mp4")
    folder = tmp_path / "clips"
    folder.mkdir()
    info = probe(tmp_path / "slow.mp4")
    with pytest.raises(CancelledError):
        cut_clip(tmp_path / "slow.mp4", info, plan(1.0, 59.0), folder, reporter=_Impatient())
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []


def _on_screen(shown: list[tuple[float, NDArray[np.int16]]], second: float) -> NDArray[np.int16]:
    return max((one for one in shown if one[0] <= second), key=lambda one: one[0])[1]


def _packets(path: Path) -> set[bytes]:
    with av.open(str(path)) as container:
        return {bytes(packet) for packet in container.demux(video=0) if packet.size}


def _damaged_packets(*arguments: object) -> object:
    from mindreel.media.smartcut.source import copied_packets  # noqa: PLC0415 - the original

    for number, data, key in copied_packets(*arguments):  # type: ignore[arg-type]
        yield number, data[:40] + bytes(len(data) - 40) if key else data, key


def _flashes(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        lit = [
            (frame.time or 0.0, frame.to_ndarray(format="gray").mean() > 128)
            for frame in container.decode(video=0)
        ]
    return [now[0] for before, now in pairwise(lit) if now[1] and not before[1]]


def _beeps(path: Path) -> list[float]:
    found: list[float] = []
    with av.open(str(path)) as container:
        last = -1.0
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 0.05)
            for second in (frame.time or 0.0) + loud / frame.sample_rate:
                if second - last > 0.3:
                    found.append(float(second))
                last = second
    return found
