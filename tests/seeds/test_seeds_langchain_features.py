"""The table of features that both chat notebooks begin with: each one that is ticked, for both classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.callbacks import get_usage_metadata_callback
from langchain_core.messages import AIMessageChunk, HumanMessage
from pydantic import BaseModel

from ceyx.langchain import AzureChatOpenAI, ChatOpenAI
from ceyx.service import LocalService

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class City(BaseModel):
    """A city."""

    name: str
    people: int


def get_weather(place: str) -> str:
    """Tell the weather."""
    return f"sunny in {place}"


Making = Callable[..., Any]


@pytest.fixture(params=["ChatOpenAI", "AzureChatOpenAI"])
def make(request: pytest.FixtureRequest, service: LocalService) -> Making:
    """Makes a model of the class, with more fields as they are wanted."""
    if request.param == "ChatOpenAI":
        return lambda **more: ChatOpenAI(base_url=service.url, api_key="any", model="gpt-4o", **more)
    where = {"azure_endpoint": service.azure_endpoint, "azure_deployment": "gpt-4o", "api_version": "2025-01-01-preview"}
    return lambda **more: AzureChatOpenAI(**where, api_key="any", **more)


def test_tool_calling(make: Making) -> None:
    [call] = make().bind_tools([get_weather]).invoke("What is the weather in Rome?").tool_calls
    assert (call["name"], call["args"], call["type"]) == ("get_weather", {"place": "Rome"}, "tool_call")


def test_structured_output(make: Making) -> None:
    city = make().with_structured_output(City).invoke("Rome has 3 people")
    assert isinstance(city, City) and city.name == "Rome"


def test_json_mode(make: Making) -> None:
    found = make().with_structured_output(None, method="json_mode").invoke("Say it in JSON.")
    assert isinstance(found, dict) and found


@pytest.mark.parametrize(
    "image",
    [
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "image", "base64": PIXEL, "mime_type": "image/png"},
        {"type": "image", "url": "https://example.com/a.png"},
    ],
    ids=["url", "base64", "block"],
)
def test_image_input(make: Making, image: dict[str, Any]) -> None:
    said = [{"type": "text", "text": "What is in this image?"}]
    plain = make().invoke([HumanMessage(said)])
    pictured = make().invoke([HumanMessage([*said, image])])
    assert pictured.usage_metadata["input_tokens"] > plain.usage_metadata["input_tokens"]
    assert pictured.content != plain.content


def test_token_streaming(make: Making) -> None:
    model = make()
    chunks = list(model.stream("Count to three."))
    texts = [chunk.content for chunk in chunks if chunk.content]
    assert len(texts) > 3 and "".join(texts) == model.invoke("Count to three.").content


async def test_native_async(make: Making) -> None:
    model = make()
    message = await model.ainvoke("Count to three.")
    whole = AIMessageChunk("")
    async for chunk in model.astream("Count to three."):
        whole = whole + chunk
    assert whole.content == message.content
    assert [one.content for one in await model.abatch(["Count to three."] * 2)] == [message.content] * 2
    await model.root_async_client.close()


def test_token_usage(make: Making) -> None:
    model = make()
    with get_usage_metadata_callback() as counted:
        whole = model.invoke("Count to three.").usage_metadata
        streamed = [chunk.usage_metadata for chunk in model.stream("Count to three.") if chunk.usage_metadata]
    assert whole["total_tokens"] == whole["input_tokens"] + whole["output_tokens"] > 0
    assert [one["total_tokens"] for one in streamed] == [whole["total_tokens"]]
    [counts] = counted.usage_metadata.values()
    assert counts["total_tokens"] == 2 * whole["total_tokens"]


def test_logprobs(make: Making) -> None:
    model = make(logprobs=True, top_logprobs=2)
    [first, *_] = model.invoke("Count to three.").response_metadata["logprobs"]["content"]
    assert first["logprob"] <= 0 and len(first["top_logprobs"]) == 2
    told = [chunk.response_metadata["logprobs"] for chunk in model.stream("Count.") if "logprobs" in chunk.response_metadata]
    assert len(told) > 3 and told[0]["content"][0]["token"]
