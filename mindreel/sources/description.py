"""yt-dlp's dictionary of a video as our `SourceInfo`."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

from mindreel.contracts.video import SourceChapter, SourceInfo

_LONGEST_TITLE = 300
_LONGEST_DESCRIPTION = 20_000

Info = dict[str, Any]


def describe(entry: Info, page: Info, size_bytes: int | None) -> SourceInfo:
    """What is known of `entry`; `page` is what the address itself gave, maybe a list that holds it."""
    return SourceInfo(
        title=_title(entry) or line(page.get("title")) or "Untitled video",
        uploader=line(entry.get("uploader") or entry.get("channel") or entry.get("creator")) or None,
        duration_s=_seconds(entry.get("duration")),
        upload_date=_date(entry),
        description=(entry.get("description") or "")[:_LONGEST_DESCRIPTION].strip() or None,
        webpage_url=entry.get("webpage_url") or page.get("webpage_url"),
        thumbnail_url=entry.get("thumbnail"),
        size_bytes=size_bytes,
        chapters=_chapters(entry),
        caption_languages=tuple(sorted(set(entry.get("subtitles") or ()) - {"live_chat"})),
        remarks=_remarks(page),
        entries=count_videos(page),
    )


def is_list(page: Info) -> bool:
    """True where yt-dlp found a list, be it of one video."""
    return page.get("_type") in ("playlist", "multi_video")


def count_videos(page: Info) -> int:
    """How many videos the page holds; 0 for several of unknown number. A list of one list is that list."""
    while is_list(page):
        count = int(page.get("playlist_count") or 0)
        if count != 1 or not page.get("entries"):
            return count
        page = page["entries"][0]
    return 1


def _remarks(page: Info) -> tuple[str, ...]:
    count = count_videos(page)
    if count == 1:
        return ()
    several = f"{count} videos" if count else "several videos"
    return (f"The page holds {several}; this is the first of them.",)


def _chapters(entry: Info) -> tuple[SourceChapter, ...]:
    return tuple(
        SourceChapter(
            line(chapter.get("title")) or f"Chapter {number}",
            float(chapter["start_time"]),
            _seconds(chapter.get("end_time")),
        )
        for number, chapter in enumerate(entry.get("chapters") or (), start=1)
        if chapter.get("start_time") is not None
    )


def _date(entry: Info) -> str | None:
    """ISO 8601; yt-dlp writes `20240305`."""
    text = entry.get("upload_date")
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date().isoformat() if text else None
    except ValueError:
        return None


def _seconds(value: float | None) -> float | None:
    return float(value) if value is not None and value >= 0 else None


def line(text: object) -> str:
    """One line without control characters, at most 300 characters."""
    kept = "".join(" " if unicodedata.category(char) == "Cc" else char for char in str(text or ""))
    return " ".join(kept.split())[:_LONGEST_TITLE]


def _title(entry: Info) -> str:
    """Without the count that yt-dlp adds to the title of a page for each player on it."""
    title = line(entry.get("title"))
    return (
        title.removesuffix(" (1)") if entry.get("extractor_key") in ("Generic", "HTML5MediaEmbed") else title
    )
