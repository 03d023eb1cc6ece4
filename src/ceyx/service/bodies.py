"""The bodies of requests: their types and bounds, and what is said of a body that breaks them.

Fields that no engine here reads are not named, and so not checked; the rules between fields are in `rules.py`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from ceyx.service.errors import Refusal, bad_request

Count: TypeAlias = Annotated[int, Meta(ge=1)]
Penalty: TypeAlias = Annotated[float, Meta(ge=-2, le=2)]
Object: TypeAlias = dict[str, Any]
Metadata: TypeAlias = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]], Meta(max_length=16)
]


# ---- the parts of a message


class Text(Struct, tag_field="type", tag="text"):
    text: str


class ImageURL(Struct):
    url: str
    detail: str | None = None


class Image(Struct, tag_field="type", tag="image_url"):
    image_url: ImageURL


class AudioData(Struct):
    data: str
    format: str


class Audio(Struct, tag_field="type", tag="input_audio"):
    input_audio: AudioData


class File(Struct, tag_field="type", tag="file"):
    file: Object


class Refused(Struct, tag_field="type", tag="refusal"):
    refusal: str


Part: TypeAlias = Text | Image | Audio | File | Refused
Content: TypeAlias = str | list[Part]


def text_of(content: Content | None) -> str:
    """The words in a message's content."""
    if not isinstance(content, list):
        return content or ""
    said = [part for part in content if isinstance(part, Text | Refused)]
    return "\n".join(part.text if isinstance(part, Text) else part.refusal for part in said)


# ---- messages, by role


class Called(Struct):
    name: str
    arguments: str


class CustomCalled(Struct):
    name: str
    input: str


class CallMade(Struct):
    id: str
    type: str = "function"
    function: Called | None = None
    custom: CustomCalled | None = None

    @property
    def name(self) -> str:
        made = self.function or self.custom
        return made.name if made else ""


class System(Struct, tag_field="role", tag="system"):
    content: Content
    name: str | None = None


class Developer(Struct, tag_field="role", tag="developer"):
    content: Content
    name: str | None = None


class User(Struct, tag_field="role", tag="user"):
    content: Content
    name: str | None = None


class Assistant(Struct, tag_field="role", tag="assistant"):
    content: Content | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[CallMade] | None = None
    function_call: Called | None = None


class ToolResult(Struct, tag_field="role", tag="tool"):
    content: Content
    tool_call_id: str


class FunctionResult(Struct, tag_field="role", tag="function"):
    name: str
    content: str | None = None


Message: TypeAlias = System | Developer | User | Assistant | ToolResult | FunctionResult


# ---- tools and formats


class Function(Struct):
    name: str
    description: str | None = None
    parameters: Object | None = None
    strict: bool | None = None


class FunctionTool(Struct, tag_field="type", tag="function"):
    function: Function


class Custom(Struct):
    name: str
    description: str | None = None
    format: Object | None = None


class CustomTool(Struct, tag_field="type", tag="custom"):
    custom: Custom


Tool: TypeAlias = FunctionTool | CustomTool


class TextFormat(Struct, tag_field="type", tag="text"):
    pass


class JSONObject(Struct, tag_field="type", tag="json_object"):
    pass


class NamedSchema(Struct):
    name: str
    schema: Object = {}
    description: str | None = None
    strict: bool | None = None


class JSONSchema(Struct, tag_field="type", tag="json_schema"):
    json_schema: NamedSchema


class StreamOptions(Struct):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


# ---- bodies


class Body(Struct, kw_only=True):
    """What every request has."""

    model: str | None = None
    user: str | None = None


Tier: TypeAlias = Literal["auto", "default", "flex", "scale", "priority"]


class Generation(Body, kw_only=True):
    """What chat and text completions share."""

    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    max_tokens: Count | None = None
    stop: str | Annotated[list[str], Meta(max_length=4)] | None = None
    seed: int | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    logit_bias: dict[str, Annotated[float, Meta(ge=-100, le=100)]] | None = None


class Chat(Generation, kw_only=True):
    messages: Annotated[list[Message], Meta(min_length=1)]
    max_completion_tokens: Count | None = None
    tools: Annotated[list[Tool], Meta(min_length=1, max_length=128)] | None = None
    tool_choice: str | Object | None = None
    parallel_tool_calls: bool | None = None
    functions: Annotated[list[Function], Meta(min_length=1, max_length=128)] | None = None
    function_call: str | Object | None = None
    response_format: TextFormat | JSONObject | JSONSchema | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    store: bool | None = None
    metadata: Metadata | None = None
    service_tier: Tier | None = None


class Completion(Generation, kw_only=True):
    prompt: str | list[Any] | None = None
    suffix: str | None = None
    echo: bool | None = None
    best_of: Annotated[int, Meta(ge=1, le=20)] | None = None
    logprobs: Annotated[int, Meta(ge=0, le=5)] | None = None


class Embedding(Body, kw_only=True):
    input: str | list[Any]
    dimensions: Count | None = None
    encoding_format: str | None = None


# ---- reading one

_bound = re.compile(r"Expected `(?P<type>\w+)`(?: of length)? (?P<sign>[<>]=?) (?P<limit>[\d.-]+)")


def read(decoder: msgspec.json.Decoder[Any], raw: bytes) -> Any:
    """The body, checked. Raises Refusal for one that is no JSON, or has not the types and bounds it should have."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None
    except (ValueError, RecursionError):  # msgspec.DecodeError and UnicodeDecodeError among them
        raise bad_request(
            "We could not parse the JSON body of your request: it must be one JSON object, encoded as UTF-8."
        ) from None


def _refusal(error: str) -> Refusal:
    reason, _, path = error.partition(" - at `")
    said = reason[:1].lower() + reason[1:].replace("`", "")
    param = path.rstrip("`").removeprefix("key` in `").removeprefix("$").removeprefix(".").replace("[...]", "") or None
    if missing := re.fullmatch(r"Object missing required field `(\w+)`", reason):
        param = f"{param}.{missing[1]}" if param else missing[1]
        return bad_request(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")
    if param is None:
        return bad_request("The body of the request is not a JSON object.")
    if bound := _bound.match(reason):
        side = ("below_min" if bound["sign"].startswith(">") else "above_max") + "_value"
        if bound["type"] in ("array", "str"):
            code = "empty_array" if bound["sign"] == ">=" else f"{bound['type']}_{side}".replace("str_", "string_")
        elif bound["type"] == "object":
            code = "object_above_max_properties"
        else:
            code = f"{'integer' if bound['type'] == 'int' else 'decimal'}_{side}"
        return bad_request(f"Invalid value for '{param}': {said}.", param, code)
    if reason.startswith("Expected"):
        return bad_request(f"Invalid type for '{param}': {said}.", param, "invalid_type")
    return bad_request(f"Invalid value for '{param}': {said}.", param, "invalid_value")
