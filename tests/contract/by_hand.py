"""Calls that no signature tells of, made alike through both packages: odd values, files of every kind, options, the raw verbs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from pairs import Ask

HERE = Path(__file__)
PICTURE = ("a.png", b"\x89PNG", "image/png")
KEPT = {"anchor": "created_at", "seconds": 3600}
MESSAGES = [{"role": "user", "content": "Grüße, 世界 \u2028 \U0001f600"}]
TOOL = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
IMAGE = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]


def chat(**params: Any) -> Ask:
    return lambda c, package: c.chat.completions.create(**{"model": "m", "messages": MESSAGES, **params})


BY_HAND: dict[str, Ask] = {
    "chat": chat(),
    "chat, streamed": chat(stream=True),
    "chat, streamed with usage": chat(stream=True, stream_options={"include_usage": True}),
    "chat, stream=False": chat(stream=False),
    "chat, tools": chat(tools=[TOOL], tool_choice="auto", parallel_tool_calls=False),
    "chat, image": chat(messages=[{"role": "user", "content": IMAGE}]),
    "chat, empty content": chat(messages=[{"role": "assistant", "content": None, "tool_calls": []}]),
    "chat, tuple of messages": chat(messages=tuple(MESSAGES)),
    "chat, None is sent": chat(stop=None, user=None),
    "chat, omit": lambda c, package: chat(temperature=package.omit, tools=package.omit, top_p=0.5)(c, package),
    "chat, not given": lambda c, package: chat(temperature=package.NOT_GIVEN, max_tokens=5)(c, package),
    "chat, extra body": chat(extra_body={"top_k": 4, "temperature": 0.9}, temperature=0.1),
    "chat, extra query": chat(extra_query={"a": "b c", "flag": True, "none": None, "list": ["x", "y"]}),
    "chat, extra headers": chat(extra_headers={"X-Own-One": "1", "content-type": "application/json; charset=utf-8"}),
    "chat, authorization removed": lambda c, package: chat(extra_headers={"Authorization": package.omit})(c, package),
    "chat, authorization replaced": chat(extra_headers={"authorization": "Bearer other"}),
    "chat, large numbers and text": chat(user='a"b\\c\n\t\u0000\u007f', seed=2**60),
    "chat, timeout": chat(timeout=30),
    "chat, raw stream": lambda c, package: c.chat.completions.with_raw_response.create(model="m", messages=MESSAGES, stream=True),
    "completion": lambda c, package: c.completions.create(model="m", prompt="Once"),
    "completion, streamed": lambda c, package: c.completions.create(model="m", prompt=["a", "b"], stream=True, best_of=2),
    "completion, tokens": lambda c, package: c.completions.create(model="m", prompt=[[1, 2], [3]], echo=True, suffix="!"),
    "embedding": lambda c, package: c.embeddings.create(model="m", input="text"),
    "embedding, floats": lambda c, package: c.embeddings.create(model="m", input=["a", "b"], encoding_format="float"),
    "embedding, base64": lambda c, package: c.embeddings.create(model="m", input=[1, 2], encoding_format="base64"),
    "models": lambda c, package: c.models.list(),
    "models, extra query": lambda c, package: c.models.list(extra_query={"after": "x", "ids": [1, 2], "deep": {"a": 1}}),
    "model": lambda c, package: c.models.retrieve("gpt-4o"),
    "model with odd name": lambda c, package: c.models.retrieve("ft:gpt-4o:org/a b?c#d"),
    "get": lambda c, package: c.get("/models", cast_to=object),
    "post": lambda c, package: c.post("/own/path", cast_to=object, body={"a": [1, None]}),
    "with_options": lambda c, package: chat()(
        c.with_options(default_headers={"X-Own-Two": "2"}, default_query={"q": "1"}), package
    ),
    "speech, own voice": lambda c, package: c.audio.speech.create(model="m", input="Hi", voice={"id": "v"}, stream_format="sse"),
    "speech, accept": lambda c, package: c.audio.speech.create(
        model="m", input="Hi", voice="v", extra_headers={"accept": "audio/wav"}
    ),
    "transcription of a path": lambda c, package: c.audio.transcriptions.create(file=HERE, model="m"),
    "transcription, streamed": lambda c, package: c.audio.transcriptions.create(
        file=b"ID3", model="m", stream=True, chunking_strategy="auto"
    ),
    "transcription, not streamed": lambda c, package: c.audio.transcriptions.create(file=("n", b"ID3"), model="m", stream=False),
    "transcription, text": lambda c, package: c.audio.transcriptions.create(
        file=("n.wav", io.BytesIO(b"RIFF"), "audio/x", {"X-Own": "b"}), model="m", response_format="text"
    ),
    "transcription, None": lambda c, package: c.audio.transcriptions.create(file=b"ID3", model="m", chunking_strategy=None),
    "voice": lambda c, package: c.audio.voices.create(name="n", audio_sample=HERE, consent="c"),
    "voice, described": lambda c, package: c.audio.voices.create(name="n", type="prompt", prompt="deep"),
    "consent": lambda c, package: c.audio.voice_consents.create(name="n", language="en", recording=HERE),
    "image": lambda c, package: c.images.generate(
        prompt="p", model="m", n=1, size=None, svg={"model": "m", "reasoning": {"effort": None}}
    ),
    "image, streamed": lambda c, package: c.images.generate(prompt="p", model="m", stream=True, partial_images=2),
    "edit": lambda c, package: c.images.edit(
        prompt="p", image=PICTURE, mask=("m.png", b"m"), n=2, model="m", svg={"model": "x", "reasoning": {"effort": "low"}}
    ),
    "edit, streamed, of several": lambda c, package: c.images.edit(
        prompt="p", image=[PICTURE, HERE, b"zz"], markup=b"q", model="m", stream=True
    ),
    "edit, None": lambda c, package: c.images.edit(prompt="p", image=[PICTURE], model="m", user=None, size=None),
    "file": lambda c, package: c.files.create(file=HERE, purpose="batch", expires_after=KEPT),
    "file without a name": lambda c, package: c.files.create(file=(None, b"x"), purpose="batch"),
    "file with an odd name": lambda c, package: c.files.create(file=('grüß "e.txt', b"x"), purpose="batch"),
    "file looked up": lambda c, package: c.files.retrieve("f/1"),
    "part from a path": lambda c, package: c.uploads.parts.create("u", data=HERE),
    "upload in parts, from a path": lambda c, package: c.uploads.upload_file_chunked(
        file=HERE, mime_type="a/b", purpose="batch", part_size=3000, md5="q"
    ),
    "upload in parts, from bytes": lambda c, package: c.uploads.upload_file_chunked(
        file=b"abcdefgh", filename="z", bytes=8, mime_type="a/b", purpose="batch", part_size=4
    ),
    "stored": lambda c, package: c.chat.completions.list(metadata={"a": "b", "c d": "e"}, model="m", limit=1, order="desc"),
    "stored, metadata removed": lambda c, package: c.chat.completions.update("c1", metadata=None),
}
# What a few clients are asked, that differ in what they were told.
SOME = ("chat", "chat, streamed", "embedding", "completion", "models", "model", "post", "with_options")
