"""Answers of a shape: what a model is asked for, and the runnables that read what it answers. Schemas are `ceyx.structured`'s."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import partial
from operator import itemgetter
from typing import Any, Literal

from langchain_core import exceptions as core
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.openai_tools import JsonOutputKeyToolsParser, PydanticToolsParser
from langchain_core.outputs import Generation
from langchain_core.runnables import Runnable, RunnableLambda, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_openai_function, convert_to_openai_tool
from langchain_core.utils.pydantic import is_basemodel_subclass
from typing_extensions import is_typeddict

from ceyx.errors import LengthFinishReasonError
from ceyx.langchain.tools import strictly
from ceyx.structured import formats, strict as made_strict

Method = Literal["function_calling", "json_mode", "json_schema"]
NO_FORMATS = ("gpt-3", "gpt-4-")  # models from before there were schemas for answers; so is plain "gpt-4"


_Refusal: type[Exception] = getattr(core, "ModelRefusalError", Exception)  # which later versions have for all providers


class OpenAIRefusalError(_Refusal):  # type: ignore[misc, valid-type]
    """The model declines to answer; the message is its own words."""

    def __init__(self, message: str, *, raw_message: AIMessage | None = None) -> None:
        super().__init__(message)
        self.raw_message = raw_message
        """The answer."""


class AnswerCutError(OutputParserException, LengthFinishReasonError):
    """The answer was cut at the token limit, so it cannot be read."""

    def __init__(self, message: AIMessage) -> None:
        super().__init__("the answer was cut at the token limit (finish_reason 'length'), so it is not whole; raise max_tokens=")
        self.answer = message


class AskedFor(dict[str, Any]):
    """A response format that remembers the type its answers are read as."""

    kind: Any = None

    def read(self, text: str) -> Any:
        """`text` as a value of the type; None where it does not fit, or is no answer at all."""
        try:
            return formats.parsed(text, self.kind) if text else None
        except ValueError:
            return None


def asked_for(schema: Any, *, strict: bool | None) -> dict[str, Any]:
    """`response_format` for a schema: a type, a JSON Schema, or a format as the API takes it.

    A type is asked for strictly unless `strict` is False; where it cannot be and `strict` is None, with a warning. ValueError
    where `strict` is True and it cannot be.
    """
    if _is_read(schema):
        made = AskedFor(_format_of(schema, strict))
        made.kind = schema
        return made
    if isinstance(schema, Mapping) and schema.get("type") == "json_schema" and "json_schema" in schema:
        told = schema["json_schema"].get("strict")
        if strict is not None and told is not None and told is not strict:
            raise ValueError(f"the schema has 'strict' {told}, and strict={strict} was given; say it in one place")
        if told and "schema" in schema["json_schema"]:
            return {**schema, "json_schema": {**schema["json_schema"], "schema": made_strict(schema["json_schema"]["schema"])}}
        return dict(schema)
    if isinstance(schema, Mapping) and schema.get("type") in ("json_object", "text"):
        return dict(schema)
    if isinstance(schema, Mapping) and "name" in schema and "schema" in schema:
        return {"type": "json_schema", "json_schema": dict(schema)}
    if strict is None:
        strict = schema.get("strict") if isinstance(schema, Mapping) else None
    function = strictly({"parameters": {"type": "object", "properties": {}}, **convert_to_openai_function(schema)}, bool(strict))
    function["schema"] = function.pop("parameters")
    return {"type": "json_schema", "json_schema": function}


def _is_read(schema: Any) -> bool:
    """Whether answers become values of `schema`: of a type, that is, but of a TypedDict or a dataclass they stay dicts."""
    return isinstance(schema, type) and not is_typeddict(schema) and not is_dataclass(schema)


def _format_of(schema: Any, strict: bool | None) -> Any:
    try:
        return formats.response_format_of(schema, strict=strict is not False)
    except ValueError as error:
        if strict:
            raise
        warnings.warn(
            f"{schema.__name__} cannot be asked for strictly, so the API does not enforce it: {error}; pass strict=False to "
            "have it so without this warning",
            stacklevel=2,
        )
        return formats.response_format_of(schema, strict=False)


def structured(
    model: Any,
    schema: Any,
    *,
    method: str,
    include_raw: bool,
    strict: bool | None,
    tools: Any,
    options: dict[str, Any],
) -> Runnable[Any, Any]:
    """`model` bound to answer in the shape of `schema`, and read so."""
    if method not in ("function_calling", "json_mode", "json_schema"):
        raise ValueError(f"method is {method!r}; there are 'json_schema', 'function_calling' and 'json_mode'")
    if strict is not None and method == "json_mode":
        raise ValueError("Argument `strict` is not supported with method='json_mode'; 'json_schema' enforces a schema")
    if schema is None and method != "json_mode":
        raise ValueError("schema must be specified when method is not 'json_mode': a type, a TypedDict or a JSON Schema")
    if method == "json_schema" and (why := model._no_formats()):
        warnings.warn(f"Cannot use method='json_schema' {why}; method='function_calling' is used instead", stacklevel=3)
        method = "function_calling"
    as_type: bool = isinstance(schema, type) and is_basemodel_subclass(schema)
    given: Any = schema
    parser: Runnable[Any, Any]
    if method == "function_calling":
        name = convert_to_openai_tool(given)["function"]["name"]
        told = {"kwargs": {"method": method, "strict": strict}, "schema": schema}
        bound = {"tool_choice": name, "parallel_tool_calls": False, "strict": strict, "ls_structured_output_format": told}
        llm = model.bind_tools([schema], **model._filter_disabled_params(**{**bound, **options}))
        parser = (
            PydanticToolsParser(tools=[given], first_tool_only=True)
            if as_type
            else JsonOutputKeyToolsParser(key_name=name, first_tool_only=True)
        )
    elif method == "json_mode":
        told = {"kwargs": {"method": method}, "schema": schema}
        llm = model.bind(**{"response_format": {"type": "json_object"}, "ls_structured_output_format": told, **options})
        parser = PydanticOutputParser(pydantic_object=given) if as_type else JsonOutputParser()
    else:
        format = asked_for(schema, strict=strict)
        if "json_schema" not in format:
            raise ValueError(f"the schema is {format}, which has no shape; method='json_mode' asks for any JSON")
        told = {"kwargs": {"method": method, "strict": strict}, "schema": _as_tool(schema, format)}
        bound = {"response_format": format, "ls_structured_output_format": told, **options}
        if tools:
            bound["tools"] = [model._sent_tool(tool, strict=strict) for tool in tools]
        llm = model.bind(**bound)
        parser = _JsonAnswer()
        if isinstance(format, AskedFor):
            parser = RunnableLambda(partial(read_answer, format)).with_types(output_type=schema)
    if not include_raw:
        return llm | parser  # type: ignore[no-any-return]
    read = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
    unread = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=llm) | read.with_fallbacks([unread], exception_key="parsing_error")


def _as_tool(schema: Any, format: Mapping[str, Any]) -> Any:
    """The schema in the shape of a tool, as traces have it."""
    try:
        return convert_to_openai_tool(schema)
    except (ValueError, TypeError):  # a type that langchain-core does not know, or a format in the API's own words
        made = format["json_schema"]
        return {"type": "function", "function": {"name": made.get("name"), "parameters": made.get("schema")}}


def read_answer(format: AskedFor, message: AIMessage) -> Any:
    """The value that an answer is; None where it calls tools instead.

    Raises OpenAIRefusalError for a refusal, AnswerCutError for an answer that was cut, and the type's own ValidationError.
    """
    if (parsed := message.additional_kwargs.get("parsed")) is not None:
        return parsed
    _refuse(message)
    if message.tool_calls:
        return None
    text = str(message.text)
    if text:
        return formats.parsed(text, format.kind)
    raise OutputParserException(f"the answer has neither text nor a refusal, so there is nothing to read: {message!r:.500}")


class _JsonAnswer(JsonOutputParser):
    """Reads an answer as JSON, unless it is a refusal or was cut."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        message = getattr(result[0], "message", None)
        if isinstance(message, AIMessage) and not partial:
            _refuse(message)
        return super().parse_result(result, partial=partial)


def _refuse(message: AIMessage) -> None:
    refusal = message.additional_kwargs.get("refusal")
    if refusal is None and not isinstance(message.content, str):
        blocks = [block.get("value", block) for block in message.content if isinstance(block, dict)]
        refusal = next((block["refusal"] for block in blocks if isinstance(block, Mapping) and block.get("refusal")), None)
    if refusal:
        raise OpenAIRefusalError(refusal, raw_message=message)
    told = message.response_metadata
    if told.get("finish_reason") == "length" or (told.get("incomplete_details") or {}).get("reason") == "max_output_tokens":
        raise AnswerCutError(message)
