"""Logs and traces: structlog and OpenTelemetry; configured by entry points only."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def configure_logging(log_format: str, *, level: int = logging.INFO) -> None:
    """Send structlog and the standard library's logging to standard error, one line an event."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.processors.format_exc_info],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)


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


def otlp_processor() -> SpanProcessor:
    """Sends spans by OTLP over HTTP to where the `OTEL_EXPORTER_OTLP_*` variables say."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - only where wanted

    return BatchSpanProcessor(OTLPSpanExporter())
