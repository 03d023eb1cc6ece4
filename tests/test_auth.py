"""Workload identities: the exchange of tokens over a socket, who shares one, what fails."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from memory_clients import ASK, COMPLETION, ENDPOINT, VERSION, chat
from token_service import SUBJECT, Asked, Service, client, identity, subject

import ceyx
from ceyx import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI, auth
from ceyx.errors import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    InternalServerError,
    MutuallyExclusiveAuthError,
    OAuthError,
    OpenAIError,
    SubjectTokenProviderError,
)
from ceyx.wire.message import Timeout

OPEN = [OpenAI, AsyncOpenAI]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Service() as service:
        yield service


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock."""
    clock, moved = time.time, [0.0]
    monkeypatch.setattr("time.time", lambda: clock() + moved[0])

    def move(seconds: float) -> None:
        moved[0] += seconds

    return move


# ---- the exchange


@pytest.mark.parametrize("kind", OPEN)
def test_calls_carry_the_token_that_the_exchange_gave(service, kind):
    api = client(service, kind)
    for _ in range(3):
        chat(api)
    assert service.tokens == ["Bearer access-1"] * 3
    [exchange] = service.exchanges
    assert (exchange.method, exchange.path, exchange.headers["content-type"]) == ("POST", "/oauth/token", "application/json")
    assert "authorization" not in exchange.headers
    assert json.loads(exchange.body) == {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": SUBJECT,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "identity_provider_id": "idp_1",
        "service_account_id": "sa_1",
    }


@pytest.mark.parametrize("token_type", ["jwt", "id"])
def test_the_exchange_is_that_of_the_openai_package(service, token_type):
    from openai.auth import WorkloadIdentityAuth

    provider: Any = {"token_type": token_type, "get_token": subject}
    chat(client(service, who=identity(service, provider=provider)))
    theirs: Any = identity(provider=provider)
    assert WorkloadIdentityAuth(workload_identity=theirs, token_exchange_url=f"{service.url}/oauth/token").get_token()
    ours, wanted = service.exchanges
    assert json.loads(ours.body) == json.loads(wanted.body)
    assert (ours.method, ours.path, ours.headers["content-type"]) == (wanted.method, wanted.path, wanted.headers["content-type"])


def test_a_line_end_is_no_part_of_a_subject_token(service):
    chat(client(service, who=identity(service, lambda: f"{SUBJECT}\n")))
    assert json.loads(service.exchanges[0].body)["subject_token"] == SUBJECT


def test_unless_told_otherwise_tokens_are_exchanged_where_the_openai_package_does_it():
    from openai.auth import _workload

    assert auth.TOKEN_EXCHANGE_URL == _workload.DEFAULT_TOKEN_EXCHANGE_URL
    assert auth.REFRESH_BEFORE == _workload.DEFAULT_REFRESH_BUFFER_SECONDS
    assert Timeout(10) == auth.EXCHANGE_TIMEOUT


@pytest.mark.parametrize("kind", OPEN)
def test_the_exchange_goes_through_the_clients_proxy(service, kind):
    """A plain proxy is asked for the whole URL; a copy with another one exchanges tokens of its own."""
    who = identity(token_exchange_url="http://auth.nowhere.example/oauth/token?tenant=1")
    whole: list[Asked] = []
    service.answer = lambda asked: whole.append(asked) or (200, {**COMPLETION, "access_token": "access", "expires_in": 60})
    api = client(service, kind, who, base_url="http://api.nowhere.example/v1", proxy=service.url)
    chat(api)
    chat(api.copy(proxy=f"{service.url}/"))
    paths = ["http://auth.nowhere.example/oauth/token?tenant=1", "http://api.nowhere.example/v1/chat/completions"]
    assert [asked.path for asked in whole] == paths * 2
    assert whole[1].headers["authorization"] == "Bearer access"


def test_the_exchange_trusts_whom_the_client_trusts(service):
    who = identity(token_exchange_url=service.url.replace("http:", "https:"))
    with pytest.raises((OSError, OpenAIError), match=r"no-such-authority\.pem"):
        chat(client(service, who=who, verify="no-such-authority.pem"))


# ---- how long a token is used


@pytest.mark.parametrize("kind", OPEN)
@pytest.mark.parametrize(
    ("life", "buffer", "kept"),
    [
        (3600, {}, 2400),
        (3600, {"refresh_buffer_seconds": 60}, 3540),
        (3600, {"refresh_buffer_seconds": 0}, 3600),
        (3600, {"refresh_buffer_seconds": 9999}, 1800),
        (600, {}, 300),
    ],
)
def test_a_token_is_renewed_in_good_time(service, later, kind, life, buffer, kept):
    service.life = life
    api = client(service, kind, identity(service, **buffer))
    for seconds in (0, kept - 5, 10):
        later(seconds)
        chat(api)
    assert service.tokens == ["Bearer access-1", "Bearer access-1", "Bearer access-2"]


def test_copies_share_the_token_and_another_identity_has_its_own(service):
    api = client(service)
    chat(api)
    chat(api.copy(max_retries=1))
    chat(api.copy(workload_identity=identity(service, service_account_id="sa_2")))
    assert service.tokens == ["Bearer access-1", "Bearer access-1", "Bearer access-2"]
    assert [json.loads(exchange.body)["service_account_id"] for exchange in service.exchanges] == ["sa_1", "sa_2"]


@pytest.mark.parametrize("kind", OPEN)
def test_a_token_that_the_api_refuses_is_replaced_once(service, kind):
    service.revoked = {"access-1"}
    api = client(service, kind)
    chat(api)
    chat(api)
    assert service.tokens == ["Bearer access-1", "Bearer access-2", "Bearer access-2"]
    service.revoked = {"access-2", "access-3"}
    with pytest.raises(AuthenticationError, match="revoked"):
        chat(api)
    assert service.tokens[3:] == ["Bearer access-2", "Bearer access-3"]


def test_of_many_calls_with_a_refused_token_one_has_it_replaced(service):
    api = client(service)
    chat(api)
    service.revoked = {"access-1"}
    together = threading.Barrier(10)

    def call(_: int) -> None:
        together.wait(10)
        chat(api)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(call, range(10)))
    assert len(service.exchanges) == 2


def test_a_header_of_the_users_own_is_not_replaced(service):
    service.revoked = {"own"}
    with pytest.raises(AuthenticationError):
        chat(client(service, default_headers={"authorization": "Bearer own"}))
    assert service.tokens == ["Bearer own"]


@pytest.mark.parametrize("kind", OPEN)
@pytest.mark.parametrize("failure", [(503, {}), (429, {}), (200, b""), (200, b"<html>")])
def test_while_a_token_is_good_an_exchange_that_fails_is_no_harm(service, later, kind, failure):
    service.exchange = in_turn(service, (200, {"access_token": "first", "expires_in": 3600}), failure, failure)
    api = client(service, kind)
    chat(api)
    later(2405)
    chat(api), chat(api)
    assert (service.tokens, len(service.exchanges)) == (["Bearer first"] * 3, 2)
    later(31)
    chat(api)
    assert (service.tokens, len(service.exchanges)) == (["Bearer first"] * 4, 3)
    later(31)
    chat(api)
    assert service.tokens[-1] == "Bearer access-4"


def test_an_exchange_that_fails_for_good_is_an_error_once_the_token_expires(service, later):
    service.exchange = in_turn(service, (200, {"access_token": "first", "expires_in": 3600}), *[(503, {})] * 3)
    api = client(service)
    chat(api)
    later(3590)
    chat(api)  # which puts off the next try to the end of the token's life, and not beyond
    later(11)
    with pytest.raises(InternalServerError):
        chat(api)


def test_a_refused_exchange_is_an_error_at_once(service, later):
    service.exchange = in_turn(service, (200, {"access_token": "first", "expires_in": 3600}), (401, {"error": "revoked"}))
    api = client(service)
    chat(api)
    later(2405)
    with pytest.raises(OAuthError):
        chat(api)


def test_a_refused_token_is_not_used_on_where_the_exchange_fails(service):
    service.exchange = in_turn(service, (200, {"access_token": "first", "expires_in": 3600}), (503, {}))
    service.revoked = {"first"}
    with pytest.raises(InternalServerError):
        chat(client(service))
    assert service.tokens == ["Bearer first"]


def in_turn(service: Service, *answers: tuple[int, Any]) -> Callable[[], tuple[int, Any]]:
    """Gives these answers to exchanges, then good ones."""
    left = iter(answers)
    return lambda: next(left, None) or service.token()


# ---- many callers


def test_one_of_many_threads_exchanges(service):
    together = threading.Barrier(30)
    api = client(service)

    def call(_: int) -> None:
        together.wait(10)
        chat(api)

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(call, range(30)))
    assert service.tokens == ["Bearer access-1"] * 30
    assert len(service.exchanges) == 1


def test_one_of_many_tasks_exchanges_and_the_loop_goes_on(service):
    freed = threading.Event()

    async def main() -> None:
        loop, asked = asyncio.get_running_loop(), asyncio.Event()

        def held() -> tuple[int, Any]:
            loop.call_soon_threadsafe(asked.set)
            return service.token() if freed.wait(10) else (500, b"the event loop stood still")

        service.exchange = held
        async with client(service, AsyncOpenAI) as api:
            calls = [asyncio.create_task(api.chat.completions.create(model="m", messages=ASK)) for _ in range(30)]
            await asked.wait()
            freed.set()  # by the loop, while the exchange waits for it
            await asyncio.gather(*calls)

    asyncio.run(main())
    assert service.tokens == ["Bearer access-1"] * 30
    assert len(service.exchanges) == 1


def test_the_platform_is_asked_in_a_thread(service):
    seen: list[threading.Thread] = []

    def get_token() -> str:
        seen.append(threading.current_thread())
        return SUBJECT

    chat(client(service, AsyncOpenAI, identity(service, get_token)))
    assert len(seen) == 1
    assert seen[0] is not threading.main_thread()


def test_a_call_under_trio(service):
    import trio

    async def main() -> None:
        async with client(service, AsyncOpenAI) as api:
            await api.chat.completions.create(model="m", messages=ASK)

    trio.run(main)
    assert service.tokens == ["Bearer access-1"]


# ---- what fails


@pytest.mark.parametrize("kind", OPEN)
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_tells_the_services_reason(service, kind, status):
    reason = {"error": "invalid_grant", "error_description": f"the subject token {SUBJECT} has expired"}
    service.exchange = lambda: (status, reason)
    with pytest.raises(OAuthError, match=r"invalid_grant: the subject token REDACTED has expired") as caught:
        chat(client(service, kind))
    error = caught.value
    assert (error.error, error.status_code, error.response.status_code) == ("invalid_grant", status, status)
    assert error.body == {"error": "invalid_grant", "error_description": "the subject token REDACTED has expired"}
    assert service.url in str(error)
    assert SUBJECT not in "".join(traceback.format_exception(error)) + repr(vars(error)) + error.response.text
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert (len(service.exchanges), service.calls) == (1, [])


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({"error": {"message": "no such account", "code": "not_found"}}, "not_found", "not_found: no such account"),
        ({"error": "invalid_grant"}, "invalid_grant", "invalid_grant;"),
        ({"error_description": "expired"}, None, "expired;"),
        (b"<html>", None, "no reason given"),
        (b"", None, "no reason given"),
        (b"[1]", None, "no reason given"),
    ],
)
def test_refusals_of_every_shape(service, answer, code, said):
    service.exchange = lambda: (400, answer)
    with pytest.raises(OAuthError) as caught:
        chat(client(service))
    assert caught.value.error == code
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (b"", "an empty body"),
        (b"<html>s3cret</html>", "no JSON object"),
        (b'{"access_token": "s3cret', "no JSON object"),
        (["s3cret"], "no JSON object"),
        ({"expires_in": 60}, "no access_token"),
        ({"access_token": " ", "expires_in": 60}, "no access_token"),
        ({"access_token": 7, "expires_in": 60}, "no access_token"),
        ({"access_token": "s3cret"}, "no expires_in"),
        ({"access_token": "s3cret", "expires_in": "3600"}, "no expires_in"),
        ({"access_token": "s3cret", "expires_in": True}, "no expires_in"),
        ({"access_token": "s3cret", "expires_in": 0}, "no expires_in"),
    ],
)
def test_an_answer_without_a_token_says_what_is_missing(service, answer, missing):
    service.exchange = lambda: (200, answer)
    with pytest.raises(OpenAIError, match=missing) as caught:
        chat(client(service))
    assert service.url in str(caught.value)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_token_no_header_can_carry_is_not_shown(service):
    service.exchange = lambda: (200, {"access_token": "s3cret\r\nx-evil: 1", "expires_in": 60})
    with pytest.raises(ValueError, match="the token of workload_identity") as caught:
        chat(client(service))
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("status", "kind"), [(500, InternalServerError), (503, InternalServerError), (404, ceyx.NotFoundError)])
def test_an_exchange_that_fails_is_an_error_by_its_status(service, status, kind):
    service.exchange = lambda: (status, {"error": f"no luck with {SUBJECT}"})
    with pytest.raises(kind, match="/oauth/token") as caught:
        chat(client(service))
    assert SUBJECT not in str(caught.value) + repr(caught.value.body) + caught.value.response.text


@pytest.mark.parametrize("kind", OPEN)
def test_a_service_that_is_not_there_is_tried_again(service, kind, slept):
    who = identity(token_exchange_url="http://127.0.0.1:9/oauth/token")
    api = client(service, kind, who, max_retries=0)
    with pytest.raises(APIConnectionError, match=r"cannot connect to http://127\.0\.0\.1:9") as caught:
        chat(api)
    assert SUBJECT not in "".join(traceback.format_exception(caught.value))
    if kind is OpenAI:
        with pytest.raises(APIConnectionError, match="tried 3 times"):
            chat(api.copy(max_retries=2))
        assert len(slept) == 2


def test_a_service_that_does_not_answer(service, monkeypatch):
    monkeypatch.setattr(auth, "EXCHANGE_TIMEOUT", Timeout(0.1))
    service.exchange = lambda: time.sleep(0.5) or service.token()
    with pytest.raises(APITimeoutError, match=r"did not answer the exchange of tokens within 0\.1 s"):
        chat(client(service))


@pytest.mark.parametrize(
    ("got", "said"), [("", "an empty string"), (" \n", "an empty string"), (None, "a NoneType"), (b"x", "bytes")]
)
def test_a_platform_without_a_token(service, got, said):
    with pytest.raises(OpenAIError, match=said):
        chat(client(service, who=identity(service, lambda: got)))
    assert service.exchanges == []


def test_what_a_provider_raises_is_raised(service):
    def get_token() -> str:
        raise PermissionError("not here")

    with pytest.raises(PermissionError, match="not here"):
        chat(client(service, who=identity(service, get_token)))


def test_a_refused_token_between_retries(service, slept):
    answers = [(503, {}), (401, {}), (503, {}), (200, COMPLETION)]
    plain = service.answer
    service.answer = lambda asked: plain(asked) if "oauth" in asked.path else (service.calls.append(asked), answers.pop(0))[1]
    chat(client(service, max_retries=2))
    assert service.tokens == ["Bearer access-1", "Bearer access-1", "Bearer access-2", "Bearer access-2"]
    assert len(slept) == 2


# ---- clients


@pytest.mark.parametrize("kind", OPEN)
def test_a_key_and_an_identity_exclude_each_other(environment, kind):
    with pytest.raises(MutuallyExclusiveAuthError, match="`api_key` and `workload_identity`"):
        kind(api_key="k", workload_identity=identity())
    environment.setenv("OPENAI_API_KEY", "from-env")
    client = kind(workload_identity=identity())
    assert client.api_key == ""
    assert client.workload_identity["service_account_id"] == "sa_1"
    assert kind(workload_identity=None).api_key == "from-env"
    with pytest.raises(MutuallyExclusiveAuthError):
        client.copy(api_key="k", workload_identity=identity())


def test_a_key_takes_the_place_of_an_identity_and_the_other_way_round(service):
    api = client(service)
    chat(api.copy(api_key="sk-1"))
    chat(api.copy(api_key="sk-1").copy(workload_identity=api.workload_identity))
    api.api_key = "sk-2"
    chat(api)
    assert service.tokens == ["Bearer sk-1", "Bearer access-1", "Bearer sk-2"]
    assert api.workload_identity is None


def test_an_admin_key_stands_beside_an_identity(service):
    api = client(service, admin_api_key="sk-admin")
    api.get("/organization/users", cast_to=object)
    api.get("/models", cast_to=object)
    assert service.tokens == ["Bearer sk-admin", "Bearer access-1"]


def test_nothing_is_exchanged_before_the_first_call():
    def get_token() -> str:
        raise AssertionError("asked too early")

    OpenAI(workload_identity=identity(get_token=get_token)).copy(timeout=3)


@pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI])
def test_azure_has_identities_of_its_own(kind):
    at: Any = {"azure_endpoint": ENDPOINT, "api_version": VERSION}
    with pytest.raises(OpenAIError, match=r"credential= .*azure_ad_token_provider="):
        kind(workload_identity=identity(), **at)
    with pytest.raises(OpenAIError, match="azure_ad_token_provider="):
        kind(api_key="k", **at).copy(workload_identity=identity())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("sa_1", "is a str"),
        ({**identity(), "identity_provider_id": ""}, "no 'identity_provider_id'"),
        ({**identity(), "service_account_id": None}, "no 'service_account_id'"),
        ({"identity_provider_id": "a", "service_account_id": "b"}, "no 'provider'"),
        ({**identity(), "provider": subject}, "no 'provider'"),
        ({**identity(), "provider": {"token_type": "jwt", "get_token": SUBJECT}}, "no 'provider'"),
        ({**identity(), "provider": {"token_type": "saml", "get_token": subject}}, "'saml'; it is 'jwt' or 'id'"),
        ({**identity(), "refresh_buffer_seconds": -1}, "refresh_buffer_seconds .* is -1"),
        ({**identity(), "refresh_buffer_seconds": "60"}, "refresh_buffer_seconds .* is '60'"),
        ({**identity(), "token_exchange_url": "auth.contoso.com/token"}, "token_exchange_url .* no http"),
        ({**identity(), "token_exchange_url": "https://u:s3cret@auth.contoso.com"}, "token_exchange_url .* no http"),
    ],
)
def test_an_identity_that_is_not_one(given, said):
    with pytest.raises(OpenAIError, match=said) as caught:
        OpenAI(workload_identity=given)
    assert "s3cret" not in str(caught.value)


def test_certificates_are_no_subject_tokens():
    ids = {"identity_provider_id": "idp_1", "service_account_id": "sa_1"}
    with pytest.raises(OpenAIError, match=r"x509 .*not supported.* pass api_key=.*cert="):
        auth.x509_workload_identity(**ids)
    with pytest.raises(OpenAIError, match=r"x509 .*not supported.* pass api_key=.*cert="):
        OpenAI(workload_identity={"type": "x509", **ids})  # type: ignore[typeddict-item]


@pytest.mark.parametrize("kind", OPEN)
def test_a_pickled_client_has_its_identity_and_no_secret(service, kind):
    plain = service.answer
    service.answer = lambda asked: plain(asked._replace(path=asked.path.removeprefix(service.url)))  # as a proxy is asked
    api = client(service, kind, proxy=service.url.replace("//", "//user:s3cret@"))
    chat(api)
    pickled = pickle.dumps(api)
    assert not [secret for secret in ("access-1", SUBJECT, "s3cret") if secret.encode() in pickled]
    chat(pickle.loads(pickled))
    assert service.tokens == ["Bearer access-1", "Bearer access-2"]


def test_a_client_whose_provider_cannot_be_pickled(service):
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(client(service, who=identity(get_token=lambda: SUBJECT)))


@pytest.mark.parametrize("kind", OPEN)
def test_nothing_shows_a_token(service, kind):
    api = client(service, kind)
    chat(api)
    shown = repr(api) + repr(vars(api)) + repr(api.default_headers) + repr(api._settings.tokens.current())
    assert "access-1" not in shown
    assert SUBJECT not in shown


def test_making_a_client_imports_no_network():
    import subprocess
    import sys

    who = {**identity(), "provider": "PROVIDER"}
    program = f"import ceyx, sys; p = ceyx.auth.gcp_id_token_provider(); who = {who!r} | {{'provider': p}}; "
    program += "ceyx.OpenAI(workload_identity=who); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & {"aiohttp", "urllib3", "httpx", "httpx2", "ssl", "asyncio"}


# ---- the address for WebSockets


@pytest.mark.parametrize("kind", OPEN)
def test_the_address_for_websockets_is_kept(kind):
    client = kind(api_key="k", websocket_base_url=httpx.URL("wss://sockets.example/v1"))
    assert client.websocket_base_url == "wss://sockets.example/v1"
    assert client.copy(timeout=3).websocket_base_url == "wss://sockets.example/v1"
    assert client.copy(websocket_base_url="wss://other").websocket_base_url == "wss://other"
    assert client.copy(data_residency="eu").websocket_base_url is None
    assert kind(api_key="k").websocket_base_url is None
    with pytest.raises(ValueError, match="`data_residency` and `websocket_base_url`"):
        kind(api_key="k", data_residency="eu", websocket_base_url="wss://other")


# ---- names


def test_the_names_of_the_openai_package_are_here():
    from openai import auth as theirs

    without = {"WorkloadIdentityAuth", "X509WorkloadIdentity"}  # machinery, and what is not supported
    assert not [name for name in theirs.__all__ if name not in without and not hasattr(auth, name)]
    assert ceyx.auth is auth
    assert ceyx.SubjectTokenProviderError is SubjectTokenProviderError
