"""/images: pictures of the size and format asked for, as base64 or under an address of the service."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from hashlib import blake2b
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from ceyx.service import filters
from ceyx.service.engines.pictures import BEGINNINGS, FORMATS, Picture, format_of
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.gate import Ask, Operation
from ceyx.service.store import Store
from ceyx.service.streams import Chunks, EventStream
from ceyx.service.tokens import estimate
from ceyx.service.uploaded import Upload, WithFiles, form_of
from ceyx.service.visit import now

PATH = "/_ceyx/images/"
"""Where pictures are found; the rest of the address says what is in them, so nothing is kept."""

_LEGACY = {"dall-e-2": ["256x256", "512x512", "1024x1024"], "dall-e-3": ["1024x1024", "1792x1024", "1024x1792"]}
_SIZES = ["1024x1024", "1536x1024", "1024x1536"]
_TOKENS = {"low": 272, "medium": 1056, "high": 4160}  # of a picture of 1024 x 1024, as gpt-image-1 counts them
_TOKENS_OF_INPUT = 323
_size = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})").fullmatch
_name = re.compile(r"([0-9a-f]{16})-([1-9]\d{0,3})x([1-9]\d{0,3})\.(png|jpeg|webp)").fullmatch


class _Rendering(WithFiles, kw_only=True):
    """What all three ask for."""

    n: Annotated[int, Meta(ge=1, le=10)] | None = None
    size: str | None = None
    response_format: Literal["url", "b64_json"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    quality: str | None = None
    output_format: str | None = None
    output_compression: Annotated[int, Meta(ge=0, le=100)] | None = None
    partial_images: Annotated[int, Meta(ge=0, le=3)] | None = None
    stream: bool | None = None


class Generation(_Rendering, kw_only=True):
    prompt: Annotated[str, Meta(min_length=1, max_length=32_000)]


class Edit(_Rendering, kw_only=True):
    prompt: Annotated[str, Meta(min_length=1, max_length=32_000)]


class Variation(_Rendering, kw_only=True):
    pass


async def generate(ask: Ask) -> Response:
    return await _answer(ask, ask.body.prompt, [])


async def edit(ask: Ask) -> Response:
    body: Edit = ask.body
    body.file("image")
    return await _answer(ask, body.prompt, [*body.files["image"], *body.files.get("mask", [])])


async def vary(ask: Ask) -> Response:
    return await _answer(ask, "", [ask.body.file("image")])


async def _answer(ask: Ask, prompt: str, sources: list[Upload]) -> Response:
    body: _Rendering = ask.body
    legacy = ask.model.id.startswith("dall-e")
    for source in sources:
        _check_source(source, ask.model.id)
    width, height = _check(body, ask.model.id)
    what = b"\0".join([prompt.encode(), *(source.content for source in sources)])
    transparent = body.background == "transparent"
    pictures = [Picture.of(b"%d\0" % i + what, width, height, transparent) for i in range(body.n or 1)]
    usage = ask.counted(_usage(body, prompt, len(sources), pictures))
    form = body.output_format or "png"
    headers = ask.answer_headers(usage["total_tokens"])
    given = None if ask.reply is None else ask.reply.file
    if body.stream and not legacy:
        events = _events(body, form, pictures[0], given, usage, "image_edit" if sources else "image_generation")
        return EventStream(events, ask.surface.provider, headers, named=True)
    if legacy and body.response_format != "b64_json":
        where = f"{ask.request.base_url}{PATH[1:]}"
        addressed = [named(each, form) for each in pictures] if given is None else [_kept(ask, given)] * len(pictures)
        data: list[dict[str, Any]] = [{"url": f"{where}{name}"} for name in addressed]
    elif given is not None:
        data = [{"b64_json": b64encode(given).decode()} for _ in pictures]
    else:
        data = [{"b64_json": each} for each in await asyncio.to_thread(lambda: [_base64(one, form) for one in pictures])]
    for each in data:
        if ask.model.id == "dall-e-3":
            each["revised_prompt"] = prompt
        if ask.filtered:
            each |= {"content_filter_results": filters.of_text(), "prompt_filter_results": filters.of_text()}
    made: dict[str, Any] = {"created": now(), "data": data}
    return ask.whole(made if legacy else {**made, **_described(body, form, pictures[0]), "usage": usage}, usage["total_tokens"])


def _base64(picture: Picture, form: str) -> str:
    return b64encode(FORMATS[form](picture)).decode()


def _described(body: _Rendering, form: str, picture: Picture) -> dict[str, str]:
    quality = body.quality if body.quality in _TOKENS else "medium"
    background = "transparent" if picture.transparent else "opaque"
    size = f"{picture.width}x{picture.height}"
    return {"background": background, "output_format": form, "quality": str(quality), "size": size}


def _usage(body: _Rendering, prompt: str, sources: int, pictures: list[Picture]) -> dict[str, Any]:
    each = pictures[0].width * pictures[0].height * _TOKENS.get(body.quality or "", _TOKENS["medium"]) // 1024**2
    text, seen, drawn = estimate(prompt), sources * _TOKENS_OF_INPUT, each * len(pictures)
    counted = {"input_tokens": text + seen, "input_tokens_details": {"image_tokens": seen, "text_tokens": text}}
    details = {"image_tokens": drawn, "text_tokens": 0}
    return {**counted, "output_tokens": drawn, "output_tokens_details": details, "total_tokens": text + seen + drawn}


def _events(body: _Rendering, form: str, picture: Picture, given: bytes | None, usage: dict[str, Any], kind: str) -> Chunks:
    common = {**_described(body, form, picture), "created_at": now()}
    drafts = body.partial_images or 0
    for i in range(drafts):
        draft = _base64(picture.draft((i + 1) / (drafts + 1)), form)
        yield {"type": f"{kind}.partial_image", "partial_image_index": i, "b64_json": draft, **common}
    whole = _base64(picture, form) if given is None else b64encode(given).decode()
    yield {"type": f"{kind}.completed", "b64_json": whole, **common, "usage": usage}


def _check(body: _Rendering, model: str) -> tuple[int, int]:
    """Width and height. Raises Refusal for what the model, or this service, does not make."""
    legacy = model.startswith("dall-e")
    if legacy:
        for name in ("background", "output_format", "output_compression", "partial_images", "stream"):
            if getattr(body, name):
                raise bad_request(f"Unknown parameter: '{name}'; {model} has none.", name, "unknown_parameter")
    elif body.response_format is not None:
        message = f"Unknown parameter: 'response_format'; {model} always gives b64_json."
        raise bad_request(message, "response_format", "unknown_parameter")
    if model == "dall-e-3" and (body.n or 1) > 1:
        raise bad_request("Invalid value for 'n': dall-e-3 makes one image at a time.", "n", "invalid_value")
    if body.output_format not in (None, *FORMATS):
        message = f"Invalid value for 'output_format': the local service makes {', '.join(FORMATS)}"
        raise bad_request(f"{message}; got {str(body.output_format)[:40]!r}.", "output_format", "invalid_value")
    if body.background == "transparent" and body.output_format == "jpeg":
        raise bad_request("Transparent background is not supported for JPEG output format.", "background", "invalid_value")
    if body.size in (None, "auto"):
        return 1024, 1024
    served = _LEGACY.get(model, _SIZES)
    found = _size(body.size or "")
    any_size = not legacy and model not in ("gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5")
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if body.size not in served and not (any_size and _drawable(width, height)):
        said = "multiples of 16, up to 3840 pixels and 3:1" if any_size else ", ".join(served)
        raise bad_request(
            f"Invalid value for 'size': {model} makes {said}; got {str(body.size)[:40]!r}.", "size", "invalid_value"
        )
    return width, height


def _drawable(width: int, height: int) -> bool:
    shorter, longer = sorted((width, height))
    return 0 < longer <= min(3840, 3 * shorter) and shorter <= 2160 and not width % 16 and not height % 16


def _check_source(source: Upload, model: str) -> None:
    form = format_of(source.content)
    if form is None or (model == "dall-e-2" and form != "png"):
        taken = "PNG" if model == "dall-e-2" else ", ".join(BEGINNINGS)
        message = f"Invalid image file: {source.name[:80]!r} is none that {model} takes ({taken})."
        raise bad_request(message, "image", "invalid_image_file")


def _kept(ask: Ask, content: bytes) -> str:
    """The name of a picture that an engine gave, under which it is kept."""
    digest = blake2b(content, digest_size=16).hexdigest()
    if not ask.service.store.get("picture", digest):
        ask.service.store.put_content(f"picture-{digest}", [content])
        ask.service.store.put("picture", digest, {"type": format_of(content) or "png"})
    return f"given-{digest}"


def named(picture: Picture, form: str) -> str:
    """The name of a picture in its address."""
    return f"{picture.seed}-{picture.width}x{picture.height}.{form}"


async def show(request: Request) -> Response:
    """GET and HEAD of a picture's address, which needs no credential, as the signed addresses of the providers need none."""
    name: str = request.path_params["name"]
    store: Store = request.app.state.service.store
    if name.startswith("given-") and (kept := store.get("picture", name.removeprefix("given-"))):
        return Response(store.read(name.replace("given", "picture", 1)), media_type=f"image/{kept['type']}")
    found = _name(name)
    if found is None or int(found[2]) * int(found[3]) > 3840 * 2160:
        refusal = Refusal(404, "There is no picture at this address; /images/generations gives addresses of pictures.")
        return Response(msgspec.json.encode(refusal.body()), 404, media_type="application/json")
    picture = Picture(found[1], int(found[2]), int(found[3]))
    return Response(await asyncio.to_thread(FORMATS[found[4]], picture), media_type=f"image/{found[4]}")


operations = (
    Operation("images/generations", "image", msgspec.json.Decoder(Generation), generate, "dall-e-2"),
    Operation("images/edits", "image", form_of(Edit), edit, "gpt-image-1.5"),
)
variation = Operation("images/variations", "image", form_of(Variation), vary, "dall-e-2")
