"""What every search index promises; see `mindreel.store.protocols.SearchIndex`."""
# ruff: noqa: RUF001 - what is said and asked comes in many scripts

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mindreel.contracts.transcript import Segment
from mindreel.store.protocols import SearchHit, SearchIndex

Towards = Callable[..., list[float]]
CONTRACT = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _index(
    search: SearchIndex, video_id: str, texts: Sequence[str], vectors: Sequence[list[float]] = ()
) -> None:
    segments = [
        Segment(10 + number, number * 2.5, number * 2.5 + 2, text) for number, text in enumerate(texts)
    ]
    search.replace(video_id, title=f"Title of {video_id}", segments=segments, vectors=vectors)


def _texts(hits: list[SearchHit]) -> list[str]:
    return [hit.text for hit in hits]


def test_a_word_finds_its_sentence_and_second(search: SearchIndex) -> None:
    _index(search, "v1", ["Coffee is a fruit.", "Goats danced all night.", "Water boils."])
    (hit,) = search.search("goats", ())
    assert (hit.video_id, hit.title, hit.segment_id) == ("v1", "Title of v1", 11)
    assert (hit.start_s, hit.end_s, hit.text) == (2.5, 4.5, "Goats danced all night.")
    assert hit.matched == "keyword"
    assert hit.score > 0


def test_meaning_finds_what_shares_no_word(search: SearchIndex, towards: Towards) -> None:
    _index(search, "v1", ["One.", "Two."], [towards(1), towards(2)])
    (hit,) = search.search("zwei", towards(2, cosine=0.8))
    assert (hit.text, hit.matched) == ("Two.", "meaning")


def test_what_both_ways_find_comes_first(search: SearchIndex, towards: Towards) -> None:
    _index(
        search,
        "v1",
        ["Alpha beta.", "Alpha alpha alpha.", "Gamma.", "Delta."],
        [towards(1, cosine=0.7), towards(2), towards(1), towards(3)],
    )
    hits = search.search("alpha", towards(1))
    assert (hits[0].text, hits[0].matched) == ("Alpha beta.", "both")
    assert {hit.text: hit.matched for hit in hits[1:]} == {
        "Alpha alpha alpha.": "keyword",
        "Gamma.": "meaning",
    }
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_scores_are_reciprocal_ranks(search: SearchIndex, towards: Towards) -> None:
    _index(search, "v1", ["Alpha.", "Beta."], [towards(1), towards(1, cosine=0.9)])
    hits = search.search("alpha", towards(1))
    assert [hit.score for hit in hits] == pytest.approx([2 / 61, 1 / 62])


def test_what_is_far_in_meaning_is_no_answer(search: SearchIndex, towards: Towards) -> None:
    _index(search, "v1", ["One.", "Two."], [towards(1, cosine=0.2), towards(2)])
    assert search.search("question", towards(1)) == []
    assert search.search("question", [-value for value in towards(2)]) == []


def test_sentences_that_share_only_common_words_are_left_out(search: SearchIndex) -> None:
    filler = [f"The thing number {number} of the list." for number in range(30)]
    _index(search, "v1", [*filler, "The caffeine of the evening."])
    assert _texts(search.search("what is the half-life of the caffeine", ())) == [
        "The caffeine of the evening."
    ]


def test_all_videos_are_searched_and_the_limit_holds(search: SearchIndex, towards: Towards) -> None:
    for number in range(5):
        _index(search, f"v{number}", ["A bean here.", "Nothing."], [towards(1), towards(2)])
    assert {hit.video_id for hit in search.search("bean", ())} == {f"v{number}" for number in range(5)}
    assert {hit.video_id for hit in search.search("", towards(1))} == {f"v{number}" for number in range(5)}
    assert len(search.search("bean", towards(1), limit=3)) == 3
    assert search.search("bean", towards(1), limit=0) == []


def test_indexing_again_replaces(search: SearchIndex, towards: Towards) -> None:
    _index(search, "v1", ["Old word.", "Older."], [towards(1), towards(2)])
    _index(search, "v2", ["Old word elsewhere."], [towards(5)])
    _index(search, "v1", ["New word."], [towards(3)])
    assert [hit.video_id for hit in search.search("old", ())] == ["v2"]
    assert search.search("", towards(1)) == []
    assert _texts(search.search("new", towards(3))) == ["New word."]


def test_a_silent_video_is_indexed_as_nothing_said(search: SearchIndex, towards: Towards) -> None:
    _index(search, "v1", ["Something."], [towards(1)])
    _index(search, "v1", [])
    assert search.search("something", towards(1)) == []


def test_vectors_that_do_not_fit_the_segments_are_refused(search: SearchIndex, towards: Towards) -> None:
    with pytest.raises(ValueError, match="2 segments need as many vectors or none, not 1"):
        _index(search, "v1", ["One.", "Two."], [towards(1)])
    assert search.search("one", ()) == []


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Das schöne Café in der Straße.", "CAFE"),
        ("Das schöne Café in der Straße.", "cafe\u0301"),
        ("Das schöne Café in der Straße.", "strasse"),
        ("Сырое зерно пахнет травой.", "ЗЕРНО"),
        ("咖啡是一种水果，我喝茶。", "咖啡"),
        ("咖啡是一种水果，我喝茶。", "水果"),
        ("咖啡是一种水果，我喝茶。", "茶"),
        ("咖啡是一种水果，我喝茶。", "果"),
        ("コーヒーは果物です。", "コーヒー"),
        ("コーヒーは果物です。", "果物"),
        ("커피는 과일이다", "커피"),
        ("กาแฟเป็นผลไม้", "กาแฟ"),
        ("कॉफी एक फल है", "कॉफी"),
        ("القهوة فاكهة", "القهوة"),
        ("Roasting the beans", "roasted bean"),
        ("It takes 200 degrees", "200"),
        ("Rock ’n’ roll isn’t dead", "isn't"),
        ("用GPU训练", "gpu"),
    ],
)
def test_words_are_found_in_any_script(search: SearchIndex, said: str, asked: str) -> None:
    _index(search, "v1", ["Something else entirely.", said, "另外一句话。", "別の文。", "다른 문장."])
    assert _texts(search.search(asked, ())) == [said]


@pytest.mark.parametrize(
    "asked",
    [
        *('"', '""', "'", "*", "bean*", "NEAR(bean", "NEAR(bean fruit, 2)", "AND", "bean AND", "OR OR"),
        *("NOT bean", "(bean", "words:bean", "{words}:bean", "^bean", "bean + fruit", "-bean", "%", "\\"),
        *("bean;DROP TABLE sentence", "\x00bean", "bean\udcff", "🎉", "bean " * 5000),
    ],
)
def test_nothing_a_person_types_is_read_as_syntax(search: SearchIndex, towards: Towards, asked: str) -> None:
    _index(search, "v1", ["A bean is a fruit."], [towards(1)])
    found = search.search(asked, towards(2))
    assert _texts(found) == (["A bean is a fruit."] if "bean" in asked else [])


@CONTRACT
@given(asked=st.text())
def test_any_text_may_be_asked(search: SearchIndex, towards: Towards, asked: str) -> None:
    _index(search, "v1", ["A bean is a fruit."], [towards(1)])
    assert len(search.search(asked, towards(1))) == 1


@CONTRACT
@given(said=st.text(min_size=1))
def test_a_sentence_is_found_by_its_own_words(search: SearchIndex, said: str) -> None:
    _index(search, "v1", [said])
    has_words = any(character.isalnum() for character in said)
    if has_words:
        assert len(search.search(said, ())) == 1


def test_a_thousand_sentences_are_searched_and_replaced(search: SearchIndex, towards: Towards) -> None:
    texts = [f"Sentence number {number} about topic{number % 10}." for number in range(1000)]
    _index(search, "v1", texts, [towards(number % 100) for number in range(1000)])
    assert _texts(search.search("sentence 777", ()))[0] == texts[777]
    assert all(hit.text in texts for hit in search.search("", towards(7), limit=20))
    _index(search, "v1", ["Only one."])
    assert search.search("777", towards(7)) == []


def test_readers_see_the_old_index_or_the_new_and_never_a_mix(
    open_search: Callable[[], SearchIndex], towards: Towards
) -> None:
    search = open_search()
    versions = {word: [f"{word} {number}" for number in range(40)] for word in ("Odd", "Even")}

    def replace_often() -> None:
        for turn in range(20):
            word = ("Odd", "Even")[turn % 2]
            _index(search, "v1", versions[word], [towards(1)] * 40)

    _index(search, "v1", versions["Even"], [towards(1)] * 40)
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(replace_often)
        reader = open_search()
        while not writing.done():
            hits = reader.search("odd even", towards(1), limit=100)
            assert len(hits) == 40
            assert len({hit.text.split()[0] for hit in hits}) == 1
        writing.result()
