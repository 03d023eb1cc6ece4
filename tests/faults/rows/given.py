"""What users pass: ids, deployments, headers, keys, addresses; and where a key must never show."""

from __future__ import annotations

import logging
import os
import pickle
import socket
import traceback
from collections.abc import Callable
from typing import Any
from unittest import mock

from cases import Case, raises
from drives import OWN, Drive, Outcome
from listening import chat, seen

SECRET = "sk-secret-0123456789abcdef"


def identifiers(drive: Drive) -> Outcome:
    return seen(drive, lambda client: client.models.retrieve("a/../b?x=1#f"))


def one_segment(outcome: Outcome, _: Drive) -> None:
    assert outcome.note == "/v1/models/a%2F%2E%2E%2Fb%3Fx%3D1%23f"


def deployment(name: str) -> Callable[[Drive], Outcome]:
    return lambda drive: seen(drive, lambda client: chat(client, model=name), azure=True)


def below_its_deployment(text: str) -> Callable[[Outcome, Drive], None]:
    def check(outcome: Outcome, _: Drive) -> None:
        assert outcome.note == f"/openai/deployments/{text}/chat/completions?api-version=2024-10-21"

    return check


def refuses(kind: str, *said: str) -> Callable[[Outcome, Drive], None]:
    return raises(kind, *said, requests=0)


def key_with_newline(drive: Drive) -> Outcome:
    outcome = seen(drive, chat, api_key=f"{SECRET}\n")
    if outcome.error is not None:
        shown = "".join(traceback.format_exception(outcome.error))
        outcome.note = f"the key is {'' if SECRET in shown else 'not '}in the traceback"
    elif outcome.value:
        outcome.note = next(
            line.decode() for line in outcome.value[-1][0].split(b"\r\n") if line.lower().startswith(b"authorization")
        )
    return outcome


def stripped(outcome: Outcome, _: Drive) -> None:
    assert outcome.error is None
    assert outcome.note.lower() == f"authorization: bearer {SECRET}"


def key_in_output(drive: Drive) -> Outcome:
    """All that is logged and shown of a call that fails, with as much logging as there is."""
    records: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(f"{record.name}: {self.format(record)}")

    root, keeping = logging.getLogger(), Keeping()
    level = root.level
    root.addHandler(keeping)
    root.setLevel(logging.DEBUG)
    try:
        shown: list[str] = []

        def work(client: Any) -> Any:
            shown.extend((repr(client), str(client), repr(vars(client)) if drive.ours else ""))
            return chat(client)

        failing = {"x-ceyx-fault": "status;code=401;x-should-retry=true;retry-after-ms=1"}
        outcome = drive.run(work, api_key=SECRET, default_headers=failing, max_retries=1, http_logging="body_and_headers")
        shown += [*records, "".join(traceback.format_exception(outcome.error)), repr(outcome.error)]
    finally:
        root.removeHandler(keeping)
        root.setLevel(level)
    outcome.note = "the key is shown" if any(SECRET in text for text in shown) else "the key is nowhere"
    outcome.value = "\n".join(records)
    return outcome


def nowhere(outcome: Outcome, _: Drive) -> None:
    assert (type(outcome.error).__name__, outcome.note) == ("AuthenticationError", "the key is nowhere")
    for logged in ("ceyx: request: POST", "authorization: REDACTED", "Say hello", "ceyx: retry 1", "ceyx: response: POST"):
        assert logged in outcome.value


def pickled(failed: Callable[[Drive], Outcome]) -> Callable[[Drive], Outcome]:
    """The error of `failed` after it went through pickle, as the value; the error itself beside it, to compare."""

    def run(drive: Drive) -> Outcome:
        outcome = failed(drive)
        error, outcome.error, outcome.text = outcome.error, None, ""
        try:
            kept = pickle.dumps(error)
            outcome.value = pickle.loads(kept), error
            outcome.note = f"{type(error).__name__}{', with the key' if SECRET.encode() in kept else ''}" if error else "no error"
        except Exception as found:  # noqa: BLE001  # that is the question
            outcome.error = found
        return outcome

    return run


def same_error(kind: str, *names: str, **values: Any) -> Callable[[Outcome, Drive], None]:
    """An error of this kind came back, and has these attributes as before; those with a value have that."""

    def check(outcome: Outcome, _: Drive) -> None:
        assert outcome.error is None
        assert outcome.note == kind
        back, before = outcome.value
        assert type(back) is type(before)
        assert (str(back), repr(back), back.args) == (str(before), repr(before), before.args)
        for name in ("message", "body", "code", "retryable", "request_id", *names, *values):
            assert getattr(back, name) == getattr(before, name), name
        for name in ("message", "request_id", *names):
            assert getattr(back, name), name
        for name, value in values.items():
            assert getattr(back, name) == value, name
        assert back.request.url == before.request.url
        if before.partial is not None:
            assert back.partial.to_dict() == before.partial.to_dict()
            assert back.partial.choices[0].message.content == before.partial.choices[0].message.content != ""

    return check


def pickled_client(drive: Drive) -> Outcome:
    outcome = Outcome()
    try:
        kept = pickle.dumps(drive.client(api_key=SECRET))
        with mock.patch.dict(os.environ, OPENAI_API_KEY="sk-of-the-environment"):
            client = pickle.loads(kept)
        outcome.note = f"{client.api_key}{', with the key' if SECRET.encode() in kept else ''}"
    except Exception as error:  # noqa: BLE001  # that is the question
        outcome.error = error
    return outcome


def finds_its_key(outcome: Outcome, _: Drive) -> None:
    assert (outcome.error, outcome.note) == (None, "sk-of-the-environment")


def image_addresses(drive: Drive) -> Outcome:
    """The hosts that were connected to, for images that are elsewhere."""
    asked: list[str] = []
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    places = ["http://169.254.169.254/latest/meta-data", "http://localhost:1/x.png", "file:///etc/passwd"]
    content = [{"type": "image_url", "image_url": {"url": place}} for place in places]

    def noting(original: Any) -> Any:
        def noted(self: socket.socket, address: Any) -> Any:
            asked.append(str(address))
            return original(self, address)

        return noted

    with (
        mock.patch.object(socket.socket, "connect", noting(connect)),
        mock.patch.object(socket.socket, "connect_ex", noting(connect_ex)),
    ):
        outcome = seen(drive, lambda client: chat(client, messages=[{"role": "user", "content": content}]))
    outcome.note = "; ".join(sorted({address for address in asked if "127.0.0.1" not in address})) or "no other host was asked"
    outcome.value = outcome.value[-1][1] if outcome.value else b""
    return outcome


def never_fetched(outcome: Outcome, _: Drive) -> None:
    assert (outcome.error, outcome.note) == (None, "no other host was asked")
    assert b"169.254.169.254" in outcome.value


GIVEN = (
    Case("42", "an id `a/../b?x=1#f`", "one segment of the path, percent-encoded", identifiers, one_segment),
    Case(
        "42b",
        "an id `..`",
        "ValueError; nothing is sent",
        lambda drive: seen(drive, lambda client: client.models.retrieve("..")),
        refuses("ValueError", "would name another place"),
    ),
    Case(
        "43",
        "an Azure deployment `a/../../x`",
        "one segment of the path, percent-encoded",
        deployment("a/../../x"),
        below_its_deployment("a%2F%2E%2E%2F%2E%2E%2Fx"),
    ),
    Case(
        "43b",
        "an Azure deployment `d?api-version=evil`",
        "one segment of the path, percent-encoded",
        deployment("d?api-version=evil"),
        below_its_deployment("d%3Fapi-version%3Devil"),
    ),
    Case(
        "44",
        "a line end in the value of a header",
        "ValueError that names the header; nothing is sent",
        lambda drive: seen(drive, lambda client: chat(client, extra_headers={"x-note": "a\r\nx-evil: 1"})),
        refuses("ValueError", "'x-note'", "line end"),
    ),
    Case(
        "44b",
        "a line end in the name of a header",
        "ValueError that names the header; nothing is sent",
        lambda drive: seen(drive, lambda client: chat(client, extra_headers={"x-evil: 1\r\nx-note": "a"})),
        refuses("ValueError", "no name of a header"),
    ),
    Case("45", "a key that ends in a newline", "stripped", key_with_newline, stripped),
    Case("46", "the key in `repr`, DEBUG logs, tracebacks", "nowhere", key_in_output, nowhere),
    Case(
        "47",
        "an error that is pickled",
        "comes back as it was, without the key",
        pickled(lambda drive: drive.whole("status;code=404;error=DeploymentNotFound", api_key=SECRET)),
        same_error("NotFoundError", "body", status_code=404, code="DeploymentNotFound", retryable=False),
    ),
    Case(
        "47b",
        "a StreamTruncatedError that is pickled",
        "comes back as it was, with what came of the stream",
        pickled(lambda drive: drive.stream("stream-end", api_key=SECRET)),
        same_error("StreamTruncatedError", "partial", "answered", retryable=True),
    ),
    Case(
        "47c",
        "an error of the content filter that is pickled",
        "comes back as it was, with what was found",
        pickled(lambda drive: drive.whole("prompt-filtered", azure=True, api_key=SECRET)),
        same_error("ContentFilterError", "results", source="prompt", categories={"violence": "high"}, retryable=False),
    ),
    Case(
        "48",
        "a client that is pickled",
        "finds its key in the environment again; none is in the pickle",
        pickled_client,
        finds_its_key,
        OWN,
    ),
    Case(
        "57",
        "image URLs of hosts within (169.254.169.254, localhost, file:)",
        "passed on, never fetched",
        image_addresses,
        never_fetched,
    ),
    Case(
        "58",
        "an id with NUL",
        "ValueError; nothing is sent",
        lambda drive: seen(drive, lambda client: client.models.retrieve("a\0b")),
        refuses("ValueError", "no URL may hold"),
    ),
    Case(
        "58b",
        "an id of 10 KB",
        "ValueError; nothing is sent",
        lambda drive: seen(drive, lambda client: client.models.retrieve("a" * 10_000)),
        refuses("ValueError", "no URL may hold"),
    ),
)
