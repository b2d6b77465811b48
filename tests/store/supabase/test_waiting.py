import pytest

from mindreel.errors import BusyError
from mindreel.store.supabase import waiting
from mindreel.store.supabase.faults import HeldError
from mindreel.store.supabase.waiting import once_free


def test_what_is_held_is_waited_for() -> None:
    answers = iter([HeldError("held"), HeldError("held"), None])

    def call() -> str:
        answer = next(answers)
        if answer is not None:
            raise answer
        return "free"

    assert once_free(call) == "free"


def test_what_stays_held_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_LONGEST_S", 0.1)
    calls = []

    def call() -> None:
        calls.append(1)
        raise HeldError("It is held.")

    with pytest.raises(HeldError, match=r"It is held\."):
        once_free(call)
    assert len(calls) > 1


def test_nothing_else_is_tried_again() -> None:
    calls = []

    def call() -> None:
        calls.append(1)
        raise BusyError("No answer.")

    with pytest.raises(BusyError, match="No answer"):
        once_free(call)
    assert len(calls) == 1
