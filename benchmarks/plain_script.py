"""The same work as one plain script: the bare tools one after the other, no Temporal, no store, no retries.

    python benchmarks/plain_script.py VIDEO FOLDER

This is what somebody writes who only wants the files: the peer of `benchmarks/pipeline.py`. It calls the same
capabilities, so that the comparison shows what durability costs and nothing else; chunks are recognised on
all cores, as anyone would.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mindreel.contracts.codec import to_json
from mindreel.contracts.progress import QuietReporter
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceInfo
from mindreel.insight.clip_plans import plan_clips
from mindreel.insight.embedded.analyzer import EmbeddedAnalyzer
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.insight.grounding import ground
from mindreel.insight.mindmap import build_mindmap, to_markmap
from mindreel.media.audio import extract_audio
from mindreel.media.checks import check_clip, check_media
from mindreel.media.cut import cut_clip
from mindreel.media.probe import probe
from mindreel.media.thumbnail import make_thumbnail
from mindreel.speech.chunks import plan_chunks
from mindreel.speech.merge import merge
from mindreel.speech.models import ensure_model
from mindreel.speech.subtitles import to_srt, to_text, to_vtt
from mindreel.speech.transcriber import Transcriber

QUIET = QuietReporter()


def main() -> None:
    """Make everything in FOLDER."""
    video, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    info = probe(video)
    audio = extract_audio(video, info, folder, reporter=QUIET)
    thumbnail = make_thumbnail(video, info, folder, reporter=QUIET)
    transcript = transcribe(audio.speech, info.duration_s)
    (folder / "transcript.srt").write_text(to_srt(transcript))
    (folder / "transcript.vtt").write_text(to_vtt(transcript))
    (folder / "transcript.txt").write_text(to_text(transcript))
    embedder = MiniLmEmbedder()
    found = EmbeddedAnalyzer(embedder).analyze(transcript, SourceInfo(title=video.stem), reporter=QUIET)
    analysis, _ = ground(found, transcript)
    (folder / "analysis.json").write_bytes(to_json(analysis))
    (folder / "mindmap.md").write_text(to_markmap(build_mindmap(video.stem, analysis)))
    embedder.embed([segment.text for segment in transcript.segments])
    problems = [
        *check_media(video),
        *check_media(audio.listen),
        *(check_media(thumbnail) if thumbnail else []),
    ]
    for plan in plan_clips(analysis, transcript, count=5, duration_s=info.duration_s).plans:
        clip, cut = cut_clip(video, info, plan, folder, reporter=QUIET)
        problems += check_clip(clip, info, plan, cut, vertical=False)
    if problems:
        sys.exit("\n".join(problems))


def transcribe(wav: Path, duration_s: float) -> Transcript:
    """The chunks on all cores."""
    model = ensure_model("base", Path(os.environ["MINDREEL_HOME"]) / "models")
    transcriber = Transcriber(model, label="base")
    spans = plan_chunks(wav)
    language, probability = transcriber.detect_language(wav, spans)
    with ThreadPoolExecutor() as pool:
        chunks = list(
            pool.map(lambda span: transcriber.transcribe(wav, span, language=language, reporter=QUIET), spans)
        )
    return merge(
        chunks,
        language=language,
        language_probability=probability,
        duration_s=duration_s,
        model=transcriber.description,
    )


if __name__ == "__main__":
    main()
