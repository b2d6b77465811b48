"""A CSV is dropped into the inbox while `up` runs: every video once, and a report that says so."""

import asyncio
import csv
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest
from temporalio.client import Client

from tests.support.command import TALK, Mindreel
from tests.support.loopback_site import LoopbackSite

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Report = list[dict[str, str]]


@pytest.fixture
def watching(own_mindreel: Mindreel) -> Iterator[Mindreel]:
    """`up` with a short interval; private addresses are allowed, so that the loopback site may be used."""
    settings = {"MINDREEL_ALLOW_PRIVATE_HOSTS": "1", "MINDREEL_SCAN_INTERVAL_S": "4"}
    settings |= {"MINDREEL_SCAN_JITTER_S": "0", "MINDREEL_SITE_PAUSE_S": "3"}
    mindreel = Mindreel(own_mindreel.home, settings)
    with subprocess.Popen(
        mindreel.command("up"), env=mindreel.environment(), stderr=subprocess.DEVNULL
    ) as up:
        wait_for(lambda: (mindreel.home / "inbox").is_dir() and (mindreel.home / "engine.json").exists())
        yield mindreel
        up.terminate()


async def test_twelve_rows_give_every_good_video_once_and_a_report_that_advises(
    watching: Mindreel, site: LoopbackSite
) -> None:
    short_videos(site, "abcdefgh")
    rows = [
        ("Address", site.url("a.mp4")),
        ("A page", site.url("page/b.mp4")),
        ("The first again", f"{site.url('a.mp4')}?utm_source=mail#t=3"),
        ("No address", "htp:/example"),
        ("Gone", site.url("status/404")),
        ("Three at once", site.url("pages/c.mp4,d.mp4,e.mp4")),
        ("Roses", site.url("none")),
        ("A page again", site.url("page/b.mp4")),
        ("Talk", site.url("talk.mp4")),
        ("", site.url("f.mp4")),
        ('Quoted; "titled"', site.url("g.mp4")),
        ("Last", site.url("h.mp4")),
    ]
    part_of_the_talk(site)
    inbox = watching.home / "inbox"
    talks = inbox / "my talks.csv"
    drop(talks, rows)

    report = await finished_report(watching, "my talks", rows=15)

    assert outcomes(report) == {
        ("2", "0"): "partial", ("3", "0"): "partial", ("4", "0"): "duplicate", ("5", "0"): "refused",
        ("6", "0"): "failed", ("7", "0"): "expanded", ("7", "1"): "partial", ("7", "2"): "partial",
        ("7", "3"): "partial", ("8", "0"): "failed", ("9", "0"): "duplicate", ("10", "0"): "completed",
        ("11", "0"): "partial", ("12", "0"): "partial", ("13", "0"): "partial",
    }  # fmt: skip
    classes = {row["row"]: row["error_class"] for row in report if row["error_class"]}
    assert {"5": "input", "6": "not_found", "8": "not_media"}.items() <= classes.items()
    assert all(row["what_to_do"] for row in report if row["outcome"] in ("failed", "refused"))
    assert "row 2" in by_row(report, "4")["message"]
    assert by_row(report, "10")["title"] == "Talk"
    assert (inbox / "my talks.report.html").read_text(encoding="utf-8").count("htp:/example") >= 1
    runs = await video_runs(watching)
    assert len(runs) == 12  # nine good ones, the missing one, the roses, the page of three
    assert set(runs.values()) == {1}

    again = watching("scan", "--json")
    assert again.code == 0
    assert await video_runs(watching) == runs

    talks.touch()
    watching("scan")
    assert await video_runs(watching) == runs

    short_videos(site, "i")
    drop(talks, [*rows, ("New", site.url("i.mp4"))])
    report = await finished_report(watching, "my talks", rows=16)
    assert by_row(report, "14")["outcome"] == "partial"
    assert len(await video_runs(watching)) == len(runs) + 1


async def test_a_site_that_refuses_is_left_alone_until_it_answers_again(
    watching: Mindreel, site: LoopbackSite
) -> None:
    names = [f"v{number}" for number in range(20)]
    short_videos(site, names)
    site.limit = 3
    drop(watching.home / "inbox" / "many.csv", [("", site.url(f"limited/{name}.mp4")) for name in names])

    await asyncio.to_thread(wait_for, lambda: site.refused > 0)
    await asyncio.sleep(8.0)
    refused_while_closed = site.refused
    site.limit = None
    report = await finished_report(watching, "many", rows=20)

    assert Counter(row["outcome"] for row in report) == {"partial": 20}
    assert refused_while_closed <= 10, "a closed gate lets one through at a time, ever more seldom"


async def test_nothing_is_lost_or_done_twice_when_server_and_worker_are_killed_in_the_middle(
    watching: Mindreel, site: LoopbackSite
) -> None:
    rows = [("", site.url(f"missing-{number}.mp4")) for number in range(200)]
    drop(watching.home / "inbox" / "long.csv", rows)
    while not 20 <= len(await video_runs(watching)) < 200:  # noqa: ASYNC110 - the other side is a server
        await asyncio.sleep(0.02)

    for child in watching.engine()["children"]:
        if child["name"] in ("temporal", "worker-cpu"):
            os.kill(child["pid"], signal.SIGKILL)
    report = await finished_report(watching, "long", rows=200)

    assert Counter(row["error_class"] for row in report) == {"not_found": 200}
    runs = await video_runs(watching)
    assert len(runs) == 200
    assert set(runs.values()) == {1}


FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def short_videos(site: LoopbackSite, names: Iterable[str]) -> None:
    """One second of picture and silence each, no two alike."""
    for number, name in enumerate(names):
        picture = f"testsrc2=size=160x90:rate=10:duration={1 + number / 10}"
        sound = ["-f", "lavfi", "-i", "anullsrc=r=16000", "-shortest"]
        command = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", picture, *sound]
        subprocess.run([*command, site.directory / f"{name}.mp4"], check=True)


def part_of_the_talk(site: LoopbackSite) -> None:
    command = [FFMPEG, "-v", "error", "-i", TALK, "-t", "30", "-c", "copy", site.directory / "talk.mp4"]
    subprocess.run(command, check=True)


def drop(path: Path, rows: list[tuple[str, str]]) -> None:
    """As a spreadsheet exports it somewhere in Europe: UTF-16, semicolons."""
    with path.open("w", encoding="utf-16", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("Title", "Video URL"), *rows])


async def finished_report(mindreel: Mindreel, batch: str, *, rows: int) -> Report:
    """The report once every row has ended."""
    path = mindreel.home / "inbox" / f"{batch}.report.csv"

    def ended() -> bool:
        found = read(path)
        return len(found) == rows and not {row["outcome"] for row in found} & {"waiting", "queued", "running"}

    await asyncio.to_thread(wait_for, ended, 200.0)
    return read(path)


def read(path: Path) -> Report:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def outcomes(report: Report) -> dict[tuple[str, str], str]:
    return {(row["row"], row["item"]): row["outcome"] for row in report}


def by_row(report: Report, number: str) -> dict[str, str]:
    return next(row for row in report if row["row"] == number)


async def video_runs(mindreel: Mindreel) -> Counter[str]:
    """Workflow id to how often it was run."""
    client = await Client.connect(mindreel.engine()["address"])
    return Counter([run.id async for run in client.list_workflows('WorkflowType = "VideoPipeline"')])


def wait_for(reached: Callable[[], bool], patience_s: float = 60.0) -> None:
    deadline = time.monotonic() + patience_s
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.2)
