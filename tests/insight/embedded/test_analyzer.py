"""The whole analysis: on the sample, whose truth is known, and on hard transcripts."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from mindreel.contracts.analysis import Analysis
from mindreel.contracts.codec import from_json, to_json
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceChapter, SourceInfo
from mindreel.errors import CancelledError
from mindreel.insight.embedded.analyzer import EmbeddedAnalyzer
from mindreel.insight.grounding import ground
from mindreel.insight.words import content_words, stands_in

MakeTranscript = Callable[..., Transcript]
MakeRecorder = Callable[..., Any]

GERMAN = [
    "Heute sprechen wir über Kaffee.",
    "Der Kaffee wächst an kleinen Bäumen in den Tropen.",
    "Die Bohnen sind eigentlich Samen einer roten Kirsche.",
    "In Äthiopien wachsen noch heute wilde Kaffeewälder.",
    "Ein junger Baum braucht etwa 3 Jahre bis zur ersten Ernte.",
    "Jetzt kommen wir zur Rösterei, in der eine rohe Bohne noch grün und hart ist.",
    "In der Trommel steigt die Temperatur auf über 200 Grad.",
    "Zucker und Eiweiß reagieren und färben die Bohne braun.",
    "Nach etwa 10 Minuten knackt die Bohne laut auf.",
    "Nun kochen wir den Kaffee mit Wasser.",
    "Das Wasser sollte zwischen 90 und 96 Grad heiß sein.",
    "Schmeckt der Kaffee sauer, mahlt man die Bohnen feiner.",
    "Eine Espressomaschine drückt das Wasser in 30 Sekunden durch das Pulver.",
]
CHINESE = [
    "今天我们来谈谈人工智能。",
    "人工智能正在改变整个世界。",
    "机器学习是人工智能的一个重要部分。",
    "深度学习使用多层神经网络。",
    "神经网络模仿人类的大脑。",
    "训练神经网络需要大量的数据。",
    "自动驾驶汽车使用摄像头和雷达。",
    "自动驾驶需要在100毫秒内作出决定。",
    "医院使用机器学习来分析图像。",
    "训练数据中的偏见会导致不公平的结果。",
]
JAPANESE = [
    "今日はコーヒーについて話します。",
    "コーヒー豆は赤い果実の種です。",
    "焙煎では温度が200度を超えます。",
]
THAI = ["วันนี้เราจะพูดถึงกาแฟ", "เมล็ดกาแฟเติบโตบนต้นไม้ในเขตร้อน", "คาเฟอีนเข้าสู่สมอง"]


def test_the_four_parts_of_the_sample_are_found(sample_analysis: Analysis, sample: dict[str, Any]) -> None:
    found = [chapter.start_s for chapter in sample_analysis.chapters]
    true = [chapter["start_s"] for chapter in sample["chapters"]]
    assert len(found) == 4
    for start_s, true_s in zip(found, true, strict=True):
        assert abs(start_s - true_s) <= 5


def test_chapters_of_the_sample_tile_the_talk_and_have_different_titles(
    sample_analysis: Analysis, sample_transcript: Transcript
) -> None:
    chapters = sample_analysis.chapters
    assert chapters[0].start_s == 0.0
    assert chapters[-1].end_s == sample_transcript.duration_s
    assert all(a.end_s == b.start_s for a, b in pairwise(chapters))
    cited = [i for chapter in chapters for i in chapter.segment_ids]
    assert cited == list(range(len(sample_transcript.segments)))
    assert len({chapter.title.lower() for chapter in chapters}) == 4
    assert all(3 <= len(chapter.title) <= 60 for chapter in chapters)
    assert all(chapter.summary and chapter.key_points and chapter.terms for chapter in chapters)


def test_every_title_term_and_statement_of_the_sample_was_said(
    sample_analysis: Analysis, sample_transcript: Transcript
) -> None:
    segments = sample_transcript.segments
    said = [(s.text, s.segment_ids) for s in (*sample_analysis.summary, *sample_analysis.key_points)]
    said += [(term.label, term.segment_ids) for term in sample_analysis.topics]
    for chapter in sample_analysis.chapters:
        said += [(chapter.title, chapter.segment_ids), (chapter.summary, chapter.segment_ids)]
        said += [(point.text, point.segment_ids) for point in chapter.key_points]
        said += [(term.label, term.segment_ids) for term in chapter.terms]
    assert len(said) > 20
    for text, ids in said:
        assert stands_in(text, " ".join(segments[i].text for i in ids), "en"), text
    assert ground(sample_analysis, sample_transcript) == (sample_analysis, ())


def test_the_summary_of_the_sample_reads_by_itself(sample_analysis: Analysis) -> None:
    assert 3 <= len(sample_analysis.summary) <= 6
    starts = [statement.start_s for statement in sample_analysis.summary]
    assert starts == sorted(starts)
    assert len({s.text for s in sample_analysis.summary} & {p.text for p in sample_analysis.key_points}) == 0
    for statement in (*sample_analysis.summary, *sample_analysis.key_points):
        assert not re.match(r"(so|and|but|this|that|it|they|these)\b", statement.text, re.IGNORECASE)
        assert statement.text[0].isupper()
        assert statement.text.endswith(".")


def test_highlights_of_the_sample_are_whole_and_apart(
    sample_analysis: Analysis, sample_transcript: Transcript
) -> None:
    highlights = sample_analysis.highlights
    assert len(highlights) >= 3
    assert [h.score for h in highlights] == sorted((h.score for h in highlights), reverse=True)
    cited: list[int] = []
    for highlight in highlights:
        first = sample_transcript.segments[highlight.segment_ids[0]]
        last = sample_transcript.segments[highlight.segment_ids[-1]]
        assert (highlight.start_s, highlight.end_s) == (first.start_s, last.end_s)
        assert 15 <= highlight.end_s - highlight.start_s <= 90
        assert 0 <= highlight.score <= 1
        assert re.fullmatch(r"[A-Z].{20,}\.", highlight.reason)
        cited += highlight.segment_ids
    assert len(cited) == len(set(cited))


def test_the_quiz_of_the_sample_is_fair(sample_analysis: Analysis, sample_transcript: Transcript) -> None:
    assert 3 <= len(sample_analysis.quiz) <= 6
    for question in sample_analysis.quiz:
        answer = question.choices[question.answer_index]
        source = " ".join(sample_transcript.segments[i].text for i in question.segment_ids)
        assert question.question.count("_____") == 1
        assert answer in source
        assert question.explanation in source
        assert content_words(answer, "en"), "a blank asks for a content word"
        assert 3 <= len(question.choices) == len({choice.lower() for choice in question.choices})
        for choice in question.choices:
            assert not set(content_words(choice, "en")) & set(content_words(question.question, "en"))
        filled = question.question.replace("_____", answer)
        assert question.explanation in filled
    assert len({q.choices[q.answer_index] for q in sample_analysis.quiz}) == len(sample_analysis.quiz)


def test_the_sample_is_about_coffee(sample_analysis: Analysis) -> None:
    assert "coffee" in [term.label for term in sample_analysis.topics]
    assert sample_analysis.category is not None
    assert sample_analysis.category.label == "food and drink"
    assert sample_analysis.sentiment is not None
    assert sample_analysis.sentiment.label in ("neutral", "positive")
    assert sample_analysis.skipped == ()
    assert sample_analysis.analyzer.startswith("embedded/")


def test_an_analysis_survives_its_file(sample_analysis: Analysis) -> None:
    assert from_json(Analysis, to_json(sample_analysis)) == sample_analysis


def test_the_same_talk_gives_the_same_analysis(
    analyzer: EmbeddedAnalyzer,
    sample: dict[str, Any],
    sample_transcript: Transcript,
    sample_analysis: Analysis,
    recorder: MakeRecorder,
) -> None:
    again = analyzer.analyze(sample_transcript, SourceInfo(title=sample["title"]), reporter=recorder())
    assert again == sample_analysis


def test_progress_rises_to_the_end(
    analyzer: EmbeddedAnalyzer, sample_transcript: Transcript, recorder: MakeRecorder
) -> None:
    told = recorder()
    analyzer.analyze(sample_transcript, SourceInfo(title=""), reporter=told)
    assert told.fractions == sorted(told.fractions)
    assert told.fractions[-1] == 1.0
    assert len(told.fractions) >= 5


def test_a_cancelled_analysis_stops(
    analyzer: EmbeddedAnalyzer, sample_transcript: Transcript, recorder: MakeRecorder
) -> None:
    with pytest.raises(CancelledError):
        analyzer.analyze(sample_transcript, SourceInfo(title=""), reporter=recorder(cancel_after=3))


def test_the_uploaders_chapters_are_kept_when_they_are_sane(
    analyzer: EmbeddedAnalyzer, sample_transcript: Transcript, recorder: MakeRecorder
) -> None:
    chapters = (SourceChapter("All  about <beans>", 0.0), SourceChapter("Brewing", 96.0))
    analysis = analyzer.analyze(
        sample_transcript, SourceInfo(title="", chapters=chapters), reporter=recorder()
    )
    assert [chapter.title for chapter in analysis.chapters] == ["All about <beans>", "Brewing"]
    assert analysis.chapters[1].start_s == 96.0
    assert analysis.skipped == ()


@pytest.mark.parametrize("starts", [(0.0, 50.0, 50.0), (0.0, 900.0), (60.0, 0.0)])
def test_chapters_that_cannot_be_are_computed_and_told(
    analyzer: EmbeddedAnalyzer,
    sample_transcript: Transcript,
    recorder: MakeRecorder,
    starts: tuple[float, ...],
) -> None:
    chapters = tuple(SourceChapter(f"Part {i}", start_s) for i, start_s in enumerate(starts))
    analysis = analyzer.analyze(
        sample_transcript, SourceInfo(title="", chapters=chapters), reporter=recorder()
    )
    assert len(analysis.chapters) == 4
    assert any("uploader's chapters were not used" in sentence for sentence in analysis.skipped)


def test_silence_gives_an_honest_empty_analysis(
    analyzer: EmbeddedAnalyzer, transcript_of: MakeTranscript, recorder: MakeRecorder
) -> None:
    analysis = analyzer.analyze(transcript_of([], "und"), SourceInfo(title="Silence"), reporter=recorder())
    assert (analysis.summary, analysis.chapters, analysis.quiz, analysis.category) == ((), (), (), None)
    assert analysis.skipped == ("Nothing was said that could be analysed: the transcript has no words.",)


@pytest.mark.parametrize("texts", [["Photosynthesis."], ["A hive holds 50,000 bees."], ["?!"], ["Hello."]])
def test_a_word_or_a_sentence_is_no_failure(
    analyzer: EmbeddedAnalyzer, transcript_of: MakeTranscript, recorder: MakeRecorder, texts: list[str]
) -> None:
    transcript = transcript_of(texts)
    analysis = analyzer.analyze(transcript, SourceInfo(title=""), reporter=recorder())
    assert len(analysis.chapters) <= 1
    assert analysis.highlights == ()
    assert analysis.skipped
    assert ground(analysis, transcript)[1] == ()


@pytest.mark.parametrize(
    ("texts", "language"),
    [(GERMAN, "de"), (CHINESE, "zh"), (JAPANESE, "ja"), (THAI, "th"), (GERMAN, "xx"), (CHINESE, "und")],
)
def test_other_languages_work_and_say_what_is_weaker(
    analyzer: EmbeddedAnalyzer,
    transcript_of: MakeTranscript,
    recorder: MakeRecorder,
    texts: list[str],
    language: str,
) -> None:
    transcript = transcript_of(texts, language, word_s=0.6)
    analysis = analyzer.analyze(transcript, SourceInfo(title=""), reporter=recorder())
    assert analysis.summary
    assert analysis.chapters
    assert analysis.topics
    assert analysis.sentiment is None
    assert analysis.category is None
    assert any("English only" in sentence for sentence in analysis.skipped)
    assert not any(sentence.startswith("Dropped") for sentence in analysis.skipped)


def test_german_terms_are_nouns_and_numbers_are_asked(
    analyzer: EmbeddedAnalyzer, transcript_of: MakeTranscript, recorder: MakeRecorder
) -> None:
    transcript = transcript_of(GERMAN, "de", word_s=0.6)
    analysis = analyzer.analyze(transcript, SourceInfo(title="Kaffee"), reporter=recorder())
    assert "Kaffee" in [term.label for term in analysis.topics]
    assert all(term.label[0].isupper() for term in analysis.topics)
    assert any(q.choices[q.answer_index].isdigit() for q in analysis.quiz)


def test_chinese_terms_are_words_said_more_than_once(
    analyzer: EmbeddedAnalyzer, transcript_of: MakeTranscript, recorder: MakeRecorder
) -> None:
    analysis = analyzer.analyze(transcript_of(CHINESE, "zh"), SourceInfo(title=""), reporter=recorder())
    assert {"人工智能", "神经网络"} <= {term.label for term in analysis.topics}


def test_a_talk_without_punctuation_says_so_and_keeps_its_parts(
    analyzer: EmbeddedAnalyzer,
    sample: dict[str, Any],
    transcript_of: MakeTranscript,
    sample_transcript: Transcript,
    recorder: MakeRecorder,
) -> None:
    texts = [re.sub(r"[^\w\s]", "", s.text).lower() for s in sample_transcript.segments]
    transcript = transcript_of(texts)
    analysis = analyzer.analyze(transcript, SourceInfo(title=sample["title"]), reporter=recorder())
    assert len(analysis.chapters) == 4
    assert analysis.highlights
    assert any("no punctuation" in sentence for sentence in analysis.skipped)
    assert not any(sentence.startswith("Dropped") for sentence in analysis.skipped)


def test_one_endless_segment_is_no_failure(
    analyzer: EmbeddedAnalyzer, transcript_of: MakeTranscript, recorder: MakeRecorder
) -> None:
    transcript = transcript_of([" ".join(["queues keep jobs until workers are free"] * 400)])
    analysis = analyzer.analyze(transcript, SourceInfo(title=""), reporter=recorder())
    assert len(analysis.chapters) == 1
    assert analysis.highlights == ()


@pytest.mark.slow
def test_thousands_of_segments_are_analysed(
    analyzer: EmbeddedAnalyzer,
    sample_transcript: Transcript,
    transcript_of: MakeTranscript,
    recorder: MakeRecorder,
) -> None:
    """The sample over and over, each time about another drink: about two hours in breath groups."""
    texts = [
        segment.text.replace("coffee", drink).replace("Coffee", drink.title())
        for drink in ("coffee", "tea", "milk", "juice", "wine", "cocoa", "beer", "water", "cider", "broth")
        for segment in sample_transcript.segments
        for _ in range(3)
    ]
    pieces = [piece + "," for text in texts for piece in re.split(r"[,.] ?", text) if piece]
    transcript = transcript_of([piece if i % 3 else piece[:-1] + "." for i, piece in enumerate(pieces)])
    assert len(transcript.segments) > 1500
    analysis = analyzer.analyze(transcript, SourceInfo(title=""), reporter=recorder())
    assert 4 <= len(analysis.chapters) <= 40
    assert len(analysis.highlights) >= 5
    assert not any(sentence.startswith("Dropped") for sentence in analysis.skipped)
