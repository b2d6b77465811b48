"""Chunks become one transcript, and what was cut is told without drowning the rest."""

import pytest
from temporalio.testing import ActivityEnvironment

from activities.merge import MergeActivity
from activities.step import Steps
from mindreel.contracts.codec import from_json, to_json
from mindreel.contracts.inputs import MergeInput
from mindreel.contracts.media import Span
from mindreel.contracts.steps import SpeechPlanned, StepReport, Transcribed
from mindreel.contracts.transcript import ChunkTranscript, Removed, Segment, Transcript, Word
from mindreel.contracts.video import VideoRequest
from mindreel.speech.merge import merge
from mindreel.speech.subtitles import to_srt, to_text, to_vtt

SPAN = Span(0.0, 600.0)


def merged(steps: Steps, request: VideoRequest, chunk: ChunkTranscript) -> Transcribed:
    ref = steps.store.put_bytes("v/c/chunk.json", to_json(chunk), "application/json")
    plan = SpeechPlanned(StepReport("plan-speech", 1.0, 1, reused=False), (SPAN,), "en", 1.0, "base")
    activity = MergeActivity(steps, merge, to_srt, to_vtt, to_text)
    return ActivityEnvironment().run(activity.merge_transcript, MergeInput(request, plan, (ref,), 600.0))


def chunk(removed: int) -> ChunkTranscript:
    word = Word("Hello.", 1.0, 1.5, 0.9)
    cuts = tuple(Removed(10.0 + number, 11.0 + number, "la la", "a loop") for number in range(removed))
    return ChunkTranscript(SPAN, (Segment(0, 1.0, 1.5, "Hello.", (word,)),), cuts)


def test_every_file_tells_what_was_said_and_the_catalog_the_language(
    steps: Steps, request_of_a_video: VideoRequest
) -> None:
    done = merged(steps, request_of_a_video, chunk(0))
    for ref in (done.transcript, done.srt, done.vtt, done.text):
        assert b"Hello." in (steps.store.read_bytes(ref.key) or b"")
    assert (done.language, done.words, done.step.remarks) == ("en", 1, ())
    row = steps.catalog.get(request_of_a_video.video.id)
    assert row is not None
    assert row.language == "en"


@pytest.mark.parametrize(("removed", "told"), [(1, 1), (10, 10), (11, 10), (400, 10)])
def test_what_was_cut_is_told_and_much_of_it_is_counted(
    steps: Steps, request_of_a_video: VideoRequest, removed: int, told: int
) -> None:
    done = merged(steps, request_of_a_video, chunk(removed))
    remarks = [remark.text for remark in done.step.remarks]
    assert len(remarks) == told
    assert remarks[0] == "Cut from the transcript at 10 s: a loop."
    if removed > told:
        assert remarks[-1] == f"{removed - 9} more stretches were cut; transcript.json lists them all."
    transcript = from_json(Transcript, steps.store.read_bytes(done.transcript.key) or b"")
    assert len(transcript.removed) == removed


def test_sound_like_speech_without_a_word_is_less_than_was_asked_for(
    steps: Steps, request_of_a_video: VideoRequest
) -> None:
    done = merged(steps, request_of_a_video, ChunkTranscript(SPAN, ()))
    assert [remark.degraded for remark in done.step.remarks] == [True]
