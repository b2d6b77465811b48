from mindreel.insight.embedded.phrases import phrases


def labels(texts: list[str], language: str = "en") -> list[str]:
    return [phrase.label for phrase in phrases(texts, language)]


def test_noun_phrases_come_with_their_heads() -> None:
    found = labels(["The robusta tree grows in hot lowlands.", "A robusta tree is a tree."])
    assert found[:2] == ["tree", "robusta tree"]
    assert "hot lowlands" in found


def test_verbs_and_empty_words_are_no_terms() -> None:
    found = labels(
        ["If it tastes bitter, the same thing works a lot of times.", "We've got a good way to go."]
    )
    assert not {"tastes", "thing", "works", "lot", "times", "way", "ve"} & set(found)


def test_inflections_are_mentions_of_one_term() -> None:
    [bean] = [p for p in phrases(["The bean is green.", "The beans are hot.", "Roast the beans."], "en")
              if p.key == ("bean",)]  # fmt: skip
    assert bean.label == "beans"
    assert bean.mentions == (0, 1, 2)


def test_names_keep_their_capitals_and_sentence_starts_lose_theirs() -> None:
    found = {
        p.label: p.is_name
        for p in phrases(["Farmers sell cherries in Ethiopia.", "In Ethiopia they grow."], "en")
    }
    assert found["Ethiopia"] is True
    assert found["farmers"] is False


def test_german_terms_are_nouns() -> None:
    assert labels(["Wir mahlen die Bohnen schnell.", "Ein Barista trinkt guten Kaffee."], "de") == [
        "Bohnen", "Barista", "Kaffee",
    ]  # fmt: skip


def test_japanese_terms_are_runs_of_kanji_or_katakana() -> None:
    assert labels(["コーヒー豆は赤い果実の種です。"], "ja") == ["コーヒー", "果実"]


def test_thai_terms_never_begin_inside_a_sign() -> None:
    for label in labels(["กาแฟเริ่มต้นจากผลไม้", "การคั่วกาแฟใช้อุณหภูมิสูง", "กาแฟเริ่มต้นที่นี่"], "th"):
        assert not label.startswith(("ิ", "่", "้", "ุ", "ู", "ั"))
        assert not label.endswith(("เ", "แ", "โ", "ใ", "ไ"))
