"""/audio: speech from text, and text from speech, in every format."""

from __future__ import annotations

import asyncio
import math
from base64 import b64encode
from pathlib import PurePath
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.responses import PlainTextResponse, Response

from ceyx.service.bodies import Body
from ceyx.service.engines.heard import seconds_of, text_of
from ceyx.service.engines.recordings import FORMATS
from ceyx.service.engines.speech import Speech
from ceyx.service.engines.transcripts import Transcript
from ceyx.service.errors import bad_request
from ceyx.service.gate import Ask, Operation
from ceyx.service.streams import Chunks, EventStream
from ceyx.service.tokens import estimate, pieces
from ceyx.service.uploaded import Upload, WithFiles, form_of

_TAKEN = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "oga", "ogg", "wav", "webm", "aac", "opus", "pcm")
"""What recordings are named after; the last three are for speech that the service made."""
_AUDIO_TOKENS_A_SECOND = 10
_PIECE_BYTES = 32 * 1024
_LANGUAGES = {"en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese"}
_LANGUAGES |= {"nl": "dutch", "ja": "japanese", "zh": "chinese", "ko": "korean", "ru": "russian", "hi": "hindi", "ar": "arabic"}


class OwnVoice(Struct):
    id: str


class SpeechBody(Body, kw_only=True):
    input: Annotated[str, Meta(min_length=1, max_length=4096)]
    voice: Annotated[str, Meta(min_length=1)] | OwnVoice
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = None
    speed: Annotated[float, Meta(ge=0.25, le=4)] | None = None
    stream_format: Literal["sse", "audio"] | None = None
    instructions: str | None = None


async def speak(ask: Ask) -> Response:
    body: SpeechBody = ask.body
    if body.stream_format == "sse" and ask.model.id.startswith("tts-1"):
        message = f"'stream_format' cannot be 'sse' with {ask.model.id}; gpt-4o-mini-tts streams events."
        raise bad_request(message, "stream_format", "unsupported_value")
    voice = body.voice if isinstance(body.voice, str) else body.voice.id
    content_type, make = FORMATS[body.response_format or "mp3"]
    speech = Speech(body.input, voice, body.speed or 1.0)
    if ask.reply is not None and ask.reply.file is not None:
        recording, content_type = ask.reply.file, ask.reply.content_type or content_type
    else:
        recording = await asyncio.to_thread(make, speech)
    said, heard = estimate(body.input + (body.instructions or "")), _audio_tokens(speech.seconds)
    headers = ask.answer_headers(said + heard)
    if body.stream_format == "sse":
        return EventStream(_spoken(recording, said, heard), ask.surface.provider, headers)
    return Response(recording, headers=headers, media_type=content_type)


def _spoken(recording: bytes, said: int, heard: int) -> Chunks:
    for start in range(0, len(recording), _PIECE_BYTES):
        piece = b64encode(recording[start : start + _PIECE_BYTES]).decode()
        yield {"type": "speech.audio.delta", "audio": piece}
    usage = {"input_tokens": said, "output_tokens": heard, "total_tokens": said + heard}
    yield {"type": "speech.audio.done", "usage": usage}


class Translation(WithFiles, kw_only=True):
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt"] | None = None
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    prompt: str | None = None


class Transcription(WithFiles, kw_only=True):
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None = None
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    prompt: str | None = None
    language: str | None = None
    stream: bool | None = None
    timestamp_granularities: list[Literal["word", "segment"]] | None = None
    known_speaker_names: Annotated[list[str], Meta(max_length=4)] | None = None


async def transcribe(ask: Ask) -> Response:
    body: Transcription = ask.body
    _check_format(body, ask.model.id)
    transcript = await asyncio.to_thread(heard_in, body.file("file"), None if ask.reply is None else ask.reply.heard)
    usage = ask.counted(_usage(transcript, body.prompt, ask.model.id))
    tokens = usage.get("total_tokens", 0)
    if body.stream and "whisper" not in ask.model.id:  # which the provider does not stream, whatever is asked
        return EventStream(_events(transcript, body, usage), ask.surface.provider, ask.answer_headers(tokens))
    if body.response_format == "verbose_json":
        made = _verbose("transcribe", transcript, body.language)
        granularities = body.timestamp_granularities or ["segment"]
        if "segment" not in granularities:
            del made["segments"]
        if "word" in granularities:
            made["words"] = [{"word": each.text, "start": each.start, "end": each.end} for each in transcript.words]
        return ask.whole({**made, "usage": usage}, tokens)
    if body.response_format == "diarized_json":
        made = {"task": "transcribe", "duration": transcript.seconds, "text": transcript.text}
        made["segments"] = transcript.spoken_by(body.known_speaker_names or ())
        return ask.whole({**made, "usage": usage}, tokens)
    return _written(ask, transcript, body.response_format, tokens, {"usage": usage})


async def translate(ask: Ask) -> Response:
    body: Translation = ask.body
    transcript = await asyncio.to_thread(heard_in, body.file("file"), None if ask.reply is None else ask.reply.heard)
    if body.response_format == "verbose_json":
        return ask.whole(_verbose("translate", transcript, "en"), 0)
    return _written(ask, transcript, body.response_format, 0, {})


def heard_in(file: Upload, heard: str | None = None) -> Transcript:
    """What is `heard`, where an engine says it; else the text of speech that the service made; of any other recording, its name
    and size. Raises Refusal for what is none."""
    suffix = PurePath(file.name).suffix.lower().lstrip(".")
    if suffix not in _TAKEN:
        message = f"Unrecognized file format: {file.name[:80]!r} does not end in one of {', '.join(_TAKEN[:-3])}."
        raise bad_request(f"{message} Send the recording under such a name.", "file")
    if not file.content:
        message = "The audio file could not be decoded or its format is not supported: it is empty."
        raise bad_request(message, "file")
    text = text_of(file.content) if heard is None else heard
    if text is None:
        text = f"This is ceyx's local stand-in, which hears nothing: {file.name[:80]} has {len(file.content)} bytes."
    return Transcript(text, seconds_of(file.content))


def _check_format(body: Transcription, model: str) -> None:
    wanted = body.response_format or "json"
    if "diarize" in model:
        served = ["json", "text", "diarized_json"]
    elif "whisper" in model:
        served = ["json", "text", "srt", "verbose_json", "vtt"]
    else:
        served = ["json", "text"]
    if wanted not in served:
        message = f"response_format '{wanted}' is not compatible with model '{model}'. Use {', '.join(served)} instead."
        raise bad_request(message, "response_format", "unsupported_value")


def _audio_tokens(seconds: float) -> int:
    return math.ceil(seconds * _AUDIO_TOKENS_A_SECOND)


def _usage(transcript: Transcript, prompt: str | None, model: str) -> dict[str, Any]:
    if "whisper" in model:
        return {"type": "duration", "seconds": math.ceil(transcript.seconds)}
    audio, text, output = _audio_tokens(transcript.seconds), estimate(prompt or ""), len(pieces(transcript.text))
    details = {"audio_tokens": audio, "text_tokens": text}
    counted = {"input_tokens": audio + text, "input_token_details": details, "output_tokens": output}
    return {"type": "tokens", **counted, "total_tokens": audio + text + output}


def _verbose(task: str, transcript: Transcript, language: str | None) -> dict[str, Any]:
    named = _LANGUAGES.get(language or "en", language)
    head = {"task": task, "language": named, "duration": transcript.seconds, "text": transcript.text}
    return {**head, "segments": transcript.segments()}


def _written(ask: Ask, transcript: Transcript, form: str | None, tokens: int, more: dict[str, Any]) -> Response:
    match form:
        case "text":
            text = transcript.text + "\n"
        case "srt":
            text = transcript.srt()
        case "vtt":
            text = transcript.vtt()
        case _:
            return ask.whole({"text": transcript.text, **more}, tokens)
    return PlainTextResponse(text, headers=ask.answer_headers(tokens))


def _events(transcript: Transcript, body: Transcription, usage: dict[str, Any]) -> Chunks:
    if body.response_format == "diarized_json":
        for segment in transcript.spoken_by(body.known_speaker_names or ()):
            for piece in pieces(segment["text"] + " "):
                yield {"type": "transcript.text.delta", "delta": piece, "segment_id": segment["id"]}
            yield segment
    else:
        for piece in pieces(transcript.text):
            yield {"type": "transcript.text.delta", "delta": piece}
    yield {"type": "transcript.text.done", "text": transcript.text, "usage": usage}


operations = (
    Operation("audio/speech", "speech", msgspec.json.Decoder(SpeechBody), speak),
    Operation("audio/transcriptions", "transcription", form_of(Transcription), transcribe),
    Operation("audio/translations", "transcription", form_of(Translation), translate),
)
