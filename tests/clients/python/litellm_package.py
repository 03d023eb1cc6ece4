"""litellm, with its models of OpenAI and of Azure, asked for nothing from the network.

AZURE_OPENAI_ENDPOINT and its like say where the service is.
"""

from __future__ import annotations

import io
import json
import os
import struct
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import uuid4

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # the prices that are in the package

import litellm  # it reads the variable when it is imported
from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from pydantic import BaseModel
from report import NotThere, Scenario, fetched, refused, report

litellm.telemetry = False
litellm.suppress_debug_info = True

SPOKEN = "Testing, testing, 1, 2, 3."
HELLO: Any = [{"role": "user", "content": "Hello, how are you?"}]
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class Event(BaseModel):
    name: str
    participants: list[str]


class Provider:
    """Where a provider's models are, and what litellm calls them."""

    def __init__(self, prefix: str, **where: str | None) -> None:
        self.prefix = prefix
        self.where: Any = {"max_retries": 0, **where}

    def of(self, model: str, **more: Any) -> dict[str, Any]:
        return {"model": f"{self.prefix}/{model}", **self.where, **more}


OPENAI = Provider("openai", api_base=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])
AZURE = Provider(
    "azure",
    api_base=os.environ["AZURE_OPENAI_ENDPOINT"],
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    api_version=os.environ["OPENAI_API_VERSION"],
)


async def chat(provider: Provider) -> str:
    answer: Any = litellm.completion(messages=HELLO, **provider.of("gpt-4o"))
    text = answer.choices[0].message.content
    assert "how are you?" in text and answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > answer.usage.prompt_tokens > 0
    awaited: Any = await litellm.acompletion(messages=HELLO, **provider.of("gpt-4o"))
    assert awaited.choices[0].message.content == text
    return f"{answer.model}, {answer.usage.total_tokens} tokens; awaited, too"


async def stream(provider: Provider) -> str:
    whole: Any = litellm.completion(messages=HELLO, **provider.of("gpt-4o"))
    chunks: Any = list(litellm.completion(messages=HELLO, **provider.of("gpt-4o", stream=True)))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    waited: Any = await litellm.acompletion(messages=HELLO, **provider.of("gpt-4o", stream=True))
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in waited]) == text
    return f"{len(chunks)} chunks, the text of the whole answer; awaited, too"


async def image_input(provider: Provider) -> str:
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/seattle.png"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "What's in this image?"}, picture]}]
    answer: Any = litellm.completion(messages=messages, **provider.of("gpt-4o"))
    assert "1 image" in answer.choices[0].message.content
    return "by address"


async def tools(provider: Provider) -> str:
    messages: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
    asked = provider.of("gpt-4o", tools=[WEATHER])
    choice = litellm.completion(messages=messages, **asked).choices[0]
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and json.loads(call.function.arguments) == {"city": "Paris"}
    messages += [choice.message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 20 degrees"}]
    assert "Sunny, 20 degrees" in litellm.completion(messages=messages, **asked).choices[0].message.content
    return "called, answered with the result"


async def structured_output(provider: Provider) -> str:
    messages = [{"role": "user", "content": 'Make an event "Science Fair" with "Alice".'}]
    answer: Any = litellm.completion(messages=messages, response_format=Event, **provider.of("gpt-4o"))
    return repr(Event.model_validate_json(answer.choices[0].message.content))


async def embeddings(provider: Provider) -> str:
    answer: Any = litellm.embedding(
        input=["Attention is all you need", "Something else"], **provider.of("text-embedding-3-large")
    )
    assert [len(each["embedding"]) for each in answer.data] == [3072, 3072]
    return "two texts, of 3072 numbers"


async def images(provider: Provider) -> str:
    asked: Any = {"prompt": "A rabbit eating pancakes", "size": "1024x1024"}
    drawn: Any = litellm.image_generation(**asked, **provider.of("dall-e-3"))
    assert fetched(drawn.data[0].url)[:4] == b"\x89PNG"
    inline: Any = litellm.image_generation(response_format="b64_json", **asked, **provider.of("dall-e-3"))
    assert struct.unpack(">II", b64decode(inline.data[0].b64_json)[16:24]) == (1024, 1024)
    return "by address, and inline"


async def speech(provider: Provider) -> str:
    spoken: Any = litellm.speech(input=SPOKEN, voice="alloy", **provider.of("tts-1"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "speech.mp3"
        spoken.stream_to_file(file)
        return f"mp3 of {file.stat().st_size:,} bytes"


async def transcription(provider: Provider) -> str:
    spoken: Any = litellm.speech(input=SPOKEN, voice="alloy", **provider.of("tts-1"))
    recording = io.BytesIO(spoken.content)
    recording.name = "speech.mp3"
    heard: Any = litellm.transcription(file=recording, **provider.of("whisper"))
    assert heard.text == SPOKEN
    return "the text that was spoken"


async def legacy_completions(provider: Provider) -> str:
    kind = "text-completion-openai" if provider is OPENAI else "azure_text"
    asked = {**provider.of("gpt-35-turbo-instruct", max_tokens=100), "model": f"{kind}/gpt-35-turbo-instruct"}
    answer: Any = litellm.text_completion(prompt="Hello World!", **asked)
    assert "Hello World!" in answer.choices[0].text
    return "whole"


async def responses(provider: Provider) -> str:
    asked = provider.of("gpt-4o", input="When was Microsoft founded?")
    if provider is AZURE:
        asked["api_version"] = "2025-04-01-preview"
    answer: Any = litellm.responses(**asked)
    assert "When was Microsoft founded?" in answer.output_text
    kinds = [event.type for event in litellm.responses(stream=True, **asked)]
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
    return "whole, streamed"


async def errors(provider: Provider) -> str:
    by_status: dict[int, Any] = {400: litellm.BadRequestError, 404: litellm.NotFoundError, 429: litellm.RateLimitError}
    by_status[500] = litellm.InternalServerError if provider is OPENAI else litellm.APIError
    by_status[503] = litellm.ServiceUnavailableError
    for status, expected in by_status.items():
        asked = provider.of("gpt-4o", extra_headers={"x-ceyx-fault": f"status;code={status}"})
        error = await refused(expected, lambda asked=asked: litellm.completion(messages=HELLO, **asked))
        assert error.status_code == status
    await refused(litellm.NotFoundError, lambda: litellm.completion(messages=HELLO, **provider.of("nobody")))
    wrong = provider.of("gpt-4o") | {"api_key": "a-wrong-key"}
    await refused(litellm.AuthenticationError, lambda: litellm.completion(messages=HELLO, **wrong))
    if provider is AZURE:
        filtered = provider.of("gpt-4o", extra_headers={"x-ceyx-fault": "prompt-filtered"})
        await refused(litellm.ContentPolicyViolationError, lambda: litellm.completion(messages=HELLO, **filtered))
    return "each by its status, and the service's own 401, 404"


async def retries(provider: Provider) -> str:
    litellm.in_memory_llm_clients_cache.flush_cache()  # its client of Azure would go on with the retries it was made with
    for status in (429, 500, 503):
        twice = {"x-ceyx-fault": f"status;code={status};retry-after-ms=5;times=2"}
        asked = provider.of("gpt-4o", extra_headers=twice) | {"max_retries": 2}
        assert litellm.completion(messages=HELLO, **asked).choices
    litellm.in_memory_llm_clients_cache.flush_cache()
    once = provider.of("gpt-4o", extra_headers={"x-ceyx-fault": f"status;code=429;times=1;key={uuid4()}"})
    await refused(litellm.RateLimitError, lambda: litellm.completion(messages=HELLO, **once))
    return "two when told, none when told"


async def tls(provider: Provider) -> str:
    endpoint = os.environ["CEYX_TLS_ENDPOINT"]
    there = provider.of("gpt-4o") | {"api_base": endpoint if provider is AZURE else f"{endpoint}/v1"}
    assert litellm.completion(messages=HELLO, **there).choices
    return "trusted by SSL_CERT_FILE"


async def identity(provider: Provider) -> str:
    if provider is not AZURE:
        raise NotThere("Entra ID is Azure's")
    keyless = provider.of("gpt-4o") | {"api_key": None}
    del os.environ["AZURE_OPENAI_API_KEY"]  # it would be found there
    with DefaultAzureCredential() as credential:
        found = get_bearer_token_provider(credential, "https://cognitiveservices.azure.com/.default")
        assert litellm.completion(messages=HELLO, azure_ad_token_provider=found, **keyless).choices
    forged = keyless | {"azure_ad_token": "no-token"}
    await refused(litellm.AuthenticationError, lambda: litellm.completion(messages=HELLO, **forged))
    return "DefaultAzureCredential finds the managed identity; its token is taken, another refused"


SCENARIOS: dict[str, Scenario] = {
    "chat": chat,
    "stream": stream,
    "image input": image_input,
    "tools": tools,
    "structured output": structured_output,
    "embeddings": embeddings,
    "images": images,
    "speech": speech,
    "transcription": transcription,
    "legacy completions": legacy_completions,
    "responses": responses,
    "errors": errors,
    "retries": retries,
    "tls": tls,
    "identity": identity,
}

if __name__ == "__main__":
    report(SCENARIOS, {"openai/": OPENAI, "azure/": AZURE})
