"""The image: pinned, small, and not root."""

import re

from mindreel.cli.worker import _parser as worker_command_line
from tests.deploy.compose import complaints
from tests.support.command import ROOT

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", TEXT, re.MULTILINE)


def test_the_linter_finds_nothing() -> None:
    """Hadolint, with all its rules."""
    assert not complaints("hadolint", ROOT / "Dockerfile")


def test_bases_are_pinned_and_the_same() -> None:
    """An environment that is made with one Python runs with no other."""
    names = {name for _base, name in STAGES}
    bases = {base for base, _name in STAGES if base not in names}
    assert bases == {"python:3.11.15-slim-bookworm"}


def test_every_package_is_installed_by_its_hash() -> None:
    """From a lock, whichever tool does it."""
    installs = re.findall(r"pip (?:install|sync) .*", TEXT.replace("\\\n", " "))
    assert len(installs) == 3
    assert all("--require-hashes" in install for install in installs)
    for lock in re.findall(r"deploy/(\w+)\.lock", TEXT):
        pins = (ROOT / "deploy" / f"{lock}.lock").read_text(encoding="utf-8")
        wanted = re.findall(
            r"^[a-z0-9-]+==\S+", (ROOT / "deploy" / f"{lock}.in").read_text(encoding="utf-8"), re.MULTILINE
        )
        assert wanted
        assert all(want.rstrip(";") in pins for want in wanted)


def test_nothing_that_builds_stays() -> None:
    """What the last stages hold is Python's slim image, the code, and the environment."""
    of_stages = dict(
        zip(
            [name for _base, name in STAGES],
            re.split(r"^FROM .*$", TEXT, flags=re.MULTILINE)[1:],
            strict=True,
        )
    )
    for name in ("app", "worker", "worker-cuda"):
        assert not re.search(r"pip|apt-get|\buv\b", of_stages[name]), name


def test_it_is_not_run_as_root_and_cannot_change_its_code() -> None:
    """The code is root's; only the data is the worker's."""
    assert re.findall(r"^USER (.*)$", TEXT, re.MULTILINE) == ["10001:10001"]
    assert "--chown" not in TEXT
    assert re.findall(r"--owner=mindreel.* (\S+)$", TEXT, re.MULTILINE) == ["/data"]


def test_the_worker_gets_signals_itself() -> None:
    """Without a shell in between; and its arguments are the worker's."""
    assert re.findall(r"^ENTRYPOINT (.*)$", TEXT, re.MULTILINE) == ['["python", "worker_main.py"]']
    (arguments,) = re.findall(r"^CMD \[(.*)\]$", TEXT, re.MULTILINE)
    parsed = worker_command_line().parse_args([part.strip(' "') for part in arguments.split(",")])
    assert parsed.queues == ["cpu", "gpu"]


def test_everything_that_is_copied_is_there_and_let_through() -> None:
    """All rooms of the code, and no test."""
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", TEXT, re.MULTILINE) for word in line.split()
    }
    let_through = set(
        re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert copied == let_through
    assert all((ROOT / name).exists() for name in copied)
    assert {"mindreel", "workflows", "activities", "schedules"} <= copied
