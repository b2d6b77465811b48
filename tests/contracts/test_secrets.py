"""Programs that a site's data passes through know none of our keys."""

from pathlib import Path

import pytest

from mindreel.contracts.progress import QuietReporter
from mindreel.contracts.secrets import SECRETS
from mindreel.media.tools import run_ffmpeg
from mindreel.sources.started import environment

KEY = "sb_secret_of_a_project"


@pytest.fixture(autouse=True)
def _keys_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, KEY)


def test_yt_dlp_is_started_without_them() -> None:
    assert "PATH" in environment()
    assert KEY not in environment().values()


def test_ffmpeg_is_started_without_them(tmp_path: Path) -> None:
    listing = tmp_path / "ffmpeg"
    listing.write_text("#!/bin/sh\nenv >&2\n")
    listing.chmod(0o755)
    lines = run_ffmpeg([], duration_s=1.0, reporter=QuietReporter(), ffmpeg=str(listing))
    assert any(line.startswith("PATH=") for line in lines)
    assert [line for line in lines if KEY in line] == []
