"""What was typed, checked before any server is started."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from mindreel.contracts.video import VideoIdentity
from mindreel.errors import InputError, MindreelError
from mindreel.sources.identity import identify


@dataclass(frozen=True)
class Source:
    """One source and what it names; exactly one of `video` and `problem` is there."""

    text: str
    video: VideoIdentity | None = None
    problem: str | None = None


async def identify_all(texts: Sequence[str]) -> list[Source]:
    """In the order given. A file is read whole for its identity, so this may take a while."""
    return await asyncio.gather(*(asyncio.to_thread(identify_one, text) for text in texts))


def identify_one(text: str) -> Source:
    """What `text` names, or one sentence on why it names nothing."""
    try:
        _check_text(text)
        return Source(text, video=identify(text))
    except MindreelError as error:
        return Source(text, problem=str(error))


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:  # bytes that are no UTF-8 arrive as lone surrogates (PEP 383)
        shown = text.encode(errors="surrogateescape").decode(errors="backslashreplace")
        raise InputError(f"{shown} is not valid UTF-8; rename the file.") from error
