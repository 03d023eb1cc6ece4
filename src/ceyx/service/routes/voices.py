"""/audio/voices and /audio/voice_consents: voices of one's own, by which speech can be asked for; each has its own pitch."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from ceyx.service.errors import bad_request
from ceyx.service.gate import json_response
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Stored
from ceyx.service.uploaded import WithFiles, form_of
from ceyx.service.visit import Visit, deleted, now

VOICE, CONSENT = "audio.voice", "audio.voice_consent"
_Name: TypeAlias = Annotated[str, Meta(min_length=1)]


class _Voice(WithFiles, kw_only=True):
    name: _Name
    type: Literal["audio_sample", "prompt"] = "audio_sample"
    consent: str | None = None
    prompt: str | None = None


class _Consent(WithFiles, kw_only=True):
    name: _Name
    language: _Name


class _Rename(Struct):
    name: _Name


_voice, _rename = msgspec.json.Decoder(_Voice), msgspec.json.Decoder(_Rename)
_voice_form, _consent_form = form_of(_Voice), form_of(_Consent)


async def create(visit: Visit) -> Response:
    is_form = visit.request.headers.get("content-type", "").startswith("multipart/")
    body: _Voice = await (_voice_form(visit.request) if is_form else visit.body(_voice))
    made: Stored = {"id": identifier("voice_"), "object": VOICE, "name": body.name, "created_at": now(), "type": body.type}
    if body.type == "prompt":
        if not body.prompt:
            raise bad_request("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter")
        made["prompt"] = body.prompt
    else:
        body.file("audio_sample")
        if body.consent is None:
            raise bad_request("Missing required parameter: 'consent'.", "consent", "missing_required_parameter")
        visit.found(CONSENT, body.consent, "voice consent", "consent")
    visit.store.put(VOICE, made["id"], made)
    return json_response(made)


async def delete(visit: Visit) -> Response:
    visit.found(VOICE, visit.id(), "voice")
    visit.store.delete(VOICE, visit.id())
    return deleted(visit.id(), "audio.voice.deleted")


async def consent(visit: Visit) -> Response:
    body = await _consent_form(visit.request)
    body.file("recording")
    made: Stored = {"id": identifier("cons_"), "object": CONSENT, "name": body.name, "language": body.language}
    made["created_at"] = now()
    visit.store.put(CONSENT, made["id"], made)
    return json_response(made)


async def consents(visit: Visit) -> Response:
    return visit.page(CONSENT)


async def retrieve_consent(visit: Visit) -> Response:
    return json_response(visit.found(CONSENT, visit.id(), "voice consent"))


async def update_consent(visit: Visit) -> Response:
    body: _Rename = await visit.body(_rename)
    visit.found(CONSENT, visit.id(), "voice consent")
    return json_response(visit.store.update(CONSENT, visit.id(), name=body.name))


async def delete_consent(visit: Visit) -> Response:
    visit.found(CONSENT, visit.id(), "voice consent")
    visit.store.delete(CONSENT, visit.id())
    return deleted(visit.id(), CONSENT)


TABLE = (
    ("POST", "/audio/voices", create),
    ("DELETE", "/audio/voices/{id}", delete),
    ("POST", "/audio/voice_consents", consent),
    ("GET", "/audio/voice_consents", consents),
    ("GET", "/audio/voice_consents/{id}", retrieve_consent),
    ("POST", "/audio/voice_consents/{id}", update_consent),
    ("DELETE", "/audio/voice_consents/{id}", delete_consent),
)
