"""One tree of errors, drawn where it stands; each says whether trying again may help."""

import inspect
import re

from mindreel import errors
from mindreel.errors import MindreelError


def classes() -> dict[str, type[MindreelError]]:
    found = inspect.getmembers(errors, inspect.isclass)
    return {name: kind for name, kind in found if issubclass(kind, MindreelError)}


def drawn() -> dict[str, str]:
    """Class to parent, as the picture in the module's docstring has them."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([ │├└─]*)([A-Z]\w+Error)\b", line)
        if match is None:
            continue
        depth, name = len(match[1]), match[2]
        above = [(at, parent) for at, parent in above if at < depth]
        parents[name] = above[-1][1] if above else "Exception"
        above.append((depth, name))
    return parents


def test_the_drawing_shows_every_error_below_one_that_it_is() -> None:
    found = classes()
    picture = drawn()
    assert picture.keys() == found.keys()
    for name, parent in picture.items():
        assert parent in {each.__name__ for each in found[name].__mro__[1:]}


def test_only_what_time_may_mend_is_tried_again() -> None:
    retried = {name for name, kind in classes().items() if kind.retryable}
    assert retried == {
        "TransientError",
        "RateLimitedError",
        "UnknownHostError",
        "BusyError",
        "StoreError",
        "NotYetError",
    }


def test_every_error_has_a_class_of_its_own_for_machines() -> None:
    names = [kind.error_class for kind in classes().values()]
    assert len(names) == len(set(names))


def test_a_transient_error_may_say_when_to_come_back() -> None:
    assert errors.TransientError("Too many requests.", retry_after_s=30.0).retry_after_s == 30.0
    assert errors.NotYetError("It premieres tomorrow.").retry_after_s is None
