"""Answers on standard output: JSON as they come, or for people once the progress display is gone."""

import sys
from pathlib import Path, PurePath

from rich.console import Console
from rich.table import Table

from mindreel.cli import wording
from mindreel.cli.answer import FAILURES, Answer
from mindreel.cli.invocation import invocation
from mindreel.cli.places import how_to_open, is_address
from mindreel.cli.processing import Item
from mindreel.cli.session import Session
from mindreel.cli.streams import err, out, plain

_STYLES = {
    "completed": "green",
    "partial": "yellow",
    "failed": "red",
    "running": "cyan",
    "expanded": "cyan",
}


class Printer:
    """Prints each item's answer once."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._printed: set[int] = set()

    def tell(self, item: Item) -> None:
        """An answer came. JSON is printed at once; people read it when all have come."""
        if self.json and item.answer is not None:
            self._printed.add(id(item))
            sys.stdout.write(f"{item.answer.as_json()}\n")
            sys.stdout.flush()

    def tell_rest(self, items: list[Item], session: Session | None) -> None:
        """What has not been printed yet."""
        for item in items:
            if item.answer is None or id(item) in self._printed:
                continue
            if self.json:
                self.tell(item)
            elif item.answer.outcome in FAILURES:
                _print_failure(item, item.answer, session)
            elif item.answer.outcome == "running":
                _print_running(item)
            else:
                _print_result(out(), item, item.answer, session)

    def complain(self, items: list[Item]) -> None:
        """Beside JSON, a person watching standard error reads the reasons too."""
        for item in items:
            if self.json and item.answer is not None and item.answer.outcome in FAILURES:
                _print_failure(item, item.answer, None)


def _print_failure(item: Item, answer: Answer, session: Session | None) -> None:
    console = err()
    for reason in answer.reasons:
        about = "" if item.source in reason else f"{item.source}: "
        console.print(plain(f"mindreel: {about}{reason}"))
    _print_places(console, {"Web UI": _run_url(item, session)})


def _print_running(item: Item) -> None:
    me = invocation()
    out().print(plain(f"{item.source} is running as {item.video_id}"))
    out().print(plain(f"  {me} status {item.video_id}   shows how far it is"))
    out().print(plain(f"  {me} open {item.video_id}   opens its page when it is done"))


def _print_result(console: Console, item: Item, answer: Answer, session: Session | None) -> None:
    title = item.view.title if item.view and item.view.title else item.source
    console.print(f"\n[bold]{plain(title)}[/]  [{_STYLES[answer.outcome]}]{answer.outcome}[/]")
    for reason in answer.reasons:
        console.print(f"  - {plain(reason)}")
    for note in item.view.notes if item.view else ():
        console.print(f"  [dim]{plain(note)}[/]")
    console.print(_artifacts(_folder(answer), answer.artifacts))
    _print_places(console, {**_places(answer), "Web UI": _run_url(item, session)})


def _folder(answer: Answer) -> Path | None:
    """None for what lies in a project: what was brought here before is of an earlier run."""
    return Path(answer.library) if answer.library and not is_address(answer.library) else None


def _places(answer: Answer) -> dict[str, str | None]:
    folder, page = _folder(answer), answer.artifacts.get("report")
    if folder is not None:
        return {"Page": str(folder / page) if page else None, "Folder": answer.library}
    page = f"{how_to_open(answer.id)}   brings it here and shows it" if answer.id and page else None
    return {"Page": page, "Where": answer.library}


def _run_url(item: Item, session: Session | None) -> str | None:
    if session is None or item.run is None:
        return None
    return session.cluster.run_url(item.run.workflow_id, item.run.run_id)


def _print_places(console: Console, places: dict[str, str | None]) -> None:
    for name, place in places.items():
        if place:
            console.print(f"  {name + ':':<8}{plain(place)}", soft_wrap=True)


def _artifacts(folder: Path | None, artifacts: dict[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("artifact")
    table.add_column("file", overflow="fold")
    if folder is not None:
        table.add_column("size", justify="right")
    for name, path in sorted(artifacts.items(), key=lambda each: PurePath(each[1]).parts):
        table.add_row(plain(name), plain(path), *([] if folder is None else [_size(folder / path)]))
    return table


def _size(file: Path) -> str:
    """Nothing where it lies on another machine."""
    return wording.size(file.stat().st_size) if file.is_file() else ""
