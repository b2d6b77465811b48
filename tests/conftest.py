import signal
from collections.abc import Callable
from typing import NoReturn

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-services",
        action="store_true",
        help="fail instead of skip where Chromium or a registry is missing (CI)",
    )


@pytest.fixture(scope="session")
def unavailable(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """Call with the reason when something this machine may lack is missing: skips here, fails in CI."""

    def missing(reason: str) -> NoReturn:
        if request.config.getoption("--require-services"):
            pytest.fail(f"{reason} (required by --require-services)", pytrace=False)
        pytest.skip(reason)

    return missing


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_reaches_what_tests_start() -> None:
    """A shell starts background jobs with SIGINT ignored, and what they start would ignore it too (POSIX)."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
