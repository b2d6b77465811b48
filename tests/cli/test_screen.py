import io

from rich.console import Console

from mindreel.cli.meter import Meter, View
from mindreel.cli.screen import LineScreen, LiveScreen
from mindreel.contracts.stages import NAMES
from mindreel.contracts.steps import Remark
from workflows.progress import RunProgress, StageProgress


def view(title: str = "A talk", **states: StageProgress) -> View:
    run = RunProgress(title=title, remarks=[Remark("index", "Only words are indexed.")])
    for name, stage in states.items():
        run.stages[NAMES.index(name)] = stage
    return Meter().view(run, (), now_s=0)


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, force_terminal=terminal, width=100, height=30, highlight=False), written


def test_outside_a_terminal_there_is_one_line_a_change_however_often_it_looks() -> None:
    target, written = console(terminal=False)
    running = view(download=StageProgress("download", "running"))
    done = view(download=StageProgress("download", "done", done=1, seconds=2.5))

    with LineScreen(target, ["talk.mp4"]) as screen:
        for each in (running, running, running, done, done):
            screen.show(0, each)

    lines = written.getvalue().splitlines()
    assert [line.split("%  ")[-1] for line in lines if "download" in line] == [
        "download started",
        "download done in 2.5 s",
    ]
    assert sum("Only words are indexed." in line for line in lines) == 1


def test_a_reused_stage_says_so() -> None:
    target, written = console(terminal=False)

    with LineScreen(target, ["talk.mp4"]) as screen:
        screen.show(0, view(audio=StageProgress("audio", "done", done=1, seconds=9.0, reused=True)))

    assert "audio reused" in written.getvalue()


def test_lines_of_several_videos_tell_them_apart() -> None:
    target, written = console(terminal=False)

    with LineScreen(target, ["a.mp4", "b.mp4"]) as screen:
        screen.say(0, "first")
        screen.say(1, "second")

    assert written.getvalue() == "[a.mp4] first\n[b.mp4] second\n"


def test_titles_of_others_change_neither_colours_nor_cursor() -> None:
    target, written = console(terminal=True)
    hostile = "[red]big[/red] \x1b[2J\x1b]0;title\x07 sale"

    with LiveScreen(target, [hostile]) as screen:
        screen.show(0, view(hostile, download=StageProgress("download", "running")))
        screen.say(0, "hello")

    assert "[red]big[/red]" in written.getvalue()
    assert "\x1b[2J" not in written.getvalue()
    assert "\x07" not in written.getvalue()


def test_a_terminal_shows_every_stage_of_one_video() -> None:
    target, written = console(terminal=True)

    with LiveScreen(target, ["talk.mp4"]) as screen:
        screen.show(0, view(transcribe=StageProgress("transcribe", "running", done=3, total=7)))

    for name in NAMES:
        assert name in written.getvalue()
    assert "3 of 7 done" in written.getvalue()


def test_a_terminal_shows_a_line_for_each_of_many_videos() -> None:
    target, written = console(terminal=True)

    with LiveScreen(target, ["a.mp4", "b.mp4"]) as screen:
        screen.show(0, view("First talk", transcribe=StageProgress("transcribe", "running")))
        screen.show(1, view("Second talk", download=StageProgress("download", "running")))

    for words in ("First talk", "Second talk", "transcribe", "download"):
        assert words in written.getvalue()


def test_a_terminal_without_unicode_gets_plain_marks() -> None:
    raw = io.BytesIO()
    ascii_only = io.TextIOWrapper(raw, encoding="ascii")
    target = Console(file=ascii_only, force_terminal=True, width=100, legacy_windows=False)

    with LiveScreen(target, ["talk.mp4"]) as screen:
        screen.show(0, view(download=StageProgress("download", "done", done=1)))

    ascii_only.flush()
    assert b"+ download" in raw.getvalue()
