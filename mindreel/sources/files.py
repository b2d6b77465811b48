"""Videos that are already on this machine."""

import hashlib
import os
import re
import stat
from pathlib import Path

from mindreel.contracts.video import VideoIdentity
from mindreel.errors import InputError, NotAVideoError, SourceForbiddenError, SourceNotFoundError

_BLOCK_BYTES = 1024 * 1024


def identify_file(path: Path) -> VideoIdentity:
    """Identity by content, so a moved or renamed file is still the same video; reads the whole file."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links a person chose to name
    check_utf8(str(path))
    check_regular(path)
    try:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise cannot_read(path, error) from error
    return VideoIdentity(file_id(content), "file", str(path))


def file_id(sha256: str) -> str:
    """The id of the content with this hash (lower-case hex)."""
    return f"file-{sha256[:16]}"


def check_utf8(source: str) -> None:
    """Refuse names whose bytes are no text: they fit into no message, page or database."""
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"The name {source!a} is not valid UTF-8; rename the file.") from error


def check_regular(path: Path) -> os.stat_result:
    """Refuse what cannot be a video, without opening it: a named pipe would wait for ever."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise cannot_read(path, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path} is a folder; give the video file itself.")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path} is not a regular file but a device, pipe or socket; give a video file.")
    if status.st_size == 0:
        raise NotAVideoError(f"{path} is empty; give a video file with content.")
    return status


def cannot_read(path: Path, error: OSError | ValueError) -> InputError:
    """The sentence for a path that does not open."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SourceNotFoundError(f"There is no file {path}; check the path.")
    if isinstance(error, PermissionError):
        return SourceForbiddenError(f"{path} may not be read by this user; check its permissions.")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(f"{str(path)!r} cannot be read: {reason}.")


def title_of(path: Path) -> str:
    """A title for people from a file name: `my_talk-2024.final.mp4` becomes `my talk-2024 final`."""
    words = re.sub(r"[_\s]+|(?<!\d)\.(?=\S)|\.(?!\d)", " ", path.stem)
    return " ".join(words.split()) or path.name
