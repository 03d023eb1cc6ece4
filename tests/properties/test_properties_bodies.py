"""Bodies: what is sent is what was given, less what was omitted, or an error that says why not."""

from __future__ import annotations

import json
from decimal import Decimal
from math import inf, isfinite, nan
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as some
from shapes import json_values, quick, scalar, text

from ceyx.types.chat import ChatCompletionMessage
from ceyx.wire.body import encoded
from ceyx.wire.call import omit
from ceyx.wire.decoding import decoded


def less(value: Any) -> Any:
    """`value` as JSON gives it back, without what was omitted."""
    if isinstance(value, dict):
        return {name: less(inner) for name, inner in value.items() if inner is not omit}
    if isinstance(value, list | tuple):
        return [less(inner) for inner in value if inner is not omit]
    return value


given_value = json_values(text, scalar | some.just(omit))
body = some.dictionaries(text, given_value | given_value.map(lambda value: (value, omit)), max_size=6)


@quick
@given(body)
def test_what_is_sent_is_what_was_given(body: dict[str, Any]) -> None:
    before = repr(body)
    content = encoded(body)
    assert json.loads(content) == less(body)
    assert decoded(content) == less(body)
    assert content == msgspec.json.encode(less(body))
    assert repr(body) == before


@quick
@given(json_values(text))
def test_messages_that_are_views_are_sent_as_they_came(data: Any) -> None:
    message = {"role": "assistant", "content": data}
    view = ChatCompletionMessage.wrap(json.loads(json.dumps(message)))
    assert encoded({"messages": [view, omit]}) == encoded({"messages": [view]}) == encoded({"messages": [message]})


@quick
@given(some.lists(text, max_size=4))
def test_what_can_be_gone_through_once_is_sent_whole(items: list[str]) -> None:
    assert json.loads(encoded({"a": iter(items), "b": (omit, *items), "c": (item for item in items)})) == dict.fromkeys(
        "abc", items
    )


not_numbers = some.sampled_from([nan, inf, -inf, Decimal("nan"), Decimal("-inf"), Decimal("sNaN")])
around = some.sampled_from(
    [
        lambda bad: bad,
        lambda bad: [None, bad],
        lambda bad: {"a": (1, {"b": bad})},
        lambda bad: {"a": frozenset([bad])},
        lambda bad: {"a": {"b": bad}.values()},
        lambda bad: {"a": ChatCompletionMessage(role="assistant", refusal=bad)},
        lambda bad: [iter([bad])],
    ]
)


@quick
@given(not_numbers, around)
def test_what_is_no_number_is_refused_wherever_it_is(bad: Any, around: Any) -> None:
    if isinstance(bad, Decimal) and bad.is_snan():
        around = lambda bad: [bad]  # noqa: E731  # it cannot be hashed
    with pytest.raises(ValueError, match="infinite or no number"):
        encoded(around(bad))


@quick
@given(
    json_values(some.text(), scalar | some.floats() | some.decimals() | some.text() | some.integers() | some.binary(max_size=4))
)
def test_only_type_and_value_errors_come_out(value: Any) -> None:
    try:
        content = encoded(value)
    except (TypeError, ValueError) as error:
        assert str(error).startswith("the request holds ") or "is bytes, which JSON does not have" in str(error)
        return
    json.loads(content, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))


@pytest.mark.parametrize("numbers", [[1.5, None], [Decimal("1e400"), "NaN", None], ["Infinity", True]])
def test_finite_numbers_beside_null_are_no_reason_to_refuse(numbers: list[Any]) -> None:
    read = json.loads(encoded(numbers), parse_float=Decimal)
    assert read == numbers
    assert all(isfinite(item) for item in numbers if isinstance(item, float))
