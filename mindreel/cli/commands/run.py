"""`run SOURCE…`: videos to pages."""

import argparse
import uuid

from mindreel.cli.answer import Answer
from mindreel.cli.process_command import process
from mindreel.cli.processing import Item
from mindreel.cli.sources import Source, identify_all
from mindreel.cli.streams import err
from mindreel.contracts.video import Options, VideoRequest
from mindreel.settings import Settings


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Identify every source, then process those that name a video."""
    options = Options(
        clips=arguments.clips,
        captions=arguments.captions,
        vertical=arguments.vertical,
        language=arguments.language,
        model=arguments.model,
    )
    force = uuid.uuid4().hex if arguments.force else ""
    with err().status("Reading"):
        sources = await identify_all(arguments.sources)
    items = [_item(source, options, force) for source in sources]
    return await process(items, settings, json=arguments.json, detach=arguments.detach)


def _item(source: Source, options: Options, force: str) -> Item:
    if source.video is None:
        return Item(source.text, answer=Answer(None, source.text, "failed", (source.problem or "",)))
    return Item(source.text, VideoRequest(source.text, source.video, options, force))
