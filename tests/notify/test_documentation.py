"""The receiver that docs/webhook.md shows."""

import re
import time
from pathlib import Path
from typing import Any

from mindreel.contracts.notice import signing_key
from mindreel.notify.signature import signed_headers

_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="  # noqa: S105 - of this test only


def test_the_ten_lines_verify_what_is_sent_and_nothing_else() -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code
    names: dict[str, Any] = {}
    exec(code[1], names)  # noqa: S102 - our own page
    verify = names["is_from_mindreel"]
    key, body, now_s = signing_key(_SECRET), b'{"a":1}', int(time.time())
    headers = signed_headers(key, "video_1", now_s, body)
    assert verify(_SECRET, headers, body)
    assert not verify(_SECRET, headers, body + b" ")
    assert not verify(_SECRET, headers | {"webhook-id": "video_2"}, body)
    assert not verify(_SECRET, signed_headers(key, "video_1", now_s - 600, body), body)
    assert not verify(_SECRET, signed_headers(bytes(32), "video_1", now_s, body), body)
