from pathlib import Path

from mindreel.contracts.video import Limits
from mindreel.errors import SetupError


def read_cookies(limits: Limits) -> str:
    """Content of the cookies file, empty where none is set; raises `SetupError` where it cannot be read.

    yt-dlp gets the content and not the path: it would rewrite the file.
    """
    if not limits.cookies_file:
        return ""
    try:
        return Path(limits.cookies_file).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"The cookies file {limits.cookies_file} cannot be read ({error}); correct MINDREEL_COOKIES_FILE."
        ) from error
