"""Images: pictures that any viewer would open, of the size asked for, as base64 or under an address."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from plain_http import Wire

import ceyx
from ceyx.service import LocalService
from ceyx.service.engines.pictures import FORMATS, Picture, format_of


@pytest.fixture(scope="module")
def client(service: LocalService) -> Iterator[ceyx.OpenAI]:
    with ceyx.OpenAI(base_url=service.url, api_key="any") as client:
        yield client


def pixels(png: bytes) -> tuple[int, int, set[bytes]]:
    """The size of a PNG and its distinct lines, with every checksum verified."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    start, chunks = 8, dict[bytes, bytes]()
    while start < len(png):
        size, name = struct.unpack_from(">I4s", png, start)
        content = png[start + 8 : start + 8 + size]
        assert struct.unpack_from(">I", png, start + 8 + size)[0] == zlib.crc32(name + content)
        chunks[name] = content
        start += 12 + size
    width, height, depth = struct.unpack_from(">IIB", chunks[b"IHDR"])
    lines = zlib.decompress(chunks[b"IDAT"])
    length = 1 + width * depth // 8
    assert len(lines) == length * height
    return width, height, {lines[i : i + length] for i in range(0, len(lines), length)}


def size_of(picture: bytes) -> tuple[int, int]:
    match format_of(picture):
        case "png":
            return pixels(picture)[:2]
        case "jpeg":
            height, width = struct.unpack_from(">HH", picture, picture.index(b"\xff\xc0") + 5)
            assert picture.endswith(b"\xff\xd9")
            return width, height
        case "webp":
            assert struct.unpack_from("<I", picture, 4)[0] == len(picture) - 8
            bits = int.from_bytes(picture[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_the_formats_and_sizes(client: ceyx.OpenAI, form: Any) -> None:
    for size in ("1024x1024", "1536x1024", "1040x1056"):
        answer = client.images.generate(model="gpt-image-2", prompt="A kingfisher", size=size, output_format=form)
        assert answer.data is not None and answer.data[0].b64_json is not None
        picture = b64decode(answer.data[0].b64_json)
        assert format_of(picture) == form
        assert "{}x{}".format(*size_of(picture)) == size == answer.size
        assert answer.output_format == form
        assert answer.usage is not None and answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_a_picture_is_of_its_prompt() -> None:
    one, other = (Picture.of(what, 256, 256) for what in (b"a", b"b"))
    assert FORMATS["png"](one) == FORMATS["png"](Picture.of(b"a", 256, 256)) != FORMATS["png"](other)
    assert 2 <= len(pixels(FORMATS["png"](one))[2]) <= 8
    assert len(pixels(FORMATS["png"](one.draft(0)))[2]) == 1


def test_addresses(client: ceyx.OpenAI, wire: Wire) -> None:
    answer = client.images.generate(model="dall-e-2", prompt="A kingfisher", n=2, size="256x256")
    assert answer.data is not None
    one, other = (image.url for image in answer.data)
    assert one and other and one != other and one.startswith(wire.service.azure_endpoint)
    head = wire.pool.request("HEAD", one)
    whole = wire.pool.request("GET", one)
    assert head.status == whole.status == 200
    assert head.headers["content-type"] == whole.headers["content-type"] == "image/png"
    assert (head.data, int(head.headers["content-length"])) == (b"", len(whole.data))
    assert size_of(whole.data) == (256, 256)
    inline = client.images.generate(model="dall-e-2", prompt="A kingfisher", size="256x256", response_format="b64_json")
    assert inline.data is not None and b64decode(inline.data[0].b64_json or "") == whole.data
    for name in ("nothing", "0123456789abcdef-9999x9999.png", "0123456789abcdef-10x10.gif"):
        assert wire.get(f"/_ceyx/images/{name}").status == 404


def test_drafts_come_before_the_image(client: ceyx.OpenAI) -> None:
    events: list[Any] = list(client.images.generate(model="gpt-image-1", prompt="A bird", stream=True, partial_images=2))
    assert [event.type for event in events] == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [event.partial_image_index for event in events[:2]] == [0, 1]
    assert len({event.b64_json for event in events}) == 3
    whole = client.images.generate(model="gpt-image-1", prompt="A bird")
    assert whole.data is not None and whole.data[0].b64_json == events[-1].b64_json


def test_edits_and_variations(client: ceyx.OpenAI) -> None:
    source = FORMATS["png"](Picture.of(b"source", 256, 256))
    plain = client.images.edit(model="gpt-image-1", image=("a.png", source), prompt="More")
    masked = client.images.edit(model="gpt-image-1", image=[("a.png", source), ("b.png", source)], prompt="More", n=2)
    assert plain.data is not None and masked.data is not None and len(masked.data) == 2
    assert plain.data[0].b64_json != masked.data[0].b64_json
    assert plain.usage is not None and plain.usage.input_tokens_details.image_tokens == 323
    streamed: list[Any] = list(client.images.edit(model="gpt-image-1", image=("a.png", source), prompt="More", stream=True))
    assert [event.type for event in streamed] == ["image_edit.completed"]
    assert streamed[0].b64_json == plain.data[0].b64_json
    with pytest.warns(DeprecationWarning):
        varied = client.images.create_variation(image=("a.png", source), n=2, size="512x512")
    assert varied.data is not None and len({image.url for image in varied.data}) == 2


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "a", "model": "dall-e-2", "size": "1x1"}, "size"),
        ({"prompt": "a", "model": "gpt-image-2", "size": "4000x16"}, "size"),
        ({"prompt": "a", "model": "gpt-image-2", "size": "1023x1024"}, "size"),
        ({"prompt": "a", "model": "dall-e-3", "n": 2}, "n"),
        ({"prompt": "a", "n": 11}, "n"),
        ({"prompt": "a", "model": "gpt-image-1", "response_format": "url"}, "response_format"),
        ({"prompt": "a", "model": "dall-e-3", "output_format": "png"}, "output_format"),
        ({"prompt": "a", "model": "gpt-image-1", "output_format": "gif"}, "output_format"),
        ({"prompt": "a", "model": "gpt-image-1", "output_format": "jpeg", "background": "transparent"}, "background"),
    ],
)
def test_refusals(wire: Wire, fields: dict[str, Any], param: str) -> None:
    answer = wire.post("/v1/images/generations", fields)
    assert (answer.status, answer.json()["error"]["param"]) == (400, param)


def test_what_is_no_image(client: ceyx.OpenAI, wire: Wire) -> None:
    with pytest.raises(ceyx.BadRequestError) as refused:
        client.images.edit(model="gpt-image-1", image=("a.png", b"text"), prompt="More")
    assert (refused.value.param, refused.value.code) == ("image", "invalid_image_file")
    assert wire.post("/v1/images/edits", {"prompt": "More"}).status == 400
    assert wire.post("/v1/images/generations", {"prompt": "a", "model": "gpt-4o"}).status == 404


def test_azure_and_the_other_package(service: LocalService) -> None:
    with openai.AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21") as azure:
        image: Any = azure.images.generate(model="dall-e-3", prompt="A bird")
        assert image.data[0].url and image.data[0].revised_prompt == "A bird"
        assert image.data[0].content_filter_results["hate"]["severity"] == "safe"
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        stream: Any = client.images.generate(model="gpt-image-1", prompt="A bird", stream=True, partial_images=1)
        assert [event.type for event in stream] == ["image_generation.partial_image", "image_generation.completed"]
        source = FORMATS["webp"](Picture.of(b"source", 256, 256))
        edited = client.images.edit(model="gpt-image-1", image=[("a.webp", source)], prompt="More")
        assert edited.data and edited.data[0].b64_json
