"""What crosses between workflow and activities stays small: over 2 MB Temporal retries or hangs for ever."""

import pytest
from temporalio.converter import DataConverter

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.inputs import ClipInput, MergeInput, OutcomeInput, Outputs, ResultInput
from mindreel.contracts.media import AudioStream, MediaInfo, Span, VideoStream
from mindreel.contracts.stages import NAMES
from mindreel.contracts.steps import (
    Analyzed,
    AudioExtracted,
    Checked,
    ClipCut,
    ClipsPlanned,
    Downloaded,
    Indexed,
    MindmapMade,
    Remark,
    Resolved,
    SpeechPlanned,
    StepReport,
    ThumbnailMade,
    Transcribed,
)
from mindreel.contracts.video import Options, VideoIdentity, VideoRequest

LIMIT = 2 * 1024 * 1024
FAR_BELOW = LIMIT // 4

TITLE = "為什麼要排隊🎬" * 20
SENTENCE = "它說了什麼、在哪裡、該怎麼辦。" * 12
VIDEO_ID = "x" * 80
URL = "https://video.example/watch?" + "q" * 2000
REQUEST = VideoRequest(URL, VideoIdentity(VIDEO_ID, "generic", URL), Options(clips=12, model="m" * 100))


def ref(step: str, name: str) -> ArtifactRef:
    return ArtifactRef(f"{VIDEO_ID}/{step}-{'0' * 16}/{name}", "f" * 64, 8 * 1024**3, "application/json")


def report(name: str, remarks: int = 0) -> StepReport:
    return StepReport(name, 12345.678, 5, reused=True, remarks=remarks_of(name, remarks))


def remarks_of(stage: str, count: int) -> tuple[Remark, ...]:
    return tuple(Remark(stage, f"{number}: {SENTENCE}", degraded=True) for number in range(count))


def plan(index: int) -> ClipPlan:
    return ClipPlan(
        index=index,
        name=f"{index:02d}-{'a' * 100}",
        title=TITLE,
        start_s=10800.123456789,
        end_s=10890.123456789,
        score=0.123456789012,
        reason=SENTENCE,
        segment_ids=tuple(range(100_000, 100_090)),
        first_word_start_s=10800.123456789,
        last_word_end_s=10890.123456789,
    )


def clip(index: int) -> ClipCut:
    cut = CutReport(
        "reencode", 10800.123456789, 10890.123456789, SENTENCE, 0.123456789012, remarks=(SENTENCE,)
    )
    name = plan(index).name
    return ClipCut(
        report("clip", 2), plan(index), cut, ref("clip", f"{name}.mp4"), ref("clip", f"{name}.json")
    )


PROBE = MediaInfo(
    container="mov,mp4,m4a,3gp,3g2,mj2",
    duration_s=10800.123456789,
    size_bytes=8 * 1024**3,
    video=VideoStream("h264", 1920, 1080, 30000, 1001, 90, "yuv420p"),
    audio=tuple(AudioStream(index, "aac", 48000, 2, "eng") for index in range(8)),
    faststart=True,
    title=TITLE,
)
SPEECH = SpeechPlanned(
    report("plan-speech"),
    tuple(Span(54.123456789 * number, 54.123456789 * (number + 1)) for number in range(200)),
    "en",
    0.987654321,
    "m" * 100,
)
CHUNKS = tuple(ref("chunk", "chunk.json") for _ in SPEECH.chunks)
PLANS = tuple(plan(index) for index in range(1, 13))
OUTPUTS = Outputs(
    resolved=Resolved(report("resolve", 5), REQUEST.video, TITLE, 10800.0, ref("resolve", "info.json")),
    downloaded=Downloaded(report("download"), ref("download", "media.mp4"), PROBE, TITLE),
    audio=AudioExtracted(report("audio", 2), ref("audio", "speech.wav"), ref("audio", "audio.m4a")),
    thumbnail=ThumbnailMade(report("thumbnail"), ref("thumbnail", "thumbnail.jpg")),
    speech=SPEECH,
    transcribed=Transcribed(
        report("transcript", 11),
        ref("transcript", "transcript.json"),
        ref("transcript", "transcript.srt"),
        ref("transcript", "transcript.vtt"),
        ref("transcript", "transcript.txt"),
        "en",
        40_000,
    ),
    analyzed=Analyzed(report("analysis", 20), ref("analysis", "analysis.json")),
    mindmap=MindmapMade(report("mindmap"), ref("mindmap", "mindmap.json"), ref("mindmap", "mindmap.md")),
    indexed=Indexed(report("index", 1), ref("index", "vectors.f32"), 4000),
    clips_planned=ClipsPlanned(report("plan-clips", 1), PLANS),
    clips=tuple(clip(index) for index in range(1, 13)),
    checked=Checked(report("quality", 12), 15),
)
STAGES = tuple(report(name) for name in NAMES)
WORST = {
    "quality and publish": ResultInput(REQUEST, OUTPUTS, STAGES, remarks_of("clips", 50)),
    "merge": MergeInput(REQUEST, SPEECH, CHUNKS, 10800.123456789),
    "clip": ClipInput(
        REQUEST, ref("download", "media.mp4"), PROBE, ref("transcript", "t.json"), plan(12), 12
    ),
    "outcome": OutcomeInput(
        REQUEST, "partial", (SENTENCE,) * 50, "/" * 4000, {n: n for n in map(str, range(60))}, STAGES
    ),
}


@pytest.mark.parametrize("value", WORST.values(), ids=WORST.keys())
def test_the_worst_case_of_a_three_hour_video_is_far_below_the_limit(value: object) -> None:
    (payload,) = DataConverter.default.payload_converter.to_payloads([value])
    assert payload.ByteSize() < FAR_BELOW
