"""The Temporal client, connected and traced the same way by every face and worker."""

import os
from functools import cache

from opentelemetry import trace
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, create_tracer_provider
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RetryConfig

from mindreel.errors import SetupError
from mindreel.telemetry import otlp_processor, tracing_wanted


async def connect(address: str | None = None, *, patient: bool = False) -> Client:
    """The client for the embedded server at `address`, or for what `TEMPORAL_*` and the profile say.

    `patient` clients (workers) keep retrying for as long as the server is away; others give up after a few
    tries, so that a person is told. Raises `SetupError` when nothing answers.
    """
    # A given address is the embedded server: keys, TLS or a namespace meant for a real cluster would not fit.
    config = _configured() if address is None else ClientConnectConfig(target_host=address)
    if not config.get("target_host"):
        raise SetupError(
            "No Temporal server is named: set TEMPORAL_ADDRESS to its host:port, or type `starter.py up`, "
            "which brings one."
        )
    retry = RetryConfig() if patient else RetryConfig(max_retries=3)
    try:
        runtime = None if patient else _quiet_runtime()
        plugins = _plugins("mindreel-worker" if patient else "mindreel")
        return await Client.connect(**config, retry_config=retry, plugins=plugins, runtime=runtime)
    except RuntimeError as error:
        where = config.get("target_host", "localhost:7233")
        raise SetupError(
            f"No Temporal server answers at {where}; check TEMPORAL_ADDRESS, or unset it to use the "
            f"embedded server."
        ) from error


def _configured() -> ClientConnectConfig:
    try:
        given = {name: value for name, value in os.environ.items() if value}  # of a .env: empty is not set
        return ClientConfig.load_client_connect_config(override_env_vars=given)
    except (RuntimeError, ValueError) as error:
        raise SetupError(
            f"Temporal's configuration cannot be read: {error}; check TEMPORAL_PROFILE."
        ) from error


@cache
def _quiet_runtime() -> Runtime:
    """The SDK's core logs to standard output, which belongs to the results of a command."""
    return Runtime(telemetry=TelemetryConfig(logging=None))


def _plugins(service: str) -> list[SimplePlugin]:
    return [_tracing(service)] if tracing_wanted() else []


@cache
def _tracing(service: str) -> SimplePlugin:
    """One provider a process, however often it connects. `OTEL_SERVICE_NAME` stands above `service`."""
    resource = Resource({"service.name": service}).merge(OTELResourceDetector().detect())
    # Temporal's own provider: its spans survive a workflow's replay.
    provider = create_tracer_provider(resource=Resource.create(resource.attributes))
    provider.add_span_processor(otlp_processor())
    trace.set_tracer_provider(provider)
    return OpenTelemetryPlugin(add_temporal_spans=True)
