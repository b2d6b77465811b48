from hypothesis import given
from hypothesis import strategies as st

from mindreel.cli.meter import Meter, Pending, View
from mindreel.contracts.stages import NAMES
from mindreel.contracts.steps import Remark
from workflows.progress import RunProgress, StageProgress

STATES = ("waiting", "running", "done", "failed", "skipped")

stages = st.builds(
    StageProgress,
    name=st.just("resolve"),
    state=st.sampled_from(STATES),
    done=st.integers(0, 12),
    total=st.integers(0, 12),
    seconds=st.floats(0, 1e6),
)
pendings = st.builds(
    Pending,
    stage=st.sampled_from(NAMES),
    fraction=st.floats(0, 1),
    started=st.booleans(),
    attempt=st.integers(1, 5),
    failure=st.sampled_from(["", "HTTP 503"]),
    retry_in_s=st.none() | st.floats(0, 300),
)
looks = st.lists(
    st.tuples(st.tuples(*[stages] * len(NAMES)), st.lists(pendings, max_size=6), st.floats(0.0, 60.0)),
    min_size=2,
    max_size=12,
)


@given(looks)
def test_whatever_is_seen_percent_never_falls_and_never_passes_100(
    seen: list[tuple[tuple[StageProgress, ...], list[Pending], float]],
) -> None:
    meter, now_s = Meter(), 0.0
    before: View | None = None
    for states, pending, pause_s in seen:
        now_s += pause_s
        for stage, name in zip(states, NAMES, strict=True):
            stage.name = name
        view = meter.view(RunProgress(stages=list(states)), pending, now_s=now_s)
        assert 0 <= view.percent <= 100
        assert view.left_s is None or view.left_s >= 0
        for stage_view in view.stages:
            assert 0 <= stage_view.fraction <= 1
        if before is not None:
            assert view.percent >= before.percent
            for earlier, later in zip(before.stages, view.stages, strict=True):
                assert later.fraction >= earlier.fraction
        before = view


def run_with(**states: StageProgress) -> RunProgress:
    run = RunProgress(title="A talk")
    for name, stage in states.items():
        run.stages[NAMES.index(name)] = stage
    return run


def stage_of(view: View, name: str) -> float:
    return next(stage.fraction for stage in view.stages if stage.name == name)


def test_heartbeats_move_the_percent_between_two_finished_activities() -> None:
    meter = Meter()
    run = run_with(transcribe=StageProgress("transcribe", "running", done=3, total=6))

    first = meter.view(run, [Pending("transcribe", 0.1), Pending("transcribe", 0.1)], now_s=0)
    second = meter.view(run, [Pending("transcribe", 0.6), Pending("transcribe", 0.9)], now_s=1)

    assert stage_of(second, "transcribe") > stage_of(first, "transcribe") + 0.2
    assert second.percent > first.percent


def test_planning_is_a_small_part_of_a_stage_however_far_it_says_it_is() -> None:
    run = run_with(transcribe=StageProgress("transcribe", "running", done=0, total=1))

    view = Meter().view(run, [Pending("transcribe", 1.0)], now_s=0)

    assert stage_of(view, "transcribe") <= 0.05


def test_a_finished_run_is_100_percent_also_when_stages_were_skipped() -> None:
    run = RunProgress(outcome="partial", remarks=[Remark("clips", "None was found.", degraded=True)])

    view = Meter().view(run, (), now_s=0)

    assert (view.percent, view.left_s) == (100, None)
    assert view.remarks == ("clips: None was found.",)
    assert view.notes == ()


def test_a_failed_run_keeps_the_percent_it_reached() -> None:
    meter = Meter()
    running = meter.view(run_with(download=StageProgress("download", "done")), (), now_s=0)

    failed = meter.view(RunProgress(outcome="failed"), (), now_s=1)

    assert failed.percent == running.percent < 100


def test_time_left_is_told_once_there_is_a_pace_and_follows_it() -> None:
    meter = Meter()
    run = run_with(transcribe=StageProgress("transcribe", "running", done=1, total=2))

    views = [meter.view(run, [Pending("transcribe", second / 40)], now_s=second) for second in range(21)]

    assert views[1].left_s is None
    later = views[20]
    assert later.left_s is not None
    stage = next(stage for stage in later.stages if stage.name == "transcribe")
    assert stage.left_s is not None
    assert 10 < stage.left_s < 30


def test_a_stage_that_waits_for_its_next_attempt_says_why_and_when() -> None:
    run = run_with(download=StageProgress("download", "running"))
    pending = Pending("download", 0.3, started=False, attempt=3, failure="HTTP 503", retry_in_s=12.2)

    view = Meter().view(run, [pending], now_s=0)

    assert view.stages[NAMES.index("download")].note == "attempt 2: HTTP 503, again in 12 s"


def test_a_stage_that_nobody_works_on_says_so() -> None:
    run = run_with(transcribe=StageProgress("transcribe", "running", done=1, total=4))

    view = Meter().view(run, [Pending("transcribe", started=False)], now_s=0)

    assert view.stages[NAMES.index("transcribe")].note == "1 of 4 done, waiting for a worker"
