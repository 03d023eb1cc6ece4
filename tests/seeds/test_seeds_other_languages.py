"""The .NET, Go, Java and JavaScript snippets of Microsoft's guide, translated one to one: each call, and what is done with it."""

# ruff: noqa: T201  what the snippets print is what they show

from __future__ import annotations

import asyncio
import json
import logging
import os
import urllib.request
import uuid
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from azure.identity import DefaultAzureCredential, get_bearer_token_provider

import ceyx
from ceyx import AsyncAzureOpenAI, AzureOpenAI, OpenAI, logs
from ceyx.service import LocalService

PIRATE: Any = [
    {"role": "system", "content": "You are a helpful assistant that talks like a pirate."},
    {"role": "user", "content": "Hi, can you help me?"},
    {"role": "assistant", "content": "Arrr! Of course, me hearty! What can I do for ye?"},
    {"role": "user", "content": "What's the best way to train a parrot?"},
]
SEATTLE = (
    "https://raw.githubusercontent.com/MicrosoftDocs/azure-ai-docs/main/articles/ai-services/openai/media/how-to/"
    "generated-seattle.png"
)


def conversation(line: str) -> list[tuple[str, str]]:
    """The messages that a logged request carries."""
    body = json.loads(line.splitlines()[-1])
    return [(message["role"], message["content"]) for message in body["messages"]]


class TestDotnet:
    """`AzureOpenAIClient` with `DefaultAzureCredential`; each kind of client is of one deployment."""

    @pytest.fixture
    def client(self, keyless: pytest.MonkeyPatch, service: LocalService) -> AzureOpenAI:
        return AzureOpenAI(azure_endpoint=service.azure_endpoint, credential=DefaultAzureCredential(), api_version="2024-06-01")

    @pytest.mark.parametrize(
        "version",
        ["2024-06-01", "2024-08-01-preview", "2024-09-01-preview", "2024-10-01-preview", "2024-10-21", "2025-01-01-preview"],
    )
    def test_the_versions_that_can_be_targeted(self, client: AzureOpenAI, version: str, sent: list[str]) -> None:
        chat = client.copy(api_version=version, azure_deployment="my-gpt-4o-mini-deployment", http_logging="basic")
        assert chat.chat.completions.create(model="", messages=PIRATE).choices[0].message.content
        assert f"my-gpt-4o-mini-deployment/chat/completions?api-version={version}" in sent[0]

    def test_transcription(self, client: AzureOpenAI, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with (Path("Assets") / "speech.mp3").open("rb") as recording:
            transcription = client.audio.transcriptions.create(
                model="whisper",
                file=recording,
                response_format="verbose_json",
                timestamp_granularities=["word", "segment"],
            )
        print("Transcription:")
        print(transcription.text)
        print()
        print("Words:")
        for word in transcription.words or []:
            print(f" {word.word:>15} : {word.start * 1000:5.0f} - {word.end * 1000:5.0f}")
        print()
        print("Segments:")
        for segment in transcription.segments or []:
            print(f" {segment.text:>90} : {segment.start * 1000:5.0f} - {segment.end * 1000:5.0f}")
        head, words, segments = capsys.readouterr().out.split("\n\n")
        assert head.splitlines()[1] == transcription.text
        assert [line.split(" : ")[0].strip() for line in words.splitlines()[1:]] == transcription.text.split()
        assert len(segments.splitlines()) > 1

    def test_speech(self, client: AzureOpenAI, folder: Path) -> None:
        speech = client.copy(api_version="2024-10-01-preview").audio.speech.create(
            model="tts-hd", voice="alloy", input="Testing, testing, 1, 2, 3."
        )
        path = folder / f"{uuid.uuid4()}.mp3"
        with path.open("wb") as stream:
            stream.write(speech.read())
        assert path.read_bytes()[:2] in (b"\xff\xfb", b"ID", b"\xff\xf3")

    def test_chat(self, client: AzureOpenAI, capsys: pytest.CaptureFixture[str], sent: list[str]) -> None:
        chat = client.copy(azure_deployment="my-gpt-4o-deployment", http_logging="body")
        completion = chat.chat.completions.create(model="", messages=PIRATE)
        print(f"{completion.choices[0].message.role}: {completion.choices[0].message.content}")
        assert capsys.readouterr().out.startswith("assistant: ")
        assert conversation(sent[0]) == [(message["role"], message["content"]) for message in PIRATE]

    def test_a_stream(self, client: AzureOpenAI, capsys: pytest.CaptureFixture[str]) -> None:
        chat = client.copy(azure_deployment="my-gpt-4o-deployment")
        for update in chat.chat.completions.create(model="", messages=PIRATE, stream=True):
            for choice in update.choices:
                print(choice.delta.content or "", end="")
        assert "What's the best way to train a parrot?" in capsys.readouterr().out

    @pytest.mark.usefixtures("keyless")
    def test_a_stream_awaited(self, service: LocalService) -> None:
        async def said() -> str:
            async with AsyncAzureOpenAI(
                azure_endpoint=service.azure_endpoint,
                credential=DefaultAzureCredential(),
                api_version="2024-06-01",
                azure_deployment="my-gpt-4o-deployment",
            ) as chat:
                updates = await chat.chat.completions.create(model="", messages=PIRATE, stream=True)
                return "".join([choice.delta.content or "" async for update in updates for choice in update.choices])

        assert "What's the best way to train a parrot?" in asyncio.run(said())

    def test_embedding(self, client: AzureOpenAI, capsys: pytest.CaptureFixture[str]) -> None:
        embedding = client.embeddings.create(model="text-embedding-3-large", input="This is a test embedding")
        print(", ".join(map(str, embedding.data[0].embedding)))
        assert len([float(value) for value in capsys.readouterr().out.split(", ")]) == 3072

    def test_image(self, client: AzureOpenAI, folder: Path) -> None:
        image = client.images.generate(
            model="dall-e-3",
            prompt="A rabbit eating pancakes.",
            quality="hd",
            size="1792x1024",
            style="vivid",
            response_format="b64_json",
        )
        assert image.data
        (folder / f"{uuid.uuid4()}.png").write_bytes(data := b64decode(image.data[0].b64_json or ""))
        assert data.startswith(b"\x89PNG") and (data[16:20], data[20:24]) == ((1792).to_bytes(4), (1024).to_bytes(4))

    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
    def test_three_retries(self, client: AzureOpenAI, status: int, slept: list[float]) -> None:
        faulty = client.copy(max_retries=3, default_headers={"x-ceyx-fault": f"status;code={status};times=3"})
        assert faulty.chat.completions.create(model="gpt-4o", messages=PIRATE).choices
        assert len(slept) == 3


SKIPPED = "Skipping example, environment variables missing"


class TestGo:
    """`azopenai`: a client for each example, from variables of its own, or nothing where they are not set."""

    @pytest.fixture
    def of(self, environment: pytest.MonkeyPatch, service: LocalService) -> Any:
        def set_up(scenario: str, model: str) -> None:
            for name, value in (("API_KEY", "the-key"), ("ENDPOINT", service.azure_endpoint), ("MODEL", model)):
                environment.setenv(f"AOAI_{scenario}_{name}", value)

        return set_up

    @staticmethod
    def client(scenario: str, version: str = "2024-10-01-preview") -> AzureOpenAI | None:
        values = [os.getenv(f"AOAI_{scenario}_{name}") for name in ("API_KEY", "ENDPOINT", "MODEL")]
        if not all(values):
            print(SKIPPED)
            return None
        key, endpoint, model = values
        return AzureOpenAI(azure_endpoint=endpoint, api_key=key, azure_deployment=model, api_version=version)

    def made(self, scenario: str) -> AzureOpenAI:
        client = self.client(scenario)
        assert client is not None
        return client

    def test_nothing_is_done_without_the_variables(self, environment: Any, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.client("WHISPER") is None
        assert capsys.readouterr().out.strip() == SKIPPED

    @pytest.mark.usefixtures("keyless")
    def test_authentication(self, service: LocalService) -> None:
        client = AzureOpenAI(
            azure_endpoint=service.azure_endpoint, credential=DefaultAzureCredential(), api_version="2024-10-01-preview"
        )
        assert client.models.list().data

    def test_speech_from_openai_itself(self, environment: pytest.MonkeyPatch, service: LocalService) -> None:
        environment.setenv("OPENAI_API_KEY", "the-key")
        environment.setenv("OPENAI_ENDPOINT", service.url)
        client = OpenAI(base_url=os.getenv("OPENAI_ENDPOINT"), api_key=os.getenv("OPENAI_API_KEY"))
        speech = client.audio.speech.create(model="tts-1", voice="alloy", input="i am a computer", response_format="flac")
        assert speech.read().startswith(b"fLaC")

    @pytest.mark.usefixtures("folder")
    def test_transcription(self, of: Any) -> None:
        of("WHISPER", "whisper")
        file = ("audio.mp3", Path("speech1.mp3").read_bytes())  # as the Go package names it where no name is given
        text: Any = self.made("WHISPER").audio.transcriptions.create(model="", file=file, response_format="text")
        assert isinstance(text, str) and text.strip()

    def test_chat(self, of: Any, capsys: pytest.CaptureFixture[str]) -> None:
        of("CHAT_COMPLETIONS", "gpt-4o")
        messages: Any = [{"role": "system", "content": "You are a helpful assistant. You will talk like a pirate."}, *PIRATE[1:]]
        answer = self.made("CHAT_COMPLETIONS").chat.completions.create(model="", messages=messages)
        for choice in answer.choices:
            if (found := choice.content_filter_results) is not None:
                print("Content filter results")
                if found.error is not None:
                    print(f" Error:{found.error.message}")
                for name in ("hate", "self_harm", "sexual", "violence"):
                    print(f" {name}: sev: {found[name].severity}, filtered: {found[name].filtered}")
            if choice.message.content is not None:
                print(f"Content[{choice.index}]: {choice.message.content}")
            if choice.finish_reason is not None:
                print(f"Finish reason[{choice.index}]: {choice.finish_reason}")
        printed = capsys.readouterr().out
        assert printed.startswith("Content filter results\n hate: sev: safe, filtered: False\n self_harm: sev: safe")
        assert "Content[0]: " in printed and printed.endswith("Finish reason[0]: stop\n")

    def test_a_filter_that_failed(self, of: Any) -> None:
        of("CHAT_COMPLETIONS", "gpt-4o")
        failed = {"error": {"code": "content_filter_error", "message": "The contents are not filtered"}}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}
        body = json.dumps({"id": "1", "choices": [{**choice, "content_filter_results": failed}]})
        quoted = body.replace("\\", "\\\\").replace('"', '\\"')
        client = self.made("CHAT_COMPLETIONS").copy(default_headers={"x-ceyx-fault": f'body;text="{quoted}"'})
        found = client.chat.completions.create(model="", messages=PIRATE).choices[0].content_filter_results
        assert found is not None and found.error is not None
        assert (found.error.code, found.error.message) == ("content_filter_error", "The contents are not filtered")

    def test_a_stream(self, of: Any) -> None:
        of("CHAT_COMPLETIONS", "gpt-4o")
        said: list[tuple[int, str, str]] = []
        with self.made("CHAT_COMPLETIONS").chat.completions.create(model="", messages=PIRATE, n=1, stream=True) as stream:
            while (chunk := next(stream, None)) is not None:
                said += [(choice.index, choice.delta.role or "", choice.delta.content or "") for choice in chunk.choices]
        assert [role for _, role, _ in said] == ["assistant"] + [""] * (len(said) - 1)
        assert "parrot" in "".join(text for _, _, text in said)

    def test_embeddings(self, of: Any, capsys: pytest.CaptureFixture[str]) -> None:
        of("EMBEDDINGS", "text-embedding-ada-002")
        for embedding in self.made("EMBEDDINGS").embeddings.create(model="", input=["Testing, testing, 1,2,3."]).data:
            print(f"Got embeddings for input {embedding.index}")
        assert capsys.readouterr().out == "Got embeddings for input 0\n"

    def test_image(self, of: Any, capsys: pytest.CaptureFixture[str]) -> None:
        of("DALLE", "dall-e-3")
        images = self.made("DALLE").images.generate(model="", prompt="a cat", response_format="url")
        for image in images.data or []:
            with urllib.request.urlopen(urllib.request.Request(str(image.url), method="HEAD")) as head:
                print(f"Image generated, HEAD request on URL returned {head.status}")
        assert capsys.readouterr().out.endswith(" 200\n")

    def test_completions(self, of: Any) -> None:
        of("COMPLETIONS", "gpt-35-turbo-instruct")
        answer = self.made("COMPLETIONS").completions.create(
            model="", prompt=["What is Azure OpenAI, in 20 words or less"], max_tokens=2048, temperature=0.0
        )
        assert [choice.text for choice in answer.choices if choice.text]

    def test_an_error_holds_the_details_and_the_raw_response(self, of: Any) -> None:
        of("CHAT_COMPLETIONS", "not-there")
        with pytest.raises(ceyx.APIStatusError) as refusal:
            self.made("CHAT_COMPLETIONS").chat.completions.create(model="", messages=PIRATE)
        assert refusal.value.code == "DeploymentNotFound"
        assert refusal.value.response.json()["error"]["code"] == "DeploymentNotFound"
        assert refusal.value.response.headers["apim-request-id"] == refusal.value.request_id

    @pytest.mark.usefixtures("untouched_logging")
    def test_logging(self, of: Any, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        of("CHAT_COMPLETIONS", "gpt-4o")
        environment.setenv("AZURE_SDK_GO_LOGGING", "all")
        logs.set_listener(lambda event, message: print(message))
        logs.set_events("request", "response")
        self.made("CHAT_COMPLETIONS").chat.completions.create(model="", messages=PIRATE)
        printed = capsys.readouterr().out
        assert "request: POST" in printed and "response: POST" in printed and "the-key" not in printed


class TestJava:
    """`OpenAIClientBuilder`: an endpoint and a credential, deployments named with each call."""

    @pytest.fixture
    def client(self, keyless: pytest.MonkeyPatch, service: LocalService) -> AzureOpenAI:
        return AzureOpenAI(azure_endpoint=service.azure_endpoint, credential=DefaultAzureCredential(), api_version="2024-06-01")

    @pytest.mark.usefixtures("folder")
    def test_transcription(self, client: AzureOpenAI) -> None:
        file = Path("speech1.mp3")
        transcription = client.audio.transcriptions.create(
            model="whisper", file=(file.name, file.read_bytes()), response_format="json"
        )
        assert transcription.text

    def test_speech(self, client: AzureOpenAI, folder: Path) -> None:
        speech = client.copy(api_version="2024-08-01-preview").audio.speech.create(
            model="tts-1", voice="alloy", input="Today is a wonderful day to build something people love!"
        )
        (folder / "speech.wav").write_bytes(speech.content)
        assert (folder / "speech.wav").stat().st_size > 100

    def test_chat(self, client: AzureOpenAI, capsys: pytest.CaptureFixture[str]) -> None:
        completions = client.chat.completions.create(model="gpt-4o", messages=PIRATE)
        print(f"Model ID={completions.id} is created at {completions.created}.")
        for choice in completions.choices:
            print(f"Index: {choice.index}, Chat Role: {choice.message.role}.")
            print("Message:")
            print(choice.message.content)
        printed = capsys.readouterr().out
        assert printed.startswith(f"Model ID=chatcmpl-{completions.id.removeprefix('chatcmpl-')} is created at ")
        assert "Index: 0, Chat Role: assistant.\nMessage:\n" in printed

    def test_a_picture_in_a_chat(self, client: AzureOpenAI, sent: list[str]) -> None:
        parts: Any = [
            {"type": "text", "text": "Please describe this image"},
            {"type": "image_url", "image_url": {"url": SEATTLE}},
        ]
        messages: Any = [
            {"role": "system", "content": "You are a helpful assistant that describes images"},
            {"role": "user", "content": parts},
        ]
        answer = client.copy(http_logging="body").chat.completions.create(model="gpt-4o", messages=messages)
        assert answer.choices[0].message.content
        assert conversation(sent[0])[1] == ("user", parts)

    def test_embeddings(self, client: AzureOpenAI) -> None:
        embeddings = client.embeddings.create(model="text-embedding-ada-002", input=["Your text string goes here"])
        assert [(item.index, len(item.embedding)) for item in embeddings.data] == [(0, 1536)]
        assert all(isinstance(value, float) for value in embeddings.data[0].embedding)

    def test_image(self, client: AzureOpenAI) -> None:
        images = client.images.generate(model="dall-e-3", prompt="A drawing of the Seattle skyline in the style of Van Gogh")
        assert images.data
        with urllib.request.urlopen(str(images.data[0].url)) as picture:
            assert picture.read(4) == b"\x89PNG"

    @pytest.mark.usefixtures("untouched_logging")
    def test_logging_of_one_client(self, client: AzureOpenAI, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, "ceyx")
        logged = client.copy(
            http_logging=logs.HTTPLogging("body_and_headers", allowed_headers={"safe-to-log-header-name"}),
            default_headers={"safe-to-log-header-name": "shown", "other-header": "hidden"},
        )
        logged.chat.completions.create(model="gpt-4o", messages=PIRATE)
        assert "safe-to-log-header-name: shown" in caplog.text and "other-header: REDACTED" in caplog.text
        assert "train a parrot" in caplog.text and "entra-token" not in caplog.text

    @pytest.mark.usefixtures("untouched_logging")
    @pytest.mark.parametrize(
        ("detail", "headers", "bodies"),
        [
            ("none", False, False),
            ("BASIC", False, False),
            ("headers", True, False),
            ("Body", False, True),
            ("body_and_headers", True, True),
        ],
    )
    def test_logging_of_the_program(
        self,
        azure: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        detail: str,
        headers: bool,
        bodies: bool,
    ) -> None:
        azure.setenv("AZURE_HTTP_LOG_DETAIL_LEVEL", detail)
        caplog.set_level(logging.DEBUG, "ceyx")
        AzureOpenAI().chat.completions.create(model="gpt-4o", messages=PIRATE)
        text = "\n".join(record.getMessage() for record in caplog.records if record.name == "ceyx")
        assert ("POST http" in text, " in " in text) == (detail != "none", detail != "none")
        assert ("api-key: REDACTED" in text, "train a parrot" in text) == (headers, bodies)

    def test_an_exception_says_what_the_service_said(self, client: AzureOpenAI) -> None:
        with pytest.raises(ceyx.APIStatusError) as refusal:
            client.chat.completions.create(model="text-embedding-3-large", messages=PIRATE)
        assert "does not work with the specified model" in refusal.value.message

    @pytest.mark.usefixtures("keyless")
    def test_an_exception_of_what_is_awaited(self, service: LocalService) -> None:
        seen: list[str] = []

        async def ask() -> None:
            async with AsyncAzureOpenAI(
                azure_endpoint=service.azure_endpoint, credential=DefaultAzureCredential(), api_version="2024-06-01"
            ) as client:
                task = asyncio.ensure_future(client.chat.completions.create(model="not-there", messages=PIRATE))
                task.add_done_callback(lambda done: seen.append(type(done.exception()).__name__))
                await asyncio.wait([task])

        asyncio.run(ask())
        assert seen == ["NotFoundError"]


class TestJavaScript:
    """`new AzureOpenAI({endpoint, apiVersion, azureADTokenProvider})`; the deployment is the client's, the model empty."""

    @pytest.fixture
    def client(self, keyless: pytest.MonkeyPatch, service: LocalService) -> AzureOpenAI:
        scope = "https://cognitiveservices.azure.com/.default"
        provider = get_bearer_token_provider(DefaultAzureCredential(), scope)
        return AzureOpenAI(azure_endpoint=service.azure_endpoint, api_version="2024-10-21", azure_ad_token_provider=provider)

    def test_transcription(self, client: AzureOpenAI, folder: Path) -> None:
        with (folder / "speech1.mp3").open("rb") as stream:
            assert client.copy(azure_deployment="whisper").audio.transcriptions.create(model="", file=stream).text

    def test_chat(self, client: AzureOpenAI) -> None:
        answer = client.copy(azure_deployment="gpt-4o").chat.completions.create(messages=PIRATE, model="", max_tokens=100)
        assert answer.choices[0].message.content

    def test_a_stream(self, client: AzureOpenAI, sent: list[str]) -> None:
        chat = client.copy(azure_deployment="gpt-4o", http_logging="body")
        stream = chat.chat.completions.create(model="", messages=PIRATE, max_tokens=100, stream=True)
        assert "".join(choice.delta.content or "" for chunk in stream for choice in chunk.choices)
        body = json.loads(sent[0].splitlines()[-1])
        assert (body["max_tokens"], body["stream"], body["model"]) == (100, True, "")

    def test_embeddings(self, client: AzureOpenAI) -> None:
        embeddings = client.copy(azure_deployment="text-embedding-3-small").embeddings.create(input=["a", "b"], model="")
        assert [item.index for item in embeddings.data] == [0, 1]

    def test_images(self, client: AzureOpenAI) -> None:
        results = client.copy(azure_deployment="dall-e-2").images.generate(prompt="a cat", model="", n=2, size="256x256")
        assert results.data and len([image.url for image in results.data if image.url]) == 2

    def test_no_retries_for_all_calls_and_five_for_one(self, azure: pytest.MonkeyPatch, slept: list[float]) -> None:
        client = AzureOpenAI(max_retries=0, default_headers={"x-ceyx-fault": "status;code=503;times=4"})
        with pytest.raises(ceyx.InternalServerError):
            client.chat.completions.create(model="gpt-4o", messages=PIRATE)
        assert slept == []
        day: Any = [{"role": "user", "content": "How can I get the name of the current day in Node.js?"}]
        assert client.with_options(max_retries=5).chat.completions.create(messages=day, model="gpt-4o").choices
        assert len(slept) == 4
