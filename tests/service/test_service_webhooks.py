"""Webhook endpoints: kept, with secrets that sign the events of tests, and of what ends."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic, sleep
from typing import Any

import pytest
from evaluations import answered, begun

from ceyx import APIStatusError, BadRequestError, InvalidWebhookSignatureError, NotFoundError, OpenAI
from ceyx.service import LocalService

EVENTS: Any = ["batch.completed", "response.completed"]


@pytest.fixture
def client(service: LocalService) -> Iterator[OpenAI]:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as made:
        yield made


@contextmanager
def listening(status: int = 200, *later: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """The address of a program that takes webhooks, and what it got; it answers with each status, with the last from then on."""
    got: list[tuple[dict[str, str], bytes]] = []
    statuses = [status, *later]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
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


# ---- what ends


def jsonl(*lines: Any) -> bytes:
    return b"\n".join(json.dumps(line).encode() for line in lines)


def batch(client: OpenAI, model: str = "gpt-4o") -> str:
    line = {"custom_id": "1", "method": "POST", "url": "/v1/embeddings", "body": {"model": model, "input": "x"}}
    file = client.files.create(file=("in.jsonl", jsonl(line)), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h").id


def job(client: OpenAI) -> str:
    example = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello yourself"}]}
    file = client.files.create(file=("train.jsonl", jsonl(*[example] * 10)), purpose="fine-tune")
    return client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file.id).id


def cancelled_job(client: OpenAI) -> str:
    return client.fine_tuning.jobs.cancel(job(client)).id


def run(client: OpenAI) -> str:
    return str(begun(client, answered(("a", "a"))).id)


def in_background(client: OpenAI, **fields: Any) -> str:
    return client.responses.create(model="gpt-4o", input="Hello", background=True, **fields).id


def cancelled(client: OpenAI) -> str:
    return client.responses.cancel(in_background(client)).id


ENDING: dict[str, Callable[[OpenAI], str]] = {
    "batch.completed": lambda client: batch(client, "text-embedding-3-small"),
    "batch.failed": lambda client: batch(client, "no-such-model"),
    "fine_tuning.job.succeeded": job,
    "fine_tuning.job.cancelled": cancelled_job,
    "eval.run.succeeded": run,
    "response.completed": in_background,
    "response.incomplete": lambda client: in_background(client, max_output_tokens=16),
    "response.cancelled": cancelled,
}


def came(got: list[Any], count: int, seconds: float = 10.0) -> None:
    limit = monotonic() + seconds
    while len(got) < count:
        assert monotonic() < limit, got
        sleep(0.005)


def test_what_ends_is_told_to_who_asked_for_it(client: OpenAI) -> None:
    with listening() as (url, got), listening() as (other_url, others):
        kinds: Any = list(ENDING)
        made = client.webhooks.create(name="all", url=url, event_types=kinds)
        other = client.webhooks.create(name="one", url=other_url, event_types=["response.completed"])
        client.webhooks.create(name="far", url="https://example.com/hook", event_types=["response.completed"])
        ids = {type: begin(client) for type, begin in ENDING.items()}
        came(got, len(ENDING))
        came(others, 1)
        events: list[Any] = [client.webhooks.unwrap(body, headers, secret=made.signing_secret) for headers, body in got]
        assert {event.type: event.data.id for event in events} == ids
        (headers, body) = others[0]
        told = client.webhooks.unwrap(body, headers, secret=other.signing_secret)
        assert told.id in [event.id for event in events] and headers["webhook-id"] == told.id
        client.webhooks.delete(made.id)
        client.webhooks.delete(other.id)
        client.responses.create(model="gpt-4o", input="Hello")  # not in the background: its end is its answer
        batch(client, "no-such-model")
        sleep(0.1)
        assert (len(got), len(others)) == (len(ENDING), 1)


def test_an_event_that_is_refused_is_sent_again(client: OpenAI) -> None:
    with listening(503, 200) as (url, got):
        made = client.webhooks.create(name="busy", url=url, event_types=["batch.failed"])
        batch(client, "no-such-model")
        came(got, 2)
        first, second = (client.webhooks.unwrap(body, headers, secret=made.signing_secret) for headers, body in got)
        assert first.id == second.id
        client.webhooks.delete(made.id)


def test_a_service_that_stops_waits_for_no_receiver() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, LocalService() as service:
        with OpenAI(base_url=service.url, api_key="any") as client:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            client.webhooks.create(name="silent", url=url, event_types=["batch.failed"])
            batch(client, "no-such-model")
        with silent.accept()[0] as connection:
            assert connection.recv(4).startswith(b"POST")
            started = monotonic()
            service.close()
            assert monotonic() - started < 2
