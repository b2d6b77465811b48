"""The project of Supabase: whether it answers, knows the key, has our tables, and buckets that fit."""

from collections.abc import Iterator, Mapping
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
        yield Check("Supabase key", MISSING, f"is the one of {role}", hint)
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
    for field in fields(access.buckets):
        yield _bucket(field.name, access, there, settings.limits.max_bytes)


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


def _bucket(field: str, access: SupabaseAccess, there: Mapping[str, BucketFacts], max_bytes: int) -> Check:
    bucket = getattr(access.buckets, field)
    name = f"Bucket {bucket}"
    facts = there.get(bucket)
    if facts is None:
        return Check(name, WARNING, "is not there", "Workers make it when they start.")
    kind = "public" if facts.public else "private"
    if facts.public != (field in access.public):
        wanted = "private" if facts.public else "public"
        hint = "Workers change that when they start; MINDREEL_PUBLIC_BUCKETS says which are public."
        return Check(name, WARNING, f"is {kind} and should be {wanted}", hint)
    if facts.limit_bytes is None:
        return Check(name, OK, f"{kind}, files as large as the project allows")
    limit = wording.size(facts.limit_bytes)
    if field in _LARGE and facts.limit_bytes < max_bytes:
        hint = "Larger videos fail: raise the limit in the project's Storage settings, or lower the variable."
        text = f"{kind}, files up to {limit}, and MINDREEL_MAX_BYTES allows {wording.size(max_bytes)}"
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
