"""Calls of chat models: what is sent, what comes back of it, whole and streamed, and what becomes of failures."""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from typing import Any

import httpx2
import pytest
from langchain_core import exceptions as core
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler, get_usage_metadata_callback
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import ConfigurableField
from langchain_server import PROMPT_SAFE, SAFE, STREAM, USAGE, Recorder, choice, chunk, completion, failure
from raw_server import RawServer

import ceyx
from ceyx.langchain import AzureChatOpenAI, ChatOpenAI, StreamChunkTimeoutError, chat_calls

COUNTED = {
    "input_tokens": 31,
    "output_tokens": 8,
    "total_tokens": 39,
    "input_token_details": {"audio": 1, "cache_read": 16, "cache_creation": 2},
    "output_token_details": {"audio": 0, "reasoning": 4},
}


def model(server: Recorder, **more: Any) -> ChatOpenAI:
    return ChatOpenAI(**{"model": "gpt-4o", "base_url": server.url, "api_key": "k", "max_retries": 0, **more})


def azure(server: Recorder, **more: Any) -> AzureChatOpenAI:
    connection = {"azure_endpoint": server.origin, "azure_deployment": "gpt", "api_version": "2024-10-21", "api_key": "k"}
    return AzureChatOpenAI(**{**connection, "max_retries": 0, **more})


def whole(chunks: list[Any]) -> AIMessageChunk:
    added = chunks[0]
    for one in chunks[1:]:
        added = added + one
    assert isinstance(added, AIMessageChunk)
    return added


@pytest.fixture
def server():
    with Recorder() as running:
        yield running


class TestWhole:
    def test_the_message(self, server):
        message = model(server).invoke([("system", "be brief"), ("human", "translate")])
        assert server.body == {
            "model": "gpt-4o",
            "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "translate"}],
        }
        assert message.content == "J'adore la programmation."
        assert message.additional_kwargs == {"refusal": None}
        assert message.usage_metadata == COUNTED
        assert message.response_metadata == {
            "token_usage": USAGE,
            "model_provider": "openai",
            "model_name": "gpt-4o-2024-08-06",
            "system_fingerprint": "fp_1",
            "id": "chatcmpl-1",
            "finish_reason": "stop",
            "logprobs": None,
        }
        assert list(message.response_metadata["token_usage"])[:3] == ["completion_tokens", "prompt_tokens", "total_tokens"]

    async def test_awaited_is_the_same(self, server):
        asked = model(server)
        one, other = asked.invoke("hi"), await asked.ainvoke("hi")
        assert one == other.model_copy(update={"id": one.id})
        await asked.root_async_client.close()

    def test_results_equal_validated_ones(self, server):
        message = model(server).invoke("hi")
        fields = {name: getattr(message, name) for name in AIMessage.model_fields}
        assert AIMessage(**fields) == message

    def test_azure_tells_what_its_filter_found(self, server):
        server.answer = completion(choice(content_filter_results=SAFE), prompt_filter_results=PROMPT_SAFE, model="gpt-35-turbo")
        metadata = azure(server, model_version="0301").invoke("hi").response_metadata
        assert (metadata["model_name"], metadata["prompt_filter_results"]) == ("gpt-35-turbo-0301", PROMPT_SAFE)
        assert metadata["content_filter_results"] == SAFE
        assert server.asked[0].path == "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
        assert "model" not in server.body

    def test_several_answers(self, server):
        server.answer = completion(choice(), choice({"content": "two"}, "length"))
        result = model(server, n=2).generate([[HumanMessage("hi")]])
        told = [(one.text, one.generation_info["finish_reason"]) for one in result.generations[0]]
        assert told == [("J'adore la programmation.", "stop"), ("two", "length")]

    def test_several_prompts(self, server):
        output = model(server).generate([[HumanMessage("a")], [HumanMessage("b")]]).llm_output
        assert output is not None
        assert output["token_usage"]["total_tokens"] == 78
        assert output["token_usage"]["prompt_tokens_details"]["cached_tokens"] == 32
        assert output["model_name"] == "gpt-4o-2024-08-06"

    def test_headers(self, server):
        asked = model(server, include_response_headers=True)
        assert asked.invoke("hi").response_metadata["headers"]["x-request-id"] == "req_1"
        assert next(asked.stream("hi")).response_metadata["headers"]["x-request-id"] == "req_1"

    @pytest.mark.parametrize(("tier", "before"), [("flex", "flex_"), ("priority", "priority_"), ("default", "")])
    def test_usage_of_tiers(self, server, tier, before):
        server.answer = completion(service_tier=tier)
        message = model(server).invoke("hi")
        assert message.response_metadata["service_tier"] == tier
        details: Any = message.usage_metadata["input_token_details"]
        assert details[f"{before}cache_read"] == 16
        assert details.get(tier) == (15 if before else None)

    def test_what_servers_say_beside(self, server):
        said = {"reasoning_content": "hm", "annotations": [{"type": "url_citation"}], "context": {"citations": []}, "empty": []}
        server.answer = completion(choice(said))
        message = model(server).invoke("hi")
        assert message.additional_kwargs == {
            "refusal": None,
            "reasoning_content": "hm",
            "annotations": [{"type": "url_citation"}],
            "context": {"citations": []},
        }
        model(server).invoke([HumanMessage("hi"), message, HumanMessage("go on")])
        assert server.body["messages"][1] == {"role": "assistant", "content": message.content, "reasoning_content": "hm"}

    @pytest.mark.parametrize("answer", [{"id": "x"}, {"choices": None, "id": "x"}, {**completion(), "choices": []}])
    def test_what_is_no_answer(self, server, answer):
        server.answer = answer
        with pytest.raises((ValueError, ceyx.APIError), match="choices"):
            model(server).invoke("hi")


class TestSent:
    def test_every_parameter(self, server):
        given: dict[str, Any] = {
            "temperature": 0,
            "top_p": 0.5,
            "n": 1,
            "seed": 3,
            "presence_penalty": 0.1,
            "frequency_penalty": 0.2,
            "logprobs": True,
            "top_logprobs": 2,
            "logit_bias": {50: 1},
            "reasoning_effort": "low",
            "verbosity": "low",
            "service_tier": "flex",
            "store": False,
            "prompt_cache_options": {"a": 1},
        }
        model(server, **given, model_kwargs={"user": "me"}, extra_body={"top_k": 3}, stop="x").invoke("hi", temperature=0.5)
        body = server.body
        assert body.pop("messages")
        assert body == {
            "model": "gpt-4o",
            **given,
            "temperature": 0.5,
            "logit_bias": {"50": 1},
            "user": "me",
            "top_k": 3,
            "stop": "x",
        }

    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ({"model": "gpt-4o"}, "max_tokens"),
            ({"model": "llama"}, "max_tokens"),
            ({"model": "o3-mini"}, "max_completion_tokens"),
            ({"model": "openai/gpt-5"}, "max_completion_tokens"),
            ({"model": "gpt-4o", "base_url": "https://api.openai.com/v1"}, "max_completion_tokens"),
        ],
    )
    def test_the_limit_by_the_name_that_is_known(self, server, given, name):
        asked = model(server, **{**given, "max_tokens": 7})
        assert name in asked._default_params
        assert name in asked._get_request_payload("hi", max_tokens=8)

    def test_the_limit_of_a_call_by_its_other_name(self, server):
        model(server, max_tokens=3).invoke("hi", max_completion_tokens=9)
        assert {name: value for name, value in server.body.items() if name.startswith("max")} == {"max_completion_tokens": 9}

    @pytest.mark.parametrize(("version", "name"), [("2024-02-01", "max_tokens"), ("2024-10-21", "max_completion_tokens")])
    def test_the_limit_on_azure(self, server, version, name):
        assert azure(server, api_version=version, max_tokens=7)._default_params[name] == 7

    @pytest.mark.parametrize(("name", "role"), [("o1", "developer"), ("o3-mini", "developer"), ("gpt-4o", "system")])
    def test_models_that_reason_have_developers(self, server, name, role):
        model(server, model=name).invoke([SystemMessage("s"), HumanMessage("h")])
        assert server.body["messages"][0]["role"] == role

    def test_parallel_calls_need_tools(self, server):
        model(server).bind_tools([], tool_choice="any", parallel_tool_calls=False).invoke("hi")
        assert server.body.keys() == {"model", "messages"}


class TestStreamed:
    def test_the_chunks(self, server):
        chunks = list(model(server).stream("hi"))
        assert [one.content for one in chunks] == ["", "J'adore", " la programmation.", "", "", ""]
        message = whole(chunks)
        assert message.usage_metadata == COUNTED
        assert message.response_metadata == {
            "model_provider": "openai",
            "finish_reason": "stop",
            "model_name": "gpt-4o-2024-08-06",
            "system_fingerprint": "fp_1",
        }
        assert server.body["stream_options"] == {"include_usage": True}
        for one in chunks:
            fields = {name: getattr(one, name) for name in AIMessageChunk.model_fields}
            assert AIMessageChunk(**fields) == one

    async def test_awaited_is_the_same(self, server):
        asked = model(server)
        awaited = [one async for one in asked.astream("hi")]
        assert [one.model_copy(update={"id": None}) for one in awaited] == [
            one.model_copy(update={"id": None}) for one in asked.stream("hi")
        ]
        await asked.root_async_client.close()

    def test_azure_tells_all_it_tells_of_whole_answers(self, server):
        server.answer = [
            chunk(prompt_filter_results=PROMPT_SAFE),
            chunk({"role": "assistant", "content": "a"}, model="gpt-35-turbo", choice={"content_filter_results": SAFE}),
            chunk({"content": "b"}, model="gpt-35-turbo", choice={"content_filter_results": SAFE}),
            chunk({}, "stop", model="gpt-35-turbo", choice={"content_filter_results": {}}),
            chunk(usage=USAGE),
        ]
        message = whole(list(azure(server, model_version="0301").stream("hi")))
        assert message.content == "ab"
        assert message.response_metadata["model_name"] == "gpt-35-turbo-0301"
        assert message.response_metadata["prompt_filter_results"] == PROMPT_SAFE
        assert message.response_metadata["content_filter_results"] == SAFE
        assert message.usage_metadata == COUNTED

    def test_findings_of_a_filter_that_works_beside_the_model(self, server):
        beside = chunk({}, choice={"content_filter_results": SAFE, "content_filter_offsets": {"start_offset": 0}})
        del beside["choices"][0]["delta"]
        server.answer = [chunk({"content": "a"}), beside, chunk({}, "stop")]
        chunks = list(azure(server).stream("hi"))
        assert [one.content for one in chunks] == ["a", "", ""]
        assert whole(chunks).response_metadata["content_filter_results"] == SAFE

    def test_what_models_say_beside(self, server):
        server.answer = [
            chunk({"role": "assistant", "reasoning_content": "h"}),
            chunk({"reasoning_content": "m"}),
            chunk({"refusal": "no"}),
            chunk({}, "stop", choice={"logprobs": {"content": []}}),
        ]
        message = whole(list(model(server).stream("hi")))
        assert message.additional_kwargs == {"reasoning_content": "hm", "refusal": "no"}
        assert message.response_metadata["logprobs"] == {"content": []}

    def test_calls_of_custom_tools(self, server):
        def piece(index: int, text: str, **begun: str) -> dict[str, Any]:
            name = {"name": begun.pop("name")} if begun else {}
            return {"index": index, **begun, "custom": {**name, "input": text}}

        server.answer = [
            chunk({"tool_calls": [piece(0, "", id="c1", type="custom", name="sql")]}),
            chunk({"tool_calls": [piece(0, 'SELECT "a"')]}),
            chunk({"tool_calls": [piece(0, "\nFROM b"), piece(1, "x", id="c2", type="custom", name="sql")]}),
            chunk({}, "tool_calls"),
        ]
        message = whole(list(model(server).stream("hi")))
        asked = ['SELECT "a"\nFROM b', "x"]
        assert [(call["name"], call["args"], call["id"]) for call in message.tool_calls] == [
            ("sql", {"__arg1": text}, id_) for text, id_ in zip(asked, ("c1", "c2"), strict=True)
        ]
        server.answer = None
        model(server).invoke([HumanMessage("hi"), message])
        assert [call["custom"] for call in server.body["messages"][1]["tool_calls"]] == [
            {"name": "sql", "input": text} for text in asked
        ]

    def test_callbacks_get_tokens_when_invoke_streams(self, server):
        class Tokens(BaseCallbackHandler):
            def __init__(self) -> None:
                self.tokens: list[Any] = []

            def on_llm_new_token(self, token: Any, **_: Any) -> None:
                self.tokens.append(token)

        handler = Tokens()
        message = model(server, streaming=True).invoke("hi", {"callbacks": [handler]})
        assert "".join(handler.tokens) == message.content == "J'adore la programmation."
        assert message.usage_metadata == COUNTED
        assert model(server, streaming=True, disable_streaming=True).invoke("hi").content
        assert "stream" not in server.body

    def test_version_v1(self, server):
        message = whole(list(model(server, output_version="v1").stream("hi")))
        assert message.content == [{"type": "text", "text": "J'adore la programmation.", "index": 0}]


class TestUsageOfStreams:
    @pytest.fixture(autouse=True)
    def forgetful(self, monkeypatch):
        monkeypatch.setattr(chat_calls, "_refused_usage", set())

    @pytest.mark.parametrize("code", [400, 422])
    async def test_a_server_that_does_not_know_it_is_asked_once(self, server, code):
        def answer(asked: Any) -> Any:
            refused = "stream_options" in asked.body
            return failure(code, "Unrecognized request argument supplied: stream_options") if refused else STREAM

        server.answer = answer
        asked = model(server)
        assert whole(list(asked.stream("hi"))).content == "J'adore la programmation."
        assert [one.content async for one in asked.astream("hi")]
        assert ["stream_options" in one.body for one in server.asked] == [True, False, False]
        await asked.root_async_client.close()

    def test_who_insists_gets_the_error(self, server):
        server.answer = failure(400, "Unrecognized request argument supplied: stream_options")
        with pytest.raises(ceyx.BadRequestError, match="stream_options"):
            list(model(server, stream_usage=True).stream("hi"))

    @pytest.mark.parametrize(
        ("fields", "params", "sent"),
        [
            ({"stream_usage": False}, {}, None),
            ({"stream_usage": False}, {"stream_usage": True}, {"include_usage": True}),
            ({}, {"stream_usage": False}, None),
            ({}, {"stream_options": {"include_usage": False}}, {"include_usage": False}),
            ({}, {"stream_options": {"include_obfuscation": False}}, {"include_obfuscation": False, "include_usage": True}),
        ],
    )
    def test_as_it_is_wanted(self, server, fields, params, sent):
        list(model(server, **fields).stream("hi", **params))
        assert server.body.get("stream_options") == sent

    @pytest.mark.parametrize(("version", "asks"), [("2024-02-01", False), ("2024-10-21", True)])
    def test_azure_is_asked_from_the_version_on_that_knows_it(self, server, version, asks):
        list(azure(server, api_version=version).stream("hi"))
        assert ("stream_options" in server.body) is asks

    def test_langchains_own_callback_counts(self, server):
        with get_usage_metadata_callback() as counted:
            list(model(server).stream("hi"))
            model(server).invoke("hi")
        assert counted.usage_metadata["gpt-4o-2024-08-06"]["total_tokens"] == 78


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "ours", "theirs"),
        [
            (400, ceyx.BadRequestError, core.ModelInvalidRequestError),
            (401, ceyx.AuthenticationError, core.ModelAuthenticationError),
            (403, ceyx.PermissionDeniedError, core.ModelPermissionDeniedError),
            (404, ceyx.NotFoundError, core.ModelNotFoundError),
            (429, ceyx.RateLimitError, core.ModelRateLimitError),
            (500, ceyx.InternalServerError, core.ModelAPIError),
        ],
    )
    async def test_errors_of_both(self, server, status, ours, theirs):
        server.answer = failure(status)
        asked = model(server)
        with pytest.raises(theirs) as caught:
            asked.invoke("hi")
        assert isinstance(caught.value, ours)
        assert (caught.value.status_code, caught.value.request_id) == (status, "req_1")
        for awaited in (asked.ainvoke("hi"), anext(asked.astream("hi"))):
            with pytest.raises(theirs):
                await awaited
        with pytest.raises(theirs):
            list(asked.stream("hi"))
        await asked.root_async_client.close()

    @pytest.mark.parametrize(
        ("code", "message"), [("context_length_exceeded", "too long"), (None, "prompt is too long: 5 tokens")]
    )
    def test_too_long(self, server, code, message):
        server.answer = failure(400, message, code)
        with pytest.raises(core.ContextOverflowError) as caught:
            model(server).invoke("hi")
        assert isinstance(caught.value, ceyx.BadRequestError)

    def test_no_connection(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with pytest.raises(core.ModelConnectionError):
            ChatOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="k", max_retries=0).invoke("hi")

    def test_a_prompt_that_the_filter_blocked(self, server):
        found = {"hate": {"filtered": True, "severity": "high"}}
        server.answer = failure(400, "filtered", "content_filter", innererror={"content_filter_result": found})
        with pytest.raises(ceyx.ContentFilterError) as caught:
            azure(server).invoke("hi")
        assert isinstance(caught.value, ValueError | core.ModelInvalidRequestError)
        assert caught.value.categories == {"hate": "high"}

    def test_an_answer_that_the_filter_stopped(self, server):
        held = {"hate": {"filtered": True, "severity": "medium"}}
        server.answer = completion(choice({"content": "so f"}, "content_filter", content_filter_results=held))
        with pytest.raises(ValueError, match="hate: medium") as caught:
            azure(server).invoke("hi")
        error: Any = caught.value
        assert (error.partial.choices[0].message.content, error.partial.usage.total_tokens) == ("so f", 39)
        reported = azure(server, client_options={"content_filter": "report"}).invoke("hi")
        assert reported.response_metadata["finish_reason"] == "content_filter"
        assert model(server).invoke("hi").response_metadata["finish_reason"] == "content_filter"

    def test_a_stream_that_the_filter_stopped(self, server):
        server.answer = [chunk({"content": "so f"}), chunk({}, "content_filter")]
        chunks = azure(server).stream("hi")
        assert next(chunks).content == "so f"
        with pytest.raises(ceyx.ContentFilterError) as caught:
            list(chunks)
        assert caught.value.partial.choices[0].message.content == "so f"

    async def test_a_stream_that_is_cut(self):
        def cut(raw: RawServer, connection: socket.socket) -> None:
            raw.read(connection)
            event = b"data: " + json.dumps(chunk({"content": "so f"})).encode() + b"\n\n"
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + event)

        with RawServer(cut) as server:
            asked = ChatOpenAI(base_url=server.url, api_key="k")
            with pytest.raises(ceyx.StreamTruncatedError) as caught:
                list(asked.stream("hi"))
            assert isinstance(caught.value, core.ModelConnectionError)
            assert caught.value.partial.choices[0].message.content == "so f"
            with pytest.raises(ceyx.StreamTruncatedError):
                [one async for one in asked.astream("hi")]
            await asked.root_async_client.close()

    @pytest.mark.parametrize("own", [False, True], ids=["our connections", "a client of httpx2"])
    async def test_a_stream_that_is_silent(self, own):
        def pause(raw: RawServer, connection: socket.socket) -> None:
            raw.read(connection)
            time.sleep(0.15)  # before the answer begins, silence is the model's to keep
            event = b"data: " + json.dumps(chunk({"content": "so f"})).encode() + b"\n\n"
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + event)
            with suppress(OSError):
                connection.recv(1)

        with RawServer(pause) as server:
            clients: Any = {"http_client": httpx2.Client(), "http_async_client": httpx2.AsyncClient()} if own else {}
            asked = ChatOpenAI(base_url=server.url, api_key="k", max_retries=0, stream_chunk_timeout=0.1, **clients)
            with pytest.raises(StreamChunkTimeoutError) as caught:
                list(asked.stream("hi"))
            assert (caught.value.timeout_s, caught.value.model_name, caught.value.chunks_received) == (0.1, "gpt-3.5-turbo", 1)
            with pytest.raises(TimeoutError):
                [one async for one in asked.astream("hi")]
            await asked.root_async_client.close()
            asked.root_client.close()


class TestAsARunnable:
    def test_batches(self, server):
        server.answer = lambda asked: completion(choice({"content": asked.body["messages"][0]["content"].upper()}))
        assert [one.content for one in model(server).batch(["a", "b"])] == ["A", "B"]

    async def test_awaited_batches(self, server):
        asked = model(server)
        assert len(await asked.abatch(["a", "b", "c"])) == 3
        await asked.root_async_client.close()

    async def test_events(self, server):
        asked = model(server)
        kinds = [event["event"] async for event in asked.astream_events("hi", version="v2")]
        assert kinds[0] == "on_chat_model_start"
        assert kinds[-1] == "on_chat_model_end"
        assert kinds.count("on_chat_model_stream") == 6
        await asked.root_async_client.close()

    def test_pipes(self, server):
        prompt = ChatPromptTemplate.from_messages([("system", "to {language}"), ("human", "{input}")])
        (prompt | model(server)).invoke({"language": "German", "input": "hi"})
        assert [one["content"] for one in server.body["messages"]] == ["to German", "hi"]

    def test_retries_and_fallbacks(self, server):
        answers = iter([failure(400), failure(400), completion(), failure(500), completion()])
        server.answer = lambda asked: next(answers)
        asked = model(server)
        retried = asked.with_retry(retry_if_exception_type=(core.ModelInvalidRequestError,), wait_exponential_jitter=False)
        assert retried.invoke("hi").content
        assert asked.with_fallbacks([model(server, model="other")]).invoke("hi").content
        assert [one.body["model"] for one in server.asked[3:]] == ["gpt-4o", "other"]

    def test_configurable_fields(self, server):
        fields = {"temperature": ConfigurableField("t"), "openai_api_key": ConfigurableField("key")}
        asked = model(server, max_tokens=5).configurable_fields(**fields)
        asked.with_config(configurable={"t": 0.9, "key": "another"}).invoke("hi")
        assert (server.body["temperature"], server.body["max_tokens"]) == (0.9, 5)
        assert server.asked[0].headers["authorization"] == "Bearer another"

    def test_bound_parameters(self, server):
        model(server).bind(stop=["x"], user="me").invoke("hi")
        assert (server.body["stop"], server.body["user"]) == (["x"], "me")

    def test_caches(self, server):
        asked = model(server, cache=InMemoryCache())
        assert asked.invoke("hi").content == asked.invoke("hi").content
        assert len(server.asked) == 1
        asked.temperature = 0.5
        asked.invoke("hi")
        assert len(server.asked) == 2

    def test_rate_limits(self, server):
        class Limiter(InMemoryRateLimiter):
            asked = 0

            def acquire(self, *, blocking: bool = True) -> bool:
                Limiter.asked += 1
                return True

        model(server, rate_limiter=Limiter()).invoke("hi")
        assert Limiter.asked == 1

    async def test_callbacks_and_tags(self, server):
        class Seen(AsyncCallbackHandler):
            told: dict[str, Any] = {}

            async def on_chat_model_start(self, serialized: Any, messages: Any, **more: Any) -> None:
                self.told = {"id": serialized["id"][-1], **more}

        seen, asked = Seen(), model(server, tags=["own"], metadata={"a": 1}, temperature=0)
        await asked.ainvoke("hi", {"callbacks": [seen], "tags": ["call"]})
        assert (seen.told["id"], sorted(seen.told["tags"])) == ("ChatOpenAI", ["call", "own"])
        assert (seen.told["metadata"]["a"], seen.told["metadata"]["ls_provider"]) == (1, "openai")
        assert seen.told["invocation_params"]["temperature"] == 0
        assert seen.told["invocation_params"]["_type"] == "openai-chat"
        await asked.root_async_client.close()

    @pytest.mark.parametrize("given", ["hi", [HumanMessage("hi")]])
    def test_called_as_older_programs_do(self, server, given):
        with pytest.warns(DeprecationWarning, match="use its invoke"):
            message = model(server)(given)
        assert message.content == "J'adore la programmation."


class TestTokens:
    def test_of_texts_and_messages(self, server):
        asked = model(server, custom_get_token_ids=lambda text: [1] * len(text))
        assert asked.get_num_tokens("abc") == 3
        counted = model(server)
        alone = counted.get_num_tokens_from_messages([HumanMessage("hello")])
        tool = {"title": "weather", "description": "the weather", "type": "object", "properties": {"place": {"type": "string"}}}
        assert counted.get_num_tokens_from_messages([HumanMessage("hello")], tools=[tool]) > alone > 0
        assert counted.get_num_tokens("hello there") > 0
        assert not server.asked
