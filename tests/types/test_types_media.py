"""Views over what is sent of audio, images, moderations, files, uploads and batches, and the names and fields of `openai`."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from typing import Any, get_type_hints

import pytest
from fields import deep_names_in, differences, names_in, required

import ceyx.types
from ceyx.types import Batch, ImageGenStreamEvent, ImagesResponse, ModerationCreateResponse, Upload
from ceyx.types.audio import (
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionTextDeltaEvent,
    TranscriptionTextDoneEvent,
    TranscriptionTextSegmentEvent,
    TranscriptionVerbose,
)
from ceyx.types.audio.transcription import UsageDuration, UsageTokens
from ceyx.types.moderation import WIRE, CategoryScores
from ceyx.wire.call import Omit
from ceyx.wire.view import View
from ceyx.wire.wrapping import wrapper

KINDS = ("Audio", "Batch", "File", "Image", "Moderation", "Upload")
OTHERS = {"FileChunkingStrategy", "FileChunkingStrategyParam"}  # of vector stores


def top_names() -> Iterator[str]:
    return (name for name in dir(import_module("openai.types")) if name.startswith(KINDS) and name not in OTHERS)


def all_names() -> Iterator[tuple[str, str]]:
    yield from names_in("audio")
    yield from names_in("uploads")
    yield from (("", name) for name in top_names())
    for module in ("image_edit_params", "image_generate_params", "images_response", "image_gen_completed_event", "batch"):
        yield from deep_names_in(module)
    for module in ("image_edit_completed_event", "moderation", "moderation_image_url_input_param", "batch_usage"):
        yield from deep_names_in(module)
    for module in ("batch_create_params", "file_create_params", "upload_create_params"):
        yield from deep_names_in(module)


@pytest.mark.parametrize(("path", "name"), sorted(set(all_names())))
def test_names_and_fields_are_those_of_openai(path: str, name: str) -> None:
    assert list(differences(path, name)) == []


def test_none_of_the_names_was_overlooked() -> None:
    found = set(all_names())
    assert len(found) > 100
    assert {
        ("audio", "TranscriptionVerbose"),
        ("uploads", "UploadPart"),
        ("", "ImagesResponse"),
        ("moderation", "Categories"),
    } <= found
    assert set(top_names()) <= set(dir(ceyx.types))


def test_every_optional_parameter_can_be_omitted() -> None:
    nested = {"ChunkingStrategyVadConfig", "Svg", "SvgReasoning", "ImageInputReferenceParam"}
    for path, name in sorted(set(all_names())):
        params: Any = getattr(import_module(f"ceyx.types.{path}".rstrip(".")), name)
        if hasattr(params, "__required_keys__") and name not in nested:
            hints = get_type_hints(params, include_extras=True)
            for key in hints.keys() - required(params, hints):
                assert Omit in getattr(hints[key], "__args__", ()), (name, key)


# ---- audio

TOKENS = {
    "type": "tokens",
    "input_tokens": 14,
    "output_tokens": 5,
    "total_tokens": 19,
    "input_token_details": {"audio_tokens": 14},
}
SECONDS = {"type": "duration", "seconds": 9}


def test_what_a_transcription_was_billed_for_is_told_apart() -> None:
    made = Transcription.wrap(
        {"text": "Hi", "usage": deepcopy(TOKENS), "languages": [{"code": "en"}], "logprobs": [{"token": "H"}]}
    )
    assert isinstance(made.usage, UsageTokens) and made.usage.input_token_details is not None
    assert made.usage.input_token_details.audio_tokens == 14 and made.usage.input_token_details.text_tokens is None
    assert made.languages is not None and made.languages[0].code == "en"
    other = Transcription.wrap({"text": "Hi", "usage": dict(SECONDS)})
    assert isinstance(other.usage, UsageDuration) and other.usage.seconds == 9


def test_a_verbose_transcription() -> None:
    segment = {"id": 0, "start": 0.0, "end": 1.5, "text": "Hi", "tokens": [1], "avg_logprob": -0.3, "seek": 0}
    words = [{"word": "Hi", "start": 0.1, "end": 0.4}]
    made = TranscriptionVerbose.wrap(
        {"task": "transcribe", "text": "Hi", "language": "english", "duration": 1.5, "segments": [segment], "words": words}
    )
    assert made.segments is not None and made.segments[0].end == 1.5
    assert made.words is not None and made.words[0].word == "Hi"
    assert made.model_extra == {"task": "transcribe"} and made.usage is None


def test_a_transcription_that_says_who_speaks() -> None:
    segment = {"type": "transcript.text.segment", "id": "seg_0", "start": 0.0, "end": 1.0, "text": "Hi", "speaker": "agent"}
    made = TranscriptionDiarized.wrap({"text": "Hi", "task": "transcribe", "duration": 1.0, "segments": [segment]})
    assert made.segments[0].speaker == "agent"


def test_events_of_a_transcription() -> None:
    wrap: Any = wrapper(TranscriptionStreamEvent)
    delta = wrap({"type": "transcript.text.delta", "delta": "Hi", "logprobs": [{"token": "Hi", "bytes": [72], "logprob": -0.1}]})
    done = wrap({"type": "transcript.text.done", "text": "Hi", "usage": deepcopy(TOKENS)})
    assert (type(delta), delta.delta, delta.logprobs[0].bytes) == (TranscriptionTextDeltaEvent, "Hi", [72])
    assert (type(done), done.usage.total_tokens) == (TranscriptionTextDoneEvent, 19)
    assert type(wrap({"type": "transcript.text.segment", "text": "Hi"})) is TranscriptionTextSegmentEvent
    assert type(wrap({"type": "transcript.unheard_of", "text": "Hi"})) is View


# ---- images


def test_images_and_their_events() -> None:
    usage = {
        "input_tokens": 1,
        "output_tokens": 2,
        "total_tokens": 3,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": 1},
    }
    made = ImagesResponse.wrap(
        {"created": 1, "data": [{"b64_json": "AA=="}, {"url": "https://a.test"}], "usage": deepcopy(usage)}
    )
    assert made.data is not None and (made.data[0].b64_json, made.data[1].url, made.data[1].b64_json) == (
        "AA==",
        "https://a.test",
        None,
    )
    assert made.usage is not None and made.usage.input_tokens_details.text_tokens == 1
    wrap: Any = wrapper(ImageGenStreamEvent)
    partial = wrap({"type": "image_generation.partial_image", "b64_json": "AA==", "partial_image_index": 0})
    whole = wrap({"type": "image_generation.completed", "b64_json": "AA==", "usage": usage})
    assert (partial.partial_image_index, whole.usage.total_tokens) == (0, 3)


# ---- moderations

FINDINGS = {
    "categories": {"hate": False, "self-harm": True, "self-harm/intent": True, "new/one": False},
    "category_scores": {"hate": 0.1, "self-harm": 0.9, "self-harm/intent": 0.8},
    "category_applied_input_types": {"hate": ["text"], "self-harm": ["text", "image"]},
    "flagged": True,
}


def moderated() -> ModerationCreateResponse:
    return ModerationCreateResponse.wrap({"id": "modr-1", "model": "omni", "results": [deepcopy(FINDINGS)]})


def test_categories_have_names_of_python() -> None:
    found = moderated().results[0]
    assert found.categories.self_harm_intent is True and found.categories.illicit is None
    assert found.category_scores.self_harm == 0.9
    assert found.category_applied_input_types.self_harm == ["text", "image"]
    assert getattr(found.categories, "new/one") is False
    sent = {"hate": False, "self_harm": True, "self_harm_intent": True, "new/one": False}
    assert found.categories.model_dump(exclude_unset=True) == found.categories.to_dict(use_api_names=False) == sent


def test_categories_have_the_names_of_the_wire_where_they_are_asked_for() -> None:
    answer = moderated()
    assert answer.to_dict()["results"] == [FINDINGS]
    assert answer.model_dump(by_alias=True, exclude_unset=True)["results"] == [FINDINGS]
    assert answer.model_dump(by_alias=True)["results"][0]["categories"]["violence/graphic"] is None
    assert json.loads(answer.to_json())["results"] == [FINDINGS]
    assert json.loads(answer.model_dump_json(by_alias=True, exclude_unset=True))["results"] == [FINDINGS]
    assert json.loads(answer.model_dump_json())["results"][0]["categories"]["self_harm_intent"] is True
    assert answer.to_dict(use_api_names=False) == answer.model_dump(exclude_unset=True)
    assert answer.results[0].categories.to_dict()["self-harm/intent"] is True


def test_findings_are_values() -> None:
    answer = moderated()
    assert pickle.loads(pickle.dumps(answer)) == answer
    kinds = {"categories": False, "category_scores": 0.5, "category_applied_input_types": ["text"]}
    names = CategoryScores.model_fields
    full = {kind: {WIRE.get(name, name): value for name in names} for kind, value in kinds.items()}
    answer = ModerationCreateResponse.model_validate({"id": "modr-1", "model": "omni", "results": [{**full, "flagged": False}]})
    assert "self-harm" not in vars(answer.results[0].categories) and answer.results[0].category_scores.self_harm == 0.5
    for dumped in (answer.to_dict(), answer.model_dump(), answer.model_dump(by_alias=True)):
        assert ModerationCreateResponse.model_validate(dumped) == answer
    assert answer.model_copy(deep=True) == answer


# ---- files, uploads, batches


def test_what_azure_adds_to_a_batch_is_kept() -> None:
    sent = {
        "id": "batch_1",
        "status": "completed",
        "request_counts": {"total": 2, "completed": 1, "failed": 1},
        "errors": {"object": "list", "data": [{"code": "empty_file", "line": 3, "message": "No."}]},
        "output_blob": "https://x.blob.core.windows.net/y",
        "usage": {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}},
    }
    batch: Any = Batch.wrap(deepcopy(sent))
    assert (batch.request_counts.failed, batch.errors.data[0].line, batch.usage.input_tokens_details.cached_tokens) == (1, 3, 0)
    assert batch.output_blob == "https://x.blob.core.windows.net/y" and batch.output_file_id is None
    assert batch.to_dict() == sent


def test_an_upload_that_is_complete_has_its_file() -> None:
    upload = Upload.wrap({"id": "upload_1", "status": "completed", "file": {"id": "file-1", "bytes": 3, "filename": "a"}})
    assert upload.file is not None and (upload.file.id, upload.file.bytes) == ("file-1", 3)
    assert Upload.wrap({"id": "upload_1", "file": None}).file is None
