# ruff: noqa: B018
"""What type checkers infer of audio, images, moderations, files, uploads, batches and stored completions."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import IO, assert_type

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI, omit
from ceyx.pagination import AsyncCursorPage, AsyncPaginator, SyncCursorPage
from ceyx.resources.tree import Tree
from ceyx.response import APIResponse, AsyncAPIResponse, RawResponse
from ceyx.streaming import AsyncStream, Stream
from ceyx.types import (
    AudioResponseFormat,
    Batch,
    FileDeleted,
    FileObject,
    ImageEditStreamEvent,
    ImageGenCompletedEvent,
    ImageGenStreamEvent,
    ImagesResponse,
    ModerationCreateResponse,
    Upload,
)
from ceyx.types.audio import (
    Transcription,
    TranscriptionDiarized,
    TranscriptionSegment,
    TranscriptionStreamEvent,
    TranscriptionTextDeltaEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
    Voice,
    VoiceConsent,
)
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.types.chat import ChatCompletion, ChatCompletionDeleted, ChatCompletionStoreMessage
from ceyx.types.uploads import UploadPart
from ceyx.wire.call import Call, Flow
from ceyx.wire.endpoint import Plan

path = Path("speech.mp3")


def speech(c: OpenAI) -> None:
    assert_type(c.audio.speech.create(model="tts-1", input="Hi", voice="alloy"), HttpxBinaryResponseContent)
    c.audio.speech.create(model="tts-1", input="Hi", voice={"id": "voice_1"}, response_format="opus", speed=1.5, timeout=3)
    with c.audio.speech.with_streaming_response.create(model="m", input="Hi", voice="v", stream_format="sse") as opened:
        assert_type(opened, APIResponse[HttpxBinaryResponseContent])
    c.audio.speech.create(model="tts-1", input="Hi")  # E
    c.audio.speech.create(model="tts-1", input="Hi", voice="alloy", response_format="midi")  # E


def transcriptions(c: OpenAI, azure: AzureOpenAI, kind: AudioResponseFormat, flag: bool, opened: IO[bytes]) -> None:
    create = c.audio.transcriptions.create
    whole = create(file=path, model="m")
    assert_type(whole, Transcription)
    assert_type(whole.text, str)
    assert_type(azure.audio.transcriptions.create(file=path, model="m", response_format="json"), Transcription)
    assert_type(create(file=opened, model="m", response_format=omit, stream=False), Transcription)
    verbose = create(file=b"", model="m", response_format="verbose_json", timestamp_granularities=["word"])
    assert_type(verbose, TranscriptionVerbose)
    assert_type(verbose.segments, list[TranscriptionSegment] | None)
    assert_type(create(file=("a.mp3", BytesIO()), model="m", response_format="diarized_json"), TranscriptionDiarized)
    for text in (create(file=path, model="m", response_format="text"), create(file=path, model="m", response_format="srt")):
        assert_type(text, str)
    assert_type(create(file=path, model="m", stream=True), Stream[TranscriptionStreamEvent])
    assert_type(create(file=path, model="m", stream=True, response_format="text"), Stream[TranscriptionStreamEvent])
    for event in create(file=path, model="m", stream=True):
        if isinstance(event, TranscriptionTextDeltaEvent):
            assert_type(event.delta, str)
    any_of_them = create(file=path, model="m", response_format=kind, stream=flag)
    assert_type(
        any_of_them, Transcription | TranscriptionVerbose | TranscriptionDiarized | str | Stream[TranscriptionStreamEvent]
    )
    create(file=path)  # E
    create(file="speech.mp3", model="m")  # E
    create(file=path, model="m", response_format="xml")  # E
    create(file=path, model="m", temperture=0)  # E


def translations(c: OpenAI) -> None:
    create = c.audio.translations.create
    assert_type(create(file=path, model="m"), Translation)
    assert_type(create(file=path, model="m", response_format="verbose_json"), TranslationVerbose)
    assert_type(create(file=path, model="m", response_format="vtt"), str)
    assert_type(c.audio.translations.with_raw_response.create(file=path, model="m", response_format="srt"), RawResponse[str])
    create(file=path, model="m", response_format="diarized_json")  # E


async def awaited(a: AsyncOpenAI) -> None:
    create = a.audio.transcriptions.create
    assert_type(await create(file=path, model="m"), Transcription)
    assert_type(await create(file=path, model="m", response_format="vtt"), str)
    assert_type(await create(file=path, model="m", stream=True), AsyncStream[TranscriptionStreamEvent])
    raw = await a.audio.transcriptions.with_raw_response.create(file=path, model="m", response_format="verbose_json")
    assert_type(raw.parse(), TranscriptionVerbose)
    streamed = await a.audio.transcriptions.with_raw_response.create(file=path, model="m", stream=True)
    assert_type(streamed.parse(), AsyncStream[TranscriptionStreamEvent])
    async with a.audio.transcriptions.with_streaming_response.create(file=path, model="m", response_format="text") as text:
        assert_type(text, AsyncAPIResponse[str])
    assert_type(await a.audio.translations.create(file=path, model="m"), Translation)
    assert_type(await a.images.generate(prompt="p"), ImagesResponse)
    async for event in await a.images.generate(prompt="p", stream=True):
        assert_type(event, ImageGenStreamEvent)
    assert_type(a.files.list(purpose="batch"), AsyncPaginator[FileObject, AsyncCursorPage[FileObject]])
    assert_type(await a.files.wait_for_processing("f", poll_interval=1), FileObject)
    assert_type(await a.uploads.upload_file_chunked(file=path, mime_type="text/plain", purpose="user_data"), Upload)
    async for batch in a.batches.list():
        assert_type(batch, Batch)
    create(file=path, model="m").text  # E


def voices(c: OpenAI) -> None:
    assert_type(c.audio.voices.create(name="n", audio_sample=path, consent="c"), Voice)
    assert_type(c.audio.voices.create(name="n", type="prompt", prompt="deep"), Voice)
    assert_type(c.audio.voice_consents.create(name="n", language="en", recording=b""), VoiceConsent)
    assert_type(c.audio.voice_consents.list(limit=1), SyncCursorPage[VoiceConsent])
    assert_type(c.audio.voice_consents.update("c", name="n"), VoiceConsent)


def images(c: OpenAI, flag: bool) -> None:
    made = c.images.generate(prompt="p", model="gpt-image-1", size="1536x864", n=2)
    assert_type(made, ImagesResponse)
    assert_type(c.images.generate(prompt="p", stream=True, partial_images=2), Stream[ImageGenStreamEvent])
    assert_type(c.images.generate(prompt="p", stream=flag), ImagesResponse | Stream[ImageGenStreamEvent])
    for event in c.images.generate(prompt="p", stream=True):
        assert_type(event.b64_json, str)
        if event.type == "image_generation.completed":
            assert_type(event, ImageGenCompletedEvent)
            assert_type(event.usage.total_tokens, int)
    assert_type(c.images.edit(image=[path, b""], prompt="p", mask=path), ImagesResponse)
    assert_type(c.images.edit(image=path, prompt="p", stream=True), Stream[ImageEditStreamEvent])
    assert_type(c.images.with_raw_response.edit(image=path, prompt="p"), RawResponse[ImagesResponse])
    assert_type(c.images.create_variation(image=path), ImagesResponse)
    c.images.generate()  # E
    c.images.edit(prompt="p")  # E
    c.images.generate(prompt="p", quality="best")  # E


def files(c: OpenAI) -> None:
    assert_type(c.files.create(file=path, purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600}), FileObject)
    assert_type(c.files.create(file=("a.jsonl", b"{}", "text/jsonl"), purpose="fine-tune"), FileObject)
    assert_type(c.files.retrieve("f").bytes, int)
    assert_type(c.files.list(limit=3), SyncCursorPage[FileObject])
    assert_type(c.files.delete("f"), FileDeleted)
    assert_type(c.files.content("f"), HttpxBinaryResponseContent)
    assert_type(c.files.retrieve_content("f"), str)
    assert_type(c.files.wait_for_processing("f", max_wait_seconds=60), FileObject)
    c.files.create(file=path)  # E
    c.files.create(file=path, purpose="fun")  # E
    c.files.create(file="a.jsonl", purpose="batch")  # E
    c.files.wait_for_processing()  # E


def uploads(c: OpenAI) -> None:
    assert_type(c.uploads.create(bytes=1, filename="f", mime_type="text/plain", purpose="batch"), Upload)
    assert_type(c.uploads.parts.create("u", data=b""), UploadPart)
    assert_type(c.uploads.complete("u", part_ids=["a"], md5="x"), Upload)
    assert_type(c.uploads.upload_file_chunked(file=b"", filename="f", mime_type="text/plain", purpose="batch"), Upload)
    c.uploads.upload_file_chunked(file=path, mime_type="text/plain")  # E
    c.uploads.parts.create("u")  # E


def others(c: OpenAI) -> None:
    assert_type(c.batches.create(completion_window="24h", endpoint="/v1/embeddings", input_file_id="f"), Batch)
    assert_type(c.batches.cancel("b"), Batch)
    found = c.moderations.create(input=[{"type": "text", "text": "hi"}])
    assert_type(found, ModerationCreateResponse)
    assert_type(found.results[0].categories.self_harm_intent, bool)
    c.batches.create(completion_window="1h", endpoint="/v1/embeddings", input_file_id="f")  # E
    c.moderations.create(input=1)  # E


def stored(c: OpenAI) -> None:
    completions = c.chat.completions
    assert_type(completions.list(metadata={"a": "b"}), SyncCursorPage[ChatCompletion])
    assert_type(completions.retrieve("c"), ChatCompletion)
    assert_type(completions.update("c", metadata=None), ChatCompletion)
    assert_type(completions.delete("c"), ChatCompletionDeleted)
    assert_type(completions.messages.list("c", order="desc"), SyncCursorPage[ChatCompletionStoreMessage])
    completions.update("c")  # E


def planned(plan: Tree[Plan]) -> None:
    assert_type(plan.audio.transcriptions.create(file=path, model="m", response_format="text"), Call[str])
    assert_type(plan.audio.transcriptions.create(file=path, model="m", stream=True), Call[TranscriptionStreamEvent])
    assert_type(plan.files.create(file=path, purpose="batch"), Call[FileObject])
    assert_type(plan.files.wait_for_processing("f"), Flow[FileObject])
