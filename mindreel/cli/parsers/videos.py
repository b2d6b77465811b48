"""Commands about single videos."""

from mindreel.cli.parsers import values
from mindreel.cli.parsers.shape import Commands, add_command

_ID = "a video's id, or its beginning (see `list`)"


def add(commands: Commands) -> None:
    """run, status, list, cancel, open, result, retry, search."""
    _add_run(commands)
    status = add_command(commands, "status", "show what is running, or the stages of one video", json=True)
    status.add_argument("id", nargs="?", metavar="ID", help=_ID)
    listing = add_command(commands, "list", "list all videos, newest first", json=True)
    listing.add_argument(
        "--limit", type=values.positive, default=100, metavar="N", help="rows at most (default 100)"
    )
    for name, text in (
        ("cancel", "stop a running video"),
        ("open", "open a video's page in the browser, fetched where it is not here, and print where it is"),
        ("result", "print a video's result as one JSON object"),
    ):
        add_command(commands, name, text).add_argument("id", metavar="ID", help=_ID)
    retry = add_command(
        commands, "retry", "run a video again with its options; finished steps are reused", json=True
    )
    retry.add_argument("id", metavar="ID", help=_ID)
    retry.add_argument("--detach", action="store_true", help="start the work and return at once")
    _add_search(commands)


def _add_run(commands: Commands) -> None:
    run = add_command(commands, "run", "process videos: files, http(s) URLs or file:// URLs", json=True)
    run.add_argument("sources", nargs="+", metavar="SOURCE", help="a path or a URL; several run at once")
    run.add_argument(
        "--clips", type=values.count, default=5, metavar="N", help="clips at most (default 5, 0: none)"
    )
    run.add_argument("--captions", action="store_true", help="burn captions into the clips")
    run.add_argument("--vertical", action="store_true", help="cut the clips as 9:16")
    run.add_argument(
        "--language",
        type=values.language,
        metavar="xx",
        help="of the speech, e.g. en, de, zh (default: detect)",
    )
    run.add_argument(
        "--model", type=values.model, metavar="NAME", help="Whisper model: a name, a hub id or a folder"
    )
    run.add_argument("--detach", action="store_true", help="start the work and return at once")
    run.add_argument("--force", action="store_true", help="do everything again, reuse nothing")


def _add_search(commands: Commands) -> None:
    search = add_command(
        commands, "search", "find a sentence in all videos, by its words and by its meaning", json=True
    )
    search.add_argument("words", nargs="+", metavar="WORDS")
    search.add_argument(
        "--limit", type=values.positive, default=10, metavar="N", help="hits at most (default 10)"
    )
