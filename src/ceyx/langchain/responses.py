"""Chat models on the Responses API: where `chat_calls.py` sends such calls. Makes parameters, sends them, reads what comes.

Messages are translated in `responses_input.py`, answers in `responses_answers.py`, events in `responses_streaming.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from ceyx.errors import APIError
from ceyx.langchain.errors import classify
from ceyx.langchain.responses_answers import chat_result, reader
from ceyx.langchain.responses_input import sent_items
from ceyx.langchain.responses_streaming import Events, ResponseFailed
from ceyx.langchain.translate import Fields, fields_of
from ceyx.wire.status import error_in_stream
from ceyx.wire.view import plain

if TYPE_CHECKING:
    from ceyx.langchain.chat import BaseChatOpenAI

LOGPROBS = "message.output_text.logprobs"

# ---- the request


def payload(model: BaseChatOpenAI, messages: list[BaseMessage], given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a response, from those of a chat completion; `stop` is left out, as there is nothing like it."""
    sent = {name: value for name, value in given.items() if name != "stop"}
    if sent.get("model") is None:
        sent.pop("model", None)
    for name in ("max_tokens", "max_completion_tokens"):
        if name in sent:
            sent["max_output_tokens"] = sent.pop(name)
    if sent.get("n") == 1:
        del sent["n"]
    if (effort := sent.pop("reasoning_effort", None)) is not None:
        sent["reasoning"] = {"effort": effort, **(sent.get("reasoning") or {})}
    if not _takes_temperature(sent.get("model") or "", sent.get("reasoning") or {}):
        sent.pop("temperature", None)
    if sent.pop("logprobs", None):
        sent["include"] = [*(one for one in sent.get("include") or () if one != LOGPROBS), LOGPROBS]
    options = sent.pop("stream_options", None) or {}
    if options := {name: value for name, value in options.items() if name != "include_usage"}:  # which is told unasked
        sent["stream_options"] = options
    if tools := sent.pop("tools", None):
        sent["tools"] = [_tool(tool, bool(sent.get("stream"))) for tool in tools]
    if choice := sent.pop("tool_choice", None):
        sent["tool_choice"] = _choice(choice, sent.get("tools") or ())
    if text := _text(sent):
        sent["text"] = text
    stored, earlier = sent.get("store") is not False, 0
    if model.use_previous_response_id and stored and "previous_response_id" not in sent:
        earlier, id_ = _answered(messages)
        if id_ is not None:
            sent["previous_response_id"] = id_
    sent["input"] = sent_items(messages[earlier:], stored=stored, earlier=messages[:earlier])
    return sent


def _takes_temperature(model: str, reasoning: Fields) -> bool:
    return not model.startswith("gpt-5") or "chat" in model or reasoning.get("effort") == "none"


def _tool(tool: dict[str, Any], streamed: bool) -> dict[str, Any]:
    """A tool as responses have it: what chat completions have below its type lies beside it."""
    kind = tool.get("type")
    if kind == "image_generation":
        if "partial_images" in tool:
            raise NotImplementedError(
                "Partial image generation is not yet supported: LangChain cannot tell a picture that is not finished from one "
                "that is; drop the 'partial_images' key from the image_generation tool"
            )
        return {**tool, "partial_images": 1} if streamed else tool  # without it, the API refuses to stream
    inner = tool.get(kind) if kind in ("function", "custom") else None
    return _flat(tool, inner) if isinstance(inner, Mapping) else tool


def _flat(given: Fields, inner: Fields) -> dict[str, Any]:
    rest = {name: value for name, value in given.items() if name not in ("type", given["type"])}
    return {"type": given["type"], **inner, **rest}


def _choice(choice: Any, tools: Sequence[Fields]) -> Any:
    if not isinstance(choice, Mapping):
        return choice
    kind = choice.get("type")
    inner = choice.get(kind) if isinstance(kind, str) else None
    made = _flat(choice, inner) if isinstance(inner, Mapping) else dict(choice)
    if kind == "allowed_tools" and made.get("tools"):
        made["tools"] = [_choice(one, tools) for one in made["tools"]]
    if kind == "function" and any(tool.get("type") == "custom" and tool.get("name") == made.get("name") for tool in tools):
        made["type"] = "custom"
    return made


def _text(sent: dict[str, Any]) -> dict[str, Any]:
    """What is to be answered: the `text` of a response, from `response_format` and `verbosity`, which `sent` loses."""
    text = dict(sent.get("text") or {})
    if (format := sent.pop("response_format", None)) is not None:
        text["format"] = _format(format, sent.pop("strict", None))
    if (verbosity := sent.pop("verbosity", None)) is not None:
        text["verbosity"] = verbosity
    return text


def _format(given: Any, strict: bool | None) -> dict[str, Any]:
    """A response format of chat completions as that of responses; one that reads what it asked for still does."""
    from ceyx.langchain.structured import AskedFor, asked_for

    if not isinstance(given, AskedFor):
        given = asked_for(given, strict=True if strict is None and isinstance(given, type) else strict)
    if "json_schema" not in given:
        return given  # type: ignore[no-any-return]
    made = {"type": "json_schema", **given["json_schema"]}
    if isinstance(given, AskedFor):
        kind, made = given.kind, AskedFor(made)
        made.kind = kind
    return made


def _answered(messages: Sequence[BaseMessage]) -> tuple[int, str | None]:
    """How many of `messages` the last response answered, itself among them, and its id; 0 and None where there was none."""
    for number in range(len(messages), 0, -1):
        message = messages[number - 1]
        if isinstance(message, AIMessage):
            id_ = message.response_metadata.get("id")
            if isinstance(id_, str) and id_.startswith("resp_"):
                return number, id_
    return 0, None


# ---- whole answers


def generate(model: BaseChatOpenAI, payload: dict[str, Any], kwargs: Mapping[str, Any]) -> ChatResult:
    payload.pop("stream", None)
    return _read(model, payload, model.root_client.responses.with_raw_response.create(**payload))


async def agenerate(model: BaseChatOpenAI, payload: dict[str, Any], kwargs: Mapping[str, Any]) -> ChatResult:
    payload.pop("stream", None)
    return _read(model, payload, await model.root_async_client.responses.with_raw_response.create(**payload))


def _read(model: BaseChatOpenAI, payload: Fields, raw: Any) -> ChatResult:
    """What an answer is to LangChain. The typed error for a response that failed."""
    answer = raw.parse()
    fields = fields_of(answer)
    if fields.get("status") == "failed" or fields.get("error"):
        raise _failure(answer, raw)
    return chat_result(answer, _headers(model, raw), _reader(payload), model._named, model.output_version)


def _headers(model: BaseChatOpenAI, raw: Any) -> dict[str, Any] | None:
    return {"headers": dict(raw.headers)} if model.include_response_headers else None


def _reader(payload: Fields) -> Any:
    return reader((payload.get("text") or {}).get("format"))


def _failure(response: Any, raw: Any) -> APIError:
    """The error of a response that failed, typed by its code."""
    said = plain(fields_of(response).get("error")) or {"message": "the response failed, and the server does not say why"}
    error = error_in_stream({"error": said}, raw.http_request, raw.headers)
    error.partial = response
    return error


# ---- streams


def stream(
    model: BaseChatOpenAI, payload: dict[str, Any], kwargs: Mapping[str, Any], run_manager: CallbackManagerForLLMRun | None
) -> Iterator[ChatGenerationChunk]:
    events = raw = None
    try:
        raw = model.root_client.responses.with_raw_response.create(**payload)
        opened = raw.parse()
        events = _events(model, payload, raw)
        model._limit_pauses(opened)
        with opened:
            for event in opened:
                if (piece := events.piece(event)) is not None:
                    if run_manager:
                        run_manager.on_llm_new_token(piece.text, chunk=piece)
                    yield piece
    except ResponseFailed as failed:
        error = _failure(failed.response, raw)
        classify(error)
        raise error from None
    except APIError as error:
        model._check_silence(error, events)
        classify(error)
        raise


async def astream(
    model: BaseChatOpenAI, payload: dict[str, Any], kwargs: Mapping[str, Any], run_manager: AsyncCallbackManagerForLLMRun | None
) -> AsyncIterator[ChatGenerationChunk]:
    events = raw = None
    try:
        raw = await model.root_async_client.responses.with_raw_response.create(**payload)
        opened = raw.parse()
        events = _events(model, payload, raw)
        model._limit_pauses(opened)
        async with opened:
            async for event in opened:
                if (piece := events.piece(event)) is not None:
                    if run_manager:
                        await run_manager.on_llm_new_token(piece.text, chunk=piece)
                    yield piece
    except ResponseFailed as failed:
        error = _failure(failed.response, raw)
        classify(error)
        raise error from None
    except APIError as error:
        model._check_silence(error, events)
        classify(error)
        raise


def _events(model: BaseChatOpenAI, payload: Fields, raw: Any) -> Events:
    return Events(_headers(model, raw), _reader(payload), model._named, model.output_version)
