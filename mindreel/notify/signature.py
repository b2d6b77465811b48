"""Signatures as Standard Webhooks 1.0.0 has them (https://www.standardwebhooks.com)."""

import base64
import hashlib
import hmac


def signed_headers(key: bytes, message_id: str, sent_at_s: int, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows who sent `body`, and that it is not an old message.

    `message_id` has no dot; `sent_at_s` is of this try, in seconds since 1970.
    """
    signed = f"{message_id}.{sent_at_s}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_at_s),
        "webhook-signature": f"v1,{signature}",
    }
