"""Responses that are whole, read as types of the caller's."""

from __future__ import annotations

from typing import Any

from ceyx.errors import ContentFilterFinishReasonError, LengthFinishReasonError
from ceyx.streams.reading import Reading
from ceyx.types.responses.parsed_response import (
    ParsedResponse,
    ParsedResponseFunctionToolCall,
    ParsedResponseOutputMessage,
    ParsedResponseOutputText,
)

CUT: dict[Any, Any] = {"max_output_tokens": LengthFinishReasonError, "content_filter": ContentFilterFinishReasonError}


def read_response(response: ParsedResponse[Any], reading: Reading) -> ParsedResponse[Any]:
    """`response`, with its text and the arguments of its calls read.

    Of one that was cut, what is to be read raises LengthFinishReasonError or ContentFilterFinishReasonError, whose `completion`
    is the response; arguments of calls do so always. Raises a ValueError, with a note where, for what does not fit.
    """
    output: Any = response.__dict__.get("output")
    items = output if type(output) is list else []
    cut = CUT.get(getattr(response.incomplete_details, "reason", None))
    if cut is not None and (reading.asked or any(type(item) is ParsedResponseFunctionToolCall for item in items)):
        raise cut(completion=response)
    if response.status in ("failed", "cancelled", "incomplete"):
        return response
    for item in items:
        try:
            _read_item(item, reading)
        except ValueError as error:
            error.add_note(f"in {item.type} {item.id} of response {response.__dict__.get('id')}: {item!r:.300}")
            raise
    return response


def _read_item(item: Any, reading: Reading) -> None:
    if type(item) is ParsedResponseFunctionToolCall:
        item.parsed_arguments = reading.arguments(item.name, item.arguments, item.namespace)
    elif type(item) is ParsedResponseOutputMessage:
        for part in item.content if type(item.content) is list else ():
            if type(part) is ParsedResponseOutputText:
                part.parsed = reading.text(part.text) if is_answer(item) else None


def is_answer(message: Any) -> bool:
    """Whether a message is what was asked for: one that the model sends on the way is no JSON."""
    return getattr(message, "phase", None) in (None, "final_answer")
