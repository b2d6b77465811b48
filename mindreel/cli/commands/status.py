"""`status [ID]`: the engine and what is running, or the stages of one video."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict, dataclass

from temporalio.service import RPCError, RPCStatusCode

from mindreel.bootstrap.build import engine_of
from mindreel.bootstrap.cluster import Cluster, find_cluster
from mindreel.bootstrap.stores import open_catalog
from mindreel.cli import batch_screen, batches
from mindreel.cli.invocation import invocation
from mindreel.cli.lookup import catalog_of, find_row, id_of, result_in, unknown
from mindreel.cli.meter import Meter, View
from mindreel.cli.on_server import current_run
from mindreel.cli.runs import Run
from mindreel.cli.stage_table import many_videos, one_video
from mindreel.cli.streams import err, out, plain
from mindreel.cli.watch import RunWatcher
from mindreel.contracts.batch import BatchView
from mindreel.contracts.codec import to_json
from mindreel.contracts.steps import VideoResult
from mindreel.engine import state
from mindreel.errors import StoreError
from mindreel.settings import Settings
from mindreel.store.protocols import VideoRow
from workflows.ids import video_workflow_id
from workflows.progress import RunProgress

_MOST = 50
_RUNNING = "WorkflowType = 'VideoPipeline' AND ExecutionStatus = 'Running'"


@dataclass(frozen=True)
class _Shown:
    """One video and how far it is."""

    video_id: str
    view: View
    interrupted: bool = False
    """True where the catalog says running and no server runs."""
    url: str | None = None


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Look once and print; starts nothing."""
    cluster = await find_cluster(settings)
    if arguments.id is not None:
        shown = await _one(arguments.id, settings, cluster)
        _print_one(shown, json_wanted=arguments.json)
        return 0
    videos = await _running(cluster) if cluster is not None else _interrupted(settings)
    count = await _count(cluster) if cluster is not None and len(videos) == _MOST else len(videos)
    going_on, away = _batches(settings, cluster)
    if arguments.json:
        document = {
            "engine": _engine(settings, cluster),
            "running": [_as_dict(each) for each in videos],
            "running_count": count,
            "batches": [batches.as_dict(each) for each in going_on],
            "store": away,
        }
        sys.stdout.write(f"{json.dumps(document, ensure_ascii=False)}\n")
    else:
        _print_all(videos, count, settings, cluster)
        _print_batches(going_on, away)
    return 0


def _batches(settings: Settings, cluster: Cluster | None) -> tuple[list[BatchView], str]:
    """Those under way, and why they are not known: what the server says is shown while the store is away."""
    try:
        return batches.going_on(settings), ""
    except StoreError as error:
        if cluster is None:
            raise
        return [], str(error)


async def _one(text: str, settings: Settings, cluster: Cluster | None) -> _Shown:
    try:
        row = find_row(text, settings)
    except StoreError as error:
        return await _from_server(text, cluster, error)
    run = await current_run(text, settings, cluster) if cluster is not None else None
    if cluster is not None and run is not None:
        watcher = RunWatcher(run.workflow_id, run.run_id)
        view = await watcher.look(cluster.client)
        if row is None or not watcher.ended:
            video_id = row.id if row is not None else run.workflow_id.removeprefix(video_workflow_id(""))
            return _Shown(video_id, view, url=cluster.run_url(run.workflow_id, run.run_id))
        row = _mended(row.id, settings)
    if row is None:
        raise unknown(text)
    url = cluster.run_url(run.workflow_id, run.run_id) if cluster is not None and run is not None else None
    return _Shown(row.id, _view_of(row), interrupted=row.status == "running", url=url)


async def _from_server(text: str, cluster: Cluster | None, away: StoreError) -> _Shown:
    """The run of a video while the catalog is away. Raises `away` where the server does not know it."""
    if cluster is None:
        raise away
    workflow_id = video_workflow_id(id_of(text))
    try:
        run = (await cluster.client.get_workflow_handle(workflow_id).describe()).run_id
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise away from error
        raise
    return await _look(cluster, Run(workflow_id, run, joined=True))


def _mended(video_id: str, settings: Settings) -> VideoRow | None:
    """The row of a run that has ended; one that still says running was terminated and could not record it."""
    row = find_row(video_id, settings)
    if row is not None and row.status == "running":
        reason = "It was terminated on the Temporal server; `retry` goes on with what is finished."
        result = VideoResult(video_id, row.source, "failed", (reason,), row.library or "", {}, ())
        open_catalog(settings).finish(
            video_id, status="failed", reasons=(reason,), result_json=to_json(result, indent=None).decode()
        )
        row = find_row(video_id, settings)
    return row


async def _running(cluster: Cluster) -> list[_Shown]:
    runs = [
        Run(each.id, each.run_id, joined=True)
        async for each in cluster.client.list_workflows(_RUNNING, limit=_MOST)
    ]
    return list(await asyncio.gather(*(_look(cluster, run) for run in runs)))


async def _count(cluster: Cluster) -> int:
    """How many there are, also where not all are shown."""
    return max(_MOST, (await cluster.client.count_workflows(_RUNNING)).count)


async def _look(cluster: Cluster, run: Run) -> _Shown:
    view = await RunWatcher(run.workflow_id, run.run_id).look(cluster.client)
    video_id = run.workflow_id.removeprefix(video_workflow_id(""))
    return _Shown(video_id, view, url=cluster.run_url(run.workflow_id, run.run_id))


def _interrupted(settings: Settings) -> list[_Shown]:
    catalog = catalog_of(settings)
    rows = catalog.list(limit=_MOST) if catalog is not None else []
    return [_Shown(row.id, _view_of(row), interrupted=True) for row in rows if row.status == "running"]


def _view_of(row: VideoRow) -> View:
    """From the catalog: the stages of the last run that ended, the percent of the last that began."""
    progress = RunProgress(title=row.title or row.source, duration_s=row.duration_s, outcome=row.status)
    result = result_in(row) if row.status != "running" else None
    stages = {stage.name: stage for stage in result.stages} if result is not None else {}
    for stage in progress.stages:
        if (report := stages.get(stage.name)) is not None:
            stage.state, stage.seconds = "done", report.seconds
            stage.attempts, stage.reused = report.attempts, report.reused
    view = Meter().view(progress, (), now_s=0.0)
    return View(view.title, view.outcome, row.percent, None, view.stages, remarks=row.reasons)


def _engine(settings: Settings, cluster: Cluster | None) -> dict[str, object] | None:
    if cluster is None:
        return None
    if settings.temporal_external:
        return {"address": cluster.address, "namespace": cluster.client.namespace}
    engine = engine_of(settings)
    return asdict(engine) if engine is not None else None


def _as_dict(shown: _Shown) -> dict[str, object]:
    view = shown.view
    return {
        "id": shown.video_id,
        "title": view.title,
        "outcome": view.outcome,
        "interrupted": shown.interrupted,
        "percent": round(view.percent, 1),
        "left_s": view.left_s,
        "held": view.held,
        "failure": view.failure,
        "unrecorded": view.unrecorded,
        "remarks": list(view.remarks),
        "stages": [asdict(stage) for stage in view.stages],
    }


def _print_one(shown: _Shown, *, json_wanted: bool) -> None:
    if json_wanted:
        sys.stdout.write(f"{json.dumps(_as_dict(shown), ensure_ascii=False)}\n")
        return
    console = out()
    console.print(one_video(shown.video_id, shown.view, console))
    for remark in shown.view.remarks:
        console.print(f"  - {plain(remark)}")
    if shown.interrupted:
        console.print(plain(_continue_hint(shown.video_id)))
    if shown.url is not None:
        console.print(f"  Web UI: {plain(shown.url)}", soft_wrap=True)


def _print_all(videos: list[_Shown], count: int, settings: Settings, cluster: Cluster | None) -> None:
    console = out()
    for line in _engine_lines(settings, cluster):
        console.print(plain(line), soft_wrap=True)
    if videos:
        console.print(many_videos([(each.video_id, each.view) for each in videos]))
        for each in videos:
            if each.view.title:  # else the line above has the id
                console.print(f"  [dim]{each.video_id}[/]  {plain(each.view.title)}", soft_wrap=True)
        if count > len(videos):
            console.print(f"  and {count - len(videos)} more")
    else:
        console.print("No video is running.")
    if any(each.interrupted for each in videos):
        console.print(plain(_continue_hint(videos[0].video_id)))


def _print_batches(going_on: list[BatchView], away: str) -> None:
    for batch in going_on:
        out().print(plain(f"Batch {batch.name}: {batch_screen.line(batch)}"), soft_wrap=True)
    if away:
        err().print(plain(f"Batches are not known: {away}"), soft_wrap=True)


def _engine_lines(settings: Settings, cluster: Cluster | None) -> list[str]:
    if settings.temporal_external and cluster is not None:
        return [f"Temporal cluster {cluster.address}, namespace {cluster.client.namespace}"]
    engine = engine_of(settings)
    if engine is None:
        other = state.running(settings.home)
        running = (
            f"{settings.home} but one of another store (process {other.pid})" if other else settings.home
        )
        return [f"No engine is running for {running}; it starts when it is needed."]
    lines = [f"Engine: process {engine.pid}, Temporal {engine.address}, Web UI {engine.ui_url}"]
    return lines + [f"  {child.trouble}" for child in engine.children if child.trouble]


def _continue_hint(video_id: str) -> str:
    me = invocation()
    return f"It was interrupted: `{me} up` goes on with it, `{me} retry {video_id}` too."
