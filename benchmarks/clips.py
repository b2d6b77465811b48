"""Ten 30 s clips out of a 30-minute 1080p24 video: mindreel against re-encoding each.

The other side is what a careful user does: `-ss` before `-i`, x264 veryfast, AAC. Both write the same ten
stretches, one after the other, in turns (A B A B); the medians count. mindreel's clips are brought to one
loudness besides. Afterwards its clips are decoded in full and their ends compared with the source's frames.

    python benchmarks/clips.py [--clips 10] [--rounds 2]

The video is drawn once and kept in the user's cache folder.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mindreel.contracts.clips import ClipPlan, CutReport  # noqa: E402 - found by the line above
from mindreel.contracts.progress import QuietReporter  # noqa: E402 - found by the line above
from mindreel.media.checks import check_clip  # noqa: E402 - found by the line above
from mindreel.media.cut import cut_clip  # noqa: E402 - found by the line above
from mindreel.media.probe import probe  # noqa: E402 - found by the line above
from mindreel.media.tools import ffmpeg_path  # noqa: E402 - found by the line above

CLIP_S = 30.0
TARGET = 0.25
SEED = 7
PIECE_S = 120
SECONDS = 1800
VERSION = 2
NOISE = "noise=alls=5:allf=t"
SCENES = (
    (14, "testsrc2=s=1920x1080:r=24"),
    (9, "gradients=s=1920x1080:r=24:speed=0.02:seed=3"),
    (21, "smptehdbars=s=1920x1080:r=24"),
    (6, "mandelbrot=s=960x540:r=24:end_scale=0.01,scale=1920:1080"),
    (17, "gradients=s=1920x1080:r=24:speed=0.005:type=radial:seed=9"),
    (11, "testsrc=s=1920x1080:r=24"),
    (25, "mandelbrot=s=960x540:r=24:start_scale=0.5,scale=1920:1080"),
    (17, "testsrc2=s=1920x1080:r=24,hue=h=120,boxblur=4"),
)
VOICE = (
    "aevalsrc='0.25*(sin(2*PI*130*t)+0.5*sin(2*PI*520*t)+0.3*sin(2*PI*1400*t))"
    "*abs(sin(2*PI*1.7*t))*gt(sin(0.9*t),-0.7)'"
)
SAME = 4.0
"""Mean difference of small luma (0 to 255) under which two pictures are the same frame."""

Luma = NDArray[np.int16]


def plans(count: int) -> list[ClipPlan]:
    """Stretches spread over the video, beginning anywhere within a frame."""
    chance = random.Random(SEED)  # noqa: S311 - the same places in every run
    slot_s = SECONDS / count
    starts = [number * slot_s + chance.uniform(0, slot_s - CLIP_S) for number in range(count)]
    return [
        ClipPlan(number, f"{number:02}-clip", "", start, start + CLIP_S, 1.0, "", (), start, start + CLIP_S)
        for number, start in enumerate(starts, start=1)
    ]


def reencode_each(source: Path, wanted: list[ClipPlan], folder: Path) -> float:
    """Seconds a careful user waits."""
    begin = time.perf_counter()
    for plan in wanted:
        command = [ffmpeg_path(), "-nostdin", "-loglevel", "error", "-y", "-ss", f"{plan.start_s:.6f}"]
        command += ["-i", str(source), "-t", str(CLIP_S), "-c:v", "libx264", "-preset", "veryfast"]
        command += [
            "-c:a",
            "aac",
            "-b:a",
            "160k",
            "-movflags",
            "+faststart",
            str(folder / f"{plan.name}.mp4"),
        ]
        subprocess.run(command, check=True)
    return time.perf_counter() - begin


def cut_each(
    source: Path, wanted: list[ClipPlan], folder: Path
) -> tuple[float, list[tuple[Path, CutReport]]]:
    """Seconds mindreel takes, from the file to checked clips; and the clips."""
    begin = time.perf_counter()
    info = probe(source)
    made = [cut_clip(source, info, plan, folder, reporter=QuietReporter()) for plan in wanted]
    return time.perf_counter() - begin, made


def main() -> int:
    """Run, print one JSON object; 0 when the target is met and every clip is right."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    source, wanted = video(), plans(given.clips)
    ours: list[float] = []
    theirs: list[float] = []
    faults: list[str] = []
    with TemporaryDirectory() as folder:
        for number in range(given.rounds):
            seconds, made = cut_each(source, wanted, Path(folder))
            ours.append(seconds)
            if number == given.rounds - 1:
                faults = [
                    fault
                    for plan, clip in zip(wanted, made, strict=True)
                    for fault in problems(source, plan, *clip)
                ]
            theirs.append(reencode_each(source, wanted, Path(folder)))
            print(
                f"round {number + 1}: mindreel {ours[-1]:.1f} s, re-encoding {theirs[-1]:.1f} s",
                file=sys.stderr,
            )
    ratio = statistics.median(ours) / statistics.median(theirs)
    shares = [report.copied_share for _, report in made]
    print(
        json.dumps(
            {
                "clips": given.clips,
                "mindreel_s": [round(value, 2) for value in ours],
                "reencode_s": [round(value, 2) for value in theirs],
                "ratio": round(ratio, 3),
                "target": TARGET,
                "smart": sum(report.method == "smart" for _, report in made),
                "copied_share": round(statistics.mean(shares), 3),
                "faults": faults,
                "cores": os.cpu_count(),
            },
            indent=2,
        )
    )
    return 0 if ratio <= TARGET and not faults else 1


def video() -> Path:
    """The file, drawn at the first call: two minutes of scenes, fifteen times over."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mindreel-benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"clips-1080p24-v{VERSION}.mp4"
    if not target.is_file():
        piece, partial = folder / "piece.mp4", folder / "partial.mp4"
        _run(*_scenes(), "-c:v", "libx264", "-t", str(PIECE_S), str(piece))
        sound = ["-f", "lavfi", "-t", str(SECONDS), "-i", f"{VOICE}:s=48000"]
        repeated = ["-stream_loop", str(SECONDS // PIECE_S - 1), "-i", str(piece)]
        _run(*repeated, *sound, "-c:v", "copy", "-c:a", "aac", "-movflags", "+faststart", str(partial))
        partial.replace(target)
        piece.unlink()
    return target


def _scenes() -> list[str]:
    inputs = [part for seconds, graph in SCENES for part in ("-f", "lavfi", "-t", str(seconds), "-i", graph)]
    chains = [f"[{number}:v]setsar=1,{NOISE},format=yuv420p[v{number}]" for number in range(len(SCENES))]
    joined = "".join(f"[v{number}]" for number in range(len(SCENES)))
    graph = ";".join([*chains, f"{joined}concat=n={len(SCENES)}[v]"])
    return [*inputs, "-filter_complex", graph, "-map", "[v]"]


def _run(*arguments: str) -> None:
    subprocess.run([ffmpeg_path(), "-nostdin", "-loglevel", "error", "-y", *arguments], check=True)


def problems(source: Path, plan: ClipPlan, clip: Path, cut: CutReport) -> list[str]:
    """What is wrong with the clip, as sentences."""
    found = check_clip(clip, probe(source), plan, cut, vertical=False)
    frames = _all(clip)
    first, last = _at(source, plan.start_s), _at(source, plan.end_s)
    if not any(np.abs(frames[0] - near).mean() < SAME for near in first):
        found.append("its first frame is not within one frame of the plan")
    if not any(np.abs(frames[-1] - near).mean() < SAME for near in last):
        found.append("its last frame is not within one frame of the plan")
    return [f"{plan.name}: {fault}" for fault in found]


def _all(clip: Path) -> list[Luma]:
    with av.open(str(clip)) as container:
        return [_luma(frame) for frame in container.decode(video=0)]


def _at(source: Path, second: float) -> list[Luma]:
    """The source's frames within one frame of `second`."""
    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        reach_s = 1.01 / float(stream.average_rate or 24)
        container.seek(int((second - reach_s) * av.time_base), backward=True)
        near = []
        for frame in container.decode(stream):
            if (frame.time or 0.0) > second + reach_s:
                break
            if (frame.time or 0.0) >= second - reach_s:
                near.append(_luma(frame))
        return near


def _luma(frame: av.VideoFrame) -> Luma:
    return frame.reformat(width=160, height=90, format="gray").to_ndarray().astype(np.int16)


if __name__ == "__main__":
    sys.exit(main())
