"""What is known of a video as rows of supabase/migrations/…_knowledge.sql; each key is a column."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mindreel.contracts.analysis import Analysis, Chapter, MindmapNode
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.publication import Publication
from mindreel.contracts.steps import ClipCut
from mindreel.contracts.transcript import Transcript
from mindreel.store.supabase.text import stored

Row = dict[str, Any]


def knowledge(publication: Publication) -> Row:
    """The argument of `library_publish`: a row of each table, a list of rows, or None where there is none."""
    keys = {path: ref.key for path, ref in publication.files.items()}
    row = {
        "uploader": publication.info.uploader,
        "analysis_result": _result(publication),
        "files": [_file(path, ref) for path, ref in publication.files.items()],
        "transcript": _transcript(publication.transcript, keys),
        "analysis": _analysis(publication.analysis, keys),
        "chapters": _chapters(publication.analysis),
        "clips": [_clip(clip) for clip in publication.clips],
        "mindmap": _mindmap(publication.mindmap, keys),
    }
    known: Row = stored(row)
    return known


def _result(publication: Publication) -> Row | None:
    """The analysis at a glance, for whoever reads `videos` alone."""
    analysis = publication.analysis
    if analysis is None:
        return None
    return {
        "analyzer": analysis.analyzer,
        "language": analysis.language,
        "summary": " ".join(statement.text for statement in analysis.summary),
        "key_points": [point.text for point in analysis.key_points],
        "topics": [topic.label for topic in analysis.topics],
        "chapters": [chapter.title for chapter in analysis.chapters],
        "sentiment": analysis.sentiment and analysis.sentiment.label,
        "category": analysis.category and analysis.category.label,
        "clips": len(publication.clips),
    }


def _file(path: str, ref: ArtifactRef) -> Row:
    return {
        "path": path,
        "key": ref.key,
        "sha256": ref.sha256,
        "size_bytes": ref.size_bytes,
        "media_type": ref.media_type,
    }


def _transcript(transcript: Transcript | None, keys: Mapping[str, str]) -> Row | None:
    if transcript is None:
        return None
    return {
        "language": transcript.language,
        "language_probability": transcript.language_probability,
        "duration_s": transcript.duration_s,
        "model": transcript.model,
        "segments": len(transcript.segments),
        "words": len(transcript.words),
        "removed": len(transcript.removed),
        "text": transcript.text,
        "key": keys.get("transcript.json"),
    }


def _analysis(analysis: Analysis | None, keys: Mapping[str, str]) -> Row | None:
    if analysis is None:
        return None
    row = asdict(analysis)
    del row["chapters"]  # have a table of their own
    return {**row, "key": keys.get("analysis.json")}


def _chapters(analysis: Analysis | None) -> list[Row]:
    chapters: tuple[Chapter, ...] = analysis.chapters if analysis else ()
    return [{"ordinal": place, **asdict(chapter)} for place, chapter in enumerate(chapters, 1)]


def _clip(clip: ClipCut) -> Row:
    return {
        "ordinal": clip.plan.index,
        "name": clip.plan.name,
        "title": clip.plan.title,
        "start_s": clip.cut.start_s,
        "end_s": clip.cut.end_s,
        "score": clip.plan.score,
        "reason": clip.plan.reason,
        "segment_ids": clip.plan.segment_ids,
        "method": clip.cut.method,
        "captioned": clip.cut.captioned,
        "key": clip.clip.key,
        "sidecar_key": clip.sidecar.key,
    }


def _mindmap(tree: MindmapNode | None, keys: Mapping[str, str]) -> Row | None:
    if tree is None:
        return None
    return {"tree": asdict(tree), "nodes": _count(tree), "key": keys.get("mindmap.json")}


def _count(node: MindmapNode) -> int:
    return 1 + sum(_count(child) for child in node.children)
