"""A person leaves a run, stops it from another shell, and goes on later."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from temporalio.client import Client

from tests.support.command import TALK, Mindreel

pytestmark = pytest.mark.slow


def test_a_run_is_left_cancelled_and_taken_up_again(mindreel: Mindreel, tmp_path: Path) -> None:
    part = tmp_path / "part.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", TALK, "-t", "60", "-c", "copy", part]
    subprocess.run(command, check=True)
    left = mindreel("run", part, "--json", "--clips", "1", "--detach", MINDREEL_MAX_HEIGHT="720")
    assert left.code == 0, left.err
    assert left.result["outcome"] == "running"

    # This shell has other settings than the one that started the engine; it can stop the run all the same.
    cancelled = mindreel("cancel", left.result["id"])
    assert cancelled.code == 0, cancelled.err
    assert mindreel("result", left.result["id"]).result["reasons"] == ["It was cancelled."]

    again = mindreel("retry", left.result["id"], "--json")
    assert again.code == 0, again.err
    assert again.result["outcome"] == "completed"
    assert mindreel.left_behind() == []


async def test_a_run_that_was_terminated_does_not_run_for_ever(mindreel: Mindreel, tmp_path: Path) -> None:
    part = tmp_path / "short.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", TALK, "-t", "50", "-c", "copy", part]
    subprocess.run(command, check=True)  # noqa: ASYNC221 - nothing else is to go on meanwhile
    left = mindreel("run", part, "--json", "--detach").result
    while not mindreel("result", left["id"]).out:
        pass  # until its first step has begun its row
    client = await Client.connect(mindreel.engine()["address"])
    await client.get_workflow_handle(f"video-{left['id']}").terminate("by hand in the Web UI")
    assert "terminated" in mindreel("status", left["id"]).out
    assert "terminated" in mindreel("result", left["id"]).result["reasons"][0]


def test_without_a_server_there_is_still_one_object_a_source(mindreel: Mindreel) -> None:
    done = mindreel("run", TALK, "missing.mp4", "--json", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert done.code == 1
    assert [result["outcome"] for result in done.results] == ["failed", "failed"]
    assert "TEMPORAL_ADDRESS" in done.results[0]["reasons"][0]
    assert "Traceback" not in done.err
