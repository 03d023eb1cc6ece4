"""Audio, images, moderations, batches and stored completions: the request each call makes, the answer it gives."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from form_data import Field, form
from memory_clients import COMPLETION, KINDS, body, events, make, reply, result, sent

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI, omit
from ceyx.errors import StreamTruncatedError
from ceyx.types import Batch, ImagesResponse, ModerationCreateResponse
from ceyx.types.audio import (
    Transcription,
    TranscriptionDiarized,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
    Voice,
    VoiceConsent,
    VoiceConsentDeleted,
    VoiceDeleted,
)
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.types.chat import ChatCompletion, ChatCompletionDeleted, ChatCompletionStoreMessage

SOUND = ("hi.mp3", b"ID3", "audio/mpeg")
SOUND_SENT = Field("file", b"ID3", "hi.mp3", "audio/mpeg")
PICTURE = ("a.png", b"\x89PNG")
AUDIO = (200, {"content-type": "audio/mpeg"}, b"\x00\xff not text")


def text(content: str) -> Any:
    return 200, {"content-type": "text/plain"}, content.encode()


# ---- speech


@pytest.mark.parametrize("kind", KINDS)
def test_speech(kind):
    client = make(kind, AUDIO)
    made = result(client.audio.speech.create(model="tts", input="Hi", voice="alloy", speed=omit))
    assert type(made) is HttpxBinaryResponseContent and made.content == b"\x00\xff not text"
    assert body(client) == {"model": "tts", "input": "Hi", "voice": "alloy"}
    assert sent(client).headers["accept"] == "application/octet-stream"
    path = "/openai/deployments/tts/audio/speech?api-version=2024-10-21" if issubclass(kind, (AzureOpenAI,)) else None
    assert path is None or sent(client).target == path


def test_another_accept_header_wins():
    client = make(OpenAI, AUDIO)
    client.audio.speech.create(model="tts", input="Hi", voice="alloy", extra_headers={"accept": "audio/mpeg", "X-Own": "1"})
    assert (sent(client).headers["accept"], sent(client).headers["x-own"]) == ("audio/mpeg", "1")


def test_events_of_speech_are_handed_over_as_they_come():
    stream = b'data: {"type":"speech.audio.delta","audio":"AA=="}\n\n'
    client = make(OpenAI, (200, {"content-type": "text/event-stream"}, stream))
    ask = {"model": "m", "input": "Hi", "voice": "v", "stream_format": "sse"}
    assert client.audio.speech.create(**ask).content == stream
    with client.audio.speech.with_streaming_response.create(**ask) as response:
        assert b"".join(response.iter_bytes()) == stream


# ---- transcriptions, translations

FORMATS = [
    (None, reply({"text": "Hi"}), Transcription),
    (omit, reply({"text": "Hi"}), Transcription),
    ("json", reply({"text": "Hi"}), Transcription),
    ("unheard_of", reply({"text": "Hi"}), Transcription),
    ("verbose_json", reply({"text": "Hi", "segments": [{"id": 0}]}), TranscriptionVerbose),
    ("diarized_json", reply({"text": "Hi", "segments": []}), TranscriptionDiarized),
    ("text", text("Hi\n"), str),
    ("srt", text("1\n00:00:00,000 --> 00:00:01,000\nHi\n"), str),
    ("vtt", text("WEBVTT\n"), str),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("response_format", "answer", "gives"), FORMATS, ids=[str(row[0]) for row in FORMATS])
def test_the_format_decides_what_a_transcription_gives(kind, response_format, answer, gives):
    client = make(kind, answer)
    made = result(client.audio.transcriptions.create(file=SOUND, model="m", response_format=response_format))
    assert type(made) is gives
    assert made == answer[2].decode() if gives is str else made.text == "Hi"
    parts = [Field("model", b"m")]
    if isinstance(response_format, str):
        parts.append(Field("response_format", response_format.encode()))
    assert [part for part in form(sent(client)) if part.value] == [*parts, SOUND_SENT]


@pytest.mark.filterwarnings("ignore:translations.create is deprecated")
def test_a_format_nobody_gave_is_json():
    assert type(make(OpenAI, reply({"text": "Hi"})).audio.transcriptions.create(file=b"", model="m")) is Transcription
    assert type(make(OpenAI, reply({"text": "Hi"})).audio.translations.create(file=b"", model="m")) is Translation


@pytest.mark.filterwarnings("ignore:translations.create is deprecated")
@pytest.mark.parametrize(
    ("response_format", "answer", "gives"),
    [
        ("json", reply({"text": "Hi"}), Translation),
        ("verbose_json", reply({"text": "Hi", "language": "english"}), TranslationVerbose),
        ("srt", text("1\n"), str),
    ],
)
def test_the_format_decides_what_a_translation_gives(response_format, answer, gives):
    for kind in KINDS:
        client = make(kind, answer)
        assert type(result(client.audio.translations.create(file=SOUND, model="m", response_format=response_format))) is gives
        assert SOUND_SENT in form(sent(client))
        assert sent(client).target.split("?")[0].endswith("/audio/translations")


def test_a_transcription_is_a_form_of_the_deployment():
    client = make(AzureOpenAI, reply({"text": "Hi"}))
    client.audio.transcriptions.create(file=SOUND, model="whisper", timestamp_granularities=["word", "segment"], temperature=0.5)
    assert sent(client).target.startswith("/openai/deployments/whisper/audio/transcriptions?")
    assert form(sent(client)) == [
        Field("model", b"whisper"),
        Field("timestamp_granularities[]", b"word"),
        Field("timestamp_granularities[]", b"segment"),
        Field("temperature", b"0.5"),
        SOUND_SENT,
    ]
    client = make(AzureOpenAI, reply({"text": "Hi"}), azure_deployment="fixed")
    client.audio.transcriptions.create(file=SOUND)
    assert sent(client).target.startswith("/openai/deployments/fixed/audio/transcriptions?")


def test_a_format_is_kept_in_raw_responses():
    client = make(OpenAI, text("Hi"))
    raw = client.audio.transcriptions.with_raw_response.create(file=SOUND, model="m", response_format="text")
    assert raw.parse() == "Hi" and raw.headers["content-type"] == "text/plain"
    call = client.plan.audio.transcriptions.create(file=SOUND, model="m", response_format="verbose_json", prompt=omit)
    assert (call.path, call.body) == ("/audio/transcriptions", {"file": SOUND, "model": "m", "response_format": "verbose_json"})
    assert call.files == ("file",) and type(call.decode({"text": ""})) is TranscriptionVerbose


HEARD = [
    {"type": "transcript.text.delta", "delta": "Hel"},
    {"type": "transcript.text.delta", "delta": "lo"},
    {"type": "transcript.text.done", "text": "Hello"},
]


def all_of(stream: Any) -> list[Any]:
    """The items of a stream, or of what gives one when awaited."""

    async def collected() -> list[Any]:
        return [item async for item in await stream]

    return asyncio.run(collected()) if inspect.iscoroutine(stream) else list(stream)


@pytest.mark.parametrize("kind", KINDS)
def test_a_transcription_in_parts(kind):
    for response_format in (omit, "text"):
        client = make(kind, events(*HEARD, done=False))
        heard = all_of(client.audio.transcriptions.create(file=SOUND, model="m", stream=True, response_format=response_format))
        assert [type(event).__name__ for event in heard] == [
            "TranscriptionTextDeltaEvent",
            "TranscriptionTextDeltaEvent",
            "TranscriptionTextDoneEvent",
        ]
        assert Field("stream", b"true") in form(sent(client))


def test_a_transcription_that_breaks_off_is_no_whole_one():
    client = make(OpenAI, events(*HEARD[:2], done=False))
    heard = []
    with pytest.raises(StreamTruncatedError, match=r"transcript\.text\.done") as raised:
        heard.extend(client.audio.transcriptions.create(file=SOUND, model="m", stream=True))
    assert len(heard) == 2 and [event.delta for event in raised.value.partial] == ["Hel", "lo"]


@pytest.mark.filterwarnings("ignore:translations.create is deprecated")
@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda c: c.audio.speech.create(input="x", model="m"), "'voice'"),
        (lambda c: c.audio.transcriptions.create(model="m"), "'file'"),
        (lambda c: c.audio.translations.create(file=b""), "'model'"),
        (lambda c: c.audio.voices.create(name="n"), "'audio_sample', 'consent'"),
        (lambda c: c.audio.voices.create(name="n", type="prompt"), "'prompt'"),
        (lambda c: c.audio.voice_consents.create(name="n"), "'language', 'recording'"),
        (lambda c: c.audio.voice_consents.update("c"), "'name'"),
        (lambda c: c.images.generate(), "'prompt'"),
        (lambda c: c.images.edit(prompt="p"), "'image'"),
        (lambda c: c.moderations.create(), "'input'"),
        (lambda c: c.batches.create(endpoint="/v1/embeddings"), "'completion_window', 'input_file_id'"),
        (lambda c: c.chat.completions.update("c"), "'metadata'"),
    ],
)
def test_what_is_missing_is_named(call, missing):
    with pytest.raises(TypeError, match=missing):
        call(make(OpenAI))


# ---- images

DRAWN = reply({"created": 1, "data": [{"b64_json": "AA=="}]})
DRAFTS = [
    {"type": "image_generation.partial_image", "partial_image_index": 0, "b64_json": "AA=="},
    {"type": "image_generation.completed", "b64_json": "AQ=="},
]


@pytest.mark.parametrize("kind", KINDS)
def test_images_are_made_and_edited(kind):
    client = make(kind, DRAWN)
    made = result(client.images.generate(prompt="a cat", model="gpt-image", size="1024x1024", n=None))
    assert type(made) is ImagesResponse and made.data[0].b64_json == "AA=="
    assert body(client) == {"prompt": "a cat", "model": "gpt-image", "size": "1024x1024", "n": None}
    result(client.images.edit(prompt="a dog", model="gpt-image", image=PICTURE, mask=b"m", svg={"reasoning": {"effort": "low"}}))
    assert form(sent(client)) == [
        Field("prompt", b"a dog"),
        Field("model", b"gpt-image"),
        Field("svg[reasoning][effort]", b"low"),
        Field("image", b"\x89PNG", "a.png", "image/png"),
        Field("mask", b"m", "upload", "application/octet-stream"),
    ]
    below = "/openai/deployments/gpt-image" if issubclass(kind, AzureOpenAI) else ""
    assert f"{below}/images/edits" in sent(client).target


def test_several_images_are_edited_to_one(tmp_path: Path):
    (tmp_path / "b.webp").write_bytes(b"RIFF")
    client = make(OpenAI, DRAWN)
    client.images.edit(prompt="both", image=[PICTURE, tmp_path / "b.webp"], mask=omit)
    assert form(sent(client))[1:] == [
        Field("image[]", b"\x89PNG", "a.png", "image/png"),
        Field("image[]", b"RIFF", "b.webp", "image/webp"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_images_in_drafts(kind):
    client = make(kind, events(*DRAFTS, done=False))
    drafts = all_of(client.images.generate(prompt="a cat", model="m", stream=True, partial_images=1))
    assert [type(draft).__name__ for draft in drafts] == ["ImageGenPartialImageEvent", "ImageGenCompletedEvent"]
    edits = [{**draft, "type": draft["type"].replace("generation", "edit")} for draft in DRAFTS]
    client = make(kind, events(*edits, done=False))
    drafts = all_of(client.images.edit(prompt="a cat", model="m", image=PICTURE, stream=True))
    assert [type(draft).__name__ for draft in drafts] == ["ImageEditPartialImageEvent", "ImageEditCompletedEvent"]
    assert Field("stream", b"true") in form(sent(client))


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_variations_are_deprecated(kind):
    client = make(kind, DRAWN)

    async def awaited() -> Any:
        return await client.images.create_variation(image=PICTURE, n=2)

    with pytest.warns(DeprecationWarning, match="use edit") as warned:
        made = asyncio.run(awaited()) if kind is AsyncOpenAI else client.images.create_variation(image=PICTURE, n=2)
    assert warned[0].filename == __file__
    assert type(made) is ImagesResponse and form(sent(client))[0] == Field("n", b"2")
    assert sent(client).target == "/v1/images/variations"


# ---- the rest

GIVEN = {"id": "x", "object": "o", "data": [{"id": "y"}], "results": [{"categories": {"self-harm": True}}]}
CALLS: dict[str, tuple[Any, str, str, Any, type[Any]]] = {
    "moderations.create": (
        lambda c: c.moderations.create(input=["a", "b"]),
        "POST",
        "/moderations",
        {"input": ["a", "b"]},
        ModerationCreateResponse,
    ),
    "batches.create": (
        lambda c: c.batches.create(completion_window="24h", endpoint="/v1/embeddings", input_file_id="f", metadata={"a": "b"}),
        "POST",
        "/batches",
        {"completion_window": "24h", "endpoint": "/v1/embeddings", "input_file_id": "f", "metadata": {"a": "b"}},
        Batch,
    ),
    "batches.retrieve": (lambda c: c.batches.retrieve("b/1"), "GET", "/batches/b%2F1", None, Batch),
    "batches.cancel": (lambda c: c.batches.cancel("b"), "POST", "/batches/b/cancel", None, Batch),
    "chat.completions.retrieve": (
        lambda c: c.chat.completions.retrieve("c1"),
        "GET",
        "/chat/completions/c1",
        None,
        ChatCompletion,
    ),
    "chat.completions.update": (
        lambda c: c.chat.completions.update("c1", metadata={"a": "b"}),
        "POST",
        "/chat/completions/c1",
        {"metadata": {"a": "b"}},
        ChatCompletion,
    ),
    "chat.completions.delete": (
        lambda c: c.chat.completions.delete("c1"),
        "DELETE",
        "/chat/completions/c1",
        None,
        ChatCompletionDeleted,
    ),
    "audio.voices.delete": (lambda c: c.audio.voices.delete("v"), "DELETE", "/audio/voices/v", None, VoiceDeleted),
    "audio.voice_consents.retrieve": (
        lambda c: c.audio.voice_consents.retrieve("c"),
        "GET",
        "/audio/voice_consents/c",
        None,
        VoiceConsent,
    ),
    "audio.voice_consents.update": (
        lambda c: c.audio.voice_consents.update("c", name="n"),
        "POST",
        "/audio/voice_consents/c",
        {"name": "n"},
        VoiceConsent,
    ),
    "audio.voice_consents.delete": (
        lambda c: c.audio.voice_consents.delete("c"),
        "DELETE",
        "/audio/voice_consents/c",
        None,
        VoiceConsentDeleted,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("call", "method", "path", "content", "gives"), CALLS.values(), ids=CALLS)
def test_what_is_asked_and_what_is_given(kind, call, method, path, content, gives):
    client = make(kind, reply({**COMPLETION, **GIVEN} if gives is ChatCompletion else GIVEN))
    assert type(result(call(client))) is gives
    assert (sent(client).method, body(client) or None) == (method, content)
    prefix, suffix = ("/openai", "?api-version=2024-10-21") if "Azure" in kind.__name__ else ("/v1", "")
    assert sent(client).target == prefix + path + suffix


LISTS: dict[str, tuple[Any, str, type[Any]]] = {
    "batches": (lambda c: c.batches.list(limit=2), "/batches?limit=2", Batch),
    "chat": (
        lambda c: c.chat.completions.list(metadata={"a": "b c"}, order="desc"),
        "/chat/completions?metadata[a]=b+c&order=desc",
        ChatCompletion,
    ),
    "messages": (
        lambda c: c.chat.completions.messages.list("c1", after="m"),
        "/chat/completions/c1/messages?after=m",
        ChatCompletionStoreMessage,
    ),
    "consents": (lambda c: c.audio.voice_consents.list(), "/audio/voice_consents", VoiceConsent),
}


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(("call", "target", "gives"), LISTS.values(), ids=LISTS)
def test_listings(kind, call, target, gives):
    client = make(kind, reply({"object": "list", "data": [{"id": "y"}], "has_more": False}))

    async def awaited() -> Any:
        return await call(client)

    page = asyncio.run(awaited()) if kind is AsyncOpenAI else call(client)
    assert [type(item) for item in page.data] == [gives]
    assert sent(client).target == f"/v1{target}"


def test_voices_are_made_from_samples_and_descriptions():
    client = make(OpenAI, reply({"id": "v"}))
    assert type(client.audio.voices.create(name="n", audio_sample=SOUND, consent="c")) is Voice
    assert form(sent(client)) == [Field("name", b"n"), Field("consent", b"c"), SOUND_SENT._replace(name="audio_sample")]
    client.audio.voices.create(name="n", type="prompt", prompt="deep")
    assert form(sent(client)) == [Field("name", b"n"), Field("type", b"prompt"), Field("prompt", b"deep")]
    client.audio.voice_consents.create(name="n", language="en", recording=SOUND)
    assert form(sent(client))[-1] == SOUND_SENT._replace(name="recording")


def test_moderations_read_like_python():
    found = make(OpenAI, reply(GIVEN)).moderations.create(input="x")
    assert found.results[0].categories.self_harm is True
    assert json.loads(found.to_json())["results"] == GIVEN["results"]


@pytest.mark.parametrize("kind", KINDS)
def test_translations_are_deprecated(kind):
    client = make(kind, reply({"text": "Hi"}))
    with pytest.warns(DeprecationWarning, match="OpenAI ends it in February 2027") as warned:
        result(client.audio.translations.create(file=SOUND, model="m"))
    assert len(warned) == 1 and (kind is not OpenAI or warned[0].filename == __file__)
