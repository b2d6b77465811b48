"""Sentences about what an analysis does not hold, and why."""

from collections.abc import Iterator

from mindreel.contracts.analysis import Analysis
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceInfo
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.embedded.windows import LONGEST_S, SHORTEST_S
from mindreel.insight.sentences import is_punctuated


def nothing_said(transcript: Transcript, analyzer: str) -> Analysis:
    """The analysis of silence."""
    reason = "Nothing was said that could be analysed: the transcript has no words."
    if transcript.segments:
        reason = "Nothing was said that could be analysed: the transcript holds no words that carry meaning."
    return Analysis(language=transcript.language, analyzer=analyzer, skipped=(reason,))


def skipped(analysis: Analysis, talk: Talk, transcript: Transcript, info: SourceInfo) -> tuple[str, ...]:
    """What this analysis lacks or does less well than it could."""
    return tuple(_sentences(analysis, talk, transcript, info))


def _sentences(analysis: Analysis, talk: Talk, transcript: Transcript, info: SourceInfo) -> Iterator[str]:
    if not talk.language.startswith("en"):
        yield f"Sentiment and category are measured for English only; this talk is in `{talk.language}`."
        yield (
            "The sentence model knows English best; chapters, titles, summary and highlights of this talk "
            "rest half on the words it shares, and may be weaker."
        )
    if not is_punctuated(transcript.segments):
        yield "The transcript has no punctuation; sentences are taken to end where the speaker pauses."
    titles = [" ".join(chapter.title.split()) for chapter in info.chapters]
    if len(titles) > 1 and not set(titles) & {chapter.title for chapter in analysis.chapters}:
        yield "The uploader's chapters were not used: they do not fit the length or the speech of the video."
    if not analysis.highlights:
        yield _no_highlights(talk)
    if not analysis.topics:
        yield "No term is said often enough to be called a topic."
    if not analysis.quiz:
        yield "There is no quiz: no sentence holds a number or term with enough plausible wrong answers."


def _no_highlights(talk: Talk) -> str:
    length_s = talk.sentences[-1].end_s - talk.sentences[0].start_s
    if length_s < SHORTEST_S:
        return (
            f"There are no highlights: the speech lasts {length_s:.0f} s, "
            f"a highlight at least {SHORTEST_S:.0f} s."
        )
    return (
        f"There are no highlights: no stretch of {SHORTEST_S:.0f} to {LONGEST_S:.0f} s "
        "can be understood without what surrounds it."
    )
