"""The `openai` package as an independent judge of the service."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import openai
import pytest
from plain_http import said
from pydantic import BaseModel

from ceyx.service import LocalService

VERSION = "2024-10-21"


@pytest.fixture(scope="module")
def client(service: LocalService) -> Any:
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        yield client


@pytest.fixture(scope="module")
def azure(service: LocalService) -> Any:
    with openai.AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version=VERSION) as client:
        yield client


class City(BaseModel):
    name: str
    population: int
    twin: City | None


def test_chat(client: Any, azure: Any) -> None:
    for each in (client, azure):
        answer = each.chat.completions.create(model="gpt-4o", messages=said("Hello"))
        assert "not a model" in answer.choices[0].message.content
        assert answer._request_id
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_streams(client: Any, azure: Any) -> None:
    whole = client.chat.completions.create(model="gpt-4o", messages=said("Hello")).choices[0].message.content
    for each in (client, azure):
        chunks = list(each.chat.completions.create(model="gpt-4o", messages=said("Hello"), stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
        assert bool(chunks[0].choices) is (each is client)


def test_async_streams(service: LocalService) -> None:
    async def read(client: Any) -> str:
        async with client:
            stream = await client.chat.completions.create(model="gpt-4o", messages=said("Hello"), stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    async def both() -> list[str]:
        azure = openai.AsyncAzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version=VERSION)
        return await asyncio.gather(read(openai.AsyncOpenAI(base_url=service.url, api_key="any")), read(azure))

    assert all("not a model" in text for text in asyncio.run(both()))


def test_parse(client: Any) -> None:
    answer = client.chat.completions.parse(model="gpt-4o", messages=said("Anything about Oslo?"), response_format=City)
    assert isinstance(answer.choices[0].message.parsed, City)
    assert answer.choices[0].message.parsed.name == "Oslo"
    with client.chat.completions.stream(model="gpt-4o", messages=said("Oslo"), response_format=City) as stream:
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, City)


def test_strict_tools(client: Any) -> None:
    tool = openai.pydantic_function_tool(City, name="find_city")
    answer = client.chat.completions.parse(model="gpt-4o", messages=said("Find the city of Oslo"), tools=[tool])
    assert answer.choices[0].message.tool_calls[0].function.parsed_arguments.name == "Oslo"


def test_streamed_tool_calls(azure: Any) -> None:
    tool = openai.pydantic_function_tool(City, name="find_city")
    with azure.chat.completions.stream(model="gpt-4o", messages=said("Find the city of Oslo"), tools=[tool]) as stream:
        call = stream.get_final_completion().choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments)["name"] == "Oslo"


def test_completions_and_embeddings(client: Any, azure: Any) -> None:
    for each in (client, azure):
        assert each.completions.create(model="gpt-35-turbo-instruct", prompt="Hello").choices[0].text
        parts = each.completions.create(model="gpt-35-turbo-instruct", prompt="Hello", stream=True)
        assert "".join(part.choices[0].text for part in parts if part.choices)
        assert len(each.embeddings.create(model="text-embedding-3-large", input="Hello").data[0].embedding) == 3072
    floats = client.embeddings.create(model="text-embedding-3-small", input="Hello", encoding_format="float")
    packed = client.embeddings.create(model="text-embedding-3-small", input="Hello")
    assert packed.data[0].embedding == pytest.approx(floats.data[0].embedding)


def test_models(client: Any, azure: Any) -> None:
    for each in (client, azure):
        assert "gpt-4o" in {model.id for model in each.models.list()}
        assert each.models.retrieve("gpt-4o").id == "gpt-4o"


def test_errors(client: Any, azure: Any) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="gpt-9", messages=said("Hello"))
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError) as missing:
        azure.chat.completions.create(model="gpt-9", messages=said("Hello"))
    assert missing.value.code == "DeploymentNotFound"
    with pytest.raises(openai.BadRequestError) as hot:
        azure.chat.completions.create(model="gpt-4o", messages=said("Hello"), temperature=5)
    assert hot.value.param == "temperature"
    assert hot.value.request_id
