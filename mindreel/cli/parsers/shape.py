"""What every command's parser has in common."""

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - has no other name


def add_command(commands: Commands, name: str, text: str, *, json: bool = False) -> argparse.ArgumentParser:
    """A command whose help is the sentence `text`, without capital and full stop."""
    sentence = f"{text[0].upper()}{text[1:]}."
    made = commands.add_parser(name, help=text, description=sentence, allow_abbrev=False)
    if json:
        made.add_argument(
            "--json", action="store_true", help="print JSON on standard output and nothing else"
        )
    return made


def add_group(commands: Commands, name: str, text: str) -> Commands:
    """A command with commands of its own; the chosen one's name is in `action`."""
    group = add_command(commands, name, text)
    return group.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
