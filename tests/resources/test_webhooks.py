"""Webhooks that came in: signed as `openai` checks them, read as events; and the endpoints they come to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import openai
import pytest
from hypothesis import given, strategies as st
from memory_clients import KINDS, body, make, reply, result, sent

from ceyx import AsyncOpenAI, InvalidWebhookSignatureError, OpenAI
from ceyx.types.webhooks import (
    BatchCompletedWebhookEvent,
    DeletedWebhookEndpoint,
    WebhookEndpoint,
    WebhookEndpointTestResult,
    WebhookEndpointWithSecret,
    WebhookEventTypeList,
)
from ceyx.wire.webhook import verify

KEY = b"a key of some 32 bytes, or so...."
SECRET = "whsec_" + base64.b64encode(KEY).decode()
EVENT = {"id": "evt_1", "object": "event", "created_at": 1, "type": "batch.completed", "data": {"id": "batch_1"}}
BODY = json.dumps(EVENT)


def signature(content: bytes = BODY.encode(), at: int | str | None = None, key: bytes = KEY, event: str = "wh_1") -> str:
    signed = f"{event}.{int(time.time()) if at is None else at}.".encode() + content
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(content: bytes = BODY.encode(), *, at: int | str | None = None, **other: str) -> dict[str, str]:
    """Of a webhook as it comes in; others in keyword spelling (`webhook_id`)."""
    at = int(time.time()) if at is None else at
    own = {"webhook-id": "wh_1", "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature(content, at)}"}
    return {**own, **{name.replace("_", "-"): value for name, value in other.items()}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("payload", [BODY, BODY.encode()], ids=["text", "bytes"])
def test_an_event_is_unwrapped(kind: Any, payload: Any) -> None:
    """Also on async clients without being awaited, as nothing is sent."""
    client = make(kind, webhook_secret=SECRET)
    event = client.webhooks.unwrap(payload, headers())
    assert type(event) is BatchCompletedWebhookEvent and event.data.id == "batch_1"
    assert client.webhooks.verify_signature(payload, headers()) is None


def test_where_the_secret_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"no webhook secret: pass secret= .* OPENAI_WEBHOOK_SECRET"):
        make(OpenAI).webhooks.unwrap(BODY, headers())
    monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", SECRET)
    make(OpenAI).webhooks.unwrap(BODY, headers())
    make(OpenAI, webhook_secret="whsec_b3RoZXI=").webhooks.unwrap(BODY, headers(), secret=SECRET)
    with pytest.raises(InvalidWebhookSignatureError, match="the secret is that of this endpoint"):
        make(OpenAI, webhook_secret="whsec_b3RoZXI=").webhooks.unwrap(BODY, headers())


@pytest.mark.parametrize(
    "shaped",
    [
        lambda given: {name.title(): value for name, value in given.items()},
        lambda given: {name.upper(): value for name, value in given.items()},
        httpx.Headers,
    ],
    ids=["Title-Case", "UPPER-CASE", "httpx"],
)
def test_headers_of_every_shape(shaped: Any) -> None:
    make(OpenAI, webhook_secret=SECRET).webhooks.verify_signature(BODY, shaped(headers()))


@pytest.mark.parametrize("form", ["{old} v1,{right}", "v1,{right} {old}", "{right}", "  v1,{right}  ", "v2,x v1,{right} v1,ä"])
def test_one_signature_of_several_is_enough(form: str) -> None:
    both = form.format(old=f"v1,{signature(key=b'old')}", right=signature())
    make(OpenAI, webhook_secret=SECRET).webhooks.verify_signature(BODY, headers(webhook_signature=both))


def test_a_secret_without_its_mark_is_the_key_itself() -> None:
    own = headers(webhook_signature=f"v1,{signature(key=b'plain')}")
    make(OpenAI).webhooks.verify_signature(BODY, own, secret="plain")
    with pytest.raises(InvalidWebhookSignatureError):
        make(OpenAI).webhooks.verify_signature(BODY, own, secret="other")


WRONG: dict[str, tuple[Any, str]] = {
    "another body": (lambda: (BODY + " ", headers()), r"none of the 1 signatures of webhook 'wh_1' matches"),
    "another id": (lambda: (BODY, headers(webhook_id="wh_2")), "'wh_2'"),
    "no signature": (lambda: (BODY, headers(webhook_signature="")), "none of the 0"),
    "half a signature": (lambda: (BODY, headers(webhook_signature="v1," + signature()[:20])), "none of the 1"),
    "no letters of base64": (lambda: (BODY, headers(webhook_signature="v1,ä\udcff")), "none of the 1"),
    "two wrong ones": (lambda: (BODY, headers(webhook_signature="v1,a v1,b")), "none of the 2"),
    "old": (lambda: (BODY, headers(at=int(time.time()) - 1000)), r"too old.* 100[01] seconds back, and 300 are allowed"),
    "from the future": (lambda: (BODY, headers(at=int(time.time()) + 1000)), r"too new.* (1000|999) seconds ahead"),
    "no time": (lambda: (BODY, headers(at="yesterday")), "'yesterday'"),
    "too much time": (lambda: (BODY, headers(at="9" * 400)), "'9{40}'"),
    "no digits of ours": (lambda: (BODY, headers(at="١٢")), "Unix time"),
    "no headers": (lambda: (BODY, {}), "no 'webhook-signature' header"),
    "no id": (lambda: (BODY, {k: v for k, v in headers().items() if k != "webhook-id"}), "no 'webhook-id' header"),
    "no timestamp": (lambda: (BODY, {k: v for k, v in headers().items() if "stamp" not in k}), "no 'webhook-timestamp' header"),
}


@pytest.mark.parametrize(("made", "says"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("call", ["unwrap", "verify_signature"])
def test_what_is_wrong_is_said(call: str, made: Any, says: str) -> None:
    client = make(OpenAI, webhook_secret=SECRET)
    with pytest.raises(InvalidWebhookSignatureError, match=says) as caught:
        getattr(client.webhooks, call)(*made())
    assert SECRET[6:] not in str(caught.value) and signature() not in str(caught.value)


def test_the_tolerance_is_the_caller_s() -> None:
    webhooks, old = make(OpenAI, webhook_secret=SECRET).webhooks, headers(at=int(time.time()) - 1000)
    webhooks.verify_signature(BODY, old, tolerance=2000)
    with pytest.raises(InvalidWebhookSignatureError, match="0 are allowed"):
        webhooks.verify_signature(BODY, headers(at=int(time.time()) - 5), tolerance=0)


def test_a_secret_that_is_no_base64_is_not_shown() -> None:
    with pytest.raises(ValueError, match="no base64; see how it was copied") as caught:
        make(OpenAI).webhooks.verify_signature(BODY, headers(), secret="whsec_my-secret!")
    assert "my-secret" not in str(caught.value) and not isinstance(caught.value, InvalidWebhookSignatureError)


@pytest.mark.parametrize("content", [b"[1]", b"{}", b'{"type": 3}', b"text", b"\xff"])
def test_what_is_signed_and_no_event(content: bytes) -> None:
    client = make(OpenAI, webhook_secret=SECRET)
    client.webhooks.verify_signature(content, headers(content))
    with pytest.raises(ValueError):  # of JSON itself, or ours
        client.webhooks.unwrap(content, headers(content))


theirs = openai.OpenAI(api_key="x")
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@given(TEXT, st.lists(st.sampled_from(["right", "wrong", "bare"]), max_size=3), st.integers(-310, 310), st.booleans())
def test_whatever_is_signed_is_judged_as_openai_judges_it(text: str, kinds: list[str], age: int, whole: bool) -> None:
    now = int(time.time())
    at, key = now - age, KEY if whole else b"plain"
    right = signature(text.encode(), at, key)
    forms = {"right": f"v1,{right}", "wrong": f"v1,{right[::-1]}", "bare": right}
    given = {**headers(text.encode(), at=at), "webhook-signature": " ".join(forms[kind] for kind in kinds) or "v1,"}
    secret = SECRET if whole else "plain"

    def holds(check: Any) -> bool:
        try:
            check()
        except InvalidWebhookSignatureError:
            return False
        except openai.InvalidWebhookSignatureError:
            return False
        return True

    if abs(abs(age) - 300) > 2:  # where a second more makes no difference
        assert holds(lambda: verify(text, given, secret, tolerance=300, now=now)) is holds(
            lambda: theirs.webhooks.verify_signature(text, given, secret=secret)
        )


# ---- endpoints

ENDPOINT = {"id": "we_1", "object": "webhook_endpoint", "url": "https://a.test", "name": "n", "event_types": ["batch.failed"]}
NEW = {"event_types": ["batch.failed"], "name": "n", "url": "https://a.test"}
CALLS: dict[str, tuple[Any, str, str, Any, Any]] = {
    "create": (lambda w: w.create(**NEW), "POST", "", NEW, WebhookEndpointWithSecret),
    "retrieve": (lambda w: w.retrieve("we_1"), "GET", "/we_1", None, WebhookEndpoint),
    "update": (lambda w: w.update("we_1", name="m"), "POST", "/we_1", {"name": "m"}, WebhookEndpoint),
    "delete": (lambda w: w.delete("we_1"), "DELETE", "/we_1", None, DeletedWebhookEndpoint),
    "rotate_secret": (lambda w: w.rotate_secret("we_1"), "POST", "/we_1/rotate_secret", {}, WebhookEndpointWithSecret),
    "test": (
        lambda w: w.test("we_1", event_type="batch.failed"),
        "POST",
        "/we_1/test",
        {"event_type": "batch.failed"},
        WebhookEndpointTestResult,
    ),
}


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(("call", "method", "path", "content", "gives"), CALLS.values(), ids=CALLS)
def test_endpoints(kind: Any, call: Any, method: str, path: str, content: Any, gives: Any) -> None:
    client = make(kind, reply(ENDPOINT))
    assert type(result(call(client.webhooks))) is gives
    assert (sent(client).method, sent(client).target, body(client)) == (method, f"/v1/webhook_endpoints{path}", content)


def test_endpoints_and_event_types_are_listed() -> None:
    client = make(OpenAI, reply({"object": "list", "data": [ENDPOINT], "has_more": False}))
    assert [type(one) for one in client.webhooks.list(limit=5)] == [WebhookEndpoint]
    assert sent(client).target == "/v1/webhook_endpoints?limit=5"
    client = make(OpenAI, reply({"object": "list", "data": ["batch.failed"]}))
    kinds = client.webhooks.event_types.list()
    assert type(kinds) is WebhookEventTypeList and kinds.data == ["batch.failed"]
    assert sent(client).target == "/v1/webhook_event_types"


@pytest.mark.parametrize(("call", "missing"), [("create", "'event_types', 'name', 'url'"), ("test", "'event_type'")])
def test_what_is_missing_is_named(call: str, missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        getattr(make(OpenAI).webhooks, call)(*(["we_1"] if call == "test" else []))
