"""Questions to chat models: a template or a column of messages, tools, images, the shape of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from ceyx.bulk.any_job import AnyJob, Request, at_most
from ceyx.bulk.template import RowError, Values, cell, check_template, filled
from ceyx.image_urls import image_url
from ceyx.rates import Used

if TYPE_CHECKING:
    from ceyx.bulk.any_job import Outcome, Sender
    from ceyx.client import AsyncOpenAI

_OWN = ("stream", "stream_options", "n", "messages", "model", "response_format", "tools")
_LIMITS = ("max_completion_tokens", "max_tokens")


@dataclass(frozen=True, slots=True)
class Job(AnyJob):
    """One prompt over many rows: `Job(model="gpt-4o-mini", prompt="Classify: {text}", schema=Label)`."""

    endpoint: ClassVar[str] = "/v1/chat/completions"

    model: str
    prompt: str | None = None
    """The question, with `{column}` where the value of a column goes. Braces that are text are doubled."""
    messages: str | None = None
    """In place of `prompt`: the column that holds the messages, as Chat Completions takes them."""
    system: str | None = None
    """Who the model is to be, in every row; a template as well."""
    images: str | None = None
    """The column that holds an image for the prompt, or a list of them: URLs, or paths of files, which are sent along."""
    tools: Sequence[Mapping[str, Any]] = ()
    """What the model may call, as Chat Completions takes it. Its calls are the answer then, and nobody runs them."""
    schema: Any = None
    """The shape of answers: a `response_format`, or a pydantic class, dataclass, TypedDict or Struct."""
    params: Values = field(default_factory=dict)
    """Further parameters of `chat.completions.create`, for all rows."""
    answer: str = "answer"
    response_format: Any = field(init=False, repr=False, compare=False, default=None)
    """What `schema` is to the API."""

    def __post_init__(self) -> None:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("a job asks by a prompt or by a column of messages; give one of prompt= and messages=")
        if self.images is not None and self.prompt is None:
            raise ValueError("images= goes with a prompt; messages of a column hold their images themselves")
        for template in (self.prompt, self.system):
            check_template(template or "")
        self._check_params(_OWN)
        object.__setattr__(self, "tools", tuple(self.tools))
        shape = self.schema
        if shape is not None and not isinstance(shape, Mapping):
            from ceyx.structured import response_format_of

            shape = response_format_of(shape)
        object.__setattr__(self, "response_format", shape)

    @property
    def answers(self) -> Literal["text", "json", "vector"]:
        return "json" if self.tools or self.schema is not None else "text"

    @property
    def longest_answer(self) -> int | None:
        given = next((self.params[name] for name in _LIMITS if self.params.get(name)), None)
        return given if isinstance(given, int) else None

    @property
    def said(self) -> dict[str, Any]:
        asked = {"prompt": self.prompt, "messages": self.messages, "system": self.system, "images": self.images}
        more = {"tools": list(self.tools), "response_format": self.response_format, "params": self._said_params()}
        return {"kind": "chat", "model": self.model, **asked, **more, "answer": self.answer}

    def request(self, row: Values) -> Request:
        self._check_row(row)
        messages: list[Any] = [] if self.system is None else [{"role": "system", "content": filled(self.system, row)}]
        if self.prompt is None:
            messages += _messages_in(row, str(self.messages))
        else:
            question = filled(self.prompt, row)
            messages.append({"role": "user", "content": question if self.images is None else self._seen(question, row)})
        asked = {"model": self.model, "messages": messages, **self.params}
        if self.tools:
            asked["tools"] = list(self.tools)
        if self.response_format is not None:
            asked["response_format"] = self.response_format
        return asked

    def _seen(self, question: str, row: Values) -> list[Any]:
        """The question after its images."""
        column = str(self.images)
        given = cell(row, column)
        sources = given if isinstance(given, list) else [given]
        if not all(isinstance(source, str) and source for source in sources):
            raise RowError(f"the column {column!r} holds {given!r:.60}; it holds URLs or paths of images, one or a list")
        try:
            urls = [image_url(source) for source in sources]
        except ValueError as error:
            raise RowError(str(error)) from None
        return [*({"type": "image_url", "image_url": {"url": url}} for url in urls), {"type": "text", "text": question}]

    def tokens(self, request: Request) -> int:
        from ceyx.tokens import count_messages

        try:
            shape = request.get("response_format")
            return count_messages(request["messages"], request["model"], tools=request.get("tools") or (), response_format=shape)
        except (TypeError, ValueError, AttributeError, KeyError):  # of a shape that the server will refuse, if it is wrong
            return len(msgspec.json.encode(request, enc_hook=str)) // 4

    def guess(self, request: Request) -> int:
        length = 0
        for message in request["messages"]:
            content = message.get("content")
            if not isinstance(content, str):
                return self.tokens(request)
            length += len(content) if content.isascii() else len(content.encode(errors="replace"))
        return length // 4 + 4 * len(request["messages"]) + len(str(request.get("tools") or "")) // 4  # 4 bytes, in any script

    def most(self, request: Request, tokens: int, output: int) -> Sequence[Used]:
        spoken = output if "audio" in (request.get("modalities") or ()) else 0  # which costs more than text
        return (Used(at_most(tokens), output, audio_output=spoken),)

    def sender(self, client: AsyncOpenAI) -> Sender:
        return client.chat.completions.with_raw_response.create

    def read(self, body: Any) -> Any:
        from ceyx.types.chat.chat_completion import ChatCompletion

        return ChatCompletion.wrap(body)

    def _outcomes(self, answer: Any, kept: Sequence[dict[str, Any]]) -> list[Outcome]:
        return [self._of_choice(answer, each) for each in kept]

    def _of_choice(self, completion: Any, kept: dict[str, Any]) -> Outcome:
        if not completion.choices:
            return "poison", {**kept, "error": "the answer has no choices"}
        choice = completion.choices[0]
        message = choice.message
        kept["finish_reason"] = choice.finish_reason
        kept["answer"] = message.content
        if message.tool_calls:
            kept["answer"] = [call.model_dump(exclude_none=True) for call in message.tool_calls]
        elif message.refusal:
            return "poison", {**kept, "answer": None, "error": f"the model refused: {message.refusal}"}
        if choice.finish_reason == "content_filter":
            return "poison", {**kept, "error": "the content filter stopped the answer"}
        if message.tool_calls:
            return _of_calls(message.tool_calls, choice.finish_reason, kept)
        if self.schema is None:
            return "done", kept
        if choice.finish_reason == "length":
            return "poison", {**kept, "error": "the answer was cut at the limit of its tokens, so it is no whole JSON"}
        try:
            kept["answer"] = self._of_shape(message.content or "")
        except (ValueError, RecursionError) as error:
            return "poison", {**kept, "error": f"the answer does not fit the schema: {error}"}
        return "done", kept

    def _of_shape(self, text: str) -> Any:
        if not isinstance(self.schema, Mapping):
            from ceyx.structured import parsed

            parsed(text, self.schema)  # raises for what does not fit
        return msgspec.json.decode(text)


def _of_calls(calls: Iterable[Any], reason: Any, kept: dict[str, Any]) -> Outcome:
    """Calls whose arguments were cut are no answer: who ran them would run something else."""
    if reason == "length":
        for call in calls:
            try:
                msgspec.json.decode(call.function.arguments if call.type == "function" else "{}")
            except msgspec.DecodeError:
                return "poison", {**kept, "error": "a call of a tool was cut at the limit of its tokens, so it is no whole JSON"}
    return "done", kept


def _messages_in(row: Values, column: str) -> list[Any]:
    given = cell(row, column)
    if isinstance(given, str):  # CSV has no lists
        try:
            given = msgspec.json.decode(given)
        except msgspec.DecodeError:
            raise RowError(f"the column {column!r} is no JSON; it holds a list of messages") from None
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) and "role" in each for each in given):
        raise RowError(f"the column {column!r} holds {given!r:.60}; it holds a list of messages, each with a role")
    return given
