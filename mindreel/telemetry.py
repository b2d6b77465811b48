"""Logs and traces: structlog and OpenTelemetry; configured by entry points only."""

import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_QUERIES = ("QueryWorkflow:", "HandleQuery:")
_FLUSH_S = 3.0


def configure_logging(log_format: str, *, level: int = logging.INFO) -> None:
    """Send structlog and the standard library's logging to standard error, one line an event."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(log_format)],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes a line for each request to the store


def _renderers(log_format: str) -> list[structlog.typing.Processor]:
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        return [structlog.processors.format_exc_info, renderer]
    # The default formatter shows the variables of every frame, and with them cookies and keys.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def log() -> structlog.typing.FilteringBoundLogger:
    """The logger; workflow, video and stage ids come from the context."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger("mindreel")
    return logger


@contextmanager
def step_context(ids: Mapping[str, object]) -> Iterator[None]:
    """Put `ids` into every log line written inside."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


@contextmanager
def span(name: str, attributes: Mapping[str, Any]) -> Iterator[None]:
    """A span of the current trace."""
    tracer = trace.get_tracer("mindreel")
    with tracer.start_as_current_span(name, attributes={f"mindreel.{k}": v for k, v in attributes.items()}):
        yield


def tracing_wanted() -> bool:
    """True where `OTEL_EXPORTER_OTLP_ENDPOINT` (or its traces variant) says where spans go."""
    return bool(
        os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    )


class _WithoutQueries(BatchSpanProcessor):
    """Leaves out the queries: a command that watches a run asks twice a second, each a trace of its own."""

    def on_end(self, span: ReadableSpan) -> None:
        if not span.name.startswith(_QUERIES):
            super().on_end(span)


@cache
def otlp_processor() -> SpanProcessor:
    """Sends spans by OTLP over HTTP to where the `OTEL_EXPORTER_OTLP_*` variables say; one a process."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - only where wanted

    return _WithoutQueries(OTLPSpanExporter())


def flush(within_s: float = _FLUSH_S) -> None:
    """Send the spans that still wait for their batch; for a process that is about to leave.

    A collector that does not answer is not waited for longer than `within_s` seconds.
    """
    if otlp_processor.cache_info().currsize:
        sending = threading.Thread(target=otlp_processor().force_flush, daemon=True)
        sending.start()
        sending.join(within_s)
