"""Headers that users give: what is accepted arrives as it is and alone, what is refused is told why."""

from __future__ import annotations

from hypothesis import given, strategies as some
from memory_clients import KEY, make, sent
from shapes import quick, thorough

from ceyx import OpenAI
from ceyx.settings import checked_header
from ceyx.transport import http1

good_name = some.sampled_from(["x-one", "x-two", "openai-beta", "x_y.z~"])
bad_name = some.sampled_from(["x:y", "x y", "content-length", "transfer-encoding", "\u212aey", "x\r\ny", "é", "X-One"])
name = good_name | bad_name | some.text(max_size=8)
odd = ["\r", "\n", "\0", "\x0b", "\x1c", "\x85", "\u2028", "é", "\xff", "€", " ", "x-two: 2"]
value = some.text(max_size=20) | some.lists(some.sampled_from(["a", "bc", *odd]), max_size=4).map("".join)


@thorough
@given(name, value)
def test_what_is_accepted_holds_no_line_end(name: str, value: str) -> None:
    try:
        checked = checked_header(name, value)
    except ValueError as error:
        why = str(error)
        assert why.startswith((f"{name!r} is no name", f"the header {name!r}", f"the value of the header {name!r}"))
        assert value not in why or len(value) < 2 or value in repr(name) or value in why.replace(repr(name), "")
        return
    assert checked == value
    assert not set(checked) & set("\r\n\0")
    assert checked.encode("latin-1").decode("latin-1") == value
    assert name.isascii()
    assert name == name.lower()
    assert not set(name) & set(' \t\r\n:"(),/;<=>?@[\\]{}')
    assert name not in ("", "content-length", "transfer-encoding")


@quick
@given(some.dictionaries(good_name | name, value, max_size=3))
def test_what_is_sent_is_what_was_given_and_nothing_else(headers: dict[str, str]) -> None:
    client = make(OpenAI)
    try:
        client.models.list(extra_headers=headers)
    except ValueError as error:
        assert "header" in str(error)
        assert KEY not in str(error)
        return
    request = sent(client)
    plain = {given.lower(): text for given, text in headers.items()}
    head, _, body = http1.head(request, "GET", request.target, None).partition(b"\r\n\r\n")
    assert body == b""
    lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
    arrived = {given.decode(): text.decode("latin-1") for given, _, text in lines}
    assert len(arrived) == len(lines) == len({*request.headers, "host"})
    assert plain.items() <= arrived.items()
