import os

import pytest

from mindreel.bootstrap import client
from mindreel.errors import SetupError


async def test_without_a_server_s_address_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", os.devnull)
    with pytest.raises(SetupError, match="No Temporal server is named: set TEMPORAL_ADDRESS"):
        await client.connect(patient=True)


def test_a_variable_that_a_file_of_settings_leaves_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "10.0.0.5:7233")
    for name in ("TEMPORAL_API_KEY", "TEMPORAL_TLS", "TEMPORAL_NAMESPACE"):
        monkeypatch.setenv(name, "")
    config = client._configured()
    assert config.get("target_host") == "10.0.0.5:7233"
    assert not config.get("api_key")
    assert not config.get("tls")
    assert config.get("namespace") in (None, "default")
