"""The four clients: calls, options of a call, retries, copies, secrets."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from memory_clients import (
    ASK,
    CHAT,
    COMPLETION,
    ENDPOINT,
    KEY,
    KINDS,
    VERSION,
    body,
    chat,
    failure,
    in_turn,
    make,
    reply,
    requests,
    result,
    sent,
)

from ceyx import NOT_GIVEN, AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI, Timeout, errors, omit
from ceyx.any_client import AnyClient


def pauses(client: Any, slept: list[float]) -> list[float]:
    return getattr(client._transport, "slept", slept)


# ---- one call


@pytest.mark.parametrize("kind", KINDS)
def test_a_call(kind):
    client = make(kind)
    answer = chat(client, temperature=0.5)
    assert (answer.choices[0].message.content, answer._request_id, answer.usage.total_tokens) == ("Hello", "req-1", 3)
    assert body(client) == {"model": "m", "messages": ASK, "temperature": 0.5}
    request = sent(client)
    assert request.method == "POST"
    if issubclass(kind, AzureOpenAI | AsyncAzureOpenAI):
        assert request.url == f"{ENDPOINT}/openai/deployments/m/chat/completions?api-version={VERSION}"
        assert (request.headers["api-key"], "authorization" in request.headers) == (KEY, False)
    else:
        assert request.url == "https://api.openai.com/v1/chat/completions"
        assert request.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("given", [omit, NOT_GIVEN])
def test_what_is_not_given_is_not_sent_and_none_is_null(given):
    client = make()
    tools = [{"type": "function", "function": {"name": "f", "description": given}}]
    chat(client, temperature=given, stream=given, timeout=given, extra_body=given, extra_headers=given, stop=None, tools=tools)
    assert body(client) == {
        "model": "m",
        "messages": ASK,
        "stop": None,
        "tools": [{"type": "function", "function": {"name": "f"}}],
    }
    assert sent(client).timeout == Timeout(600, connect=5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("params", "named"), [({"model": "m"}, "'messages'"), ({"messages": ASK}, "'model'"), ({}, "'messages', 'model'")]
)
def test_missing_arguments(kind, params, named):
    with pytest.raises(TypeError, match=f"missing required argument.*{named}"):
        result(make(kind).chat.completions.create(**params))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_keywords(kind):
    with pytest.raises(TypeError):
        result(make(kind).chat.completions.create("m", ASK))
    with pytest.raises(TypeError):
        result(make(kind).models.retrieve())
    result(make(kind, reply({"id": "m"})).models.retrieve("m"))


@pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI])
@pytest.mark.parametrize("endpoint", [ENDPOINT, f"{ENDPOINT}/openai/v1"])
def test_a_client_with_a_deployment_needs_no_model(kind, endpoint):
    client = make(kind, azure_endpoint=endpoint, azure_deployment="DEP")
    result(client.chat.completions.create(messages=ASK))
    if endpoint == ENDPOINT:
        assert "/openai/deployments/DEP/chat/completions" in sent(client).url
        assert body(client) == {"messages": ASK}
    else:
        assert body(client) == {"messages": ASK, "model": "DEP"}


def test_options_of_a_call():
    client = make(default_headers={"X-Client": "1", "x-both": "client"}, default_query={"a": "1", "b": "1"})
    chat(
        client,
        extra_headers={"X-Both": "call", "x-client": omit, "User-Agent": None},
        extra_query={"b": "2", "c": ["x", "y"]},
        extra_body={"seed": 7, "temperature": 1},
        temperature=0,
        timeout=3,
    )
    request = sent(client)
    assert request.headers["x-both"] == "call"
    assert not {"x-client", "user-agent"} & set(request.headers)
    assert request.target == "/v1/chat/completions?a=1&b=2&c[]=x&c[]=y"
    assert body(client) == {"model": "m", "messages": ASK, "temperature": 1, "seed": 7}
    assert request.timeout == Timeout(3)
    chat(client)
    assert (sent(client).headers["x-client"], sent(client).target) == ("1", "/v1/chat/completions?a=1&b=1")


@pytest.mark.parametrize(
    ("timeout", "wanted"), [(None, Timeout(None)), (2, Timeout(2)), (Timeout(5, read=1), Timeout(5, read=1))]
)
def test_the_timeout_of_a_call(timeout, wanted):
    client = make(timeout=60)
    chat(client, timeout=timeout)
    assert sent(client).timeout == wanted
    chat(client)
    assert sent(client).timeout == Timeout(60)


def test_the_deadline_of_a_call():
    client = make(deadline=50)
    for given, wanted in (({}, 50), ({"deadline": 5}, 5), ({"deadline": omit}, 50)):
        chat(client, **given)
        assert sent(client).until == pytest.approx(time.monotonic() + wanted, abs=2)
    chat(client, deadline=None)
    assert sent(client).until is None
    with pytest.raises(ValueError, match="deadline"):
        chat(client, deadline=-1)


@pytest.mark.parametrize("value", ["a\r\nX: 1", "a\n", "\0"])
def test_no_header_of_a_call_smuggles_another(value):
    client = make()
    with pytest.raises(ValueError, match="'x-a' holds a line end"):
        chat(client, extra_headers={"X-A": value})
    assert requests(client) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_admin_key_is_for_the_organization(kind):
    client = make(kind, reply({}), admin_api_key="admin\n")
    result(client.get("/organization/users", cast_to=dict))
    assert sent(client).headers["authorization"] == "Bearer admin"
    result(client.get("/models", cast_to=dict))
    assert sent(client).headers.get("authorization") in (f"Bearer {KEY}", None)


@pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI])
@pytest.mark.parametrize("header", ["Authorization", "authorization"])
def test_a_token_does_not_replace_a_header_of_the_user(kind, header):
    client = make(kind, CHAT, api_key=None, azure_ad_token_provider=lambda: "token")
    chat(client, extra_headers={header: "Basic mine"})
    assert sent(client).headers["authorization"] == "Basic mine"
    chat(client)
    assert sent(client).headers["authorization"] == "Bearer token"


def test_the_admin_key_does_not_replace_a_header_of_the_user():
    client = make(OpenAI, reply({}), admin_api_key="admin")
    client.get("/organization/users", cast_to=dict, options={"extra_headers": {"Authorization": "Basic mine"}})
    assert sent(client).headers["authorization"] == "Basic mine"


def test_a_token_is_not_sent_where_the_user_removed_its_header():
    client = make(OpenAI, api_key=lambda: "token")
    chat(client, extra_headers={"Authorization": omit})
    assert "authorization" not in sent(client).headers


def test_azures_request_id_is_on_the_answer():
    assert chat(make(AzureOpenAI, reply(COMPLETION, apim_request_id="apim-1")))._request_id == "apim-1"


def test_a_fresh_token_goes_with_every_try(slept):
    tokens = iter(["one", "two"])
    seen = []
    answers = in_turn(failure(500), CHAT)

    def answer(request):
        seen.append(request.headers["authorization"])
        return answers(request)

    chat(make(OpenAI, answer, api_key=lambda: next(tokens)))
    assert seen == ["Bearer one", "Bearer two"]


# ---- retries


@pytest.mark.parametrize("kind", KINDS)
def test_retries(kind, slept):
    client = make(kind, in_turn(failure(429, retry_after="3"), errors.APIConnectionError(), failure(500), CHAT), max_retries=3)
    assert chat(client).id == "chatcmpl-1"
    assert len(requests(client)) == 4
    waits = pauses(client, slept)
    assert waits[0] == 3
    assert 0.75 <= waits[1] <= 1.0
    assert 1.5 <= waits[2] <= 2.0


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_all_tries_of_a_call_have_one_idempotency_key(kind, slept):
    client = make(kind, in_turn(failure(500), failure(500), CHAT, CHAT))
    result(client.chat.completions.create(model="m", messages=ASK))
    result(client.chat.completions.create(model="m", messages=ASK))
    keys = [request.headers["idempotency-key"] for request in requests(client)]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert len(keys[0]) == 32


def test_an_idempotency_key_of_the_user_stays_and_reads_have_none():
    client = make(OpenAI)
    client.chat.completions.create(model="m", messages=ASK, extra_headers={"Idempotency-Key": "mine"})
    assert sent(client).headers["idempotency-key"] == "mine"
    client = make(OpenAI, reply({"id": "m"}))
    client.models.retrieve("m")
    assert "idempotency-key" not in sent(client).headers


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_after_the_last_retry(kind, slept):
    client = make(kind, failure(503, "busy", "overloaded", x_request_id="req-9"))
    with pytest.raises(errors.InternalServerError) as caught:
        chat(client)
    error = caught.value
    assert (error.status_code, error.code, error.request_id, len(requests(client))) == (503, "overloaded", "req-9", 3)
    for said in ("busy", "overloaded", "req-9", "tried 3 times", "chat/completions"):
        assert said in str(error)


def test_a_copy_may_try_less(slept):
    client = make(OpenAI, failure(500))
    with pytest.raises(errors.InternalServerError):
        chat(client.with_options(max_retries=0))
    assert (len(requests(client)), slept) == (1, [])


# ---- life


def test_closing():
    client = make()
    with client as same:
        assert same is client
        assert not client.is_closed()
    assert client.is_closed()
    assert client.copy().is_closed()


def test_closing_async():
    async def main():
        async with make(AsyncOpenAI) as client:
            assert not client.is_closed()
        assert client.is_closed()

    asyncio.run(main())


def test_all_four_are_one_client():
    assert all(issubclass(kind, AnyClient) for kind in KINDS)
    assert issubclass(AzureOpenAI, OpenAI)
    assert issubclass(AsyncAzureOpenAI, AsyncOpenAI)


def test_a_call_without_an_idempotency_key():
    client = make(OpenAI)
    client.chat.completions.create(model="m", messages=ASK, extra_headers={"idempotency-key": None})
    assert "idempotency-key" not in sent(client).headers
    client = make(OpenAI, default_headers={"Idempotency-Key": omit})
    client.chat.completions.create(model="m", messages=ASK)
    assert "idempotency-key" not in sent(client).headers


@pytest.mark.parametrize(("option", "value"), [("retry_answered", "false"), ("retry_answered", 1), ("response_limit", True)])
def test_options_are_what_they_say(option, value):
    with pytest.raises(ValueError, match=option):
        make(OpenAI, **{option: value})
