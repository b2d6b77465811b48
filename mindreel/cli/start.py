"""The settings that a command works with."""

import os
from argparse import Namespace

from mindreel import settings as settings_module
from mindreel.errors import InputError
from mindreel.settings import Settings

_HOME = "MINDREEL_HOME"
_LEFT_OUT = (("SUPABASE_",), ("SUPABASE_", "MINDREEL_"))
"""Beginnings of the variables without which it is tried again."""


def settings_for(arguments: Namespace) -> Settings:
    """As the environment has them. Raises `InputError` for a variable that makes no sense.

    `doctor` says that in its table, so it gets settings without that variable, and the sentence in
    `arguments.problem`.
    """
    arguments.problem = ""
    try:
        return settings_module.load()
    except InputError as error:
        if arguments.command != "doctor" or arguments.repair:
            raise
        arguments.problem = str(error)
        return _without_what_is_wrong(error)


def _without_what_is_wrong(error: InputError) -> Settings:
    for beginnings in _LEFT_OUT:
        kept = {k: v for k, v in os.environ.items() if k == _HOME or not k.startswith(beginnings)}
        try:
            return settings_module.load(kept)
        except InputError:
            continue
    raise error
