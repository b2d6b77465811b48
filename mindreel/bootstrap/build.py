"""Which code, settings and store an engine runs for, so that a later command does not join another's."""

import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from pydantic import ValidationError

from mindreel.contracts.codec import from_json, to_json
from mindreel.engine import server, state
from mindreel.engine.files import write_atomically
from mindreel.engine.state import EngineState
from mindreel.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
"""The folder with starter.py and worker_main.py: the checkout, or site-packages."""

_FILE = "engine.build.json"
_ROOMS = ("mindreel", "workflows", "activities", "schedules")
_TELEMETRY = "OTEL_EXPORTER_OTLP_ENDPOINT"
_DAY_S = 86400.0


@dataclass(frozen=True)
class Build:
    """What an engine was started with."""

    pid: int
    background: bool
    """True when a command started it and it leaves when idle; False for `up`."""
    version: str
    code: int
    """When its code was last changed, in nanoseconds."""
    settings: dict[str, str]
    """Variable name to value in effect, of everything its workers heed."""
    database: str = server.DATABASE
    """The file of its Temporal server."""


def current(settings: Settings, *, background: bool) -> Build:
    """The one that an engine started by this process would have."""
    variables, database = _variables(settings), database_of(settings)
    return Build(os.getpid(), background, version(), _newest_change(), variables, database)


def remember(home: Path, build: Build) -> None:
    """Write it beside the engine's state. Raises `OSError`."""
    write_atomically(home / _FILE, to_json(build))


def of_engine(home: Path, pid: int) -> Build | None:
    """What the engine with this process id was started with; None when it did not say."""
    try:
        build = from_json(Build, (home / _FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return build if build.pid == pid else None


def engine_of(settings: Settings) -> EngineState | None:
    """The engine that runs for this home and its store; None where one runs for another store."""
    engine = state.running(settings.home)
    theirs = of_engine(settings.home, engine.pid) if engine is not None else None
    return engine if theirs is None or theirs.database == database_of(settings) else None


def database_of(settings: Settings) -> str:
    """The Temporal server's file in the home: one a store.

    What is under way belongs to a store's catalog, so workers of another must not take it up.
    """
    access = settings.supabase
    if access is None:
        return server.DATABASE
    return f"temporal-{_digest(' '.join((access.url, *access.buckets.names)))}.db"


def other_settings(mine: Build, theirs: Build) -> list[str]:
    """The variables in which the two differ."""
    names = sorted(mine.settings.keys() | theirs.settings.keys())
    return [name for name in names if mine.settings.get(name) != theirs.settings.get(name)]


def version() -> str:
    """Of mindreel."""
    try:
        return metadata.version("mindreel")
    except metadata.PackageNotFoundError:  # a checkout that was not installed
        return "checkout"


def _newest_change() -> int:
    return max(path.stat().st_mtime_ns for room in _ROOMS for path in (ROOT / room).rglob("*.py"))


def _variables(settings: Settings) -> dict[str, str]:
    """How often the inbox is looked at is not among them: the schedule keeps that, not the workers."""
    limits = {f"MINDREEL_{name.upper()}": value for name, value in asdict(settings.limits).items()}
    speech = {f"MINDREEL_{name.upper()}": value for name, value in asdict(settings.speech).items()}
    speech["MINDREEL_SPEECH_WORKERS"] = speech.pop("MINDREEL_WORKERS")
    telemetry = {_TELEMETRY: os.environ.get(_TELEMETRY, "")}
    kept = {**_batches(settings), **_webhook(settings), **_supabase(settings)}
    values = {**limits, **speech, **kept, **telemetry}
    return {name: str(value) for name, value in values.items()}


def _batches(settings: Settings) -> dict[str, float]:
    batch, sites, retention = settings.batch, settings.sites, settings.retention
    return {
        "MINDREEL_CSV_MAX_BYTES": batch.limits.max_bytes,
        "MINDREEL_CSV_MAX_ROWS": batch.limits.max_rows,
        "MINDREEL_MAX_PLAYLIST": batch.max_playlist,
        "MINDREEL_SITE_PATIENCE_S": batch.patience_s,
        "MINDREEL_SITE_CONCURRENCY": sites.max_concurrent,
        "MINDREEL_SITE_INTERVAL_S": sites.min_interval_s,
        "MINDREEL_SITE_PAUSE_S": sites.first_pause_s,
        "MINDREEL_KEEP_ARTIFACTS_DAYS": retention.artifacts_s / _DAY_S,
        "MINDREEL_KEEP_ORPHANS_DAYS": retention.orphans_s / _DAY_S,
    }


def _webhook(settings: Settings) -> dict[str, str]:
    """Neither is written in clear: an address may hold a key too."""
    webhook = settings.webhook
    return {
        "MINDREEL_WEBHOOK_URL": _digest(webhook.url),
        "MINDREEL_WEBHOOK_SECRET": _digest(webhook.key.hex()),
    }


def _supabase(settings: Settings) -> dict[str, str | int]:
    """The key is not written in clear."""
    access = settings.supabase
    if access is None:
        return {"SUPABASE_URL": ""}
    return {
        "SUPABASE_URL": access.url,
        "SUPABASE_SERVICE_ROLE_KEY": _digest(access.key),
        "MINDREEL_BUCKET_PREFIX": " ".join(access.buckets.names),
        "MINDREEL_PUBLIC_BUCKETS": ",".join(sorted(access.public)),
        "MINDREEL_CACHE_BYTES": settings.cache_bytes,
    }


def _digest(text: str) -> str:
    """Tells two values apart, and too short to tell what they are."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8] if text else ""
