"""Chat completions as events: what `client.chat.completions.stream()` gives, and the state machine below it, which stands alone.

What the chunks amount to is collected in `choices.py`; what the events are is said in `chat_events.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Generic

import msgspec

from ceyx.errors import ContentFilterFinishReasonError, LengthFinishReasonError, OpenAIError, StreamTruncatedError
from ceyx.streams.chat_events import (
    ChatCompletionStreamEvent as ChatCompletionStreamEvent,
    ChunkEvent as ChunkEvent,
    ContentDeltaEvent as ContentDeltaEvent,
    ContentDoneEvent as ContentDoneEvent,
    FunctionToolCallArgumentsDeltaEvent as FunctionToolCallArgumentsDeltaEvent,
    FunctionToolCallArgumentsDoneEvent as FunctionToolCallArgumentsDoneEvent,
    LogprobsContentDeltaEvent as LogprobsContentDeltaEvent,
    LogprobsContentDoneEvent as LogprobsContentDoneEvent,
    LogprobsRefusalDeltaEvent as LogprobsRefusalDeltaEvent,
    LogprobsRefusalDoneEvent as LogprobsRefusalDoneEvent,
    RefusalDeltaEvent as RefusalDeltaEvent,
    RefusalDoneEvent as RefusalDoneEvent,
)
from ceyx.streams.choices import ChatCollector
from ceyx.streams.estimate import estimated_usage
from ceyx.streams.reading import Reading
from ceyx.streams.shells import AsyncEventStream, AsyncOpening, EventStream, Opening
from ceyx.streams.so_far import Pieces, late
from ceyx.types.chat.chat_completion_chunk import ChatCompletionChunk
from ceyx.types.chat.chat_completion_token_logprob import ChatCompletionTokenLogprob
from ceyx.types.chat.parsed_chat_completion import M, ParsedChatCompletion, ParsedChatCompletionMessage
from ceyx.wire.call import Omit, omit
from ceyx.wire.view import View, plain

if TYPE_CHECKING:
    from ceyx.types.chat.chat_completion_message_param import ChatCompletionMessageParam
    from ceyx.types.chat.chat_completion_tool_param import ChatCompletionToolUnionParam
    from ceyx.types.chat.completion_create_params import ResponseFormat

ParsedChatCompletionSnapshot = ParsedChatCompletion[object]
Fields = dict[str, Any]
CUT: dict[str, Callable[..., OpenAIError]] = {"length": LengthFinishReasonError, "content_filter": ContentFilterFinishReasonError}


class ChatCompletionStreamState(Generic[M]):
    """Chunks in, events out; and at any time the completion so far.

    `response_format` and `input_tools` say how to read the text and the arguments of calls, as `parse()` does. Where the stream
    brings no usage, it is estimated from `messages`, if they are given.
    """

    def __init__(
        self,
        *,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit = omit,
        response_format: type[M] | ResponseFormat | Omit = omit,
        messages: Iterable[ChatCompletionMessageParam] | None = None,
        collector: ChatCollector | None = None,
    ) -> None:
        self.collector = collector or ChatCollector()
        """What the chunks amount to. One that is given reads the chunks itself; see `events`."""
        self._reading = Reading(response_format, input_tools)
        self._messages = messages
        self._choices: dict[int, _Choice] = {}

    def handle_chunk(self, chunk: ChatCompletionChunk) -> list[ChatCompletionStreamEvent[M]]:
        """The events of the next chunk.

        Raises LengthFinishReasonError and ContentFilterFinishReasonError where what is to be read was cut, arguments of calls
        always; and a ValueError for text or arguments that are whole and do not fit.
        """
        self.collector.read(plain(chunk))
        return self.events(chunk)

    def events(self, chunk: ChatCompletionChunk) -> list[ChatCompletionStreamEvent[M]]:
        """As `handle_chunk`, for a chunk that the collector has just read."""
        if isinstance(chunk, View) and not chunk.__dict__.get("choices") and chunk.__dict__.get("object") == "":
            return []  # Azure's first, which only has findings: `openai` gives no event for it
        events: list[Any] = [late(ChunkEvent, {"type": "chunk", "chunk": chunk}, snapshot=self._snapshot)]
        choices = chunk.__dict__.get("choices") if isinstance(chunk, View) else None
        for piece in choices if type(choices) is list else ():
            if not isinstance(piece, View):
                continue
            index = said if type(said := piece.__dict__.get("index")) is int else 0  # as the collector has it
            choice = self._choices.get(index)
            if choice is None:
                choice = self._choices[index] = _Choice(index, self.collector, self._reading)
            choice.take(piece.__dict__, events)
        return events

    @property
    def current_completion_snapshot(self) -> ParsedChatCompletion[object]:
        """The completion so far. What is not whole yet may be cut, and is read as far as it goes, as dicts and lists."""
        return self._snapshot()

    def get_final_completion(self) -> ParsedChatCompletion[M]:
        """The completion, with its text and arguments read.

        Raises StreamTruncatedError if the chunks so far are no whole completion, and what `handle_chunk` raises.
        """
        if missing := self.collector.unfinished():
            message = f"these chunks are no whole completion: there is {missing}; what came is in .partial"
            raise StreamTruncatedError(message, partial=self.collector.partial())
        return self.final()

    def final(self) -> ParsedChatCompletion[M]:
        """As `get_final_completion`, for a stream that is known to be at its end. Any choice that was cut is an error, as with
        `parse`."""
        for choice in self.collector.choices.values():
            _check(choice, self.collector, to_be_read=True)
        completion = self._read(final=True)
        if completion.usage is None and self._messages is not None:
            completion.usage = estimated_usage(self._messages, (choice.message for choice in completion.choices))
        return completion

    def _snapshot(self) -> ParsedChatCompletion[object]:
        return self._read(final=False)

    def _read(self, final: bool) -> ParsedChatCompletion[Any]:
        """The completion, and into it what was read of it."""
        completion: ParsedChatCompletion[Any] = ParsedChatCompletion.wrap(self.collector.so_far())
        for choice in completion.choices:
            known = self._choices.get(choice.index) or _Choice(choice.index, self.collector, self._reading)
            known.read_into(choice.message, final)
        return completion


def _check(choice: Mapping[str, Any], collector: ChatCollector, to_be_read: bool) -> None:
    """Raises the error of a choice that was cut, if it is to be read as a type; arguments of calls always are."""
    cut = CUT.get(_text(choice["finish_reason"]))
    if cut is ContentFilterFinishReasonError and collector.filter_raises:
        return  # with more to say, once the stream has ended
    if cut is not None and (to_be_read or _fields(choice.get("message")).get("tool_calls")):
        raise cut(completion=collector.partial())


class _Choice:
    """The events of one of the `n` answers: which are due, and which were given."""

    def __init__(self, index: int, collector: ChatCollector, reading: Reading) -> None:
        self._index, self._collector, self._reading = index, collector, reading
        self._known = collector.choices[index]
        self._text = Pieces(collector.texts[index])
        self._given: set[str | int] = set()  # the names of events that come once, and the places of calls that are done
        self._calling: int | None = None  # the place of the call whose arguments are coming
        self._unnumbered = 0

    @property
    def _message(self) -> Fields:
        """What came of the message but for its text."""
        return _fields(self._known.get("message"))

    @property
    def _calls(self) -> list[Fields]:
        calls = self._message.get("tool_calls")
        return list(map(_fields, calls)) if type(calls) is list else []

    def take(self, piece: Fields, events: list[Any]) -> None:
        """Add the events of the next piece."""
        ends = bool(piece.get("finish_reason"))  # some servers send an empty one with every piece
        if ends:
            _check(self._known, self._collector, bool(self._reading.asked))
        delta = piece.get("delta")
        said: Fields = delta.__dict__ if isinstance(delta, View) else {}
        if type(content := said.get("content")) is str:
            so_far = partial(self._text.until, len(self._text))
            fields = {"type": "content.delta", "choice": self._index, "delta": content}
            events.append(late(ContentDeltaEvent, fields, snapshot=so_far, parsed=partial(self._reading.text_begun, so_far)))
        if type(refusal := said.get("refusal")) is str:
            fields = self._said("refusal.delta", delta=refusal, snapshot=self._message["refusal"])
            events.append(RefusalDeltaEvent.wrap(fields))
        called = said.get("tool_calls")
        places = [self._call(call.__dict__, events) for call in called if isinstance(call, View)] if type(called) is list else []
        if isinstance(logprobs := piece.get("logprobs"), View):
            self._probabilities(logprobs.__dict__, events)
        for place in places:
            if place != self._calling:  # text comes before calls, and they come one after another
                self._text_is_whole(events)
                if self._calling is not None and self._is_json(self._calling):  # else there is more of it to come, it seems
                    self._call_is_whole(self._calling, events)
                self._calling = place
                self._given.discard(place)
        if ends:
            self._text_is_whole(events)
            for place in range(len(self._calls)):
                self._call_is_whole(place, events)

    def _call(self, piece: Fields, events: list[Any]) -> int:
        """Add the event of a piece of a call; gives the place of that call among the calls."""
        calls, index = self._calls, piece.get("index")
        places = [place for place, call in enumerate(calls) if call.get("index") == index]
        place = places[0]
        if index is None:  # some servers send none, and each call in one piece
            place = places[self._unnumbered]
            self._unnumbered += 1
        if (function := calls[place].get("function")) is not None:
            name, arguments = _called(function)
            fields = self._said("tool_calls.function.arguments.delta", name=name, arguments=arguments)
            fields["index"] = place if index is None else index
            fields["arguments_delta"] = _called(plain(piece.get("function")))[1]
            begun = partial(self._reading.arguments_begun, name, arguments)
            events.append(late(FunctionToolCallArgumentsDeltaEvent, fields, parsed_arguments=begun))
        return place

    def _probabilities(self, piece: Fields, events: list[Any]) -> None:
        for name, view in (("content", LogprobsContentDeltaEvent), ("refusal", LogprobsRefusalDeltaEvent)):
            so_far: Any = _fields(self._known.get("logprobs")).get(name)
            if (tokens := piece.get(name)) and type(tokens) is type(so_far) is list:
                fields = self._said(f"logprobs.{name}.delta", **{name: tokens})
                events.append(late(view, fields, snapshot=partial(_tokens, so_far, len(so_far))))

    def _said(self, type_: str, **fields: Any) -> Fields:
        return {"type": type_, "choice": self._index, **fields}

    def _once(self, name: str) -> bool:
        """Whether the event of this name is still due; from now on it is not."""
        due = name not in self._given
        self._given.add(name)
        return due

    def _text_is_whole(self, events: list[Any]) -> None:
        text = self._text.until(len(self._text))
        if text and self._once("content.done"):
            events.append(ContentDoneEvent.wrap(self._said("content.done", content=text, parsed=self._read_text(text))))
        refusal = self._message.get("refusal")
        if type(refusal) is str and self._once("refusal.done"):
            events.append(RefusalDoneEvent.wrap(self._said("refusal.done", refusal=refusal)))
        logprobs = _fields(self._known.get("logprobs"))
        for name, view in (("content", LogprobsContentDoneEvent), ("refusal", LogprobsRefusalDoneEvent)):
            tokens, type_ = logprobs.get(name), f"logprobs.{name}.done"
            if type(tokens) is list and self._once(type_):
                events.append(view.wrap(self._said(type_, **{name: _tokens(tokens, len(tokens))})))

    def _is_json(self, place: int) -> bool:
        """Whether the arguments of a call are whole."""
        try:
            msgspec.json.decode(_called(self._calls[place].get("function"))[1])
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return False
        return True

    def _call_is_whole(self, place: int, events: list[Any]) -> None:
        """Add the event that a call is whole, unless it was given."""
        if place in self._given:
            return
        self._given.add(place)
        call = self._calls[place]
        if (function := call.get("function")) is not None:
            name, arguments = _called(function)
            fields = self._said("tool_calls.function.arguments.done", name=name, arguments=arguments)
            fields["index"] = call.get("index", place)
            fields["parsed_arguments"] = self._read_arguments(name, arguments)
            events.append(FunctionToolCallArgumentsDoneEvent.wrap(fields))

    # -- reading

    def _read_text(self, text: str) -> Any:
        if self._message.get("refusal"):
            return None
        with self._noting(text):
            return self._reading.text(text)

    def _read_arguments(self, name: str, arguments: str) -> Any:
        with self._noting(arguments):
            return self._reading.arguments(name, arguments)

    @contextmanager
    def _noting(self, text: str) -> Iterator[None]:
        """Adds to a ValueError what it is about."""
        try:
            yield
        except ValueError as error:
            error.add_note(f"in choice {self._index} of a streamed completion: {text!r:.300}")
            raise

    def read_into(self, message: ParsedChatCompletionMessage[Any], final: bool) -> None:
        """Put into a message what its text and arguments are read as: where they are not whole, as far as they go."""
        text = _text(message.content)
        if final or "content.done" in self._given:
            message.parsed = self._read_text(text)
        else:
            message.parsed = self._reading.text_begun(lambda: text)
        calls: Any = message.tool_calls
        for place, call in enumerate(calls if type(calls) is list else ()):
            if isinstance(function := getattr(call, "function", None), View):
                read = self._read_arguments if final or place in self._given else self._reading.arguments_begun
                function.__dict__["parsed_arguments"] = read(*_called(function.__dict__))


# Servers send all sorts of things. What is not what it should be is not there.


def _fields(value: Any) -> Fields:
    return value if type(value) is dict else {}


def _text(value: Any) -> str:
    return value if type(value) is str else ""


def _called(function: Any) -> tuple[str, str]:
    """The name and the arguments of a function that is called."""
    return _text(_fields(function).get("name")), _text(_fields(function).get("arguments"))


def _tokens(collected: list[Any], count: int) -> list[ChatCompletionTokenLogprob]:
    return [ChatCompletionTokenLogprob.wrap(plain(token)) for token in collected[:count]]


# ---- the streams


class ChatCompletionStream(EventStream[ChatCompletionStreamEvent[M]], Generic[M]):
    """The events of a chat completion, and at any time the completion so far."""

    _state: ChatCompletionStreamState[M]

    @property
    def current_completion_snapshot(self) -> ParsedChatCompletion[object]:
        """The completion so far; see `ChatCompletionStreamState`."""
        return self._state.current_completion_snapshot

    def get_final_completion(self) -> ParsedChatCompletion[M]:
        """The completion, once the stream has been read to its end.

        Raises StreamTruncatedError for one that was cut or closed before, with what came in `partial`; LengthFinishReasonError or
        ContentFilterFinishReasonError where what is to be read was cut; and whatever else ended the stream, however often asked.
        """
        self.until_done()
        return self._state.final()


class AsyncChatCompletionStream(AsyncEventStream[ChatCompletionStreamEvent[M]], Generic[M]):
    """As `ChatCompletionStream`, awaited."""

    _state: ChatCompletionStreamState[M]

    @property
    def current_completion_snapshot(self) -> ParsedChatCompletion[object]:
        """The completion so far; see `ChatCompletionStreamState`."""
        return self._state.current_completion_snapshot

    async def get_final_completion(self) -> ParsedChatCompletion[M]:
        """The completion, once the stream has been read to its end; see `ChatCompletionStream`."""
        await self.until_done()
        return self._state.final()


class ChatCompletionStreamManager(Opening[ChatCompletionStream[M]], Generic[M]):
    """Sends the request when its `with` block is entered, and closes the stream when it is left."""

    _kind = ChatCompletionStream


class AsyncChatCompletionStreamManager(AsyncOpening[AsyncChatCompletionStream[M]], Generic[M]):
    """As `ChatCompletionStreamManager`, for `async with`."""

    _kind = AsyncChatCompletionStream


MANAGERS = ChatCompletionStreamManager, AsyncChatCompletionStreamManager
