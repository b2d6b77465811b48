import pytest

from mindreel.insight.embedded.statements import as_statement, leans_back, quality
from mindreel.insight.sentences import Sentence


def sentence(text: str) -> Sentence:
    return Sentence(text, 0.0, 5.0, (0,), complete=True)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("So, and the bean cracks open with a pop.", "The bean cracks open with a pop."),
        ("but water pulls out the sour acids first", "Water pulls out the sour acids first."),
        (
            "Then comes the most exciting moment in roasting.",
            "Then comes the most exciting moment in roasting.",
        ),
        ("And so it goes.", "And so it goes."),
        ("Und deshalb mahlt man die Bohnen etwas feiner.", "Mahlt man die Bohnen etwas feiner."),
        ("机器学习需要大量的数据", "机器学习需要大量的数据"),
    ],
)
def test_statements_begin_without_connectives_and_end_with_a_stop(said: str, written: str) -> None:
    language = "de" if said.startswith("Und") else "zh" if said.startswith("机") else "en"
    assert as_statement(said, language) == written


@pytest.mark.parametrize(
    "text",
    ["It should be hot.", "So this is the whole journey.", "Oh, they were wrong.", "That order helps."],
)
def test_sentences_that_point_back_are_known(text: str) -> None:
    assert leans_back(text, "en")


def test_a_full_statement_beats_chat_questions_fragments_and_asides() -> None:
    good = quality(sentence("Water inside the bean turns into steam and cracks the shell."), "en")
    for weaker in (
        "Thank you all for watching, and see you in the next episode.",
        "What happens to the water inside the bean when it gets hot?",
        "At some point in the future.",
        "I mean, I guess I kind of like the bean, you know.",
        "It is between 90 and 96 degrees there.",
        "Yes.",
    ):
        assert quality(sentence(weaker), "en") < 0.7 * good
