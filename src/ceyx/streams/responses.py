"""Responses as events with what came so far: what `client.responses.stream()` gives, and the state machine below it.

What the events amount to is collected in `collected.py`; what is added to them is said in `response_events.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Generic

from ceyx.errors import APIError, ProtocolError, StreamTruncatedError
from ceyx.streams.collected import DELTAS, PART_OF, STATES, ResponseCollector, number_in
from ceyx.streams.reading import Reading
from ceyx.streams.reading_responses import is_answer, read_response
from ceyx.streams.response_events import (
    ResponseCompletedEvent as ResponseCompletedEvent,
    ResponseFunctionCallArgumentsDeltaEvent as ResponseFunctionCallArgumentsDeltaEvent,
    ResponseStreamEvent as ResponseStreamEvent,
    ResponseTextDeltaEvent as ResponseTextDeltaEvent,
    ResponseTextDoneEvent as ResponseTextDoneEvent,
)
from ceyx.streams.shells import AsyncEventStream, AsyncOpening, EventStream, Opening
from ceyx.streams.so_far import Pieces, late
from ceyx.types.chat.parsed_chat_completion import M
from ceyx.types.responses.parsed_response import ParsedResponse
from ceyx.types.responses.response_stream_event import ResponseStreamEvent as RawResponseStreamEvent
from ceyx.wire.call import Omit, omit
from ceyx.wire.status import error_in_stream
from ceyx.wire.view import View, new, plain

# What an event of this type is about; those that are not here are given as they come.
WITH_SNAPSHOT: dict[Any, Any] = {
    "response.output_text.delta": ResponseTextDeltaEvent,
    "response.function_call_arguments.delta": ResponseFunctionCallArgumentsDeltaEvent,
}
OF_AN_ITEM = {*DELTAS, *(kind.replace(".delta", ".done") for kind in DELTAS), "response.content_part.added"}
ITEM = {
    **dict.fromkeys(("response.output_text.delta", "response.output_text.done"), "message"),
    **dict.fromkeys(("response.function_call_arguments.delta", "response.function_call_arguments.done"), "function_call"),
}


class ResponseStreamState(Generic[M]):
    """Events in, events out: those of text and arguments with what came so far, the last with the response read.

    `text_format` and `input_tools` say how to read the text and the arguments of calls. Events up to the number
    `starting_after` are taken in, and not given out.
    """

    def __init__(
        self,
        *,
        text_format: type[M] | Omit = omit,
        input_tools: Iterable[Any] | Omit = omit,
        starting_after: int | None = None,
        collector: ResponseCollector | None = None,
    ) -> None:
        self.collector = collector or ResponseCollector()
        """What the events amount to. One that is given reads the events itself; see `events`."""
        self._reading = Reading(text_format, input_tools)
        self._after = starting_after
        self._id: Any = None
        self._items: dict[int, Any] = {}
        self._texts: dict[Any, Pieces] = {}
        self._final: ParsedResponse[M] | None = None

    def handle_event(self, event: RawResponseStreamEvent) -> list[ResponseStreamEvent[M]]:
        """The event as it is given out, if it is.

        Raises ProtocolError for events that are out of order, and for the last one what `final` raises.
        """
        self.collector.read(plain(event))
        return self.events(event)

    def events(self, event: Any) -> list[Any]:
        """As `handle_event`, for an event that the collector has just read."""
        if not isinstance(event, View):
            return []
        fields = event.__dict__
        kind = fields.get("type")
        if type(kind) is not str:
            return [event]
        self._check(kind, fields)
        if kind in WITH_SNAPSHOT:
            event = self._with_snapshot(event, kind, fields)
        elif kind == "response.output_text.done":
            event = ResponseTextDoneEvent.wrap({**fields, "parsed": self._parsed(fields)})
        elif kind == "response.completed":
            self._final = read_response(self._so_far(), self._reading)
            event = new(ResponseCompletedEvent)
            event.__dict__ = {**fields, "response": self._final}
        number = fields.get("sequence_number")
        return [] if self._after is not None and type(number) is int and number <= self._after else [event]

    def _check(self, kind: str, fields: dict[str, Any]) -> None:
        """Raises ProtocolError for an event that cannot come here."""
        place: Any = fields.get("output_index")
        if type(place) is not int:
            place = None  # which is no place
        if kind in STATES:
            id_ = getattr(fields.get("response"), "id", None)
            if self._id is None:
                self._begin(kind, id_, fields.get("response"))
            elif id_ != self._id:
                raise ProtocolError(f"{kind} is about response {id_!r}, and the events before it are about {self._id!r}")
        elif self._id is None and kind.startswith("response."):
            raise ProtocolError(f"{kind} (output_index {place}) came before response.created")
        elif kind == "response.output_item.added":
            if place in self._items:
                raise ProtocolError(f"{kind} came for output_index {place}, which was announced before")
            self._items[place] = getattr(fields.get("item"), "type", None)
        elif kind in OF_AN_ITEM:
            if place not in self._items:
                raise ProtocolError(f"{kind} came for output_index {place}, which no response.output_item.added had announced")
            if self._items[place] != (due := ITEM.get(kind, self._items[place])):
                raise ProtocolError(f"{kind} came for output_index {place}, which is no {due} but a {self._items[place]}")

    def _begin(self, kind: str, id_: Any, response: Any) -> None:
        if kind != "response.created":
            raise ProtocolError(f"{kind} came before response.created")
        self._id = id_
        output = getattr(response, "output", None)
        self._items = {place: getattr(item, "type", None) for place, item in enumerate(output if type(output) is list else ())}

    def _with_snapshot(self, event: View, kind: str, fields: dict[str, Any]) -> View:
        where = fields["output_index"], kind, number_in(fields, PART_OF[kind])
        pieces = self.collector.texts.get(where)
        if pieces is None:
            return event  # its delta was no text
        text = self._texts.get(where)
        if text is None:
            text = self._texts[where] = Pieces(pieces)
        made: View = late(WITH_SNAPSHOT[kind], fields, snapshot=partial(text.until, len(text)))
        return made

    def _parsed(self, fields: dict[str, Any]) -> Any:
        """A text that is whole, read; None where it does not fit, as it does not if the response was cut: its end says so."""
        try:
            text = fields.get("text")
            return (
                self._reading.text(text)
                if type(text) is str and is_answer(self.collector.items.get(fields["output_index"]))
                else None
            )
        except ValueError:
            return None

    def _so_far(self) -> ParsedResponse[M]:
        return ParsedResponse.wrap(plain(self.collector.partial()))

    @property
    def current_response_snapshot(self) -> ParsedResponse[object]:
        """The response so far; nothing of it is read."""
        snapshot: Any = self._so_far()
        return snapshot  # type: ignore[no-any-return]

    def final(self) -> ParsedResponse[M]:
        """The response, read.

        Raises StreamTruncatedError if the events so far are no whole response; LengthFinishReasonError or
        ContentFilterFinishReasonError where what is to be read was cut, arguments of calls always; a ValueError for what does
        not fit. One that was cut otherwise, or has failed, says so by its `status`.
        """
        if self._final is not None:
            return self._final
        if missing := self.collector.unfinished():
            message = f"these events are no whole response: there is {missing}; what came is in .partial"
            raise StreamTruncatedError(message, partial=self.collector.partial())
        return read_response(self._so_far(), self._reading)


# ---- the streams


class ResponseStream(EventStream[ResponseStreamEvent[M]], Generic[M]):
    """The events of a response, and at its end the response."""

    _state: ResponseStreamState[M]

    def get_final_response(self) -> ParsedResponse[M]:
        """The response, once the stream has been read to its end.

        Raises StreamTruncatedError for one that was cut or closed before, with what came in `partial`; the typed error for one
        that failed; what `ResponseStreamState.final` raises; and whatever else ended the stream, however often asked.
        """
        self.until_done()
        return _succeeded(self._state.final(), self._raw)


class AsyncResponseStream(AsyncEventStream[ResponseStreamEvent[M]], Generic[M]):
    """As `ResponseStream`, awaited."""

    _state: ResponseStreamState[M]

    async def get_final_response(self) -> ParsedResponse[M]:
        """The response, once the stream has been read to its end; see `ResponseStream`."""
        await self.until_done()
        return _succeeded(self._state.final(), self._raw)


def _succeeded(response: ParsedResponse[M], raw: Any) -> ParsedResponse[M]:
    """`response`, unless it failed: then its error, typed by its code."""
    if response.status != "failed":
        return response
    said = plain(response.error) or {"message": "the response failed, and the server does not say why"}
    error: APIError = error_in_stream({"error": said}, raw._reader._request, raw._reply.headers)
    error.partial = response
    raise error


class ResponseStreamManager(Opening[ResponseStream[M]], Generic[M]):
    """Sends the request when its `with` block is entered, and closes the stream when it is left."""

    _kind = ResponseStream


class AsyncResponseStreamManager(AsyncOpening[AsyncResponseStream[M]], Generic[M]):
    """As `ResponseStreamManager`, for `async with`."""

    _kind = AsyncResponseStream


MANAGERS = ResponseStreamManager, AsyncResponseStreamManager
