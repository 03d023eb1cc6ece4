"""Answers that are none: each is an error that says what came."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from memory_clients import ASK, COMPLETION, make, reply

from ceyx import AsyncOpenAI, OpenAI, errors

JSON = {"content-type": "application/json", "x-request-id": "req-1"}
BROKEN = errors.APIResponseValidationError


def without(name: str) -> bytes:
    return json.dumps({field: value for field, value in COMPLETION.items() if field != name}).encode()


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", BROKEN, "it is empty"),
        (b"<html>log in</html>", BROKEN, "starts '<html>log in</html>'"),
        (b'{"id": "x", "cho', BROKEN, 'starts \'{"id"'),
        (b"null", BROKEN, "starts 'null'"),
        (b"[]", BROKEN, "starts '\\[\\]'"),
        (b'{"a": NaN}', BROKEN, "NaN"),
        (b'{"a": "\xff"}', BROKEN, "starts"),
        (b"[" * 200_000, BROKEN, "starts"),
        (without("choices"), BROKEN, "an answer without 'choices'"),
        (json.dumps({**COMPLETION, "choices": None}).encode(), BROKEN, "an answer without 'choices'"),
        (b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}', errors.RateLimitError, "slow down"),
        (b'{"error": {"message": "who knows"}}', errors.APIError, "who knows"),
    ],
)
def test_what_is_no_answer(kind, content, error, said):
    client = make(kind, (200, JSON, content))
    with pytest.raises(error, match=said) as caught:
        made: Any = client.chat.completions.create(model="m", messages=ASK)
        if kind is AsyncOpenAI:
            asyncio.run(made)
    assert "api.openai.com" in str(caught.value)
    assert len(client._transport.requests) == 1
    if error is BROKEN:
        assert caught.value.retryable
        assert caught.value.response.headers["x-request-id"] == "req-1"


def test_an_answer_without_choices_to_choose_from_is_one():
    assert make(OpenAI, reply({**COMPLETION, "choices": []})).chat.completions.create(model="m", messages=ASK).choices == []
