"""What docker-compose.temporal.yml promises, as far as it can be told without an engine."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it ships no types

from mindreel.bootstrap.worker import DRAIN
from mindreel.cli.parser import parser as command_line
from mindreel.cli.worker import _parser as worker_command_line
from mindreel.engine.server import _TUNING, find_temporal
from tests.deploy.compose import FILE, SECRETS, TEXT, complaints, interpolated, seconds
from tests.support.command import ROOT
from workflows.progress import SEARCH_ATTRIBUTES

SERVICES: dict[str, Any] = interpolated()["services"]
WORKERS = {name: service for name, service in SERVICES.items() if name.startswith("worker-")}
ONCE = {"schema", "namespace", "cli"}


def scripts(service: dict[str, Any]) -> list[str]:
    """Files of the repository that a service mounts, by their places here."""
    return [volume.split(":")[0] for volume in service.get("volumes", []) if volume.startswith("./")]


def test_it_is_what_the_compose_specification_allows() -> None:
    """Checked against the specification's JSON schema."""
    assert not complaints("check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE)


def test_every_image_is_pinned_to_an_exact_version() -> None:
    """Only ours has no number: it is built here."""
    images = {service["image"] for service in SERVICES.values()}
    ours = {image for image in images if image.startswith("mindreel:")}
    assert ours == {"mindreel:local", "mindreel:local-cuda"}
    for image in images - ours:
        assert re.fullmatch(r"[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", image), image


def test_temporal_is_the_version_that_the_embedded_engine_runs() -> None:
    """Everything here is tested with that one."""
    said = subprocess.run([find_temporal(), "--version"], capture_output=True, text=True, check=True).stdout
    server, ui = re.findall(r"Server ([\d.]+), UI ([\d.]+)", said)[0]
    assert SERVICES["temporal"]["image"] == f"temporalio/server:{server}"
    assert SERVICES["schema"]["image"] == f"temporalio/admin-tools:{server}"
    assert SERVICES["namespace"]["image"] == f"temporalio/admin-tools:{server}"
    assert SERVICES["ui"]["image"] == f"temporalio/ui:{ui}"


def test_ports_are_open_to_this_machine_only_unless_somebody_says_otherwise() -> None:
    """Temporal has no password of its own."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:7233:7233", "127.0.0.1:8233:8080"]


def test_no_secret_has_a_default() -> None:
    """Without a password for its database Compose refuses to begin."""
    for name in SECRETS:
        assert not re.search(rf"\$\{{{name}:?-", TEXT)
        assert not re.search(rf"^\s+{name}: [^$]", TEXT, re.MULTILINE)
    passwords = re.findall(r"^\s+(?:POSTGRES_PASSWORD|POSTGRES_PWD|SQL_PASSWORD): (.*)$", TEXT, re.MULTILINE)
    assert len(passwords) == 3
    assert all(value.startswith("${TEMPORAL_DB_PASSWORD:?") for value in passwords)


def test_workers_do_not_get_the_password_of_temporals_database() -> None:
    """They cannot reach it either: its network holds Temporal alone."""
    beside = {name for name, service in SERVICES.items() if "temporal" in service["networks"]}
    assert beside == {"postgres", "schema", "temporal"}
    assert interpolated()["networks"]["temporal"]["internal"]
    document = interpolated({"TEMPORAL_DB_PASSWORD": "hunter2"})
    for name in WORKERS:
        assert "hunter2" not in document["services"][name]["environment"].values()


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONCE))
def test_what_stays_is_watched_and_comes_back(name: str) -> None:
    """A health check, and a restart unless somebody stopped it."""
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(WORKERS))
def test_a_worker_has_time_to_drain_and_to_clean_up(name: str) -> None:
    """Docker kills what still runs after the grace period."""
    assert seconds(SERVICES[name]["stop_grace_period"]) >= DRAIN.total_seconds() + 20


@pytest.mark.parametrize("name", sorted(WORKERS))
def test_workers_may_not_do_more_than_they_need(name: str) -> None:
    """What they download and decode comes from strangers."""
    worker = SERVICES[name]
    assert worker["read_only"]
    assert worker["cap_drop"] == ["ALL"]
    assert worker["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(WORKERS))
def test_commands_exist_and_health_is_asked_for_the_same_queues(name: str) -> None:
    """The arguments pass the worker's own parser."""
    worker = SERVICES[name]
    queues = worker_command_line().parse_args(worker["command"]).queues
    command, program, script, *arguments = worker["healthcheck"]["test"]
    assert (command, program) == ("CMD", "python")
    assert (ROOT / script).is_file()
    assert worker_command_line().parse_args(arguments).queues == queues


def test_every_queue_has_a_worker_without_any_profile() -> None:
    """On a machine without a GPU the gpu queue is served by a CPU."""
    plain = [worker for worker in WORKERS.values() if not worker.get("profiles")]
    served = {
        queue for worker in plain for queue in worker_command_line().parse_args(worker["command"]).queues
    }
    assert served == {"cpu", "gpu"}
    assert WORKERS["worker-speech"]["environment"]["MINDREEL_DEVICE"] == "cpu"


def test_the_gpu_worker_asks_for_one_and_takes_nothing_else() -> None:
    """Without a GPU it must say so, not work at a tenth of the speed."""
    gpu = WORKERS["worker-gpu"]
    assert gpu["profiles"] == ["gpu"]
    assert gpu["environment"]["MINDREEL_DEVICE"] == "cuda"
    (device,) = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])


def test_the_command_line_of_the_cli_service_exists() -> None:
    """`docker compose run --rm cli` alone is a check-up."""
    assert SERVICES["cli"]["entrypoint"] == ["python", "starter.py"]
    assert command_line().parse_args(SERVICES["cli"]["command"]).command == "doctor"


def test_everything_begins_in_order() -> None:
    """Workers find a namespace that knows their search attributes."""
    waits = {
        name: {other: wait["condition"] for other, wait in service.get("depends_on", {}).items()}
        for name, service in SERVICES.items()
    }
    assert waits["schema"] == {"postgres": "service_healthy"}
    assert waits["temporal"] == {"schema": "service_completed_successfully"}
    assert waits["namespace"] == {"temporal": "service_healthy"}
    assert all(waits[name] == {"namespace": "service_completed_successfully"} for name in WORKERS)


def test_the_namespace_gets_exactly_the_search_attributes_that_workflows_set() -> None:
    """One that is missing fails every workflow task that sets it."""
    (script,) = scripts(SERVICES["namespace"])
    made = dict(re.findall(r"--name (\w+) --type (\w+)", (ROOT / script).read_text(encoding="utf-8")))
    assert made == SEARCH_ATTRIBUTES


def test_the_server_is_tuned_as_the_embedded_one() -> None:
    """Fairness between tenants is off by default; a value that differs would be a surprise."""
    (place,) = scripts(SERVICES["temporal"])
    document = yaml.safe_load((ROOT / place).read_text(encoding="utf-8"))
    tuned = {name: value["value"] for name, (value,) in document.items()}
    assert tuned.keys() <= _TUNING.keys()
    assert tuned == {name: yaml.safe_load(_TUNING[name].strip('"')) for name in tuned}
    assert tuned["matching.enableFairness"] is True


@pytest.mark.parametrize(
    "script", sorted((ROOT / "deploy" / "temporal").glob("*.sh")), ids=lambda path: path.name
)
def test_shell_scripts_have_no_known_mistake(script: Path) -> None:
    """ShellCheck finds nothing, and the shell of the image (sh) can read it."""
    assert not complaints("shellcheck", script)
    assert script.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
