"""Logs say whose line they are; one trace a video reaches the collector, from the command to its workers."""

import http.server
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import imageio_ffmpeg
import pytest
import structlog
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from temporalio.testing import ActivityEnvironment

from activities.step import Run, Step, Steps
from mindreel import telemetry
from mindreel.bootstrap import client
from mindreel.contracts.steps import StepReport, ThumbnailMade
from mindreel.contracts.video import VideoIdentity, VideoRequest
from mindreel.engine.scratch import Scratch
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from tests.support.command import ROOT, Finished, Mindreel

WAITING_S = "600000"
"""Of the batch: whatever arrives before was sent because a process left."""


@dataclass(frozen=True)
class Span:
    """A span as it came over the wire."""

    name: str
    trace: bytes
    id: bytes
    parent: bytes
    began: int
    service: str
    attributes: dict[str, str]


class Collector:
    """An OTLP/HTTP receiver on loopback."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        spans = self.spans

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/v1/traces":
                    spans.extend(decoded(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *_arguments: object) -> None:  # noqa: A002 - the standard library's name
                pass

        return Handler


def decoded(body: bytes) -> Iterator[Span]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = texts(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    name=span.name,
                    trace=span.trace_id,
                    id=span.span_id,
                    parent=span.parent_span_id,
                    began=span.start_time_unix_nano,
                    service=service,
                    attributes=texts(span.attributes),
                )


def texts(attributes: Any) -> dict[str, str]:
    return {each.key: each.value.string_value or str(each.value.int_value) for each in attributes}


def tree(spans: list[Span], parent: bytes = b"", depth: int = 0) -> list[str]:
    """Names in order of time, children indented below their parent."""
    lines: list[str] = []
    for span in sorted((each for each in spans if each.parent == parent), key=lambda each: each.began):
        lines += [f"{'  ' * depth}{span.name}", *tree(spans, span.id, depth + 1)]
    return lines


def activity(name: str) -> list[str]:
    """What one activity adds to the tree: scheduled, run, and what mindreel says of it."""
    return [
        f"    StartActivity:{name}",
        f"      RunActivity:{name}",
        f"        {name}",
    ]


@dataclass(frozen=True)
class Traced:
    """A run whose processes sent their spans to a collector."""

    finished: Finished
    spans: list[Span]


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Traced:
    """A video without sound, from the command line over real server and workers; then the engine ends."""
    folder = tmp_path_factory.mktemp("traced")
    video = folder / "mute.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=2")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *picture, str(video)]
    subprocess.run(command, check=True)
    with Collector() as collector:
        mindreel = Mindreel(
            folder / "home",
            {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": WAITING_S},
        )
        finished = mindreel("run", video, "--json")
        mindreel("down")
        return Traced(finished, list(collector.spans))


@pytest.mark.slow
def test_a_video_is_one_trace_from_the_command_to_its_last_activity(traced: Traced) -> None:
    assert tree(traced.spans) == [
        "StartWorkflow:VideoPipeline",
        "  RunWorkflow:VideoPipeline",
        *activity("resolve"),
        *activity("download"),
        *activity("audio"),
        *activity("thumbnail"),
        *activity("quality"),
        *activity("publish"),
        *activity("record_outcome"),
    ], traced.finished
    assert len({span.trace for span in traced.spans}) == 1


@pytest.mark.slow
def test_every_activity_says_whose_video_and_which_stage_it_is(traced: Traced) -> None:
    video_id = traced.finished.result["id"]
    ours = {span.name: span.attributes for span in traced.spans if "mindreel.stage" in span.attributes}
    assert {name: attributes["mindreel.stage"] for name, attributes in ours.items()} == {
        "resolve": "resolve",
        "download": "download",
        "audio": "audio",
        "thumbnail": "thumbnail",
        "quality": "quality",
        "publish": "publish",
        "record_outcome": "publish",
    }
    for attributes in ours.values():
        assert attributes["mindreel.video_id"] == video_id
        assert attributes["mindreel.workflow_id"] == f"video-{video_id}"
        assert attributes["mindreel.attempt"] == "1"


@pytest.mark.slow
def test_a_span_tells_whether_a_command_or_a_worker_made_it(traced: Traced) -> None:
    services = {span.name.partition(":")[0]: span.service for span in traced.spans}
    assert services["StartWorkflow"] == "mindreel"
    assert services["RunWorkflow"] == services["RunActivity"] == "mindreel-worker"


def test_a_process_that_connects_often_traces_once() -> None:
    """The engine connects every few seconds to see whether there is work."""
    code = (
        "import os, threading; from mindreel.bootstrap import client\n"
        "for _ in range(3): client._plugins('mindreel')\n"
        "print(len([each for each in threading.enumerate() if each.name.startswith('Otel')]), flush=True)\n"
        "os._exit(0)"
    )
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.slow
def test_tracing_leaves_the_command_s_output_alone(traced: Traced) -> None:
    assert traced.finished.result["outcome"] == "partial"
    assert "racer" not in traced.finished.err


def test_without_an_endpoint_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", raising=False)
    assert not telemetry.tracing_wanted()
    assert client._plugins("mindreel") == []


def test_a_collector_that_does_not_answer_keeps_nobody() -> None:
    """The exporter alone would try again for ten seconds."""
    code = (
        "import time; from opentelemetry.sdk.trace import TracerProvider; from mindreel import telemetry\n"
        "provider = TracerProvider(); provider.add_span_processor(telemetry.otlp_processor())\n"
        "provider.get_tracer('test').start_span('a').end()\n"
        "telemetry.flush(within_s=0.5); print('left', flush=True); import os; os._exit(0)"
    )
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=8, check=True
    )
    assert done.stdout == "left\n"


LIBRARY_LOG = logging.getLogger("faster_whisper")
IDS = {
    "workflow_id": "test",
    "run_id": "test-run",
    "video_id": "file-0123456789abcdef",
    "stage": "thumbnail",
    "attempt": 1,
}
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], io.StringIO]]:
    """Configures logging for a format and gives what it writes to; afterwards it is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []  # configuring closes those it replaces

    def configure(log_format: str) -> io.StringIO:
        stream = io.StringIO()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", stream)
            telemetry.configure_logging(log_format)
        return stream

    yield configure
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def lines(logged_to: Callable[[str], io.StringIO]) -> Lines:
    """What was logged since the last look, by a process that was told to write JSON."""
    stream = logged_to("json")

    def read() -> list[dict[str, Any]]:
        text = stream.getvalue()
        stream.seek(0)
        stream.truncate()
        return [json.loads(line) for line in text.splitlines()]

    return read


def in_a_step(folder: Path, body: Callable[[], None]) -> None:
    """Run `body` in a real step."""
    video = VideoIdentity("file-0123456789abcdef", "file", "/nowhere/talk.mp4")
    catalog = LocalCatalog(folder / "catalog.db")
    steps = Steps(LocalArtifactStore(folder / "artifacts"), catalog, Scratch(folder / "tmp"))

    def work(run: Run) -> ThumbnailMade:
        body()
        return ThumbnailMade(step=StepReport(run.name, 0.0, 1, reused=False), image=None)

    step = Step(name="thumbnail", stage="thumbnail", kind=ThumbnailMade)
    request = VideoRequest("talk.mp4", video)
    ActivityEnvironment().run(lambda: steps.perform(step, request, (), work))


def test_every_line_of_a_step_carries_its_ids(lines: Lines, tmp_path: Path) -> None:
    in_a_step(tmp_path, lambda: telemetry.log().info("half way", percent=50))
    logged = lines()
    assert [line["event"] for line in logged] == ["step started", "half way", "step finished"]
    for line in logged:
        assert line.items() >= IDS.items()
        assert line["level"] == "info"
        assert line["timestamp"].endswith("Z")


def test_so_do_the_lines_of_libraries_and_each_is_written_once(lines: Lines, tmp_path: Path) -> None:
    in_a_step(tmp_path, lambda: LIBRARY_LOG.warning("Processing audio with duration %s", "00:12"))
    (line,) = [line for line in lines() if line["logger"] == "faster_whisper"]
    assert line["event"] == "Processing audio with duration 00:12"
    assert line.items() >= IDS.items()


def test_outside_of_a_step_a_line_carries_no_ids(lines: Lines, tmp_path: Path) -> None:
    in_a_step(tmp_path, lambda: None)
    lines()
    telemetry.log().info("worker draining")
    (line,) = lines()
    assert not line.keys() & IDS.keys()


def fail_and_log(logger: Any) -> None:
    secret = "sessionid=" + "1234"
    try:
        int(secret[:3])
    except ValueError:
        logger.exception("it failed")


@pytest.mark.parametrize("logger", [telemetry.log, lambda: LIBRARY_LOG])
def test_an_exception_is_one_line_with_its_traceback(lines: Lines, logger: Callable[[], Any]) -> None:
    fail_and_log(logger())
    (line,) = lines()
    assert line["event"] == "it failed"
    assert "Traceback" in line["exception"]
    assert "ValueError: invalid literal" in line["exception"]


@pytest.mark.parametrize("logger", [telemetry.log, lambda: LIBRARY_LOG])
def test_a_person_s_log_shows_a_traceback_and_no_variables(
    logger: Callable[[], Any], logged_to: Callable[[str], io.StringIO]
) -> None:
    stream = logged_to("console")
    fail_and_log(logger())
    text = stream.getvalue()
    assert "it failed" in text
    assert "ValueError: invalid literal" in text
    assert "sessionid=1234" not in text
