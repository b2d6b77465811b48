"""Names of files in an inbox, as text that fits into messages, pages and databases."""

_UNFINISHED = (
    *(".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".tmp", ".temp", ".swp"),
    *("~", "#"),
)


def is_temporary(name: str) -> bool:
    """Hidden, or made by a browser, an editor or an office program for as long as it works on a file."""
    return name.startswith((".", "~$")) or name.casefold().endswith(_UNFINISHED)


def is_plain(name: str) -> bool:
    """True for the name of a file in the inbox itself, not in a folder of it."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def as_text(name: str) -> str:
    r"""Bytes of a name that are no UTF-8 as `\xff`; every other name as it is."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
