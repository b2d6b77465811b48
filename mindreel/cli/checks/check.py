from dataclasses import dataclass

OK, WARNING, MISSING = "ok", "warning", "missing"


@dataclass(frozen=True)
class Check:
    """One line of `doctor`."""

    name: str
    state: str
    """ok, warning (works, with less) or missing (something will fail)."""
    text: str
    """What was found."""
    hint: str = ""
    """How to get what is missing."""
