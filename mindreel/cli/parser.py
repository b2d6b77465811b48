"""What can be typed; nothing heavy is imported here, so that `--help` answers at once."""

import argparse
from importlib import metadata
from pathlib import Path

from mindreel.cli.invocation import invocation
from mindreel.cli.parsers import batches, engine, schedules, videos

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
  {me} up
      take every CSV of URLs that is dropped into mindreel-data/inbox, until Ctrl-C
  {me} batch show talks --watch
      what has become of the rows of talks.csv
  {me} doctor
      what is installed, and what is missing or does not agree

Everything is kept under MINDREEL_HOME (default ./mindreel-data); with SUPABASE_URL and
SUPABASE_SERVICE_ROLE_KEY in that project instead, and CSV files are dropped into its bucket `inbox`.
Without TEMPORAL_ADDRESS a Temporal server and workers are started when they are needed, and leave when
they have long been idle.

exit codes: 0 all completed, 1 failed, 2 bad usage, 3 some are partial, 130 left with Ctrl-C
"""


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
    for group in (videos, batches, schedules, engine):
        group.add(commands)
    return top


def _version() -> str:
    try:
        return metadata.version("mindreel")
    except metadata.PackageNotFoundError:  # a checkout that was not installed
        import tomllib  # noqa: PLC0415 - only here

        project = Path(__file__).parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
