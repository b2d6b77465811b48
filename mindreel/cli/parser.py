"""What can be typed; nothing heavy is imported here, so that `--help` answers at once."""

import argparse
import os
from importlib import metadata
from pathlib import Path
from typing import TypeAlias

from mindreel.cli.invocation import invocation
from mindreel.contracts.languages import LANGUAGE_CODES

_EXAMPLES = """examples:
  {me} run samples/talk.mp4
      transcript, analysis, mind map, clips and a page
  {me} run https://youtu.be/ID --clips 3
      at most three clips
  {me} run a.mp4 b.mp4 --captions --vertical
      two videos at once, clips as 9:16 with captions
  {me} run talk.mp4 --json
      one JSON object a source on standard output
  {me} search "how queues help"
      the sentence and the second, across all videos
  {me} doctor
      what is installed, and what is missing

Everything is kept under MINDREEL_HOME (default ./mindreel-data). Without TEMPORAL_ADDRESS a Temporal
server and workers are started when they are needed, and leave when they have long been idle.

exit codes: 0 all completed, 1 failed, 2 bad usage, 3 some are partial, 130 left with Ctrl-C
"""

_ID = "a video's id, or its beginning (see `list`)"

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - has no other name


def parser() -> argparse.ArgumentParser:
    """The whole command line; the chosen command's name is in `command`."""
    me = invocation()
    top = argparse.ArgumentParser(
        prog=me,
        description="Turn videos into transcript, analysis, mind map, clips and a page.",
        epilog=_EXAMPLES.format(me=me),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"mindreel {_version()}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    _add_run(commands)
    _add_videos(commands)
    _add_search(commands)
    _add_engine(commands)
    return top


def _add_run(commands: Commands) -> None:
    run = _command(commands, "run", "process videos: files, http(s) URLs or file:// URLs", json=True)
    run.add_argument("sources", nargs="+", metavar="SOURCE", help="a path or a URL; several run at once")
    run.add_argument(
        "--clips", type=_count, default=5, metavar="N", help="clips at most (default 5, 0: none)"
    )
    run.add_argument("--captions", action="store_true", help="burn captions into the clips")
    run.add_argument("--vertical", action="store_true", help="cut the clips as 9:16")
    run.add_argument(
        "--language", type=_language, metavar="xx", help="of the speech, e.g. en, de, zh (default: detect)"
    )
    run.add_argument(
        "--model", type=_model, metavar="NAME", help="Whisper model: a name, a hub id or a folder"
    )
    run.add_argument("--detach", action="store_true", help="start the work and return at once")
    run.add_argument("--force", action="store_true", help="do everything again, reuse nothing")


def _add_videos(commands: Commands) -> None:
    status = _command(commands, "status", "show what is running, or the stages of one video", json=True)
    status.add_argument("id", nargs="?", metavar="ID", help=_ID)
    listing = _command(commands, "list", "list all videos, newest first", json=True)
    listing.add_argument(
        "--limit", type=_positive, default=100, metavar="N", help="rows at most (default 100)"
    )
    for name, text in (
        ("cancel", "stop a running video"),
        ("open", "open a video's page in the browser, and print where it is"),
        ("result", "print a video's result as one JSON object"),
    ):
        _command(commands, name, text).add_argument("id", metavar="ID", help=_ID)
    retry = _command(
        commands, "retry", "run a video again with its options; finished steps are reused", json=True
    )
    retry.add_argument("id", metavar="ID", help=_ID)
    retry.add_argument("--detach", action="store_true", help="start the work and return at once")


def _add_search(commands: Commands) -> None:
    search = _command(
        commands, "search", "find a sentence in all videos, by its words and by its meaning", json=True
    )
    search.add_argument("words", nargs="+", metavar="WORDS")
    search.add_argument("--limit", type=_positive, default=10, metavar="N", help="hits at most (default 10)")


def _add_engine(commands: Commands) -> None:
    up = _command(commands, "up", "keep server, workers and Web UI running until Ctrl-C")
    up.add_argument(
        "--when-idle", type=_minutes, default=None, metavar="MINUTES", help="stop after so long without work"
    )
    _command(commands, "down", "stop the server and the workers that run in the background")
    _command(
        commands, "doctor", "check what is installed and reachable, and say how to get the rest", json=True
    )


def _command(commands: Commands, name: str, text: str, *, json: bool = False) -> argparse.ArgumentParser:
    sentence = f"{text[0].upper()}{text[1:]}."
    made = commands.add_parser(name, help=text, description=sentence, allow_abbrev=False)
    if json:
        made.add_argument(
            "--json", action="store_true", help="print JSON on standard output and nothing else"
        )
    return made


def _count(text: str) -> int:
    return _whole(text, least=0)


def _positive(text: str) -> int:
    return _whole(text, least=1)


def _whole(text: str, *, least: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= 1_000_000:  # noqa: PLR2004 - sanity
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes")
    return minutes


def _language(text: str) -> str:
    code = text.strip().lower()
    if code not in LANGUAGE_CODES:
        known = ", ".join(sorted(LANGUAGE_CODES))
        raise argparse.ArgumentTypeError(f"{text!r} is not a language code; known are {known}")
    return code


def _model(text: str) -> str:
    """Folders as absolute paths: the worker that reads them has another working directory."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty")
    if text == "base":
        return text
    folder = os.path.expanduser(text)  # noqa: PTH111 - pathlib raises where `~nobody` is no user
    return str(Path(folder).resolve()) if Path(folder).is_dir() else text


def _version() -> str:
    try:
        return metadata.version("mindreel")
    except metadata.PackageNotFoundError:  # a checkout that was not installed
        import tomllib  # noqa: PLC0415 - only here

        project = Path(__file__).parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
