"""Who is calling: keys, token providers, credential objects."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
import trio

from ceyx import APIConnectionError, AsyncOpenAI, DeadlineExceededError, OpenAI, identity
from ceyx.errors import OpenAIError
from ceyx.identity import Secret, Tokens, expiry, from_credential, key
from ceyx.transport.anyloop import AnyLoop
from ceyx.transport.base import Connecting


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
        ((jwt(3600),), 1),
        ((AccessToken("opaque", int(time.time()) + 3600),), 1),
        (("opaque",), 3),
        ((jwt(290),), 3),
        ((AccessToken("opaque", int(time.time()) + 10),), 3),
        ((jwt(10), jwt(3600)), 2),
        (("not.a.jwt",), 3),
    ],
)
def test_a_token_is_kept_until_shortly_before_it_expires(tokens, calls):
    provider = Provider(*tokens)
    source = Tokens(provider, "provider")
    for _ in range(3):
        source.get()
    assert provider.calls == calls


def test_a_kept_token_is_renewed_when_its_time_comes(monkeypatch):
    provider = Provider(jwt(3600), jwt(7200))
    source = Tokens(provider, "provider")
    first = source.get()
    now = time.time()
    monkeypatch.setattr(identity.time, "time", lambda: now + 3600 - 300 - 5)
    assert source.get() == first
    monkeypatch.setattr(identity.time, "time", lambda: now + 3600 - 300 + 5)
    assert source.get() != first
    assert provider.calls == 2


def test_a_credential_may_say_when_to_ask_again():
    class Info(NamedTuple):
        token: str
        expires_on: int
        refresh_on: int

    provider = Provider(Info("t", int(time.time()) + 9000, int(time.time()) - 1))
    source = Tokens(provider, "provider")
    source.get(), source.get()
    assert provider.calls == 2


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


# ---- credential objects


class Credential:
    def __init__(self):
        self.scopes = []

    def get_token(self, *scopes, **_):
        self.scopes += scopes
        return AccessToken("entra", int(time.time()) + 3600)


class AsyncCredential(Credential):
    async def get_token(self, *scopes, **_):
        return super().get_token(*scopes)


@pytest.mark.parametrize(
    ("host", "scope"),
    [
        ("contoso.openai.azure.com", "https://cognitiveservices.azure.com/.default"),
        ("contoso.openai.azure.us", "https://cognitiveservices.azure.us/.default"),
        ("contoso.openai.azure.cn", "https://cognitiveservices.azure.cn/.default"),
        ("gateway.contoso.com", "https://cognitiveservices.azure.com/.default"),
    ],
)
def test_the_scope_is_that_of_the_cloud(host, scope):
    credential = Credential()
    assert from_credential(credential, host, False).get() == "entra"
    assert credential.scopes == [scope]


def test_an_async_credential():
    credential = AsyncCredential()
    tokens: Any = from_credential(credential, "x.azure.com", True)
    assert asyncio.run(tokens.aget(AnyLoop(Connecting()))) == "entra"
    with pytest.raises(TypeError, match=r"AsyncCredential is asynchronous.*AsyncAzureOpenAI"):
        from_credential(credential, "x.azure.com", False)


def test_a_blocking_credential_serves_async_clients():
    tokens: Any = from_credential(Credential(), "x.azure.com", True)
    assert asyncio.run(tokens.aget(AnyLoop(Connecting()))) == "entra"


def test_what_is_no_credential():
    with pytest.raises(TypeError, match="a str, which has no get_token"):
        from_credential("secret", "x.azure.com", False)


def test_a_key_credential_is_a_key():
    from azure.core.credentials import AzureKeyCredential

    assert from_credential(AzureKeyCredential("k\n"), "x.azure.com", False) == "k"


def test_azure_identity():
    """A credential of the real library, its network replaced."""
    from azure.core.pipeline.transport import HttpTransport
    from azure.identity import ClientSecretCredential

    class Response:
        status_code, reason, content_type = 200, "OK", "application/json"
        headers = {"content-type": "application/json"}

        def __init__(self, data):
            self.data = json.dumps(data)

        def text(self, encoding=None):
            return self.data

        def body(self):
            return self.data.encode()

    class Network(HttpTransport):
        asked: list[Any] = []

        def send(self, request, **_):
            self.asked.append(request)
            base = "https://login.microsoftonline.com/tenant"
            if "openid-configuration" in request.url:
                ends = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token", "issuer": base}
                return Response(ends)
            return Response({"access_token": "entra-token", "expires_in": 3600, "token_type": "Bearer"})

        def open(self): ...
        def close(self): ...
        def __exit__(self, *why): ...

    network = Network()
    credential = ClientSecretCredential("tenant", "client", "secret", transport=network, disable_instance_discovery=True)
    tokens: Any = from_credential(credential, "contoso.openai.azure.com", False)
    assert [tokens.get() for _ in range(3)] == ["entra-token"] * 3
    assert [request.url.rpartition("/")[2] for request in network.asked] == ["openid-configuration", "token"]
    assert network.asked[1].body["scope"] == "https://cognitiveservices.azure.com/.default"
