"""`search WORDS…`: sentences of all videos, found by words and by meaning; needs no server."""

import argparse
import json
import sys
from dataclasses import dataclass
from typing import Any

from mindreel.bootstrap.stores import open_search
from mindreel.cli import wording
from mindreel.cli.lookup import catalog_of
from mindreel.cli.places import how_to_open, page_here
from mindreel.cli.streams import err, out, plain
from mindreel.errors import InputError
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.settings import Settings
from mindreel.store.protocols import SearchHit, VideoRow


@dataclass(frozen=True)
class _Page:
    """Where a hit can be seen; both None where its video has no page."""

    link: str | None = None
    """To the sentence's second, where the page is on this machine."""
    command: str | None = None
    """What brings it here, where it is not."""


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the hits, best first."""
    words = " ".join(arguments.words).strip()
    if not words:
        raise InputError("There is nothing to search for; give a word or a question.")
    catalog = catalog_of(settings)
    hits = _search(words, arguments.limit, settings) if catalog is not None else []
    rows = {each: catalog.get(each) for each in {hit.video_id for hit in hits}} if catalog is not None else {}
    for hit in hits:
        page = _page(hit, rows[hit.video_id], settings)
        if arguments.json:
            sys.stdout.write(f"{json.dumps(_as_dict(hit, page.link), ensure_ascii=False)}\n")
        else:
            _print(hit, page)
    if not hits and not arguments.json:
        err().print("Nothing was found.")
    return 0


def _search(words: str, limit: int, settings: Settings) -> list[SearchHit]:
    vector = MiniLmEmbedder().embed([words])[0]
    return open_search(settings).search(words, vector.tolist(), limit=limit)


def _page(hit: SearchHit, row: VideoRow | None, settings: Settings) -> _Page:
    if row is None or not row.library:
        return _Page()
    page = page_here(row, settings)
    return _Page(f"{page.as_uri()}#t={hit.start_s:g}") if page else _Page(command=how_to_open(row.id))


def _as_dict(hit: SearchHit, link: str | None) -> dict[str, Any]:
    return {
        "id": hit.video_id,
        "title": hit.title,
        "start_s": hit.start_s,
        "end_s": hit.end_s,
        "text": hit.text,
        "score": hit.score,
        "matched": hit.matched,
        "link": link,
    }


def _print(hit: SearchHit, page: _Page) -> None:
    console = out()
    matched = f"[dim]({hit.matched})[/]"
    console.print(f"[bold]{plain(hit.title)}[/]  {wording.clock(hit.start_s)}  {matched}")
    console.print(f"  {plain(hit.text)}")
    if shown := page.link or page.command:
        console.print(f"  [dim]{plain(shown)}[/]", soft_wrap=True)
