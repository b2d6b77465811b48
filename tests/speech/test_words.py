# ruff: noqa: RUF001 - the marks of other scripts are the matter here
"""Tokens as the recogniser gives them become words as people write them."""

from hypothesis import given
from hypothesis import strategies as st

from mindreel.contracts.transcript import Word
from mindreel.speech.words import joined_text, merge_tokens, spoken


def tokens(*texts: str) -> list[Word]:
    return [
        Word(text, index * 0.5, index * 0.5 + 0.5, 0.5 + 0.01 * index) for index, text in enumerate(texts)
    ]


def words(*texts: str) -> list[str]:
    return [word.text for word in merge_tokens(tokens(*texts))]


def test_apostrophes_hyphens_and_numbers_stay_whole() -> None:
    assert words(" I", " don", "'t", " know", " a", " well", "-known", " 3", ".", "5", " l", "'", "été.") == [
        "I", "don't", "know", "a", "well-known", "3.5", "l'été.",
    ]  # fmt: skip


def test_a_merged_word_lasts_from_first_to_last_token() -> None:
    word = merge_tokens(tokens(" un", "believ", "able", "!"))[0]
    assert word == Word("unbelievable!", 0.0, 2.0, 0.5)


def test_chinese_words_are_glued() -> None:
    merged = merge_tokens(tokens("今", "天", "天气", "很好", "。", "我们", "走", "吧", "！"))
    assert [word.text for word in merged] == ["今", "天", "天气", "很好。", "我们", "走", "吧！"]
    assert [word.glued for word in merged] == [False, True, True, True, True, True, True]
    assert joined_text(merged) == "今天天气很好。我们走吧！"


def test_latin_words_inside_chinese_stay_whole() -> None:
    assert words("用", "G", "PU", "训", "练") == ["用", "GPU", "训", "练"]


def test_thai_vowel_signs_stay_with_their_letter() -> None:
    merged = merge_tokens(tokens("ก", "ำ", "ลัง", "มา"))
    assert joined_text(merged) == "กำลังมา"
    assert [word.text for word in merged] == ["กำ", "ลัง", "มา"]


def test_korean_and_arabic_have_spaces() -> None:
    assert words(" 안녕", "하세요", " 여러분") == ["안녕하세요", "여러분"]
    assert words(" مر", "حبا", " بكم", "؟") == ["مرحبا", "بكم؟"]


def test_opening_marks_belong_to_the_word_after_closing_ones_to_the_word_before() -> None:
    assert words(" He", " said", ' "', "go", '."') == ["He", "said", '"go."']
    assert (
        words("他", "说", "「", "走", "」") == ["他", "说", "「走」"]
        or words("他", "说", "「", "走", "」")[-1] == "走」"
    )


def test_empty_tokens_vanish() -> None:
    assert words("", " ", " a", "") == ["a"]


@given(st.lists(st.text(alphabet=" ab'.-天แก\n", max_size=4), max_size=12))
def test_merging_keeps_every_sign(texts: list[str]) -> None:
    merged = merge_tokens(tokens(*texts))
    assert "".join(joined_text(merged).split()) == "".join("".join(texts).split())
    assert all(word.text for word in merged)


def test_spelling_does_not_matter_for_what_is_spoken() -> None:
    assert spoken("Don't!") == spoken("dont")
    assert spoken("ＡＢＣ。") == "abc"
