"""Webhooks: a request that came in, verified by its signature and read as an event. Nothing is sent, so no server is asked."""

import hmac
import json
import os
import time
from base64 import b64decode, b64encode

from ceyx import InvalidWebhookSignatureError, OpenAI

# A program of yours has its secret from OPENAI_WEBHOOK_SECRET, and body and headers, as they came in, from its web framework.
secret = "whsec_" + b64encode(os.urandom(32)).decode()
event = {"id": "evt_1", "object": "event", "created_at": 1, "type": "response.completed", "data": {"id": "resp_1"}}
body = json.dumps(event).encode()


def signed(body: bytes, at: float) -> dict[str, str]:
    """The headers that a server sends along: an HMAC over id, time and body, by the key in the secret."""
    about = {"webhook-id": "wh_1", "webhook-timestamp": str(int(at))}
    key = b64decode(secret.removeprefix("whsec_"))
    signature = hmac.digest(key, ".".join(about.values()).encode() + b"." + body, "sha256")
    return {**about, "webhook-signature": f"v1,{b64encode(signature).decode()}"}


with OpenAI(api_key="unused", webhook_secret=secret) as client:
    came = client.webhooks.unwrap(body, signed(body, time.time()))
    if came.type == "response.completed":
        print(f"{came.type}: {came.data.id}")

    forged = body.replace(b"resp_1", b"resp_2")
    an_hour_ago = time.time() - 3600
    for what, sent, headers in (("forged", forged, signed(body, time.time())), ("late", body, signed(body, an_hour_ago))):
        try:
            client.webhooks.unwrap(sent, headers)
        except InvalidWebhookSignatureError as error:
            print(f"{what}: {error}")
