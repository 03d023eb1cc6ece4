"""Classes for other servers, as integrations make them of `BaseChatOpenAI`: the methods that they override are called."""

from __future__ import annotations

import copy
import pickle
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import pytest
from canned_responses import events, message, response, text
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.utils import secret_from_env
from langchain_server import USAGE, Recorder, choice, chunk, completion
from pydantic import BaseModel, Field, SecretStr, model_validator

import ceyx
from ceyx.langchain import BaseChatOpenAI, ChatOpenAI

STREAM = [
    chunk({"role": "assistant", "content": ""}, warmth=3),
    chunk({"content": "hi"}),
    chunk({}, "stop"),
    chunk(usage=USAGE),
]


class City(BaseModel):
    """A city."""

    name: str


class ChatOther(BaseChatOpenAI):
    """A server with a key, an address and an environment of its own, which tells of `warmth`."""

    model_name: str = Field(default="other-1", alias="model")
    api_key: SecretStr | None = Field(default_factory=secret_from_env("OTHER_API_KEY", default=None))
    api_base: str = Field(default="http://127.0.0.1:9/v1", alias="base_url")

    @property
    def _llm_type(self) -> str:
        return "chat-other"

    @property
    def lc_secrets(self) -> dict[str, str]:
        return {"api_key": "OTHER_API_KEY"}

    @model_validator(mode="after")
    def validate_environment(self) -> Self:
        assert self.api_key is not None, "OTHER_API_KEY must be set"
        where: dict[str, Any] = {"api_key": self.api_key.get_secret_value(), "base_url": self.api_base, "max_retries": 0}
        if not self.client:
            self.root_client = ceyx.OpenAI(**where)
            self.client = self.root_client.chat.completions
        if not self.async_client:
            self.root_async_client = ceyx.AsyncOpenAI(**where)
            self.async_client = self.root_async_client.chat.completions
        return self

    def _get_request_payload(self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        for sent in payload["messages"]:
            sent["content"] = f"{sent['content']}!"
        return payload

    def _create_chat_result(self, response: Any, generation_info: dict[str, Any] | None = None) -> ChatResult:
        result = super()._create_chat_result(response, generation_info)
        for generation in result.generations:
            generation.message.response_metadata["model_provider"] = "other"
            generation.message.additional_kwargs["warmth"] = getattr(response, "warmth", None)
        return result

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        made = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
        if made is not None and "warmth" in chunk:
            made.message.additional_kwargs["warmth"] = chunk["warmth"]
        return made


@pytest.fixture
def server() -> Iterator[Recorder]:
    with Recorder() as running:
        yield running


@pytest.fixture
def model(server: Recorder, monkeypatch: pytest.MonkeyPatch) -> ChatOther:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OTHER_API_KEY", "others")
    return ChatOther(base_url=server.url)


def test_a_server_with_a_key_of_its_own(server: Recorder, model: ChatOther) -> None:
    server.answer = completion(warmth=3)
    said = model.invoke("hello")
    assert said.additional_kwargs["warmth"] == 3
    assert said.response_metadata["model_provider"] == "other"
    assert server.asked[0].headers["authorization"] == "Bearer others"
    assert server.body == {"model": "other-1", "messages": [{"role": "user", "content": "hello!"}]}


async def test_awaited(server: Recorder, model: ChatOther) -> None:
    server.answer = completion(warmth=3)
    assert (await model.ainvoke("hello")).additional_kwargs["warmth"] == 3
    server.answer = STREAM
    chunks = [one async for one in model.astream("hello")]
    await model.root_async_client.close()
    assert chunks[0].additional_kwargs == {"warmth": 3}


def test_chunks(server: Recorder, model: ChatOther) -> None:
    server.answer = STREAM
    first, second, *_ = chunks = list(model.stream("hello"))
    assert first.additional_kwargs == {"warmth": 3}
    assert (second.content, second.additional_kwargs) == ("hi", {})
    assert chunks[-2].usage_metadata is not None or chunks[-1].usage_metadata is not None


def test_the_first_chunk_has_the_headers(server: Recorder) -> None:
    server.answer = STREAM
    model = ChatOther(base_url=server.url, api_key=SecretStr("k"), include_response_headers=True)
    first, second, *_ = model.stream("hello")
    assert first.response_metadata["headers"]["x-request-id"] == "req_1"
    assert "headers" not in second.response_metadata


async def test_the_responses_api_where_a_class_has_chosen_it(server: Recorder, model: ChatOther) -> None:
    class ChatResponding(ChatOther):
        def _get_request_payload(self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
            return BaseChatOpenAI._get_request_payload(self, input_, stop=stop, **kwargs)

        def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
            return super()._stream_responses(*args, **kwargs)

        async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
            async for piece in super()._astream_responses(*args, **kwargs):
                yield piece

    server.answer = events(response(message(text("hi there"))))
    model = ChatResponding(base_url=server.url, use_responses_api=True)
    blocking = [piece.text for piece in model.stream("hello")]
    assert "".join(blocking)
    assert server.asked[0].path == "/v1/responses"
    assert [piece.text async for piece in model.astream("hello")] == blocking
    await model.root_async_client.close()


def test_a_type_is_asked_for_by_a_tool(server: Recorder, model: ChatOther) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "City", "arguments": '{"name":"Rome"}'}}
    server.answer = completion(choice({"content": None, "tool_calls": [call]}, "tool_calls"))
    assert model.with_structured_output(City).invoke("x") == City(name="Rome")
    assert server.body["tool_choice"] == {"type": "function", "function": {"name": "City"}}


def test_a_type_is_read_from_what_was_overridden(server: Recorder, model: ChatOther) -> None:
    server.answer = completion(choice({"content": '{"name":"Rome"}'}))
    assert model.with_structured_output(City, method="json_schema").invoke("x") == City(name="Rome")


def test_its_own_fields_are_no_other_names_of_those_it_inherits(server: Recorder) -> None:
    server.answer = completion()
    given: dict[str, Any] = {"api_base": server.url, "api_key": "k"}
    ChatOther(**given).invoke("hello")
    assert len(server.asked) == 1
    assert ChatOpenAI(**given).openai_api_base == server.url


def test_copies_and_pickles_have_its_key_and_no_other(
    server: Recorder, model: ChatOther, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "openais")
    server.answer = completion()
    kept = pickle.dumps(model)
    assert b"others" not in kept
    assert b"openais" not in kept
    for again in (copy.deepcopy(model), pickle.loads(kept)):
        again.invoke("hello")
        assert server.asked[-1].headers["authorization"] == "Bearer others"


def test_only_the_classes_of_openai_are_written_down_by_name() -> None:
    assert not ChatOther.is_lc_serializable()
    assert ChatOpenAI.is_lc_serializable()


def test_a_class_that_only_adds_a_field(server: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    class ChatCompany(ChatOpenAI):
        team: str = "search"

        @model_validator(mode="after")
        def validate_environment(self) -> Self:
            complete: Any = super().validate_environment
            complete()
            self.default_headers = {"x-own": self.team}
            return self

    monkeypatch.setenv("OPENAI_API_KEY", "k")
    server.answer = completion()
    ChatCompany(base_url=server.url, team="sales").invoke("x")
    assert server.asked[0].headers["x-own"] == "sales"
