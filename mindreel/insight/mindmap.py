"""The talk as a tree: title, chapters, key points, terms; every node knows its second."""

import json
import re
from collections.abc import Iterator, Sequence

from mindreel.contracts.analysis import Analysis, Chapter, MindmapNode, Statement, Term

_LONGEST_LABEL = 80
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$^=&!])")
_LIST_START = re.compile(r"^([-+]|\d+(?=[.)]))")


def build_mindmap(title: str, analysis: Analysis) -> MindmapNode:
    """The tree of an analysis; where there are no chapters the key points hang on the title."""
    ids = sorted({i for chapter in analysis.chapters for i in chapter.segment_ids})
    children = tuple(_chapter(chapter) for chapter in analysis.chapters)
    if not children:
        children = tuple(_point(point, analysis.topics) for point in analysis.key_points)
    label = _short(title) or "Untitled video"
    return MindmapNode(label, "title", 0.0, segment_ids=tuple(ids), children=children)


def to_markmap(root: MindmapNode, *, video_id: str = "") -> str:
    """Markdown that markmap shows: headings for title and chapters, lists below, a time behind each.

    https://markmap.js.org/docs/json-options for the front matter.
    """
    head = ["---", f"title: {json.dumps(root.label, ensure_ascii=False)}"]
    head += [f"video: {json.dumps(video_id)}"] if video_id else []
    head += ["markmap:", "  colorFreezeLevel: 2", "  initialExpandLevel: 3", "---", ""]
    return "\n".join([*head, *_lines(root, 0)]) + "\n"


def _chapter(chapter: Chapter) -> MindmapNode:
    points = [_point(point, chapter.terms) for point in chapter.key_points]
    placed = {term.label for point in points for term in point.children}
    rest = [_term(term) for term in chapter.terms if term.label not in placed]
    return MindmapNode(
        label=_short(chapter.title),
        kind="chapter",
        start_s=chapter.start_s,
        segment_ids=chapter.segment_ids,
        children=(*points, *rest),
    )


def _point(point: Statement, terms: Sequence[Term]) -> MindmapNode:
    """A key point with the terms that its own segments say."""
    said = point.text.lower()
    inside = [term for term in terms if term.label.lower() in said]
    return MindmapNode(
        label=_short(point.text).rstrip("."),
        kind="point",
        start_s=point.start_s,
        segment_ids=point.segment_ids,
        children=tuple(MindmapNode(term.label, "term", point.start_s, point.segment_ids) for term in inside),
    )


def _term(term: Term) -> MindmapNode:
    return MindmapNode(_short(term.label), "term", term.start_s, term.segment_ids)


def _short(text: str) -> str:
    """One line of at most 80 signs; a longer text ends with an ellipsis after a whole word."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST_LABEL:
        return line
    cut = line[: _LONGEST_LABEL - 1]
    whole = cut.rsplit(" ", 1)[0] if " " in cut[_LONGEST_LABEL // 2 :] else cut
    return whole.rstrip(" ,;:-") + "\u2026"


def _lines(node: MindmapNode, headings: int) -> Iterator[str]:
    """`headings`: how many headings stand above this node in the tree."""
    text = f"{_escaped(node.label)} ({_clock(node.start_s)})"
    yield from (f"{'#' * (headings + 1)} {text}", "")
    items = [child for child in node.children if child.kind != "chapter"]
    for item in items:
        yield from _items(item, 0)
    if items:
        yield ""
    for child in node.children:
        if child.kind == "chapter":
            yield from _lines(child, headings + 1)


def _items(node: MindmapNode, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}- {_escaped(node.label)} ({_clock(node.start_s)})"
    for child in node.children:
        yield from _items(child, depth + 1)


def _escaped(label: str) -> str:
    """So that what was said stays text: no emphasis, HTML, formula or list of its own (CommonMark 2.4)."""
    escaped = _SPECIAL.sub(r"\\\1", label)
    return _LIST_START.sub(lambda m: f"\\{m[1]}" if m[1] in "-+" else m[1] + "\\", escaped)


def _clock(seconds: float) -> str:
    """`m:ss`, from an hour on `h:mm:ss`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
