"""Variables that only our own processes may know, not the programs they start."""

from collections.abc import Mapping

SECRETS = frozenset(
    {
        "SUPABASE_SERVICE_ROLE_KEY",
        "MINDREEL_WEBHOOK_SECRET",
        "MINDREEL_WEBHOOK_URL",  # it may carry a token
        "TEMPORAL_API_KEY",
        "TEMPORAL_TLS_CLIENT_KEY_DATA",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    }
)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """For a program that others' data or code may get the better of."""
    return {name: value for name, value in environment.items() if name not in SECRETS}
