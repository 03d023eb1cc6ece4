"""The `openai` package, with all four of its classes: what Microsoft's guide shows for Python, and what came after it.

OPENAI_BASE_URL, AZURE_OPENAI_ENDPOINT and their like say where the service is, as the package reads them.
"""

from __future__ import annotations

import base64
import io
import json
import os
import struct
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import openai
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI
from pydantic import BaseModel
from report import NotThere, Scenario, each, fetched, refused, report, settled

Client = OpenAI | AsyncOpenAI

MICROSOFT: Any = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "When was Microsoft founded?"},
]
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
SEATTLE = "https://example.com/generated-seattle.png"
SPOKEN = "Testing, testing, 1, 2, 3."


class Event(BaseModel):
    name: str
    participants: list[str]


def is_azure(client: Client) -> bool:
    return isinstance(client, AzureOpenAI | AsyncAzureOpenAI)


async def chat(client: Client) -> str:
    completion = await settled(client.chat.completions.create(model="gpt-4o", messages=MICROSOFT))
    (choice,) = completion.choices
    assert choice.message.role == "assistant" and "When was Microsoft founded?" in choice.message.content
    assert choice.finish_reason == "stop" and completion.usage.total_tokens > completion.usage.prompt_tokens > 0
    assert json.loads(completion.model_dump_json(indent=2))["id"] == completion.id
    assert completion._request_id
    if is_azure(client):
        assert choice.content_filter_results["violence"] == {"filtered": False, "severity": "safe"}
        assert completion.prompt_filter_results
    return f"{completion.model}, {completion.usage.total_tokens} tokens, request id"


async def stream(client: Client) -> str:
    whole = await settled(client.chat.completions.create(model="gpt-4o", messages=MICROSOFT))
    asked: Any = {"stream": True, "stream_options": {"include_usage": True}}
    text, chunks, usage = "", 0, None
    async for chunk in each(await settled(client.chat.completions.create(model="gpt-4o", messages=MICROSOFT, **asked))):
        chunks += 1
        usage = chunk.usage or usage
        if chunk.choices and chunk.choices[0].delta.content is not None:
            text += chunk.choices[0].delta.content
    assert text == whole.choices[0].message.content and usage == whole.usage
    return f"{chunks} chunks, the text and the usage of the whole answer"


async def image_input(client: Client) -> str:
    picture = {"type": "image_url", "image_url": {"url": SEATTLE}}
    messages: Any = [{"role": "user", "content": [{"type": "text", "text": "What's in this image?"}, picture]}]
    completion = await settled(client.chat.completions.create(model="gpt-4o", messages=messages, max_tokens=300))
    assert "1 image" in completion.choices[0].message.content
    drawn = await settled(client.images.generate(model="dall-e-3", prompt="Seattle", response_format="b64_json"))
    picture["image_url"] = {"url": f"data:image/png;base64,{drawn.data[0].b64_json}"}
    inline = await settled(client.chat.completions.create(model="gpt-4o", messages=messages, max_tokens=300))
    assert "1 image" in inline.choices[0].message.content
    return "by address, and inline"


async def tools(client: Client) -> str:
    messages: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
    asked: Any = {"model": "gpt-4o", "messages": messages, "tools": [WEATHER]}
    choice = (await settled(client.chat.completions.create(**asked))).choices[0]
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    pieces = ""
    async for chunk in each(await settled(client.chat.completions.create(stream=True, **asked))):
        for piece in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
            pieces += piece.function.arguments or ""
    assert pieces == call.function.arguments
    messages += [choice.message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 20 degrees"}]
    answer = (await settled(client.chat.completions.create(**asked))).choices[0]
    assert answer.finish_reason == "stop" and "Sunny, 20 degrees" in answer.message.content
    return "called, streamed, answered with the result"


async def structured_output(client: Client) -> str:
    messages: Any = [{"role": "user", "content": 'Make an event "Science Fair" with "Alice" and "Bob".'}]
    completion = await settled(client.chat.completions.parse(model="gpt-4o", messages=messages, response_format=Event))
    event = completion.choices[0].message.parsed
    assert isinstance(event, Event) and event.name and event.participants
    return repr(event)


async def embeddings(client: Client) -> str:
    model = "text-embedding-3-large"
    text = "Attention is all you need"
    packed = await settled(client.embeddings.create(model=model, input=[text, "Something else"]))  # base64, unless said
    plain = await settled(client.embeddings.create(model=model, input=text, encoding_format="float"))
    assert [each.index for each in packed.data] == [0, 1]
    assert len(plain.data[0].embedding) == len(packed.data[0].embedding) == 3072
    assert all(abs(a - b) < 1e-6 for a, b in zip(plain.data[0].embedding, packed.data[0].embedding, strict=True))
    short = await settled(client.embeddings.create(model=model, input=text, dimensions=256))
    assert len(short.data[0].embedding) == 256
    return "3072 numbers, 256 when asked; base64 and floats"


async def images(client: Client) -> str:
    asked: Any = {"model": "dall-e-3", "prompt": "A rabbit eating pancakes", "n": 1, "quality": "hd", "style": "vivid"}
    drawn = await settled(client.images.generate(size="1024x1024", response_format="url", **asked))
    data = fetched(drawn.data[0].url)
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", data[16:24]) == (1024, 1024)
    wide = await settled(client.images.generate(size="1792x1024", response_format="b64_json", **asked))
    assert struct.unpack(">II", base64.b64decode(wide.data[0].b64_json)[16:24]) == (1792, 1024)
    return "a PNG by its address and inline, as large as asked for"


async def speech(client: Client) -> str:
    spoken = await settled(client.audio.speech.create(model="tts-hd", voice="alloy", input=SPOKEN))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "speech.mp3"
        spoken.write_to_file(file)
        size = file.stat().st_size
        assert file.read_bytes() == spoken.content and spoken.content[:3] in (b"ID3", b"\xff\xfb\x90", b"\xff\xf3\x84")
    flac = await settled(client.audio.speech.create(model="tts-hd", voice="alloy", input=SPOKEN, response_format="flac"))
    assert flac.content[:4] == b"fLaC"
    return f"mp3 of {size:,} bytes, flac"


async def transcription(client: Client) -> str:
    spoken = await settled(client.audio.speech.create(model="tts-hd", voice="alloy", input=SPOKEN))
    recording = io.BytesIO(spoken.content)
    recording.name = "speech1.mp3"
    heard = await settled(client.audio.transcriptions.create(model="whisper", file=recording))
    assert heard.text == SPOKEN
    asked: Any = {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]}
    long = await settled(client.audio.transcriptions.create(model="whisper", file=("a.mp3", spoken.content), **asked))
    assert [word.word.strip(" ,.") for word in long.words] == ["Testing", "testing", "1", "2", "3"] and long.segments
    text = await settled(
        client.audio.transcriptions.create(model="whisper", file=("a.mp3", spoken.content), response_format="text")
    )
    assert isinstance(text, str) and text.strip() == SPOKEN
    translated = await settled(client.audio.translations.create(model="whisper", file=("a.mp3", spoken.content)))
    assert translated.text
    return f"{heard.text!r}, the text that was spoken; words, segments, text; translation"


async def legacy_completions(client: Client) -> str:
    model = "gpt-35-turbo-instruct"
    completion = await settled(client.completions.create(model=model, prompt="Hello World!", max_tokens=100, temperature=0))
    assert "Hello World!" in completion.choices[0].text and completion._request_id
    text = ""
    streamed = await settled(
        client.completions.create(model=model, prompt="Hello World!", max_tokens=100, temperature=0, stream=True)
    )
    async for chunk in each(streamed):
        text += chunk.choices[0].text if chunk.choices else ""
    assert text == completion.choices[0].text
    return "whole and streamed"


async def errors(client: Client) -> str:
    once = client.with_options(max_retries=0)

    async def failed(expected: Any, fault: str) -> Any:
        asked: Any = {"model": "gpt-4o", "messages": MICROSOFT, "extra_headers": {"x-ceyx-fault": fault}}
        return await refused(expected, lambda: once.chat.completions.create(**asked))

    by_status = {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        403: openai.PermissionDeniedError,
        404: openai.NotFoundError,
        409: openai.ConflictError,
        422: openai.UnprocessableEntityError,
        429: openai.RateLimitError,
        500: openai.InternalServerError,
        503: openai.InternalServerError,
    }
    for status, expected in by_status.items():
        error = await failed(expected, f"status;code={status}")
        assert error.status_code == status and error.response.status_code == status
    # What the service itself has to say.
    unknown = await refused(openai.NotFoundError, lambda: once.chat.completions.create(model="nobody", messages=MICROSOFT))
    assert unknown.code == ("DeploymentNotFound" if is_azure(client) else "model_not_found")
    wrong = client.with_options(api_key="a-wrong-key", max_retries=0)
    await refused(openai.AuthenticationError, lambda: wrong.chat.completions.create(model="gpt-4o", messages=MICROSOFT))
    hot: Any = {"model": "gpt-4o", "messages": MICROSOFT, "temperature": 9}
    bad = await refused(openai.BadRequestError, lambda: once.chat.completions.create(**hot))
    assert "temperature" in bad.message
    tuning: Any = {"model": "gpt-4o", "training_file": "file-test"}
    assert (await refused(openai.APIStatusError, lambda: once.fine_tuning.jobs.create(**tuning))).status_code in (400, 404)
    lost = await failed(openai.APIConnectionError, "hang-up")
    assert lost.__cause__ is not None
    if is_azure(client):
        filtered = await failed(openai.BadRequestError, "prompt-filtered;category=violence")
        assert filtered.code == "content_filter"
        assert filtered.body["innererror"]["content_filter_result"]["violence"]["filtered"] is True
    return "every class by its status, a broken connection, and the service's own 400, 401, 404"


async def retries(client: Client) -> str:
    asked: Any = {"model": "gpt-4o", "messages": MICROSOFT}
    for status in (408, 429, 500, 503):
        twice = {"x-ceyx-fault": f"status;code={status};retry-after-ms=5;times=2"}
        assert (await settled(client.chat.completions.create(extra_headers=twice, **asked))).choices
    often = {"x-ceyx-fault": "status;code=503;retry-after-ms=5;times=4"}
    assert (await settled(client.with_options(max_retries=5).chat.completions.create(extra_headers=often, **asked))).choices
    once = client.with_options(max_retries=0)
    full = {"x-ceyx-fault": f"status;code=429;retry-after-ms=5;times=1;key={uuid4()}"}
    await refused(openai.RateLimitError, lambda: once.chat.completions.create(extra_headers=full, **asked))
    return "two by itself, five when told, none when told"


async def responses(client: Client) -> str:
    if is_azure(client):
        client = client.with_options(api_version="2025-04-01-preview")
    response = await settled(client.responses.create(model="gpt-4o", input="When was Microsoft founded?"))
    assert response.status == "completed" and "When was Microsoft founded?" in response.output_text
    asked: Any = {"model": "gpt-4o", "input": "When was Microsoft founded?", "stream": True}
    kinds = [event.type async for event in each(await settled(client.responses.create(**asked)))]
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed" and "response.output_text.delta" in kinds
    further = await settled(client.responses.create(model="gpt-4o", input="And Apple?", previous_response_id=response.id))
    assert further.previous_response_id == response.id
    assert (await settled(client.responses.retrieve(response.id))).output_text == response.output_text
    await settled(client.responses.delete(response.id))
    parsed = await settled(
        client.responses.parse(model="gpt-4o", input='An event "Fair" with "Alice" and "Bob"', text_format=Event)
    )
    assert isinstance(parsed.output_parsed, Event)
    return "whole, streamed, gone on with, read again, deleted, parsed"


async def identity(client: Client) -> str:
    if not is_azure(client):
        raise NotThere("Entra ID is Azure's")
    os.environ.pop("AZURE_OPENAI_API_KEY", None)  # no key to fall back to; the other clients are made already
    scope = "https://cognitiveservices.azure.com/.default"
    asked: Any = {"model": "gpt-4o", "messages": MICROSOFT}
    forged: Any = type(client)(azure_ad_token="no-token")
    await refused(openai.AuthenticationError, lambda: forged.chat.completions.create(**asked))
    if isinstance(client, AzureOpenAI):
        from azure.identity import DefaultAzureCredential, get_bearer_token_provider

        credential = DefaultAzureCredential()
        keyless: Any = AzureOpenAI(azure_ad_token_provider=get_bearer_token_provider(credential, scope))
        completion = keyless.chat.completions.create(**asked)
        credential.close()
    else:
        from azure.identity.aio import DefaultAzureCredential, get_bearer_token_provider

        async with DefaultAzureCredential() as waiting:
            keyless = AsyncAzureOpenAI(azure_ad_token_provider=get_bearer_token_provider(waiting, scope))
            completion = await keyless.chat.completions.create(**asked)
            await keyless.close()
    assert completion.choices
    return "DefaultAzureCredential finds the managed identity; its token is taken, another refused"


async def tls(client: Client) -> str:
    endpoint = os.environ["CEYX_TLS_ENDPOINT"]
    where: Any = {"base_url": None, "azure_endpoint": endpoint} if is_azure(client) else {"base_url": f"{endpoint}/v1"}
    trusting = type(client)(**where)
    assert (await settled(trusting.chat.completions.create(model="gpt-4o", messages=MICROSOFT))).choices
    await settled(trusting.close())
    return "trusted by SSL_CERT_FILE"


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
    report(
        SCENARIOS,
        {
            "OpenAI": OpenAI(),
            "AsyncOpenAI": AsyncOpenAI(),
            "AzureOpenAI": AzureOpenAI(),
            "AsyncAzureOpenAI": AsyncAzureOpenAI(),
        },
    )
