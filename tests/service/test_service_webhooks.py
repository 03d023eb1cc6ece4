"""Webhook endpoints: kept, with secrets that sign the events of tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ceyx import APIStatusError, BadRequestError, InvalidWebhookSignatureError, NotFoundError, OpenAI
from ceyx.service import LocalService

EVENTS: Any = ["batch.completed", "response.completed"]


@pytest.fixture
def client(service: LocalService) -> Iterator[OpenAI]:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as made:
        yield made


@contextmanager
def listening(status: int = 200) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """The address of a program that takes webhooks, and what it got."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook?from=ceyx", got
        finally:
            server.shutdown()
            thread.join()


def test_kept_changed_and_deleted(client: OpenAI) -> None:
    made = client.webhooks.create(name="mine", url="https://example.com/hook", event_types=EVENTS)
    assert made.signing_secret.startswith("whsec_") and made.event_types == EVENTS
    found = client.webhooks.retrieve(made.id)
    assert not hasattr(found, "signing_secret")
    assert found.signing_secret_hint is not None and found.signing_secret_hint[-4:] == made.signing_secret[-4:]
    assert made.id in [each.id for each in client.webhooks.list()]
    changed = client.webhooks.update(made.id, name="other")
    assert (changed.name, changed.url) == ("other", made.url)
    assert client.webhooks.rotate_secret(made.id).signing_secret != made.signing_secret
    assert client.webhooks.delete(made.id).deleted
    with pytest.raises(NotFoundError):
        client.webhooks.retrieve(made.id)
    assert EVENTS[0] in client.webhooks.event_types.list().data


def test_the_event_of_a_test_is_signed(client: OpenAI) -> None:
    with listening() as (url, got):
        made = client.webhooks.create(name="mine", url=url, event_types=EVENTS)
        result = client.webhooks.test(made.id, event_type="batch.completed")
        assert (result.success, result.status_code, result.webhook_endpoint_id) == (True, 200, made.id)
        again = client.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=True)
        client.webhooks.test(made.id, event_type="response.completed")
        client.webhooks.rotate_secret(made.id)
        client.webhooks.test(made.id, event_type="response.completed")
    (headers, body), (kept_headers, kept), (new_headers, new) = got
    assert client.webhooks.unwrap(body, headers, secret=made.signing_secret).type == "batch.completed"
    for secret in (made.signing_secret, again.signing_secret):
        assert client.webhooks.unwrap(kept, kept_headers, secret=secret).type == "response.completed"
    with pytest.raises(InvalidWebhookSignatureError):
        client.webhooks.unwrap(new, new_headers, secret=made.signing_secret)


def test_what_cannot_be_sent_is_said(client: OpenAI) -> None:
    far = client.webhooks.create(name="far", url="https://example.com/hook", event_types=EVENTS)
    with pytest.raises(APIStatusError, match="to this machine only") as not_sent:
        client.webhooks.test(far.id, event_type="batch.completed")
    assert not_sent.value.status_code == 501
    with listening(500) as (url, _):
        made = client.webhooks.create(name="mine", url=url, event_types=EVENTS)
        with pytest.raises(BadRequestError, match="answered with 500"):
            client.webhooks.test(made.id, event_type="batch.completed")
    with pytest.raises(BadRequestError, match="could not be delivered"):
        client.webhooks.test(made.id, event_type="batch.completed")


@pytest.mark.parametrize("url", ["", "http://example.com/", "ftp://127.0.0.1/", "https://", "https://[::1", "https://x:99999/"])
def test_what_is_no_address_of_an_endpoint(client: OpenAI, url: str) -> None:
    with pytest.raises(BadRequestError, match="Invalid 'url'"):
        client.webhooks.create(name="mine", url=url, event_types=EVENTS)
