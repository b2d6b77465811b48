"""`search WORDS…`: sentences of all videos, found by words and by meaning; needs no server."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from mindreel.bootstrap.stores import open_search
from mindreel.cli import wording
from mindreel.cli.lookup import catalog_of
from mindreel.cli.streams import err, out, plain
from mindreel.errors import InputError
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.settings import Settings
from mindreel.store.protocols import Catalog, SearchHit

_PAGE = "report.html"


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the hits, best first."""
    words = " ".join(arguments.words).strip()
    if not words:
        raise InputError("There is nothing to search for; give a word or a question.")
    catalog = catalog_of(settings)
    hits = _search(words, arguments.limit, settings) if catalog is not None else []
    links = [_link(hit, catalog) for hit in hits] if catalog is not None else []
    for hit, link in zip(hits, links, strict=True):
        if arguments.json:
            sys.stdout.write(f"{json.dumps(_as_dict(hit, link), ensure_ascii=False)}\n")
        else:
            _print(hit, link)
    if not hits and not arguments.json:
        err().print("Nothing was found.")
    return 0


def _search(words: str, limit: int, settings: Settings) -> list[SearchHit]:
    vector = MiniLmEmbedder().embed([words])[0]
    return open_search(settings).search(words, vector.tolist(), limit=limit)


def _link(hit: SearchHit, catalog: Catalog) -> str | None:
    """The page at the sentence's second; None where the video has no page."""
    row = catalog.get(hit.video_id)
    if row is None or row.library is None:
        return None
    return f"{(Path(row.library) / _PAGE).as_uri()}#t={hit.start_s:g}"


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


def _print(hit: SearchHit, link: str | None) -> None:
    console = out()
    matched = f"[dim]({hit.matched})[/]"
    console.print(f"[bold]{plain(hit.title)}[/]  {wording.clock(hit.start_s)}  {matched}")
    console.print(f"  {plain(hit.text)}")
    if link is not None:
        console.print(f"  [dim]{plain(link)}[/]", soft_wrap=True)
