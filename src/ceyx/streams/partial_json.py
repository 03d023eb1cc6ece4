"""JSON text that is still being written: the value it has begun."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_token = re.compile(r'[ \t\n\r]*(?:("(?:[^"\\]|\\.)*")|([\[{])|([\]}])|([,:])|([^\s"\[\]{},:]+))', re.DOTALL).match


def begun(text: str) -> Any:
    """The value that `text` begins, as far as it is whole: a string that has not ended is left out, with its name, and so is a
    number or word at the very end, since it may go on. None where nothing is whole yet, and for what is no JSON.
    """
    open_ones: list[str] = []  # what closes them
    whole = place = 0
    naming = False  # whether a string would be the name of a field
    while (token := _token(text, place)) is not None:
        place = token.end()
        string, opens, closes, between, word = token.groups()
        if opens:
            open_ones.append("}" if opens == "{" else "]")
        elif closes:
            if not open_ones or open_ones.pop() != closes:
                return None
        elif between:
            naming = between == "," and open_ones[-1:] == ["}"]
            continue
        if opens or closes or (string and not naming) or (word and place < len(text)):
            whole = place
        naming = opens == "{"
        if not open_ones:
            break
    try:
        return msgspec.json.decode(text[:whole] + "".join(reversed(open_ones))) if whole else None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
