"""Who is calling: keys, token providers, credential objects."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, NamedTuple

import pytest
import trio
from memory_clients import CHAT, ENDPOINT, VERSION, chat, connected, failure

from ceyx import (
    APIConnectionError,
    AsyncAzureOpenAI,
    AsyncOpenAI,
    AzureOpenAI,
    DeadlineExceededError,
    Deployment,
    OpenAI,
    identity,
)
from ceyx.errors import AuthenticationError, OpenAIError
from ceyx.identity import Secret, Tokens, expiry, key
from ceyx.transport.anyloop import AnyLoop
from ceyx.transport.base import Connecting
from ceyx.transport.memory import Answer
from ceyx.wire.message import Request


def jwt(seconds: float, **claims: Any) -> str:
    """A token that expires in `seconds`."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, {"exp": time.time() + seconds, **claims}, {})]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


class Provider:
    """Gives these tokens, one a call (the last one again and again), and counts."""

    def __init__(self, *tokens: Any) -> None:
        self.tokens, self.calls = list(tokens), 0

    def __call__(self) -> Any:
        self.calls += 1
        return self.tokens[min(self.calls, len(self.tokens)) - 1]


class AccessToken(NamedTuple):
    token: str
    expires_on: int


# ---- keys


@pytest.mark.parametrize(("given", "kept"), [("sk-1", "sk-1"), ("sk-1\n", "sk-1"), (" sk-1\r\n", "sk-1"), ("", "")])
def test_a_key_loses_the_white_space_around_it(given, kept):
    assert key(given, "api_key") == kept
    assert isinstance(key(given, "api_key"), Secret)


@pytest.mark.parametrize(
    "given", ["sk-s3cret sk", "sk-s3cret\nX: y", "sk-s3crét", "sk-s3cret\0", "“sk-s3cret”", "sk-\u200bs3cret"]
)
def test_a_key_no_header_can_carry_is_refused_and_not_shown(given):
    with pytest.raises(ValueError, match="OPENAI_API_KEY holds") as caught:
        key(given, "OPENAI_API_KEY")
    assert "s3cr" not in str(caught.value)


def test_a_secret_shows_stars_and_works_as_text():
    secret = Secret("s3cret")
    assert "s3cret" not in repr(secret) + repr({"a": [secret]}) + f"{secret!r}"
    assert secret == "s3cret"
    assert f"Bearer {secret}" == "Bearer s3cret"


# ---- when tokens are asked for again


@pytest.mark.parametrize(
    ("tokens", "calls"),
    [
        (lambda: (jwt(3600),), 1),
        (lambda: (AccessToken("opaque", int(time.time()) + 3600),), 1),
        (lambda: ("opaque",), 3),
        (lambda: (jwt(290),), 1),
        (lambda: (AccessToken("opaque", int(time.time()) + 10),), 1),
        (lambda: (AccessToken("opaque", int(time.time()) - 1),), 3),
        (lambda: (jwt(-1), jwt(3600)), 2),
        (lambda: ("not.a.jwt",), 3),
    ],
)
def test_a_token_is_kept_until_shortly_before_it_expires(tokens, calls):
    provider = Provider(*tokens())
    source = Tokens(provider, "provider")
    for _ in range(3):
        source.get()
    assert provider.calls == calls


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock."""
    clock, moved = time.time, [0.0]
    monkeypatch.setattr("time.time", lambda: clock() + moved[0])

    def move(seconds: float) -> None:
        moved[0] += seconds

    return move


def asked_by(kind: str, source: Tokens) -> Callable[[], Secret]:
    """How clients of this kind ask for a token."""
    if kind == "blocking":
        return source.get
    return lambda: asyncio.run(source.aget(AnyLoop(Connecting())))


def awaitable(fetch: Callable[[], Any]) -> Callable[[], Any]:
    async def fetched() -> Any:
        await asyncio.sleep(0)  # in which others come to wait
        return fetch()

    return fetched


KINDS = ["blocking", "in a thread", "awaited"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kept_token_is_renewed_when_its_time_comes(kind, later):
    provider = Provider(jwt(3600), jwt(7200))
    get = asked_by(kind, Tokens(awaitable(provider) if kind == "awaited" else provider, "provider"))
    first = get()
    later(3600 - 300 - 5)
    assert get() == first
    later(10)
    assert get() != first
    assert provider.calls == 2


def test_a_credential_may_say_when_to_ask_again(later):
    provider = Provider(Info("one", int(time.time()) + 9000, int(time.time()) + 60), AccessToken("two", int(time.time()) + 9000))
    source = Tokens(provider, "provider")
    assert [source.get(), source.get()] == ["one", "one"]
    later(61)
    assert source.get() == "two"


class Info(NamedTuple):
    token: str
    expires_on: int
    refresh_on: int


@pytest.mark.parametrize("kind", KINDS)
def test_while_a_token_is_good_a_failure_does_no_harm(kind, later):
    provider = Provider(jwt(3600))

    def fetch() -> Any:
        if len(failures) > 0:
            provider.calls += 1
            raise failures[0]
        return provider()

    failures: list[Exception] = []
    get = asked_by(kind, Tokens(awaitable(fetch) if kind == "awaited" else fetch, "provider"))
    first = get()
    failures.append(TimeoutError("the vault is slow"))
    later(3400)
    assert [get(), get()] == [first, first]
    assert provider.calls == 2
    later(31)
    assert get() == first
    assert provider.calls == 3, "the next try is half a minute later"
    later(200)
    with pytest.raises(TimeoutError, match="the vault is slow"):
        get()


def test_a_cache_that_gives_the_same_token_is_asked_every_half_minute(later):
    token = jwt(3600)
    provider = Provider(token, token, jwt(7200))
    source = Tokens(provider, "provider")
    source.get()
    later(3310)
    assert [source.get(), source.get()] == [token, token]
    assert provider.calls == 2
    later(31)
    assert source.get() != token


def test_nobody_waits_for_long_while_a_token_is_good(later, monkeypatch):
    monkeypatch.setattr(identity, "PATIENCE", 0.05)
    freed, tokens = threading.Event(), [jwt(3600), jwt(7200)]

    def fetch() -> str:
        if len(tokens) == 1:
            assert freed.wait(10)
        return tokens.pop(0)

    source = Tokens(fetch, "provider")
    first = source.get()
    later(3400)
    started = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda _: source.get(), range(100))) == {first}
    assert source.get(0) == first
    assert time.monotonic() - started < 1
    freed.set()
    until(lambda: source.get() != first)
    assert tokens == []


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize("awaits", [True, False])
def test_no_task_waits_for_long_while_a_token_is_good(awaits, later, monkeypatch):
    monkeypatch.setattr(identity, "PATIENCE", 0.05)
    monkeypatch.setattr(identity, "AWAITED_PATIENCE", 0.05)
    asked = 0

    async def main() -> None:
        transport, freed = AnyLoop(Connecting()), threading.Event()

        def fetch() -> str:
            nonlocal asked
            asked += 1
            assert asked == 1 or freed.wait(10)
            return jwt(3600)

        async def fetching() -> str:
            nonlocal asked
            asked += 1
            return jwt(3600) if asked == 1 else await asyncio.sleep(10, "late")

        source = Tokens(fetching if awaits else fetch, "provider")
        first = await source.aget(transport)
        later(3400)
        started = time.monotonic()
        assert set(await asyncio.gather(*[source.aget(transport) for _ in range(100)])) == {first}
        assert time.monotonic() - started < 1
        freed.set()

    asyncio.run(main())
    assert asked == 2


@pytest.mark.parametrize("awaits", [True, False])
def test_a_token_is_renewed_ahead_under_trio(awaits, later, monkeypatch):
    monkeypatch.setattr(identity, "AWAITED_PATIENCE", 0.05)
    provider = Provider(jwt(3600), jwt(7200))

    async def fetch() -> str:
        if provider.calls == 1:
            slow.append(1)
            await trio.sleep(0.1)
        return str(provider())

    slow: list[int] = []

    async def main() -> None:
        transport, source = AnyLoop(Connecting()), Tokens(fetch if awaits else provider, "provider")
        first = await source.aget(transport)
        later(3400)
        assert (await source.aget(transport) == first) is awaits, "it was too slow if awaited"

    trio.run(main)
    assert len(slow) == awaits


def test_a_token_is_renewed_ahead_in_the_context_of_the_caller(later):
    tenant: ContextVar[str] = ContextVar("tenant")
    source = Tokens(lambda: AccessToken(tenant.get(), int(time.time()) + 3600), "provider")
    tenant.set("one")
    source.get()
    later(3400)
    tenant.set("two")
    assert source.get() == "two"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_while_another_thread_fetches():
    asked, freed = threading.Event(), threading.Event()

    def fetch() -> str:
        if threading.current_thread() is not threading.main_thread():
            asked.set()
            assert freed.wait(10)
        return "opaque"

    source = Tokens(fetch, "provider")
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(source.get)
        assert asked.wait(10)
        if (child := os.fork()) == 0:
            try:
                source.get(5)
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        freed.set()
        assert other.result() == "opaque"


@pytest.mark.parametrize(
    ("token", "wanted"), [("a.b", None), ("a.b.c", None), ("a..c", None), ("opaque", None), ("x.W10.y", None), ("x.e30.y", None)]
)
def test_a_token_that_does_not_say_when_it_expires(token, wanted):
    assert expiry(token) is wanted


def test_a_token_that_does():
    assert expiry(jwt(60)) == pytest.approx(time.time() + 60, abs=5)


@pytest.mark.parametrize("got", [None, "", "  ", 7, b"token", {"token": "x"}])
def test_what_is_no_token_is_refused(got):
    with pytest.raises(OpenAIError, match=f"provider gave a {type(got).__name__}"):
        Tokens(lambda: got, "provider").get()


def test_a_token_with_a_line_end_is_trimmed_and_one_with_two_lines_refused():
    assert Tokens(lambda: "tok\n", "provider").get() == "tok"
    with pytest.raises(ValueError, match="the token of provider") as caught:
        Tokens(lambda: "s3cret\r\nX-Evil: 1", "provider").get()
    assert "s3cret" not in str(caught.value)


def test_a_failing_provider_fails_the_call_and_is_asked_again():
    provider = Provider(jwt(3600))
    failures = [RuntimeError("no network")]

    def fetch():
        if failures:
            raise failures.pop()
        return provider()

    source = Tokens(fetch, "provider")
    with pytest.raises(RuntimeError, match="no network"):
        source.get()
    assert source.get()


# ---- many callers


def test_one_of_fifty_threads_fetches():
    provider, together = Provider(jwt(3600)), threading.Barrier(50)
    source = Tokens(provider, "provider")

    def call(_):
        together.wait(10)
        return source.get()

    with ThreadPoolExecutor(50) as pool:
        assert len(set(pool.map(call, range(50)))) == 1
    assert provider.calls == 1


@pytest.mark.parametrize("awaits", [True, False])
def test_one_of_two_hundred_tasks_fetches(awaits):
    provider = Provider(jwt(3600))

    async def fetch():
        await asyncio.sleep(0)
        return provider()

    async def main():
        transport, source = AnyLoop(Connecting()), Tokens(fetch if awaits else provider, "provider")
        return await asyncio.gather(*[source.aget(transport) for _ in range(200)])

    assert len(set(asyncio.run(main()))) == 1
    assert provider.calls == 1


@pytest.mark.parametrize("error", [RuntimeError("no network"), OpenAIError("no network")])
def test_those_who_wait_share_a_failure(error):
    asked = 0

    def fetch():
        nonlocal asked
        asked += 1
        time.sleep(0.05)
        raise error

    def failed(get: Callable[[], Any]) -> str:
        with pytest.raises(type(error)) as caught:
            get()
        return str(caught.value)

    source, together = Tokens(fetch, "provider"), threading.Barrier(20)
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda _: (together.wait(10), failed(source.get))[1], range(20))) == {"no network"}
    assert asked <= 3, "a thread that came after the first answer asks again"

    async def many(source: Tokens) -> list[Any]:
        transport = AnyLoop(Connecting())
        return await asyncio.gather(*[source.aget(transport) for _ in range(20)], return_exceptions=True)

    for given in (fetch, awaitable(fetch)):
        asked = 0
        failures = asyncio.run(many(Tokens(given, "provider")))
        assert {str(one) for one in failures} == {"no network"}
        if isinstance(error, OpenAIError):  # to which each call adds what became of it
            assert len({id(one) for one in failures}) == 20
        assert asked == 1


def test_those_who_wait_for_one_that_is_cancelled_ask_themselves():
    asked = 0

    async def fetch() -> str:
        nonlocal asked
        asked += 1
        return await asyncio.sleep(10, "late") if asked == 1 else "token"

    async def main() -> None:
        transport, source = AnyLoop(Connecting()), Tokens(fetch, "provider")
        first, second = (asyncio.create_task(source.aget(transport)) for _ in range(2))
        await asyncio.sleep(0.01)
        first.cancel()
        assert await second == "token"

    asyncio.run(main())
    assert asked == 2


def test_those_who_wait_share_a_token_that_does_not_say_when_it_expires():
    asked = 0

    def fetch():
        nonlocal asked
        asked += 1
        time.sleep(0.05)
        return "opaque"

    async def many(source):
        transport = AnyLoop(Connecting())
        return await asyncio.gather(*[source.aget(transport) for _ in range(40)])

    source = Tokens(fetch, "provider")
    assert asyncio.run(many(source)) == ["opaque"] * 40
    assert asked == 1
    together = threading.Barrier(40)
    with ThreadPoolExecutor(40) as pool:
        assert list(pool.map(lambda _: (together.wait(10), source.get())[1], range(40))) == ["opaque"] * 40
    assert 2 <= asked <= 4, "a thread that came after the first answer asks again"


def test_who_comes_after_a_token_that_does_not_say_when_it_expires_asks_again():
    provider = Provider("one", "two")
    source = Tokens(provider, "provider")
    assert (source.get(), source.get()) == ("one", "two")


# ---- deadlines


async def endless():
    await asyncio.sleep(10)


def test_a_deadline_bounds_the_wait_for_a_token():
    async def call():
        async with AsyncOpenAI(api_key=endless, base_url="http://127.0.0.1:9", max_retries=0) as client:
            await client.models.list(deadline=0.2)

    started = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        asyncio.run(call())
    assert time.monotonic() - started < 1


def test_a_deadline_bounds_the_wait_for_a_token_under_trio():
    async def call():
        async with AsyncOpenAI(api_key=trio.sleep_forever, base_url="http://127.0.0.1:9", max_retries=0) as client:
            await client.models.list(deadline=0.2)

    started = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        trio.run(call)
    assert time.monotonic() - started < 1


def test_a_deadline_bounds_the_wait_for_the_token_that_another_thread_asks_for():
    asked, answered = threading.Event(), threading.Event()

    def fetch():
        asked.set()
        assert answered.wait(10)
        return "opaque"

    client = OpenAI(api_key=fetch, base_url="http://127.0.0.1:9", max_retries=0)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.models.list)
        assert asked.wait(10)
        started = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            client.models.list(deadline=0.2)
        assert time.monotonic() - started < 1
        answered.set()
        assert isinstance(first.exception(), APIConnectionError)


def test_a_timeout_of_the_providers_own_is_not_the_deadline():
    def fetch():
        raise TimeoutError("the vault is slow")

    with pytest.raises(TimeoutError, match="the vault is slow") as caught:
        OpenAI(api_key=fetch, base_url="http://127.0.0.1:9").models.list(deadline=30)
    assert caught.value.__cause__ is None


# ---- event loops


def test_one_source_serves_loop_after_loop():
    transport, source = AnyLoop(Connecting()), Tokens(Provider("opaque"), "provider")
    assert [asyncio.run(source.aget(transport)) for _ in range(3)] == ["opaque"] * 3


def test_a_blocking_provider_does_not_hold_the_loop():
    freed = threading.Event()

    def fetch():
        assert freed.wait(10), "the event loop stood still"
        return "token"

    async def main():
        asked = asyncio.create_task(Tokens(fetch, "provider").aget(AnyLoop(Connecting())))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.01, freed.set)
        return await asked

    assert asyncio.run(main()) == "token"


class AsyncCallable:
    async def __call__(self):
        return "token"


async def async_function():
    return "token"


@pytest.mark.parametrize(
    "fetch", [async_function, AsyncCallable(), lambda: async_function()], ids=["function", "object", "lambda"]
)
def test_an_async_provider_is_awaited_by_async_clients_and_refused_by_blocking_ones(fetch):
    assert asyncio.run(Tokens(fetch, "azure_ad_token_provider").aget(AnyLoop(Connecting()))) == "token"
    with pytest.raises(TypeError, match="azure_ad_token_provider is asynchronous"):
        Tokens(fetch, "azure_ad_token_provider").get()


# ---- refused


REVOKED = failure(401, "revoked")


@pytest.fixture
def refusing() -> Callable[..., Any]:
    """A client whose API accepts these tokens only, and the tokens that came."""

    def made(client: Any, *accepted: str, refusal: Answer = REVOKED) -> tuple[Any, list[str]]:
        came: list[str] = []

        def answer(request: Request) -> Answer:
            sent = request.headers.get("authorization") or request.headers["api-key"]
            came.append(sent.rpartition(" ")[2])
            return CHAT if came[-1] in accepted else refusal

        connected(client, answer)
        return client, came

    return made


def counted() -> Callable[[], str]:
    numbers = iter(range(1, 100))
    return lambda: f"token-{next(numbers)}"


AT: Any = {"azure_endpoint": ENDPOINT, "api_version": VERSION, "max_retries": 0}


@pytest.mark.parametrize(
    "client",
    [
        lambda: OpenAI(api_key=counted()),
        lambda: AsyncOpenAI(api_key=counted()),
        lambda: AsyncOpenAI(api_key=awaitable(counted())),
        lambda: AzureOpenAI(api_key=counted(), **AT),
        lambda: AzureOpenAI(azure_ad_token_provider=counted(), **AT),
        lambda: AsyncAzureOpenAI(azure_ad_token_provider=counted(), **AT),
        lambda: AsyncAzureOpenAI(azure_ad_token_provider=awaitable(counted()), **AT),
        lambda: AzureOpenAI(credential=Kept(), **AT),
        lambda: AsyncAzureOpenAI(credential=Kept(), **AT),
    ],
)
def test_a_refused_token_is_replaced_once(client, refusing):
    api, came = refusing(client(), "token-2")
    chat(api)
    assert came == ["token-1", "token-2"]
    api, came = refusing(client(), "token-3")
    with pytest.raises(AuthenticationError, match="revoked"):
        chat(api)
    assert came == ["token-1", "token-2"]


class Kept:
    """A credential whose tokens are good for an hour."""

    def __init__(self) -> None:
        self.next = counted()

    def get_token(self, *_: str) -> AccessToken:
        return AccessToken(self.next(), int(time.time()) + 3600)


@pytest.mark.parametrize(
    "client",
    [
        lambda: OpenAI(api_key="fixed"),
        lambda: AzureOpenAI(api_key="fixed", **AT),
        lambda: AzureOpenAI(azure_ad_token="fixed", **AT),
        lambda: AsyncAzureOpenAI(azure_ad_token="fixed", **AT),
        lambda: AzureOpenAI(azure_ad_token_provider=counted(), default_headers={"authorization": "Bearer fixed"}, **AT),
    ],
)
def test_what_cannot_be_replaced_is_not_sent_again(client, refusing):
    api, came = refusing(client())
    with pytest.raises(AuthenticationError, match="revoked"):
        chat(api)
    assert came == ["fixed"]


def test_a_missing_role_is_no_matter_of_the_token(refusing):
    refusal = failure(401, "The principal `x` lacks the required data action", "PermissionDenied")
    api, came = refusing(AzureOpenAI(credential=Kept(), **AT), refusal=refusal)
    with pytest.raises(AuthenticationError, match="lacks the required data action"):
        chat(api)
    assert came == ["token-1"]


class Pipe:
    """A file that can be read once."""

    name = "speech.wav"

    def __init__(self) -> None:
        self.left = [b"RIFF"]

    def read(self, size: int = -1) -> bytes:
        return self.left.pop() if self.left and size else b""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("deployments", [False, True])
def test_what_cannot_be_read_again_is_not_sent_again_with_a_new_token(deployments):
    """The token is set aside all the same."""
    where = {"azure_endpoint": ENDPOINT, "api_version": VERSION}
    options = {"deployments": [Deployment(**where)], "api_version": VERSION} if deployments else where
    api = AzureOpenAI(**options, credential=Kept(), max_retries=0)
    came: list[str] = []

    def answer(request: Request) -> Answer:
        came.append(request.headers["authorization"])
        if not isinstance(request.content, bytes):
            assert b"RIFF" in b"".join(request.content)
        return REVOKED if len(came) == 1 else CHAT

    connected(api, answer)
    with pytest.raises(AuthenticationError, match="revoked"):
        api.audio.transcriptions.create(model="w", file=Pipe())
    assert came == ["Bearer token-1"]
    if not deployments:  # a router leaves one that refused alone for a minute
        chat(api)
        assert came == ["Bearer token-1", "Bearer token-2"]


def test_a_token_is_replaced_between_retries(refusing, slept):
    """A 401 is not one of the tries, and the next try has the new token."""
    api = AzureOpenAI(credential=Kept(), **{**AT, "max_retries": 1})
    came: list[str] = []
    answers = iter([failure(503), failure(401), CHAT])

    def answer(request: Request) -> Answer:
        came.append(request.headers["authorization"])
        return next(answers)

    connected(api, answer)
    chat(api)
    assert came == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    assert len(slept) == 1
