import base64
import hashlib
import hmac

import pytest
from standardwebhooks import Webhook as Reference

from mindreel.contracts.notice import signing_key
from mindreel.errors import InputError
from mindreel.notify.signature import signed_headers

_KEY = bytes(range(32))
_SECRET = base64.b64encode(_KEY).decode()


def test_the_example_of_the_specification_is_signed_as_its_authors_do() -> None:
    """The secret, message and signature that the reference libraries are tested with."""
    key = signing_key("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_signature_covers_id_time_and_body() -> None:
    headers = signed_headers(_KEY, "video_1", 1700000000, b'{"a":1}')
    expected = hmac.digest(_KEY, b'video_1.1700000000.{"a":1}', hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()


@pytest.mark.parametrize(
    "secret", [_SECRET, f"whsec_{_SECRET}", f"whsec_{_SECRET.rstrip('=')}", f"  whsec_{_SECRET}\n"]
)
def test_a_secret_means_the_same_with_and_without_prefix_and_padding(secret: str) -> None:
    assert signing_key(secret) == _KEY
    assert Reference(secret.strip())._whsecret == _KEY


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "hunter2 hunter2 hunter2 hunter2 hunter2", "whsec_c2hvcnQ=", "é" * 40, "A" * 200]
)
def test_a_secret_that_is_none_is_refused_with_how_to_make_one_and_not_repeated(secret: str) -> None:
    with pytest.raises(InputError, match="openssl rand -base64 32") as refused:
        signing_key(secret)
    assert len(secret) < 8 or secret.removeprefix("whsec_") not in str(refused.value)
