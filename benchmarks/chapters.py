"""Chapters of the embedded analyzer against human headings, the number of chapters not given.

    python benchmarks/chapters.py --data FILE [--json] [--cross-validate SEEDS] [--learn] [--vectors FOLDER]

The talks are not in the repository: give the file with `--data` or in `MINDREEL_CHAPTERS_DATA`. It holds a
JSON array; each talk has `title`, `timed` (whether its times are real), `sentences` ([[seconds, text], ...])
and `chapters` ([{"first_sentence": number, "title": text}, ...]). Several sentences may share a time: the
start of their speaker's turn.

Printed: Pk, WindowDiff (lower is better), F1 within 3 sentences and, for timed talks, within 30 s (higher is
better), as means over talks with a 95 % bootstrap interval, for

- mindreel as it is, once told the turns of speakers and once from the text alone;
- with `--cross-validate`, mindreel with weights learned on four fifths of the talks and measured on the last,
  in so many random divisions: on talks that the weights were learned on, only this figure is honest;
- as many random or equal parts as are usual for the talk's length, and TextTiling.

Then one transcript of three hours, the talks joined, goes through the whole analyzer in a process of its own:
its CPU seconds and its memory at most. `--learn` prints weights for `chapter_weights.py` instead.
"""

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import chapter_measures as measures  # noqa: E402 - found by the line above
from benchmarks.chapter_learning import FIRST_GUESS, Lesson, learned, lesson  # noqa: E402
from mindreel.contracts.progress import QuietReporter  # noqa: E402
from mindreel.contracts.transcript import Segment, Transcript  # noqa: E402
from mindreel.contracts.video import SourceInfo  # noqa: E402
from mindreel.insight.embedded.analyzer import EmbeddedAnalyzer  # noqa: E402
from mindreel.insight.embedded.chapters import computed, expected_chapters  # noqa: E402
from mindreel.insight.embedded.decoding import best_cut  # noqa: E402
from mindreel.insight.embedded.lexical import features  # noqa: E402
from mindreel.insight.embedded.openings import NAMES  # noqa: E402
from mindreel.insight.embedded.segmentation import Array  # noqa: E402
from mindreel.insight.embedded.semi_markov import posterior  # noqa: E402
from mindreel.insight.embedded.talk import Talk  # noqa: E402
from mindreel.insight.embeddings import MiniLmEmbedder  # noqa: E402
from mindreel.insight.sentences import Sentence  # noqa: E402

AIM = {"f1_3": 0.45, "pk": 0.33}
LONG_S, LONG_CPU_S, LONG_MB = 3 * 3600.0, 60.0, 1024.0
WORDS_A_SECOND = 160 / 60
FOLDS = 5
RANDOM_TURNS = 20
TURNS, TEXT = "told the turns", "from text alone"

Figures = dict[str, list[float]]
Weights = tuple[Array, Array]


@dataclass(frozen=True)
class Headed:
    """A talk with its true starts."""

    turns: Talk
    text: Talk
    """The same without the turns of speakers."""
    times_s: tuple[float, ...] | None
    """Of its sentences, where they are real."""
    true: tuple[int, ...]

    @property
    def sentences(self) -> int:
        """How many."""
        return len(self.turns.sentences)


def main() -> int:
    """Measure and print; 0 where the file was read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("MINDREEL_CHAPTERS_DATA"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cross-validate", type=int, default=0, metavar="SEEDS")
    parser.add_argument("--learn", action="store_true", help="print weights learned on all talks")
    parser.add_argument("--vectors", type=Path, help="a folder that keeps sentence vectors between runs")
    parser.add_argument("--long-only", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.data is None:
        parser.error("the talks are not in the repository: give --data FILE or set MINDREEL_CHAPTERS_DATA")
    raw = json.loads(Path(given.data).read_text(encoding="utf-8"))
    if given.long_only:
        print(json.dumps(analysed(long_transcript(raw))))
        return 0
    talks = [headed(talk, vectors_of(talk, given.vectors)) for talk in raw]
    if given.learn:
        print_weights(learned(list(lessons(talks, _start_guess()))))
        return 0
    rows = {f"mindreel, {name}": as_shipped(talks, name) for name in (TURNS, TEXT)}
    if given.cross_validate:
        validated = cross_validated(talks, given.cross_validate)
        rows |= {f"mindreel cross-validated, {name}": figures for name, figures in validated.items()}
    rows |= baselines(talks)
    summary = {name: {key: told(values) for key, values in row.items()} for name, row in rows.items()}
    three_hours = _in_own_process(Path(given.data))
    if given.json:
        print(json.dumps({"talks": len(talks), "aim": AIM, "methods": summary, "three_hours": three_hours}))
    else:
        print_table(summary, three_hours)
    return 0


def vectors_of(talk: dict[str, Any], folder: Path | None) -> Array:
    """The vectors of a talk's sentences, kept in `folder` under a digest of the text."""
    texts = [text for _, text in talk["sentences"]]
    name = f"{MiniLmEmbedder.name}\n" + "\n".join(texts)
    kept = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:20]}.npy" if folder else None
    if kept is not None and kept.exists():
        return np.asarray(np.load(kept), dtype=np.float64)
    vectors = MiniLmEmbedder(threads=1).embed(texts)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, vectors)
    return vectors.astype(np.float64)


def headed(talk: dict[str, Any], vectors: Array) -> Headed:
    """A talk as the analyzer sees it, and its true starts."""
    texts = [text for _, text in talk["sentences"]]
    times_s = [float(second) for second, _ in talk["sentences"]]
    apart = [0.0, *np.cumsum([max(1, len(text.split())) / WORDS_A_SECOND for text in texts])]
    content = tuple(tuple(features(text, "en")) for text in texts)

    def read(starts_s: Sequence[float], ends_s: Sequence[float]) -> Talk:
        spoken = tuple(
            Sentence(text, start_s, end_s, (i,), complete=True)
            for i, (text, start_s, end_s) in enumerate(zip(texts, starts_s, ends_s, strict=True))
        )
        return Talk(talk["title"], "en", ends_s[-1], spoken, content, vectors, vectors.mean(axis=0), ())

    plain = read(apart[:-1], apart[1:])
    return Headed(
        turns=read(times_s, _turn_ends(times_s)) if talk["timed"] else plain,
        text=plain,
        times_s=tuple(times_s) if talk["timed"] else None,
        true=tuple(c["first_sentence"] for c in talk["chapters"] if c["first_sentence"] > 0),
    )


def _turn_ends(starts_s: Sequence[float]) -> list[float]:
    later = {start: after for start, after in pairwise(starts_s) if after > start}
    return [later.get(start, starts_s[-1] + 1.0) for start in starts_s]


def figures_of(talk: Headed, found: Sequence[int]) -> dict[str, float]:
    """Each measure of one talk; `chapters` is how many were found for each true one."""
    row = {
        "pk": measures.pk(talk.true, found, talk.sentences),
        "window_diff": measures.window_diff(talk.true, found, talk.sentences),
        "f1_3": measures.f1(talk.true, found, 3),
        "chapters": (len(found) + 1) / (len(talk.true) + 1),
    }
    if talk.times_s is not None:
        times_s = talk.times_s
        row["f1_30s"] = measures.f1([times_s[i] for i in talk.true], [times_s[i] for i in found], 30.0)
    return row


def as_shipped(talks: Sequence[Headed], name: str) -> Figures:
    """Figures of the product as it is."""
    rows: Figures = {}
    for talk in talks:
        _add(rows, figures_of(talk, computed(talk.turns if name == TURNS else talk.text)[1:]))
    return rows


def cross_validated(talks: Sequence[Headed], seeds: int) -> dict[str, Figures]:
    """Figures of each talk with weights learned on the talks of other folds, the mean of all divisions."""
    turns: list[list[dict[str, float]]] = [[] for _ in talks]
    text: list[list[dict[str, float]]] = [[] for _ in talks]
    for seed in range(seeds):
        fold = np.random.default_rng(seed).permutation(len(talks)) % FOLDS
        for held_out in range(FOLDS):
            others = [talk for talk, f in zip(talks, fold, strict=True) if f != held_out]
            weights = learned(list(lessons(others, _start_guess())))
            for i in (int(i) for i in np.flatnonzero(fold == held_out)):
                turns[i].append(figures_of(talks[i], _cut(talks[i].turns, weights)))
                text[i].append(figures_of(talks[i], _cut(talks[i].text, weights)))
    return {TURNS: _means(turns), TEXT: _means(text)}


def _means(rows: Sequence[Sequence[dict[str, float]]]) -> Figures:
    found: Figures = {}
    for each in rows:
        _add(found, {key: statistics.fmean(row[key] for row in each) for key in each[0]})
    return found


def lessons(talks: Sequence[Headed], start_weights: Array) -> Iterator[Lesson]:
    """Each talk, and where its turns are known once more without them."""
    for talk in talks:
        yield lesson(talk.text, talk.true, start_weights)
        if talk.times_s is not None:
            yield lesson(talk.turns, talk.true, start_weights)


def _cut(talk: Talk, weights: Weights) -> list[int]:
    example = lesson(talk, (), weights[0]).evidence
    return best_cut(posterior(example, *weights), example.at)[1:]


def _start_guess() -> Array:
    guess: Array = FIRST_GUESS[: len(NAMES)].copy()
    guess[: NAMES.index("turn") + 1] = 1.0  # which places of very long talks are looked at
    return guess


def baselines(talks: Sequence[Headed]) -> dict[str, Figures]:
    """What needs no method, and the oldest one."""
    rows: dict[str, Figures] = {"random parts": {}, "equal parts": {}, "TextTiling": {}}
    for talk in talks:
        usual = max(1, round(expected_chapters(talk.text)))
        drawn = [measures.random_parts(talk.sentences, usual, seed) for seed in range(RANDOM_TURNS)]
        each = [figures_of(talk, found) for found in drawn]
        _add(rows["random parts"], {key: statistics.fmean(row[key] for row in each) for key in each[0]})
        _add(rows["equal parts"], figures_of(talk, measures.equal_parts(talk.sentences, usual)))
        texts = [sentence.text for sentence in talk.text.sentences]
        _add(rows["TextTiling"], figures_of(talk, measures.text_tiling(texts)))
    return rows


def _add(rows: Figures, row: dict[str, float]) -> None:
    for key, value in row.items():
        rows.setdefault(key, []).append(value)


def told(values: Sequence[float]) -> dict[str, float]:
    """Mean over talks, and its interval."""
    low, high = measures.interval(values)
    return {"mean": round(statistics.fmean(values), 3), "low": round(low, 3), "high": round(high, 3)}


def long_transcript(raw: Sequence[dict[str, Any]]) -> Transcript:
    """Talks joined, at an even pace, until three hours are full; from the first again where they end."""
    segments: list[Segment] = []
    at_s = 0.0
    while at_s < LONG_S:
        for _, text in (pair for talk in raw for pair in talk["sentences"]):
            end_s = at_s + max(1, len(text.split())) / WORDS_A_SECOND
            segments.append(Segment(len(segments), at_s, end_s, text))
            at_s = end_s + 0.2
            if at_s >= LONG_S:
                break
    return Transcript("en", 1.0, at_s, "talks joined", tuple(segments))


def analysed(transcript: Transcript) -> dict[str, float]:
    """What the whole analyzer takes for one transcript in this process, its start included."""
    analysis = EmbeddedAnalyzer(MiniLmEmbedder()).analyze(
        transcript, SourceInfo(title="Talks joined"), reporter=QuietReporter()
    )
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "hours": round(transcript.duration_s / 3600, 2),
        "sentences": len(transcript.segments),
        "chapters": len(analysis.chapters),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss / 1024),
    }


def _in_own_process(data: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--data", str(data), "--long-only"]
    figures: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return figures


def print_table(summary: dict[str, dict[str, dict[str, float]]], three_hours: dict[str, float]) -> None:
    """As Markdown."""
    keys = ("pk", "window_diff", "f1_3", "f1_30s", "chapters")
    print(
        "| method | Pk | WindowDiff | F1 within 3 sentences | F1 within 30 s | found for each true chapter |"
    )
    print("|---|---|---|---|---|---|")
    for name, row in summary.items():
        print(f"| {name} | {' | '.join(_cell(row.get(key)) for key in keys)} |")
    print(f"\nThree hours: {three_hours} (aim: under {LONG_CPU_S:.0f} CPU s and {LONG_MB:.0f} MB)")


def _cell(figure: dict[str, float] | None) -> str:
    return f"{figure['mean']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})" if figure else ""


def print_weights(weights: Weights) -> None:
    """As Python, one name each."""
    for name, weight in zip(NAMES, weights[0], strict=True):
        print(f'    "{name}": {weight:.2f},')
    print([round(float(weight), 2) for weight in weights[1]])


if __name__ == "__main__":
    sys.exit(main())
