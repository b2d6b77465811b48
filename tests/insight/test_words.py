import pytest

from mindreel.insight.words import content_words, ends_sentence, stands_in, stem, tokens


def test_tokens_of_mixed_scripts() -> None:
    assert tokens("Don\u2019t say 4,000 or 50%: 我们2024年!") == [
        "Don't", "say", "4,000", "or", "50%", "我们", "2024", "年",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("beans", "bean"),
        ("roasting", "roast"),
        ("cherries", "cherry"),
        ("queue", "queues"),
        ("running", "run"),
    ],
)
def test_inflections_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_function_words_carry_no_meaning() -> None:
    assert content_words("It is what we have in the end, a queue.", "en") == ["end", "queue"]


@pytest.mark.parametrize(
    "text", ["Yes.", "Really?", "“Stop!”", "好。", "はい\uff1f", "ठीक है।", "لماذا؟", "Wait…"]
)
def test_sentences_end_in_their_own_scripts(text: str) -> None:
    assert ends_sentence(text)
    assert not ends_sentence(text.rstrip(".?!”。\uff1f।؟…") + ",")


@pytest.mark.parametrize(
    ("claim", "language", "true"),
    [
        ("The queue keeps 40 jobs.", "en", True),
        ("Jobs: kept in queues, 40.", "en", True),
        ("The queue keeps 41 jobs.", "en", False),
        ("Kafka keeps 40 jobs.", "en", False),
        ("队列保存任务", "zh", True),
        ("队列删除任务", "zh", False),
    ],
)
def test_a_claim_stands_where_its_words_and_numbers_are_said(
    claim: str, language: str, *, true: bool
) -> None:
    said = "The queue keeps 40 jobs until later. 队列保存任务。"
    assert stands_in(claim, said, language) is true
