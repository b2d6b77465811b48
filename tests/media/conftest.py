"""Small videos drawn by ffmpeg, and ways to look at what came out."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mindreel.contracts.clips import ClipPlan
from mindreel.media.tools import ffmpeg_path

PICTURE = "testsrc2=s=320x180:r={rate}:d={seconds}"
VOICE = "aevalsrc='0.3*sin(2*PI*300*t)*abs(sin(2*PI*2*t))':s=48000:d={seconds}"
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "3", "-g", "50")

Make = Callable[..., Path]


@pytest.fixture(scope="session")
def ffmpeg() -> Callable[..., None]:
    """Runs ffmpeg with the given arguments."""

    def run(*arguments: object) -> None:
        command = [ffmpeg_path(), "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
        subprocess.run(command, check=True)

    return run


@pytest.fixture(scope="session")
def make_video(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Callable[..., None]) -> Make:
    """Draws a moving picture with a pulsing tone, once a session: `make_video("name.mp4", "-g", "10")`."""
    folder = tmp_path_factory.mktemp("videos")

    def make(
        name: str,
        *options: str,
        seconds: float = 8,
        rate: str = "25",
        sound: bool = True,
        codecs: tuple[str, ...] = H264,
    ) -> Path:
        target = folder / name
        if not target.exists():
            inputs = ["-f", "lavfi", "-i", PICTURE.format(rate=rate, seconds=seconds)]
            if sound:
                inputs += ["-f", "lavfi", "-i", VOICE.format(seconds=seconds)]
            ffmpeg(*inputs, *codecs, *options, target)
        return target

    return make


@pytest.fixture(scope="session")
def plain(make_video: Make) -> Path:
    """8 s of h264 with B-frames, a key frame every 2 s, and AAC."""
    return make_video("plain.mp4")


@pytest.fixture(scope="session")
def plan() -> Callable[..., ClipPlan]:
    """A plan for [start_s, end_s)."""

    def make(start_s: float, end_s: float, name: str = "01-clip") -> ClipPlan:
        return ClipPlan(1, name, "A title", start_s, end_s, 1.0, "", (), start_s + 0.1, end_s - 0.1)

    return make


@pytest.fixture(scope="session")
def frames() -> Callable[..., list[tuple[float, NDArray[np.int16]]]]:
    """Time since the video's zero and small luma of every frame of a file."""

    def read(path: Path) -> list[tuple[float, NDArray[np.int16]]]:
        with av.open(str(path)) as container:
            zero_s = (container.start_time or 0) / av.time_base
            return [
                (
                    (frame.time or 0.0) - zero_s,
                    frame.reformat(width=160, height=90, format="gray").to_ndarray().astype(np.int16),
                )
                for frame in container.decode(video=0)
            ]

    return read
