"""Every activity of media with its parts: the place to look when something is to be replaced."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from threading import Lock
from typing import Any

from activities.analyze import AnalyzeActivity
from activities.audio import AudioActivity
from activities.cleanup import CleanupActivity
from activities.clips import ClipActivities
from activities.download import DownloadActivity
from activities.expand import ExpandActivity
from activities.index import IndexActivity
from activities.merge import MergeActivity
from activities.mindmap import MindmapActivity
from activities.publish import PublishActivity
from activities.quality import QualityActivity
from activities.resolve import ResolveActivity
from activities.step import Steps
from activities.thumbnail import ThumbnailActivity
from activities.transcribe import TranscribeActivities
from mindreel.bootstrap.stores import Stores, open_ledger, open_stores
from mindreel.engine.scratch import Scratch
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
from mindreel.report.page import render
from mindreel.settings import Settings, SpeechSettings
from mindreel.sources.collections import list_videos
from mindreel.sources.csv_rows.items import item_row
from mindreel.sources.download import download
from mindreel.sources.resolve import resolve
from mindreel.speech.chunks import plan_chunks
from mindreel.speech.merge import merge
from mindreel.speech.models import ensure_model
from mindreel.speech.subtitles import to_srt, to_text, to_vtt
from mindreel.speech.transcriber import Transcriber

Activity = Callable[..., Any]


def cpu_activities(settings: Settings) -> list[Activity]:
    """Everything but the recognition of speech."""
    stores = open_stores(settings)
    steps = _steps(settings, stores)
    embedder = MiniLmEmbedder()
    clips = ClipActivities(steps, plan_clips, cut_clip)
    resolving, downloading = fetching(settings, stores)
    return [
        _expanding(settings).expand_row,
        resolving.resolve,
        downloading.download,
        AudioActivity(steps, extract_audio).audio,
        ThumbnailActivity(steps, make_thumbnail).thumbnail,
        MergeActivity(steps, merge, to_srt, to_vtt, to_text).merge_transcript,
        AnalyzeActivity(steps, EmbeddedAnalyzer(embedder), ground).analyze,
        MindmapActivity(steps, build_mindmap, to_markmap).mindmap,
        IndexActivity(steps, embedder, stores.search).index,
        clips.plan_clips,
        clips.cut_clip,
        QualityActivity(steps, check_media, check_clip).quality,
        PublishActivity(steps, stores.library, render, _software()).publish,
        _cleaning(settings, stores).clean_up,
    ]


def fetching(settings: Settings, stores: Stores) -> tuple[ResolveActivity, DownloadActivity]:
    """What asks sites for a video."""
    steps = _steps(settings, stores)
    return (
        ResolveActivity(steps, resolve, settings.limits),
        DownloadActivity(steps, download, probe, settings.limits),
    )


def gpu_activities(settings: Settings) -> list[Activity]:
    """The recognition of speech, on a GPU where there is one."""
    transcribe = TranscribeActivities(
        _steps(settings, open_stores(settings)),
        plan_chunks,
        _transcribers(settings),
        settings.speech.model,
        (settings.speech.device, settings.speech.compute_type),
    )
    return [transcribe.plan_speech, transcribe.transcribe_chunk]


def _steps(settings: Settings, stores: Stores) -> Steps:
    return Steps(stores.artifacts, stores.catalog, Scratch(settings.scratch))


def _expanding(settings: Settings) -> ExpandActivity:
    return ExpandActivity(
        list_videos,
        item_row,
        settings.limits,
        settings.batch.max_playlist,
        Scratch(settings.scratch),
        open_ledger(settings),
    )


def _cleaning(settings: Settings, stores: Stores) -> CleanupActivity:
    return CleanupActivity(
        stores.artifacts,
        stores.catalog,
        stores.library,
        Scratch(settings.scratch),
        settings.retention.artifacts_s,
        settings.retention.orphans_s,
    )


def _transcribers(settings: Settings) -> Callable[[str], Transcriber]:
    speech: SpeechSettings = settings.speech
    making = Lock()

    @cache
    def made(model: str) -> Transcriber:
        return Transcriber(
            ensure_model(model, settings.models),
            label=model,
            device=speech.device,
            compute_type=speech.compute_type,
            workers=speech.workers,
        )

    def transcriber_for(model: str) -> Transcriber:
        with making:  # the first chunks of a worker come at once, and each would load the model
            return made(model)

    return transcriber_for


def _software() -> dict[str, str]:
    names = ("temporalio", "yt-dlp", "faster-whisper", "av", "imageio-ffmpeg", "onnxruntime")
    return {name: version(name) for name in names}
