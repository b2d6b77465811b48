"""Titles that a person would write, out of the talk's own words."""

from collections.abc import Callable, Sequence

import pytest

from mindreel.contracts.transcript import Transcript
from mindreel.insight.embedded.lexical import features
from mindreel.insight.embedded.phrases import phrases
from mindreel.insight.embedded.summary import Carriers
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.embedded.terms import Terms
from mindreel.insight.embedded.titles import title
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.insight.sentences import sentences

MakeTitles = Callable[[Sequence[Sequence[str]]], list[str]]

BEES = [
    "Every honey bee begins as an egg in the wax.",
    "A honey bee of the summer lives for six weeks.",
    "In winter a honey bee lives for months.",
    "Ann, do you keep any?",
    "Well, Ann, the neighbours would complain.",
]
BRIDGES = [
    "So Ann, what is a suspension cable?",
    "A suspension cable is a rope of thousands of wires.",
    "Each cable is spun in place over the river.",
    "The deck hangs from the cable by hangers.",
    "Steel rusts, so the cable is kept in dry air.",
]


@pytest.fixture
def titles(embedder: MiniLmEmbedder, transcript_of: Callable[..., Transcript]) -> MakeTitles:
    """The titles of a talk in English whose parts are given."""

    def of(parts: Sequence[Sequence[str]]) -> list[str]:
        texts = [text for part in parts for text in part]
        vectors = embedder.embed(texts).astype("float64")
        talk = Talk(
            title="",
            language="en",
            duration_s=600.0,
            sentences=sentences(transcript_of(texts)),
            content=tuple(tuple(features(text, "en")) for text in texts),
            vectors=vectors,
            about=vectors.mean(axis=0),
            phrases=phrases(texts, "en"),
        )
        ends = [sum(len(part) for part in parts[: i + 1]) for i in range(len(parts))]
        spans = [range(end - len(part), end) for end, part in zip(ends, parts, strict=True)]
        terms, carriers, taken = Terms(talk, embedder), Carriers(talk, spans), set[str]()
        return [title(talk, span, terms.of(span, spans), carriers, taken) for span in spans]

    return of


def test_a_noun_phrase_said_again_and_again_is_the_title(titles: MakeTitles) -> None:
    assert titles([BEES, BRIDGES])[0] == "Honey bee"


def test_a_question_that_opens_a_part_is_its_title_without_the_name_of_who_is_asked(
    titles: MakeTitles,
) -> None:
    assert titles([BEES, BRIDGES])[1] == "What is a suspension cable?"


def test_two_terms_are_joined_only_where_the_talk_says_them_together(titles: MakeTitles) -> None:
    apart = ["Copper is mined in Chile.", "Copper turns green in rain.", "Bread needs salt.", "Bread is old."]
    assert " and " not in titles([apart, BRIDGES])[0]


def test_no_two_parts_have_one_title(titles: MakeTitles) -> None:
    found = titles([BRIDGES, BRIDGES, BEES])
    assert len({text.lower() for text in found}) == 3
