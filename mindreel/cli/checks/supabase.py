"""The project of Supabase: whether it answers, knows the key, has our tables, and buckets that fit."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from mindreel.bootstrap import supabase as wiring
from mindreel.cli import wording
from mindreel.cli.checks.check import MISSING, OK, WARNING, Check
from mindreel.cli.places import inbox_of
from mindreel.contracts.buckets import SupabaseAccess
from mindreel.errors import MindreelError
from mindreel.settings import Settings
from mindreel.store.supabase import health
from mindreel.store.supabase.health import SCHEMA, SERVICE_ROLE, BucketFacts

_LARGE = ("videos",)
"""Buckets whose files may be as large as MINDREEL_MAX_BYTES allows."""
_CHANGED = "Workers change that when they start; MINDREEL_PUBLIC_BUCKETS says which are public."
_LEFT = (
    "Name all buckets that are to be public in MINDREEL_PUBLIC_BUCKETS (or none): without it workers open no "
    "bucket that was there before, and close none that holds others' files."
)
_MIGRATE = "Apply supabase/migrations to it, see docs/supabase.md."


def checks(settings: Settings) -> Iterator[Check]:
    """One line where no project is named."""
    access = settings.supabase
    if access is None:
        yield Check("Supabase", OK, "no project is named: everything is kept under MINDREEL_HOME")
        return
    role = health.role_of(access.key)
    if role not in (SERVICE_ROLE, ""):
        hint = "Set SUPABASE_SERVICE_ROLE_KEY to the key of the service role, from the project's settings."
        yield Check("Supabase", MISSING, f"the key is the one of {role}", hint)
    else:
        yield from _project(access, settings)
    yield _cache(settings)


def _project(access: SupabaseAccess, settings: Settings) -> Iterator[Check]:
    try:
        project = wiring.project(access)
        version = health.schema(project)
        yield Check("Supabase", OK, f"{access.url}, with the service role's key")
        yield _schema(version)
        yield Check("Inbox", OK, inbox_of(settings))
        there = health.buckets(project)
    except MindreelError as error:
        yield Check("Supabase", MISSING, str(error))
        return
    missing = [name for name in access.buckets.names if name not in there]
    if missing:
        text = f"{', '.join(missing)}: not there"
        yield Check("Buckets", WARNING, text, "Workers make them when they start.")
    for field in fields(access.buckets):
        name = getattr(access.buckets, field.name)
        if name in there:
            public = field.name in access.public
            at_least = settings.limits.max_bytes if field.name in _LARGE else 0
            yield _bucket(name, there[name], access, public=public, at_least=at_least)


def _schema(version: int) -> Check:
    name = "Supabase schema"
    if version < SCHEMA:
        return Check(
            name, MISSING, f"version {version} of our tables; this mindreel needs {SCHEMA}", _MIGRATE
        )
    if version > SCHEMA:
        hint = "Update mindreel on this machine."
        return Check(
            name, WARNING, f"version {version}, made for a newer mindreel than this ({SCHEMA})", hint
        )
    return Check(name, OK, f"version {version}")


def _bucket(bucket: str, facts: BucketFacts, access: SupabaseAccess, *, public: bool, at_least: int) -> Check:
    """`at_least`: bytes that a file of it may have by the settings."""
    name = f"Bucket {bucket}"
    kind = "public" if facts.public else "private"
    if facts.public != public:
        wanted = "public" if public else "private"
        hint = _CHANGED if access.public_is_explicit else _LEFT
        return Check(name, WARNING, f"is {kind} and should be {wanted}", hint)
    if not facts.limit_bytes:
        return Check(name, OK, f"{kind}, files as large as the project allows")
    limit = wording.size(facts.limit_bytes)
    if facts.limit_bytes < at_least:
        text = f"{kind}, files up to {limit}, and MINDREEL_MAX_BYTES allows {wording.size(at_least)}"
        hint = "Larger videos fail: raise the limit in the project's Storage settings, or lower the variable."
        return Check(name, WARNING, text, hint)
    return Check(name, OK, f"{kind}, files up to {limit}")


def _cache(settings: Settings) -> Check:
    sizes = map(_size, settings.cache.rglob("*"))
    most = wording.size(settings.cache_bytes)
    return Check(
        "Cache", OK, f"{wording.size(sum(sizes))} of {most} in {settings.cache} (MINDREEL_CACHE_BYTES)"
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0  # made room for another meanwhile
