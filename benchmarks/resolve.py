"""What asking a page costs: children forked from a process that has yt-dlp in memory, against fresh ones.

Both resolve the same two addresses of a site on loopback, one that is not there (404) and one small file, in
turns (A B A B); the medians count. The server is started anew in every turn, and its own time is counted.
Linux only, as the fork server is.

    python benchmarks/resolve.py [--videos 20] [--rounds 2]
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mindreel.contracts.progress import QuietReporter  # noqa: E402 - found by the line above
from mindreel.contracts.video import Limits  # noqa: E402 - found by the line above
from mindreel.errors import SourceNotFoundError  # noqa: E402 - found by the line above
from mindreel.sources import forked  # noqa: E402 - found by the line above
from mindreel.sources.forked import ForkServers  # noqa: E402 - found by the line above
from mindreel.sources.identity import identify  # noqa: E402 - found by the line above
from mindreel.sources.resolve import resolve  # noqa: E402 - found by the line above
from tests.support.loopback_site import LoopbackSite  # noqa: E402 - found by the line above

TARGET = 0.5
LIMITS = Limits(allow_private_hosts=True, min_free_bytes=0)


class NoForkServers(ForkServers):
    """Every child is started from nothing."""

    def fork(self, *_: object) -> None:
        """None, as where forking is not possible."""


def main() -> int:
    """Run, print one JSON object; 0 when a forked child takes at most half the CPU time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    figures: dict[str, list[tuple[float, float]]] = {}
    with TemporaryDirectory() as folder, LoopbackSite(Path(folder)) as site:
        (Path(folder) / "talk.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(3000))
        for _ in range(given.rounds):
            for address in ("gone.mp4", "talk.mp4"):
                for name, servers in (("fresh", NoForkServers()), ("forked", ForkServers())):
                    spent = measure(servers, site.url(address), given.videos, Path(folder))
                    figures.setdefault(f"{address} {name}", []).append(spent)
    ratio = {address: _ratio(figures, address) for address in ("gone.mp4", "talk.mp4")}
    for name, turns in figures.items():
        told = [f"{cpu_s:.3f} s CPU, {wall_s:.3f} s" for cpu_s, wall_s in turns]
        print(name, *told, sep="; ", file=sys.stderr)
    print(json.dumps({"cpu": ratio, "target": TARGET, "cores": os.cpu_count()}, indent=2))
    return 0 if max(ratio.values()) <= TARGET else 1


def measure(servers: ForkServers, url: str, videos: int, scratch: Path) -> tuple[float, float]:
    """CPU seconds of all children and wall seconds, by video."""
    forked.FORK_SERVERS = servers
    began, spent = time.perf_counter(), _children_s()
    for _ in range(videos):
        with contextlib.suppress(SourceNotFoundError):  # what the one address is for
            resolve(identify(url), LIMITS, scratch=scratch, reporter=QuietReporter())
    servers.close()  # waited for, so that its time and its children's are counted
    return (_children_s() - spent) / videos, (time.perf_counter() - began) / videos


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _ratio(figures: dict[str, list[tuple[float, float]]], address: str) -> float:
    forked, fresh = (
        statistics.median(cpu_s for cpu_s, _ in figures[f"{address} {name}"]) for name in ("forked", "fresh")
    )
    return round(forked / fresh, 3)


if __name__ == "__main__":
    sys.exit(main())
