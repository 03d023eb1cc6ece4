"""Rows that a fault of the service cannot bring about: what users pass, what programs do, and what else is in the way."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pickle
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import httpx2
import openai
import trustme
from cases import Case, gives, raises, whole
from drives import ASK, OWN, Drive, Outcome
from raw_server import RawServer, answer

from ceyx.service import LocalService

SECRET = "sk-secret-0123456789abcdef"


def chat(client: Any, **params: Any) -> Any:
    return client.chat.completions.create(**{"model": "gpt-4o", "messages": ASK, **params})


@contextmanager
def answering(*answers: bytes) -> Iterator[RawServer]:
    """A server that gives these bytes, the last of them for ever; it keeps what it was sent."""
    left = list(answers or [answer()])

    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.read(connection)
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    with RawServer(speak) as server:
        yield server


def target(server: RawServer) -> str:
    return server.seen[-1][0].split(b" ")[1].decode()


def seen(drive: Drive, work: Callable[[Any], Any], **options: Any) -> Outcome:
    """What `work` made of a request: the target, and the headers, as text; errors stay errors."""
    with answering() as server:
        at = {"azure_endpoint": server.origin} if options.get("azure") else {"base_url": server.url}
        outcome = _at(drive, work, at, options)
        outcome.requests = len(server.seen)
        outcome.value = server.seen
        if server.seen:
            outcome.note = target(server)
    return outcome


def _at(drive: Drive, work: Callable[[Any], Any], at: dict[str, Any], options: dict[str, Any]) -> Outcome:
    azure = options.pop("azure", False)
    if azure:
        return drive.run(work, azure=True, **{**options, "azure_endpoint": at["azure_endpoint"]})
    return drive.run(work, **at, **options)


# ---- what users pass


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


# ---- what programs do


def five_loops(drive: Drive) -> Outcome:
    outcome = Outcome()
    client = drive.client()

    async def one() -> Any:
        return await chat(client)

    try:
        for _ in range(5):
            asyncio.run(one())
        outcome.note = "5 answers"
        asyncio.run(client.close())
    except Exception as error:  # noqa: BLE001  # that is the question
        outcome.error = error
    return outcome


@contextmanager
def few_connections(drive: Drive, most: int) -> Iterator[dict[str, Any]]:
    """Options for an async client that has so many connections, and no more."""
    if not drive.ours:
        yield {"http_client": openai.DefaultAsyncHttpxClient(limits=type(openai.DEFAULT_CONNECTION_LIMITS)(max_connections=most))}
    elif drive.name == "aiohttp":
        with mock.patch("ceyx.transport.asyncio.MAX_CONNECTIONS", most):
            yield {}
    else:
        yield {"http_client": httpx2.AsyncClient(trust_env=False, limits=httpx2.Limits(max_connections=most))}


def cancelled(drive: Drive) -> Outcome:
    """20 calls that wait for an answer, and 20 that wait for a connection."""

    async def open_requests(expected: int) -> int:
        """How many the service counts, once it counts so many, or after 3 s."""
        for _ in range(150):
            if (there := fresh.counted("open")) == expected:
                break
            await asyncio.sleep(0.02)
        return there

    async def work(client: Any) -> str:
        tasks = [asyncio.ensure_future(chat(client, extra_headers={"x-ceyx-fault": "stall"})) for _ in range(40)]
        await open_requests(20)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        after = await asyncio.gather(*(chat(client) for _ in range(30)))
        still = await open_requests(0)
        kinds = {type(end).__name__ for end in ends}
        return (
            f"{', '.join(sorted(kinds))}; then {sum(bool(each.choices) for each in after)} of 30 answers; "
            f"{len(asyncio.all_tasks())} task, {still} open requests"
        )

    with LocalService() as service, few_connections(drive, 20) as options:
        fresh = Drive(drive.name, service)
        outcome = fresh.run(work, timeout=30, **options)
    outcome.note, outcome.text, outcome.requests = outcome.text, "", 0
    return outcome


FORKING = """
import os, sys
from {library} import OpenAI
client = OpenAI(api_key="k", base_url=sys.argv[1], max_retries=0)
ask = lambda text: client.chat.completions.create(model="gpt-4o", messages=[{{"role": "user", "content": text}}])
text = lambda of: of.choices[0].message.content
assert "before" in text(ask("before"))
children = []
for i in range(4):
    child = os.fork()
    if not child:
        os._exit(0 if all(f"child {{i}}" in text(ask(f"child {{i}}")) for _ in range(10)) else 1)
    children.append(child)
assert all("parent" in text(ask("parent")) for _ in range(10))
print(sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 for child in children), "of 4 children")
"""


def forked(drive: Drive) -> Outcome:
    program = FORKING.format(library="ceyx" if drive.ours else "openai")
    run = subprocess.run([sys.executable, "-c", program, drive.service.url], capture_output=True, text=True, timeout=60)
    return Outcome(note=run.stdout.strip() or run.stderr.strip().rpartition("\n")[2])


def says(text: str) -> Callable[[Outcome, Drive], None]:
    def check(outcome: Outcome, _: Drive) -> None:
        if outcome.error is not None:
            raise AssertionError from outcome.error
        assert outcome.note == text

    return check


def idle(drive: Drive) -> Outcome:
    def blocking(client: Any) -> str:
        chat(client, extra_headers={"x-ceyx-fault": "keep-alive;closes=idle"})
        time.sleep(0.3)
        return str(chat(client).choices[0].message.content)

    async def awaited(client: Any) -> str:
        await chat(client, extra_headers={"x-ceyx-fault": "keep-alive;closes=idle"})
        await asyncio.sleep(0.3)
        return str((await chat(client)).choices[0].message.content)

    return drive.run(awaited if drive.awaits else blocking)


TIMES = 6


def race(drive: Drive) -> Outcome:
    """Each second call meets a connection that closes just when it is used."""

    def blocking(client: Any) -> str:
        for _ in range(TIMES):
            chat(client, extra_headers={"x-ceyx-fault": "keep-alive;closes=next"})
            chat(client)
        return f"{TIMES} answers"

    async def awaited(client: Any) -> str:
        for _ in range(TIMES):
            await chat(client, extra_headers={"x-ceyx-fault": "keep-alive;closes=next"})
            await chat(client)
        return f"{TIMES} answers"

    outcome = drive.run(awaited if drive.awaits else blocking, max_retries=1)
    outcome.note, outcome.text = outcome.text, ""
    return outcome


def clock(drive: Drive) -> Outcome:
    """The time of day leaps an hour at each look, while a call waits and tries again."""
    real, looks = time.time, iter(range(1_000_000))
    with mock.patch("time.time", lambda: real() + next(looks) * 3600):
        return drive.whole("status;code=429;retry-after=1;times=1", max_retries=2, deadline=20)


# ---- streams that are collected


def _events(drive: Drive, opened: Callable[[Any], Any], final: str, **options: Any) -> Outcome:
    """Reads `opened(client)` to its end and asks it for the whole; text is what came on the way."""
    pieces: list[str] = []

    def take(event: Any) -> None:
        if event.type in ("content.delta", "response.output_text.delta"):
            pieces.append(event.delta)

    def blocking(client: Any) -> Any:
        with opened(client) as stream:
            for event in stream:
                take(event)
            return getattr(stream, final)()

    async def awaited(client: Any) -> Any:
        async with opened(client) as stream:
            async for event in stream:
                take(event)
            return await getattr(stream, final)()

    outcome = drive.run(awaited if drive.awaits else blocking, **options)
    outcome.text = "".join(pieces)
    return outcome


def collected(fault: str, **params: Any) -> Callable[[Drive], Outcome]:
    asked = {"model": "gpt-4o", "messages": ASK, **params}

    def run(drive: Drive) -> Outcome:
        outcome = _events(drive, lambda client: client.chat.completions.stream(**asked), "get_final_completion", fault=fault)
        if outcome.value is not None:
            message = outcome.value.choices[0].message
            outcome.note = ", ".join(f"{call.id[:5]}…: {call.function.arguments}" for call in message.tool_calls or ())
            if "stream_options" in asked:
                outcome.note = f"usage {outcome.value.usage and outcome.value.usage.to_dict()}"
        return outcome

    return run


def asked_again(drive: Drive) -> Outcome:
    """A stream that is cut: what its iteration raises, and after it, whenever they are asked, the accessors of the whole."""
    pieces: list[str] = []
    raised: list[Exception | None] = []

    def opened(client: Any) -> Any:
        return client.chat.completions.stream(model="gpt-4o", messages=ASK)

    def take(event: Any) -> None:
        if event.type == "content.delta":
            pieces.append(event.delta)

    def blocking(client: Any) -> None:
        with opened(client) as stream:

            def iterated() -> None:
                for event in stream:
                    take(event)

            for step in (iterated, stream.get_final_completion, stream.until_done, stream.get_final_completion):
                try:
                    step()
                except Exception as error:  # noqa: BLE001  # that is the question
                    raised.append(error)
                else:
                    raised.append(None)

    async def awaited(client: Any) -> None:
        async with opened(client) as stream:

            async def iterated() -> None:
                async for event in stream:
                    take(event)

            for step in (iterated, stream.get_final_completion, stream.until_done, stream.get_final_completion):
                try:
                    await step()
                except Exception as error:  # noqa: BLE001  # that is the question
                    raised.append(error)
                else:
                    raised.append(None)

    outcome = drive.run(awaited if drive.awaits else blocking, fault="stream-end")
    outcome.text = "".join(pieces)
    if raised:
        outcome.error, outcome.value = raised[0], raised
    return outcome


def each_time_truncated(outcome: Outcome, drive: Drive) -> None:
    assert len(outcome.value) == 4
    for error in outcome.value:
        outcome.error = error
        raises("StreamTruncatedError", "ended", partial=True, retryable=True)(outcome, drive)


def response_stream(fault: str) -> Callable[[Drive], Outcome]:
    pieces: list[str] = []

    def run(drive: Drive) -> Outcome:
        pieces.clear()

        def take(event: Any) -> None:
            if event.type == "response.output_text.delta":
                pieces.append(event.delta)

        async def awaited(client: Any) -> None:
            async for event in await client.responses.create(model="gpt-4o", input="Say hello", stream=True):
                take(event)

        def blocking(client: Any) -> None:
            for event in client.responses.create(model="gpt-4o", input="Say hello", stream=True):
                take(event)

        outcome = drive.run(awaited if drive.awaits else blocking, fault=fault)
        outcome.text = "".join(pieces)
        return outcome

    return run


def response_events(fault: str) -> Callable[[Drive], Outcome]:
    def opened(client: Any) -> Any:
        return client.responses.stream(model="gpt-4o", input="Say hello")

    return lambda drive: _events(drive, opened, "get_final_response", fault=fault)


def response_so_far(outcome: Outcome, drive: Drive) -> None:
    raises("StreamTruncatedError", "no response.")(outcome, drive)
    error: Any = outcome.error
    assert outcome.text
    assert error.partial.output_text == outcome.text


CALLING: Any = {
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "strict": True,
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                    "required": ["city", "days"],
                    "additionalProperties": False,
                },
            },
        }
    ],
    "messages": [{"role": "user", "content": "What is the weather in Bonn?"}],
}


def one_call(outcome: Outcome, _: Drive) -> None:
    if outcome.error is not None:
        raise AssertionError from outcome.error
    calls = outcome.value.choices[0].message.tool_calls
    assert [call.function.name for call in calls] == ["weather"]
    assert set(json.loads(calls[0].function.arguments)) == {"city", "days"}
    assert calls[0].id.count("call_") == 1


def cut_arguments(drive: Drive) -> Outcome:
    asked = {"model": "gpt-4o", **CALLING}
    return drive.run(lambda client: client.chat.completions.parse(**asked), fault="tool-cut")


def estimated(outcome: Outcome, drive: Drive) -> None:
    gives()(outcome, drive)
    usage = outcome.value.usage
    assert usage.estimated is True
    assert usage.completion_tokens > 0


# ---- what else is in the way


def other_host(drive: Drive) -> Outcome:
    with LocalService() as other:
        outcome = drive.whole(f"redirect;location={other.url}/chat/completions", max_retries=2)
        elsewhere = Drive(drive.name, other, drive.call)
        outcome.note = f"{elsewhere.arrived()} requests to the other host"
    return outcome


def not_followed(outcome: Outcome, drive: Drive) -> None:
    raises("APIStatusError", "redirects are not followed")(outcome, drive)
    assert outcome.note.startswith("0 ")


def first_address_is_dead(drive: Drive) -> Outcome:
    """The name has two addresses, and the first takes no connection: neither yes nor no."""
    port = int(drive.service.url.rpartition(":")[2].partition("/")[0])
    look_up = socket.getaddrinfo

    def two(host: Any, *args: Any, **more: Any) -> Any:
        if host not in ("two-addresses.example", b"two-addresses.example"):
            return look_up(host, *args, **more)
        kind = (socket.AF_INET6, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("::1", dead, 0, 0)), (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with ExitStack() as stack:
        full = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
        full.bind(("::1", 0))
        full.listen(0)
        dead = full.getsockname()[1]
        for _ in range(3):  # its queue is full, so that who comes now gets no answer
            waiting = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
            waiting.setblocking(False)
            waiting.connect_ex(("::1", dead))
        stack.enter_context(mock.patch("socket.getaddrinfo", two))
        outcome = drive.whole(base_url=f"http://two-addresses.example:{port}/v1", timeout=4)
    return outcome


@contextmanager
def speaking_tls(context: ssl.SSLContext) -> Iterator[str]:
    """A TLS server that answers nothing: what is asked about comes before."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            while True:
                connection, _ = listener.accept()
                try:
                    with context.wrap_socket(connection, server_side=True) as secure:
                        secure.recv(1)
                except OSError:
                    connection.close()
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        listener.close()


def tls(expired: bool = False, old: bool = False) -> Callable[[Drive], Outcome]:
    def run(drive: Drive) -> Outcome:
        import datetime

        authority = trustme.CA()
        until = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", not_after=until).configure_cert(context)
        options: dict[str, Any] = {}
        if expired or old:
            trusting = ssl.create_default_context()
            authority.configure_trust(trusting)
            options["verify"] = trusting
        if old:
            import warnings

            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        with speaking_tls(context) as url:
            return drive.whole(base_url=url, **options)

    return run


def proxy(said: bytes) -> Callable[[Drive], Outcome]:
    """A proxy that answers this to everything; the server is behind TLS, so it is asked for a tunnel."""

    def run(drive: Drive) -> Outcome:
        with answering(said) as server:
            outcome = drive.whole(base_url="https://api.example/v1", proxy=server.origin)
            outcome.value = server.origin.removeprefix("http://")
        return outcome

    return run


HTML_502 = answer(b"<html><body>" + b"x" * 5000 + b"</body></html>", b"content-type: text/html", status=b"502 Bad Gateway")
LOGIN_407 = answer(b"", b"proxy-authenticate: Basic", status=b"407 Proxy Authentication Required")


def proxy_said(status: str) -> Callable[[Outcome, Drive], None]:
    def check(outcome: Outcome, drive: Drive) -> None:
        raises("APIConnectionError", f"the proxy {outcome.value} ", status, "https://api.example", requests=0)(outcome, drive)
        assert len(str(outcome.error)) < 500

    return check


BLOCKING = ("urllib3", "httpx2")
AWAITED = ("aiohttp", "httpx2 async")

ACTIONS = (
    Case(
        "2",
        "`chat.completions.stream()`: ends without `finish_reason` and `[DONE]`",
        "StreamTruncatedError, with what came, from the iteration, and from `get_final_completion` and `until_done` after it",
        asked_again,
        each_time_truncated,
    ),
    Case(
        "5",
        "a stream of a response ends without `response.completed`",
        "StreamTruncatedError, with the response so far",
        response_stream("stream-end;events=7"),
        response_so_far,
    ),
    Case(
        "6",
        "`responses.stream()`: events out of order",
        "ProtocolError that names the event and its place",
        response_events("stream-disorder"),
        raises("ProtocolError", "response."),
    ),
    Case(
        "54",
        "stream: each piece of a tool call has its id again",
        "merged by index, one id",
        collected("tool-repeats", **CALLING),
        one_call,
    ),
    Case(
        "55",
        "`parse`: tool arguments cut by `finish_reason` length",
        "LengthFinishReasonError, never half of the JSON",
        cut_arguments,
        raises("LengthFinishReasonError"),
    ),
    Case(
        "55b",
        "`chat.completions.stream()`: the same",
        "LengthFinishReasonError, never half of the JSON",
        collected("tool-cut", **CALLING),
        raises("LengthFinishReasonError"),
    ),
    Case(
        "56b",
        "`chat.completions.stream()`: no usage, though asked for",
        "an estimate, marked `estimated`",
        collected("no-usage", stream_options={"include_usage": True}),
        estimated,
    ),
    Case("40", "307 to another host", "APIStatusError at once: nothing is sent there", other_host, not_followed),
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
    Case("49", "one async client in five `asyncio.run`", "works", five_loops, says("5 answers"), ("aiohttp",)),
    Case(
        "50",
        "40 calls over 20 connections are cancelled",
        "CancelledError; nothing is left behind, here or at the server, and each connection may be used",
        cancelled,
        says("CancelledError; then 30 of 30 answers; 1 task, 0 open requests"),
        AWAITED,
    ),
    Case("51", "a client used after a fork", "connections of its own", forked, says("4 of 4 children"), ("urllib3",)),
    Case("52", "the server closed an idle connection", "another one, silently", idle, gives("Say hello", requests=2)),
    Case("53", "the server closes just when a request comes", "one retry: nothing was answered", race, says(f"{TIMES} answers")),
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
    Case(
        "59",
        "the clock leaps while a call waits",
        "nothing changes: waits and deadlines are by the monotonic clock",
        clock,
        gives("Say hello", requests=2),
    ),
    Case(
        "60",
        "the first address of the host takes no connection",
        "the next one is tried beside it after 0.25 s",
        first_address_is_dead,
        gives("Say hello", within=2),
        OWN,
    ),
    Case(
        "61",
        "TLS: a certificate that nobody vouches for",
        "APIConnectionError that says how to trust it",
        tls(),
        raises("APIConnectionError", "not trusted", "verify=", requests=0),
        OWN,
    ),
    Case(
        "61b",
        "TLS: a certificate that has expired",
        "APIConnectionError that says so",
        tls(expired=True),
        raises("APIConnectionError", "expired", requests=0),
        OWN,
    ),
    Case(
        "61c",
        "TLS 1.0",
        "APIConnectionError",
        tls(old=True),
        raises("APIConnectionError", "TLS", requests=0),
        OWN,
    ),
    Case(
        "62",
        "a proxy answers 407",
        "APIConnectionError that names the proxy and the status",
        proxy(LOGIN_407),
        proxy_said("407"),
        OWN,
    ),
    Case(
        "62b",
        "a proxy answers 502 with a page",
        "APIConnectionError that names the proxy and the status, without the page",
        proxy(HTML_502),
        proxy_said("502"),
        OWN,
    ),
    Case("70", "nothing at all goes wrong", "an answer", whole(), gives("Say hello")),
)
