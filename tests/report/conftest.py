"""A small talk with every part, a hostile one and a silent one, and a real browser to read them in."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import imageio_ffmpeg
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mindreel.contracts.analysis import (
    Analysis,
    Category,
    Chapter,
    MindmapNode,
    QuizQuestion,
    Sentiment,
    Statement,
    Term,
)
from mindreel.contracts.clips import ClipPlan
from mindreel.contracts.media import AudioStream, MediaInfo, VideoStream
from mindreel.contracts.transcript import Removed, Segment, Transcript, Word
from mindreel.contracts.video import SourceInfo
from mindreel.report.page import ReportClip, ReportInput, render

BROWSER_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
DURATION_S = 24.0
SENTENCES = (
    "A queue keeps work safe while nobody is looking.",
    "When a worker stops, the job goes back to the line.",
    "That is why a crash costs minutes and not days.",
    "Ünlike a café, a queue never forgets your order.",
    "Retries need a limit, or they hide a real fault.",
    "A timeout says how long we are willing to wait.",
    "Measure first, because a guess is usually wrong.",
    "In the end a queue is a promise that is kept.",
)


def spoken(sentences: tuple[str, ...], duration_s: float) -> tuple[Segment, ...]:
    """Sentences spread evenly, each with 0.4 s of silence after it."""
    step_s = duration_s / len(sentences)
    segments = []
    for place, sentence in enumerate(sentences):
        start_s, texts = place * step_s, sentence.split()
        word_s = (step_s - 0.4) / len(texts)
        words = tuple(
            Word(text, start_s + i * word_s, start_s + (i + 1) * word_s, 0.2 if text == "café," else 0.95)
            for i, text in enumerate(texts)
        )
        segments.append(Segment(place, start_s, start_s + step_s - 0.4, sentence, words))
    return tuple(segments)


def said(segments: tuple[Segment, ...], place: int) -> Statement:
    return Statement(segments[place].text, segments[place].start_s, (place,))


def talk_report() -> ReportInput:
    """A 24 s talk: three chapters, four questions, two clips."""
    segments = spoken(SENTENCES, DURATION_S)
    spans = ((0, 3, "Why queues help"), (3, 6, "What retries need"), (6, 8, "The promise"))
    chapters = tuple(
        Chapter(
            title,
            segments[first].start_s,
            segments[end].start_s if end < len(segments) else DURATION_S,
            tuple(range(first, end)),
            summary=segments[first].text,
            key_points=(said(segments, first), said(segments, first + 1)),
            terms=(Term("queue", 1.0, segments[first].start_s, (first,)),),
        )
        for first, end, title in spans
    )
    analysis = Analysis(
        language="en",
        analyzer="embedded/1",
        summary=(said(segments, 0), said(segments, 7)),
        key_points=tuple(said(segments, place) for place in (1, 4, 6)),
        chapters=chapters,
        highlights=(),
        topics=(Term("queue", 1.0, 0.0, (0, 3, 7)), Term("timeout", 0.6, 15.0, (5,))),
        sentiment=Sentiment("positive", 0.4, (2, 7)),
        category=Category("technology", 0.3, (0, 5)),
        quiz=tuple(
            QuizQuestion(
                f"What completes: “{segments[place].text.rsplit(' ', 1)[0]} …”?",
                ("looking.", "days.", "wrong.", segments[place].text.rsplit(" ", 1)[1]),
                3,
                segments[place].text,
                segments[place].start_s,
                (place,),
            )
            for place in (1, 3, 4, 5)
        ),
    )
    return ReportInput(
        video_id="file-0123456789abcdef",
        source="/home/ada/talks/why queues help.mp4",
        info=SourceInfo("Why queues help", uploader="Ada", upload_date="2026-11-20"),
        media=media_info(picture=True),
        transcript=Transcript(
            "en",
            0.99,
            DURATION_S,
            "faster-whisper base int8 cpu",
            segments,
            (Removed(1.0, 2.0, "Thanks.", "loop"),),
        ),
        analysis=analysis,
        mindmap=mindmap("Why queues help", chapters),
        clips=tuple(
            ReportClip(
                ClipPlan(
                    i, name, title, start_s, end_s, 0.8, "A claim and its reason.", (0,), start_s, end_s
                ),
                f"clips/{name}.mp4",
                captions=i == 1,
                method="smart",
            )
            for i, name, title, start_s, end_s in (
                (1, "01-queues", "Queues keep work safe", 0.0, 6.0),
                (2, "02-promise", "A promise that is kept", 18.0, 24.0),
            )
        ),
        files={"video": "why queues help #1.mp4", "audio": "audio.m4a", "thumbnail": "thumbnail.png"},
        outcome="completed",
        reasons=(),
        notes=("The audio was normalised.",),
        produced=(("Speech recognition", "faster-whisper base int8 cpu"),),
    )


def media_info(*, picture: bool, sound: bool = True) -> MediaInfo:
    video = VideoStream("h264", 320, 180, 25, 1) if picture else None
    audio = (AudioStream(0, "aac", 44100, 2),) if sound else ()
    return MediaInfo("mov,mp4,m4a,3gp,3g2,mj2", DURATION_S, 123_456, video, audio, faststart=True)


def mindmap(title: str, chapters: tuple[Chapter, ...]) -> MindmapNode:
    return MindmapNode(
        title,
        "title",
        0.0,
        (),
        tuple(
            MindmapNode(
                chapter.title,
                "chapter",
                chapter.start_s,
                chapter.segment_ids,
                tuple(
                    MindmapNode(
                        point.text,
                        "point",
                        point.start_s,
                        point.segment_ids,
                        tuple(MindmapNode(t.label, "term", t.start_s) for t in chapter.terms),
                    )
                    for point in chapter.key_points
                ),
            )
            for chapter in chapters
        ),
    )


ATTACK = "</script><img src=x onerror=alert(1)>"
LONG_WORD = "W" * 300


def hostile_report() -> ReportInput:
    """The same talk, with every text chosen to break the page."""
    texts = (
        ATTACK,
        "שלום עולם זה משפט בעברית",
        "مرحبا بالعالم هذا نص عربي",
        f"{LONG_WORD} 🎉👩‍👩‍👧",
        "<!--<script>",
        "{{ 7*7 }}",
    )
    base = talk_report()
    segments = spoken(texts, DURATION_S)
    statements = tuple(said(segments, place) for place in range(len(texts)))
    chapters = tuple(
        Chapter(
            text,
            segments[place].start_s,
            segments[place].end_s + 0.4,
            (place,),
            summary=text,
            key_points=statements[place : place + 1],
            terms=(Term(text, 1.0, 0.0, (place,)),),
        )
        for place, text in enumerate(texts)
    )
    analysis = replace(
        base.analysis,
        summary=statements,
        key_points=statements,
        chapters=chapters,
        topics=tuple(Term(text, 1.0, 0.0, (0,)) for text in texts),
        category=Category(ATTACK, 0.5, (0,)),
        quiz=(QuizQuestion(ATTACK, texts, 1, ATTACK, 0.0, (0,)),),
        skipped=(ATTACK,),
    )
    return replace(
        base,
        source=ATTACK,
        info=SourceInfo(
            f"{ATTACK} \u202eevil\u2028\ud83d {LONG_WORD}",
            uploader=ATTACK,
            description=ATTACK,
            upload_date='"><script>alert(2)</script>',
            webpage_url="javascript:alert(3)",
        ),
        transcript=replace(base.transcript, segments=segments, removed=(Removed(0, 1, ATTACK, ATTACK),)),
        analysis=analysis,
        mindmap=mindmap(ATTACK, chapters),
        clips=tuple(replace(c, plan=replace(c.plan, title=ATTACK, reason=LONG_WORD)) for c in base.clips),
        outcome="partial",
        reasons=(ATTACK, LONG_WORD),
        notes=(ATTACK,),
        produced=((ATTACK, LONG_WORD),),
    )


def empty_report() -> ReportInput:
    """Sound without a word in it, and nothing that could be made from it."""
    base = talk_report()
    return replace(
        base,
        info=SourceInfo("Rain"),
        media=media_info(picture=False),
        transcript=Transcript("und", 0.0, DURATION_S, "faster-whisper base int8 cpu", ()),
        analysis=Analysis("und", "embedded/1", (), (), (), (), (), None, None, (), ()),
        mindmap=None,
        clips=(),
        files={"audio": "audio.m4a"},
        notes=(),
    )


def long_report() -> ReportInput:
    """Three hours: 2,500 sentences of twelve words, thirty chapters."""
    base = talk_report()
    duration_s = 10_800.0
    sentences = tuple(f"Sentence {n} goes on and on until it has said twelve words." for n in range(2500))
    segments = spoken(sentences, duration_s)
    chapters = tuple(
        Chapter(
            f"Part {first // 84 + 1}",
            segments[first].start_s,
            segments[first + 84].start_s if first + 84 < len(segments) else duration_s,
            tuple(range(first, min(first + 84, len(segments)))),
        )
        for first in range(0, len(segments), 84)
    )
    return replace(
        base,
        media=replace(base.media, duration_s=duration_s),
        transcript=replace(base.transcript, duration_s=duration_s, segments=segments),
        analysis=replace(base.analysis, chapters=chapters),
        mindmap=mindmap("A long talk", chapters),
        files={},
    )


@pytest.fixture
def long_talk() -> ReportInput:
    return long_report()


@pytest.fixture
def talk() -> ReportInput:
    return talk_report()


@pytest.fixture
def hostile() -> ReportInput:
    return hostile_report()


@pytest.fixture
def silent() -> ReportInput:
    return empty_report()


def _ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=60)


@pytest.fixture(scope="session")
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The media files of `talk_report`, made by ffmpeg, in a folder with an awkward name."""
    folder = tmp_path_factory.mktemp("library") / "Émile's talk 100% 中文"
    (folder / "clips").mkdir(parents=True)
    video = str(folder / "why queues help #1.mp4")
    pattern = f"testsrc2=size=320x180:rate=25:duration={DURATION_S}"
    tone = f"sine=frequency=220:duration={DURATION_S}"
    _ffmpeg("-f", "lavfi", "-i", pattern, "-f", "lavfi", "-i", tone, "-pix_fmt", "yuv420p", "-g", "25", video)
    _ffmpeg("-i", video, "-vn", str(folder / "audio.m4a"))
    _ffmpeg("-ss", "3", "-i", video, "-frames:v", "1", str(folder / "thumbnail.png"))
    for name, start in (("01-queues", "0"), ("02-promise", "18")):
        _ffmpeg("-ss", start, "-t", "6", "-i", video, str(folder / "clips" / f"{name}.mp4"))
    return folder


@dataclass
class Watched:
    """A page and what it said and asked for while it was open."""

    page: Page
    complaints: list[str]
    requests: list[str]

    def media_time(self) -> float:
        return float(self.page.evaluate("document.getElementById('media').currentTime"))

    def wait_for_time(self, start_s: float, end_s: float) -> None:
        """Until the player stands in [start_s, end_s). The page's policy forbids `wait_for_function`."""
        deadline = time.monotonic() + 10
        while not start_s <= self.media_time() < end_s:
            assert time.monotonic() < deadline, f"the player stands at {self.media_time()}"
            self.page.wait_for_timeout(20)

    def reload_until(self, selector: str) -> None:
        """Reload until `selector` matches: Chromium hands a new process the local storage a little late."""
        deadline = time.monotonic() + 10
        self.page.reload()
        while self.page.locator(selector).count() == 0:
            assert time.monotonic() < deadline, f"no {selector} after reloading"
            self.page.wait_for_timeout(100)
            self.page.reload()

    def pause(self) -> None:
        self.page.evaluate("document.getElementById('media').pause()")


Opener = Callable[..., Watched]


@pytest.fixture(scope="module")
def browser(unavailable: Callable[[str], NoReturn]) -> Iterator[Browser]:
    """One Chromium a module: a longer life would keep its event loop in the way of asyncio tests."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        unavailable("Chromium is not installed, so the page cannot be looked at")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, media_folder: Path) -> Iterator[Opener]:
    """Opens a report from disk at a width and in a colour scheme; complaints fail the test at its end."""
    opened: list[Watched] = []

    def opener(
        report: ReportInput,
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        hash_: str = "",
        **options: object,
    ) -> Watched:
        path = media_folder / f"report-{len(opened)}.html"
        path.write_bytes(render(report).encode())
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(8_000)
        watched = Watched(context.new_page(), [], [])
        watched.page.on(
            "console", lambda m: watched.complaints.append(m.text) if m.type in {"error", "warning"} else None
        )
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on("request", lambda request: watched.requests.append(request.url))
        watched.page.goto(path.as_uri() + hash_)
        opened.append(watched)
        return watched

    yield opener
    for watched in opened:
        watched.page.context.close()
        assert watched.complaints == []
        assert [url for url in watched.requests if not url.startswith(("file:", "data:"))] == []
