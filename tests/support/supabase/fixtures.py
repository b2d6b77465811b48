"""`from tests.support.supabase.fixtures import supabase_stack` in a conftest gives it to its tests."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import NoReturn

import pytest

from tests.support.supabase import real_project
from tests.support.supabase.node import ServicesUnavailableError
from tests.support.supabase.real_project import RealProject
from tests.support.supabase.stack import Stack

Supabase = Stack | RealProject
_STARTED = pytest.StashKey[Supabase]()
_MISSING = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def supabase_stack(request: pytest.FixtureRequest, unavailable: Callable[[str], NoReturn]) -> Supabase:
    """A migrated Supabase project, one for the whole test process, however many conftests import this.

    On loopback; or the project of MINDREEL_TEST_SUPABASE_URL and MINDREEL_TEST_SUPABASE_SERVICE_ROLE_KEY
    (then `is_local` is False). Call `reset()` before a test that counts on an empty one.
    """
    config = request.config
    if _MISSING not in config.stash and _STARTED not in config.stash:
        try:
            config.stash[_STARTED] = _real() if real_project.is_given() else _local(config)
        except ServicesUnavailableError as error:
            config.stash[_MISSING] = str(error)
    if _MISSING in config.stash:
        unavailable(config.stash[_MISSING])
    return config.stash[_STARTED]


def _local(config: pytest.Config) -> Stack:
    resources = ExitStack()
    stack = resources.enter_context(Stack())
    config.add_cleanup(resources.close)
    return stack


def _real() -> RealProject:
    project = RealProject(os.environ[real_project.URL], os.environ[real_project.SERVICE_KEY])
    project.refuse_unless_empty()
    return project
