"""The four clients against the local service: one suite, so that all of them keep the same promises."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from drivers import KINDS, Driver

from ceyx import APIStatusError, AuthenticationError, BadRequestError, NotFoundError
from ceyx.service import LocalService
from ceyx.types.chat import ChatCompletion, ChatCompletionChunk

MESSAGES: list[Any] = [{"role": "user", "content": "Hello"}]
CITY = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["name", "population"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "find_city", "parameters": CITY, "strict": True}}


def chat(driver: Driver, model: str = "gpt-4o", messages: Any = MESSAGES, **params: Any) -> Any:
    return driver.do(lambda client: client.chat.completions.create(model=model, messages=messages, **params))


def test_chat(driver: Driver) -> None:
    answer = chat(driver)
    assert isinstance(answer, ChatCompletion)
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer._request_id
    assert ChatCompletion.model_validate_json(answer.model_dump_json()) == answer


def test_chat_streamed(driver: Driver) -> None:
    stream = chat(driver, stream=True, stream_options={"include_usage": True})
    assert stream.request_id
    chunks = driver.all(stream)
    assert all(isinstance(chunk, ChatCompletionChunk) for chunk in chunks)
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == chat(driver).choices[0].message.content
    assert chunks[-1].usage.total_tokens > 0


def test_tools(driver: Driver) -> None:
    asked = [{"role": "user", "content": "Find the city of Oslo"}]
    message = chat(driver, messages=asked, tools=[TOOL], tool_choice="required").choices[0].message
    (call,) = message.tool_calls
    assert call.function.name == "find_city"
    assert json.loads(call.function.arguments).keys() == {"name", "population"}
    # The message goes back as it came, which is what programs do.
    answered = [*asked, message, {"role": "tool", "tool_call_id": call.id, "content": "{}"}]
    assert chat(driver, messages=answered, tools=[TOOL]).choices[0].message.content
    parts = driver.all(chat(driver, messages=asked, tools=[TOOL], tool_choice="required", stream=True))
    calls = [part for chunk in parts for choice in chunk.choices for part in choice.delta.tool_calls or ()]
    assert json.loads("".join(part.function.arguments or "" for part in calls)) == json.loads(call.function.arguments)


def test_schema(driver: Driver) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": CITY}}
    content = chat(driver, response_format=shape).choices[0].message.content
    assert json.loads(content).keys() == {"name", "population"}


def test_image(driver: Driver) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    content = [{"type": "text", "text": "What is this?"}, image]
    assert chat(driver, messages=[{"role": "user", "content": content}]).choices[0].message.content


def test_logprobs(driver: Driver) -> None:
    choice = chat(driver, logprobs=True, top_logprobs=2).choices[0]
    assert "".join(each.token for each in choice.logprobs.content) == choice.message.content
    assert all(len(each.top_logprobs) == 2 for each in choice.logprobs.content)


def test_many_seeded_and_stopped(driver: Driver) -> None:
    answer = chat(driver, n=3, seed=7)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    again = chat(driver, n=3, seed=7)
    assert [choice.message.content for choice in again.choices] == [choice.message.content for choice in answer.choices]
    whole = answer.choices[0].message.content
    word = whole.split()[2]
    cut = chat(driver, seed=7, stop=[word]).choices[0].message.content
    assert word not in cut and whole.startswith(cut)


def test_embeddings(driver: Driver) -> None:
    def embed(**params: Any) -> Any:
        return driver.do(lambda client: client.embeddings.create(model="text-embedding-3-small", input=["a", "b"], **params))

    packed, floats = embed(), embed(encoding_format="float")
    assert [len(each.embedding) for each in packed.data] == [1536, 1536]
    assert packed.data[0].embedding == pytest.approx(floats.data[0].embedding, abs=1e-6)
    assert packed.data[0].embedding != packed.data[1].embedding
    assert isinstance(embed(encoding_format="base64").data[0].embedding, str)
    vectors = packed.to_numpy()
    assert (vectors.shape, vectors.dtype) == ((2, 1536), np.float32)
    assert np.allclose(vectors, [each.embedding for each in floats.data], atol=1e-6)
    assert len(embed(dimensions=64).data[0].embedding) == 64


def test_models(driver: Driver) -> None:
    page = driver.do(lambda client: client.models.list())
    assert "gpt-4o" in {model.id for model in page.data}
    assert {model.id for model in driver.all(driver.client.models.list())} == {model.id for model in page.data}
    assert driver.do(lambda client: client.models.retrieve("gpt-4o")).id == "gpt-4o"


def test_completions(driver: Driver) -> None:
    def complete(**params: Any) -> Any:
        return driver.do(lambda client: client.completions.create(model="gpt-35-turbo-instruct", prompt="Once", **params))

    whole = complete().choices[0].text
    assert whole
    assert "".join(choice.text for part in driver.all(complete(stream=True)) for choice in part.choices) == whole


def test_raw_responses(driver: Driver) -> None:
    def raw(**params: Any) -> Any:
        return driver.do(
            lambda client: client.chat.completions.with_raw_response.create(model="gpt-4o", messages=MESSAGES, **params)
        )

    response = raw()
    assert response.status_code == 200
    assert response.request_id == response.headers["X-Request-Id"]
    assert response.http_request.method == "POST"
    assert response.parse().choices[0].message.content == json.loads(response.text)["choices"][0]["message"]["content"]
    streamed = raw(stream=True)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert driver.all(streamed.parse())


def test_streaming_responses(driver: Driver) -> None:
    def call(client: Any) -> Any:
        return client.chat.completions.with_streaming_response.create(model="gpt-4o", messages=MESSAGES)

    def streamed(client: Any) -> Any:
        return client.chat.completions.with_streaming_response.create(model="gpt-4o", messages=MESSAGES, stream=True)

    body = driver.entered(call, lambda response: response.read())
    assert json.loads(body)["object"] == "chat.completion"
    assert b"".join(driver.entered(call, lambda response: response.iter_bytes(10))).startswith(b"{")
    assert driver.entered(call, lambda response: response.parse()).choices[0].message.content
    assert driver.entered(streamed, lambda response: response.iter_lines())[-2:] == ["data: [DONE]", ""]
    assert driver.entered(call, lambda response: response.headers)["x-request-id"]


def test_an_unknown_model(driver: Driver) -> None:
    with pytest.raises(NotFoundError) as failed:
        chat(driver, model="gpt-9")
    assert failed.value.code == ("DeploymentNotFound" if driver.azure else "model_not_found")
    assert ("azure_deployment=" if driver.azure else "client.models.list()") in str(failed.value)
    assert failed.value.request_id and failed.value.request_id in str(failed.value)


def test_a_wrong_key(kind: str, service: LocalService) -> None:
    with Driver(kind, service, api_key="sk-wrong") as driver, pytest.raises(AuthenticationError) as failed:
        chat(driver)
    assert failed.value.status_code == 401
    assert ("Keys and Endpoint" if "Azure" in kind else "see api_key=") in str(failed.value)
    assert "sk-wrong" not in repr(failed.value.__dict__)


def test_a_bad_request(driver: Driver) -> None:
    with pytest.raises(BadRequestError) as failed:
        chat(driver, temperature=5)
    assert failed.value.param == "temperature"
    with pytest.raises(APIStatusError) as streamed:
        chat(driver, temperature=5, stream=True)
    assert streamed.value.status_code == 400


@pytest.mark.parametrize("kind", KINDS[2:])
def test_a_fixed_deployment(kind: str, service: LocalService) -> None:
    with Driver(kind, service, azure_deployment="gpt-4o-mini") as driver:
        assert chat(driver, model="something else").model.startswith("gpt-4o-mini")
        assert driver.do(lambda client: client.models.list()).data


@pytest.mark.parametrize("kind", KINDS[2:])
def test_azure_v1(kind: str, service: LocalService) -> None:
    with Driver(kind, service, azure_endpoint=f"{service.azure_endpoint}/openai/v1", api_version=None) as driver:
        assert chat(driver).choices[0].message.content
        assert driver.all(chat(driver, stream=True))
