"""Why nothing of a file can be taken; as `InputError` with the sentence."""

from mindreel.contracts.batch import CsvLimits
from mindreel.errors import InputError

_ADVICE = "write one http(s) address a row, or call the column of addresses url"
_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # xlsx, ods, numbers; xls
_PAGES = ("<!doctype", "<html", "<?xml")
_LINES_A_ROW = 100
_MIB = 1024**2


def check_bytes(data: bytes, limits: CsvLimits) -> None:
    """Refuse a spreadsheet, and what is too large to be a list of videos."""
    if len(data) > limits.max_bytes:
        raise InputError(
            f"The file is larger than {limits.max_bytes:,} bytes; split it, or raise MINDREEL_CSV_MAX_BYTES "
            "and save it again."
        )
    if data.startswith(_PACKED):
        raise InputError("The file is a spreadsheet and no text; save it as CSV and drop that.")
    if max(data.count(b"\n"), data.count(b"\r")) > _LINES_A_ROW * limits.max_rows:
        raise InputError(f"The file has far more lines than {limits.max_rows:,} rows have; split it.")


def check_text(text: str) -> None:
    """Refuse what holds nothing."""
    if not text.strip():
        raise InputError(f"The file is empty; {_ADVICE}.")


def too_many(limits: CsvLimits) -> InputError:
    """A file is taken whole or not at all."""
    return InputError(
        f"The file has more than {limits.max_rows:,} rows; split it, or raise MINDREEL_CSV_MAX_ROWS "
        "and save it again."
    )


def no_rows() -> InputError:
    """A header and nothing below."""
    return InputError("The file has a header and no rows; write the videos below it, one a row.")


def no_address(text: str) -> InputError:
    """Text, or not even that, in which no cell begins as an address does."""
    if text.lstrip().lower().startswith(_PAGES):
        return InputError("The file is a web page and no CSV; export the list itself as CSV.")
    strange = sum(not character.isprintable() and not character.isspace() for character in text[:_MIB])
    if 50 * (strange + text[:_MIB].count("\ufffd")) > len(text[:_MIB]):
        return InputError("The file is no text that can be read; save the list as CSV, in UTF-8.")
    return InputError(f"No http(s) address was found in the file; {_ADVICE}.")
