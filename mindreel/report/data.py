"""What the page's scripts know: times of words, chapters, clips, quiz and mind map, as one JSON block."""

import json
from typing import Any

from markupsafe import Markup

from mindreel.contracts.analysis import MindmapNode
from mindreel.report import formats
from mindreel.report.facts import player_file
from mindreel.report.inputs import ReportInput
from mindreel.report.paragraphs import words

# Inside a script element only these can end it, open a comment, or end a line for JavaScript.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def embed(value: object) -> Markup:
    """JSON that is safe inside `<script type="application/json">`, whatever text it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - escaped one line above


def page_data(report: ReportInput) -> dict[str, Any]:
    """The JSON block: times in seconds; `segments` are [first word, start, end], words stand in the page."""
    player = player_file(report)
    audio = report.files.get("audio")
    return {
        "id": report.video_id,
        "title": report.info.title,
        "language": formats.language_tag(report.transcript.language),
        "duration": _round(report.media.duration_s),
        "fallback": formats.href(audio) if audio and player and player[0] == "video" else None,
        **_times(report),
        "chapters": [
            {"title": c.title, "start": _round(c.start_s), "end": _round(c.end_s)}
            for c in sorted(report.analysis.chapters, key=lambda chapter: chapter.start_s)
        ],
        "clips": [
            {"title": c.plan.title, "start": _round(c.plan.start_s), "end": _round(c.plan.end_s)}
            for c in report.clips
        ],
        "quiz": [question.answer_index for question in report.analysis.quiz],
        "mindmap": None if report.mindmap is None else _node(report.mindmap),
    }


def _times(report: ReportInput) -> dict[str, list[Any]]:
    segments: list[tuple[int, float, float]] = []
    starts: list[float] = []
    ends: list[float] = []
    for segment in report.transcript.segments:
        segments.append((len(starts), _round(segment.start_s), _round(segment.end_s)))
        starts += [_round(word.start_s) for word in words(segment)]
        ends += [_round(word.end_s) for word in words(segment)]
    return {"segments": segments, "wordStarts": starts, "wordEnds": ends}


def _node(node: MindmapNode) -> dict[str, Any]:
    return {
        "label": node.label,
        "kind": node.kind,
        "start": _round(node.start_s),
        "children": [_node(child) for child in node.children],
    }


def _round(value_s: float) -> float:
    return round(value_s, 3)
