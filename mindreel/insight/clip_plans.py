"""From highlights to clips: which ones, and exactly where to cut."""

import re
import unicodedata
from dataclasses import dataclass, replace

from mindreel.contracts.analysis import Analysis, Highlight
from mindreel.contracts.clips import ClipPlan, ClipSelection
from mindreel.contracts.transcript import Transcript, Word

SHORTEST_S, LONGEST_S = 15.0, 90.0
LEAD_S, TAIL_S = 0.35, 0.45
"""The most silence a clip takes before its first and after its last word."""
_LONGEST_NAME = 60
_LETTERS = str.maketrans(
    {
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u00f8": "o",
        "\u0142": "l",
        "\u0111": "d",
        "\u00f0": "d",
        "\u00fe": "th",
        "\u0131": "i",
        "\u00e4": "ae",
        "\u00f6": "oe",
        "\u00fc": "ue",
    }
)


@dataclass(frozen=True)
class _Spoken:
    """A word with the segment it belongs to."""

    start_s: float
    end_s: float
    segment_id: int


def plan_clips(analysis: Analysis, transcript: Transcript, *, count: int, duration_s: float) -> ClipSelection:
    """The best `count` highlights as clips in order of time, cut in the silence around whole words.

    Each lasts 15 to 90 s, begins and ends in the silence next to its words (half of it, at most 0.35 s
    before and 0.45 s after), lies inside the media of `duration_s` and overlaps no other. `reason` says
    why there are fewer than asked.
    """
    if count <= 0:
        return ClipSelection((), "No clips were asked for.")
    words = _words(transcript)
    plans: list[ClipPlan] = []
    for highlight in sorted(analysis.highlights, key=lambda highlight: -highlight.score):
        plan = _plan(highlight, words, duration_s)
        apart = plan is not None and all(
            plan.end_s <= other.start_s or plan.start_s >= other.end_s for other in plans
        )
        if plan is not None and apart and len(plans) < count:
            plans.append(plan)
    ordered = sorted(plans, key=lambda plan: plan.start_s)
    numbered = tuple(
        replace(plan, index=index, name=_name(index, plan.title)) for index, plan in enumerate(ordered, 1)
    )
    return ClipSelection(numbered, _reason(len(numbered), count, transcript, duration_s))


def _words(transcript: Transcript) -> list[_Spoken]:
    """All words in order of time; a segment without words counts as one."""
    found: list[_Spoken] = []
    for segment in transcript.segments:
        words = segment.words or (Word(segment.text, segment.start_s, segment.end_s, 1.0),)
        found += [_Spoken(word.start_s, word.end_s, segment.id) for word in words]
    return sorted(found, key=lambda word: (word.start_s, word.end_s))


def _plan(highlight: Highlight, words: list[_Spoken], duration_s: float) -> ClipPlan | None:
    """The clip of one highlight; None where it does not fit the media or the limits."""
    ids = set(highlight.segment_ids)
    inside = [place for place, word in enumerate(words) if word.segment_id in ids]
    if not inside:
        return None
    first_s, last_s = words[inside[0]].start_s, words[inside[-1]].end_s
    if last_s > duration_s or last_s - first_s > LONGEST_S:
        return None
    lead, tail = _lead(words, inside[0]), _tail(words, inside[-1], duration_s)
    shrink = min(1.0, (LONGEST_S - (last_s - first_s)) / max(lead + tail, 1e-9))
    start_s, end_s = first_s - lead * shrink, last_s + tail * shrink
    if end_s - start_s < SHORTEST_S:
        return None
    return ClipPlan(
        index=0,
        name="",
        title=highlight.title,
        start_s=start_s,
        end_s=end_s,
        score=highlight.score,
        reason=highlight.reason,
        segment_ids=highlight.segment_ids,
        first_word_start_s=first_s,
        last_word_end_s=last_s,
    )


def _lead(words: list[_Spoken], first: int) -> float:
    """Half the silence before a word, or all of it at the beginning of the media."""
    if first == 0:
        return min(LEAD_S, words[first].start_s)
    return min(LEAD_S, max(0.0, (words[first].start_s - words[first - 1].end_s) / 2))


def _tail(words: list[_Spoken], last: int, duration_s: float) -> float:
    """Half the silence after a word, or all of it at the end of the media."""
    rest_s = duration_s - words[last].end_s
    if last + 1 == len(words):
        return min(TAIL_S, rest_s)
    return min(TAIL_S, max(0.0, (words[last + 1].start_s - words[last].end_s) / 2), rest_s)


def _name(index: int, title: str) -> str:
    """`01-why-queues-help`: ASCII, at most 60 signs; `01-clip` where the title has no Latin letters."""
    folded = unicodedata.normalize("NFC", title).casefold().translate(_LETTERS)
    latin = unicodedata.normalize("NFKD", folded).replace("\u2019", "").replace("'", "")
    latin = latin.encode("ascii", "ignore").decode()
    slug = re.sub("[^a-z0-9]+", "-", latin).strip("-")
    slug = slug if re.search("[a-z]{2}", slug) else "clip"
    name = f"{index:02d}-{slug}"
    if len(name) <= _LONGEST_NAME:
        return name
    cut = name[: _LONGEST_NAME + 1]
    return cut.rsplit("-", 1)[0] if "-" in cut[_LONGEST_NAME // 2 :] else name[:_LONGEST_NAME]


def _reason(found: int, count: int, transcript: Transcript, duration_s: float) -> str:
    """Why there are fewer clips than asked; empty when there are not."""
    limits = f"{SHORTEST_S:.0f} to {LONGEST_S:.0f} s"
    if found >= count:
        return ""
    if found > 0:
        stretches = "stretch of {} stands" if found == 1 else "stretches of {} stand"
        return f"Only {found} {stretches.format(limits)} alone; {count} clips were asked for."
    if not transcript.segments:
        return "There are no clips: nothing was said."
    if duration_s < SHORTEST_S:
        return f"There are no clips: the video lasts {duration_s:.1f} s, a clip at least {SHORTEST_S:.0f} s."
    return f"There are no clips: no stretch of {limits} stands alone."
