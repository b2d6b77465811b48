"""The process in which yt-dlp runs: forked (`fork_server.py`), or `python -m mindreel.sources.child`.

It can be stopped whole at any moment, hung connections included. It ends with its parent: a thread waits on
standard input, which closes when the parent is gone, and then ends the whole process group, ffmpeg and
the JavaScript runtime too (a death signal would reach this process alone, and comes when the parent's
*thread* ends).
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from yt_dlp.utils import YoutubeDLError  # type: ignore[import-untyped]

from mindreel.errors import MindreelError
from mindreel.sources import extraction, listing
from mindreel.sources.failures import sort_failure
from mindreel.sources.guard import Guard
from mindreel.sources.messages import (
    Failed,
    Found,
    Job,
    Listed,
    Message,
    Result,
    Saved,
    Step,
    encode,
    failed,
    read_job,
)
from mindreel.sources.transfer import Transfer
from mindreel.sources.upstream import take_upstream

_NICENESS = 5
"""A thousand of these must not keep a person's command, or the start of the next video, waiting."""
_LONGEST_NOTE = 120


def main() -> None:
    """Read one job, do it, write messages; the last is a `Result` or `Failed`."""
    os.nice(_NICENESS)
    output = _claim_stdout()
    job = read_job(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()

    def send(message: Message) -> None:
        output.write(encode(message))
        output.flush()

    send(_work(job, send))


def _work(job: Job, send: Callable[[Step], None]) -> Result | Failed:
    def say(text: str) -> None:
        send(Step(text.strip().partition("\n")[0][:_LONGEST_NOTE]))

    upstream = take_upstream(os.environ)
    with Guard(allow_private_hosts=job.limits.allow_private_hosts, upstream=upstream) as guard:
        try:
            if job.task == "resolve":
                return Found(extraction.resolve(job, guard, say))
            if job.task == "list":
                return Listed(listing.list_entries(job, guard, say))
            transfer = Transfer(job.limits, Path(job.directory), lambda done, note: send(Step(note, done)))
            return Saved(str(extraction.download(job, guard, say, transfer)))
        except (MindreelError, YoutubeDLError, OSError) as error:
            return failed(sort_failure(error, guard, job.url))


def _claim_stdout() -> BinaryIO:
    """Standard output for messages alone; whatever a library prints goes to standard error.

    It is left to the kernel to close: the parent ends this process when it closes, and would take an exit
    after an error for a kill if Python closed it on its way out.
    """
    output = os.fdopen(os.dup(1), "wb", closefd=False)
    os.dup2(2, 1)
    return output


def _die_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
