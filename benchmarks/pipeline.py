"""What durability costs: the whole pipeline against a plain script that calls the same tools.

    python benchmarks/pipeline.py [--video FILE] [--rounds N] [--json]

A is `starter.py run --force` on a running engine, from typing the command to its end; B is
`benchmarks/plain_script.py` on the same video. A B A B; the medians and A/B are printed.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--video", type=Path, default=ROOT / "samples" / "talk.mp4")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mindreel-bench-") as folder:
        figures = measure(arguments.video.resolve(), arguments.rounds, Path(folder))
    if arguments.json:
        print(json.dumps(figures))
    else:
        print(f"pipeline      {figures['pipeline_s']:6.1f} s   {figures['pipeline_all_s']}")
        print(f"plain script  {figures['plain_s']:6.1f} s   {figures['plain_all_s']}")
        print(f"ratio         {figures['ratio']:6.2f}     (at most 1.10)")


def measure(video: Path, rounds: int, folder: Path) -> dict[str, object]:
    """Medians in seconds, after one unmeasured run that starts the engine and assembles the model."""
    environment = {**os.environ, "MINDREEL_HOME": str(folder / "home")}
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE"):
        environment.pop(name, None)
    starter = [sys.executable, str(ROOT / "starter.py")]
    pipeline: list[float] = []
    plain: list[float] = []
    run([*starter, "run", str(video), "--json"], environment)
    try:
        for _ in range(rounds):
            pipeline.append(run([*starter, "run", str(video), "--json", "--force"], environment))
            plain.append(run_plain(video, folder / "plain", environment))
    finally:
        run([*starter, "down"], environment)
    return {
        "pipeline_s": statistics.median(pipeline),
        "plain_s": statistics.median(plain),
        "ratio": statistics.median(pipeline) / statistics.median(plain),
        "pipeline_all_s": [round(each, 1) for each in pipeline],
        "plain_all_s": [round(each, 1) for each in plain],
    }


def run_plain(video: Path, folder: Path, environment: dict[str, str]) -> float:
    """Seconds of one plain run in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    return run(
        [sys.executable, str(ROOT / "benchmarks" / "plain_script.py"), str(video), str(folder)], environment
    )


def run(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of one command; its failure ends the benchmark."""
    began = time.perf_counter()
    subprocess.run(
        command, env={**environment, "PYTHONPATH": str(ROOT)}, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
