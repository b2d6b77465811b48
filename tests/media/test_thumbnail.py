"""The picture that stands for a video."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mindreel.contracts.progress import QuietReporter
from mindreel.media.probe import probe
from mindreel.media.thumbnail import make_thumbnail

Make = Callable[..., Path]


def picture(path: Path | None) -> NDArray[np.uint8]:
    assert path is not None
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8)


def test_black_openings_and_white_flashes_are_passed_over(
    tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    video = tmp_path / "film.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "color=black:s=320x180:d=3", "-f", "lavfi", "-i", "testsrc=s=320x180:d=4",
        "-f", "lavfi", "-i", "color=white:s=320x180:d=3",
        "-filter_complex", "[0][1][2]concat=n=3,format=yuv420p", "-c:v", "libx264", video,
    )  # fmt: skip
    seen = picture(make_thumbnail(video, probe(video), tmp_path, reporter=QuietReporter()))
    assert seen.std() > 40


def test_a_title_that_looks_like_nothing_else_is_passed_over(
    tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    video = tmp_path / "titled.mp4"
    red = "color=red:s=320x180:d=2,drawgrid=w=20:h=20:c=white"
    ffmpeg(
        "-f", "lavfi", "-i", red, "-f", "lavfi", "-i", "mandelbrot=s=320x180:r=25", "-t", 12,
        "-filter_complex", "[0]setsar=1[a];[1]setsar=1[b];[a][b]concat=n=2,format=yuv420p",
        "-c:v", "libx264", "-preset", "ultrafast", video,
    )  # fmt: skip
    seen = picture(make_thumbnail(video, probe(video), tmp_path, reporter=QuietReporter()))
    red_share = np.mean((seen[..., 0] > 200) & (seen[..., 1] < 60))
    assert red_share < 0.5


def test_a_wide_video_becomes_1280_wide(tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    video = tmp_path / "wide.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=1920x1080:d=1", "-c:v", "libx264", "-preset", "ultrafast", video)
    seen = picture(make_thumbnail(video, probe(video), tmp_path, reporter=QuietReporter()))
    assert seen.shape == (720, 1280, 3)


def test_a_turned_video_is_shown_upright(plain: Path, tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", 90, "-i", plain, "-c", "copy", turned)
    seen = picture(make_thumbnail(turned, probe(turned), tmp_path, reporter=QuietReporter()))
    ffmpeg("-ss", 4, "-i", turned, "-frames:v", 1, tmp_path / "ffmpeg.png")
    assert seen.shape == picture(tmp_path / "ffmpeg.png").shape == (320, 180, 3)
    difference = np.abs(seen.astype(int) - picture(tmp_path / "ffmpeg.png").astype(int)).mean()
    upside_down = np.abs(seen[::-1].astype(int) - picture(tmp_path / "ffmpeg.png").astype(int)).mean()
    assert difference < upside_down


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_a_one_second_video_has_one(suffix: str, make_video: Make, tmp_path: Path) -> None:
    video = make_video(f"second.{suffix}", seconds=1)
    assert picture(make_thumbnail(video, probe(video), tmp_path, reporter=QuietReporter())).shape == (
        180,
        320,
        3,
    )


def test_sound_alone_has_none_and_a_cover_serves_as_one(tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    bare, covered = tmp_path / "bare.mp3", tmp_path / "covered.mp3"
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", bare)
    ffmpeg(
        "-i", bare, "-f", "lavfi", "-i", "color=red:s=64x64:d=0.04",
        "-map", 0, "-map", 1, "-c:v", "mjpeg", "-disposition:v", "attached_pic", covered,
    )  # fmt: skip
    assert make_thumbnail(bare, probe(bare), tmp_path, reporter=QuietReporter()) is None
    seen = picture(make_thumbnail(covered, probe(covered), tmp_path, reporter=QuietReporter()))
    assert seen[..., 0].mean() > 200
