"""Calls about audio, images, moderations, files, uploads, batches and stored completions, made alike through both packages."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__)
PICTURE = ("a.png", b"\x89PNG", "image/png")
KEPT = {"anchor": "created_at", "seconds": 3600}
SPOKEN = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 3}

ALONE: dict[str, Callable[[Any], Any]] = {
    "speech": lambda c: c.audio.speech.create(model="m", input="Hi", voice="alloy", speed=1.5, response_format="wav"),
    "speech, own voice": lambda c: c.audio.speech.create(model="m", input="Hi", voice={"id": "v"}, stream_format="sse"),
    "speech, accept": lambda c: c.audio.speech.create(model="m", input="Hi", voice="v", extra_headers={"accept": "audio/wav"}),
    "transcription of a path": lambda c: c.audio.transcriptions.create(file=HERE, model="m"),
    "transcription, everything": lambda c: c.audio.transcriptions.create(
        file=("a.mp3", b"ID3"),
        model="m",
        chunking_strategy=SPOKEN,
        include=["logprobs"],
        keywords=["a", "b"],
        known_speaker_names=["x"],
        known_speaker_references=["data:audio/wav;base64,AA=="],
        language="en",
        languages=["en", "de"],
        prompt="Grüße",
        response_format="verbose_json",
        temperature=0,
        timestamp_granularities=["word", "segment"],
    ),
    "transcription, streamed": lambda c: c.audio.transcriptions.create(
        file=b"ID3", model="m", stream=True, chunking_strategy="auto"
    ),
    "transcription, not streamed": lambda c: c.audio.transcriptions.create(file=("n", b"ID3"), model="m", stream=False),
    "transcription, text": lambda c: c.audio.transcriptions.create(
        file=("n.wav", io.BytesIO(b"RIFF"), "audio/x", {"X-Own": "b"}), model="m", response_format="text"
    ),
    "transcription, None": lambda c: c.audio.transcriptions.create(file=b"ID3", model="m", chunking_strategy=None),
    "translation": lambda c: c.audio.translations.create(file=HERE, model="m", prompt="x", response_format="vtt"),
    "voice": lambda c: c.audio.voices.create(name="n", audio_sample=HERE, consent="c"),
    "voice, described": lambda c: c.audio.voices.create(name="n", type="prompt", prompt="deep"),
    "voice deleted": lambda c: c.audio.voices.delete("v 1"),
    "consent": lambda c: c.audio.voice_consents.create(name="n", language="en", recording=HERE),
    "consent looked up": lambda c: c.audio.voice_consents.retrieve("x"),
    "consent renamed": lambda c: c.audio.voice_consents.update("x", name="y"),
    "consents": lambda c: c.audio.voice_consents.list(limit=3, after="a"),
    "consent deleted": lambda c: c.audio.voice_consents.delete("x"),
    "image": lambda c: c.images.generate(
        prompt="p", model="m", n=1, size=None, svg={"model": "m", "reasoning": {"effort": None}}
    ),
    "image, streamed": lambda c: c.images.generate(prompt="p", model="m", stream=True, partial_images=2),
    "edit": lambda c: c.images.edit(
        prompt="p", image=PICTURE, mask=("m.png", b"m"), n=2, model="m", svg={"model": "x", "reasoning": {"effort": "low"}}
    ),
    "edit, streamed, of several": lambda c: c.images.edit(
        prompt="p", image=[PICTURE, HERE, b"zz"], markup=b"q", model="m", stream=True
    ),
    "edit, None": lambda c: c.images.edit(prompt="p", image=[PICTURE], model="m", user=None, size=None),
    "variation": lambda c: c.images.create_variation(image=PICTURE, n=2, size="256x256", model=None),
    "moderation": lambda c: c.moderations.create(input="x"),
    "moderation of an image": lambda c: c.moderations.create(
        input=[{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "u"}}], model="m"
    ),
    "file": lambda c: c.files.create(file=HERE, purpose="batch", expires_after=KEPT),
    "file without a name": lambda c: c.files.create(file=(None, b"x"), purpose="batch"),
    "file with an odd name": lambda c: c.files.create(file=('grüß "e.txt', b"x"), purpose="batch"),
    "file looked up": lambda c: c.files.retrieve("f/1"),
    "files": lambda c: c.files.list(limit=1, order="asc", purpose="x", after="b"),
    "file deleted": lambda c: c.files.delete("f"),
    "what is in a file": lambda c: c.files.content("f"),
    "what is in a file, as it was": lambda c: c.files.retrieve_content("f"),
    "file processed": lambda c: c.files.wait_for_processing("f"),
    "upload": lambda c: c.uploads.create(bytes=3, filename="f", mime_type="text/plain", purpose="batch", expires_after=KEPT),
    "part": lambda c: c.uploads.parts.create("u", data=b"abc"),
    "part from a path": lambda c: c.uploads.parts.create("u", data=HERE),
    "upload completed": lambda c: c.uploads.complete("u", part_ids=("a", "b"), md5="m"),
    "upload cancelled": lambda c: c.uploads.cancel("u"),
    "upload in parts, from a path": lambda c: c.uploads.upload_file_chunked(
        file=HERE, mime_type="a/b", purpose="batch", part_size=3000, md5="q"
    ),
    "upload in parts, from bytes": lambda c: c.uploads.upload_file_chunked(
        file=b"abcdefgh", filename="z", bytes=8, mime_type="a/b", purpose="batch", part_size=4
    ),
    "batch": lambda c: c.batches.create(
        completion_window="24h", endpoint="/v1/embeddings", input_file_id="f", metadata=None, output_expires_after=KEPT
    ),
    "batch looked up": lambda c: c.batches.retrieve("b"),
    "batches": lambda c: c.batches.list(limit=2),
    "batch cancelled": lambda c: c.batches.cancel("b"),
    "stored": lambda c: c.chat.completions.list(metadata={"a": "b", "c d": "e"}, model="m", limit=1, order="desc"),
    "stored, looked up": lambda c: c.chat.completions.retrieve("c1"),
    "stored, changed": lambda c: c.chat.completions.update("c1", metadata={"a": "b"}),
    "stored, metadata removed": lambda c: c.chat.completions.update("c1", metadata=None),
    "stored, deleted": lambda c: c.chat.completions.delete("c1"),
    "stored, messages": lambda c: c.chat.completions.messages.list("c1", limit=2, order="asc"),
}


def _without_package(call: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda client, package: call(client)


CALLS = {name: _without_package(call) for name, call in ALONE.items()}
