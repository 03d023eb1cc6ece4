"""Where output goes: the answer to standard output, everything about it to standard error; colours only where they show."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO

DIM, BOLD, RED = "2", "1", "31"

# A model's words must not move the cursor, set the title or fill the clipboard of the terminal they are shown on.
_shown = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | dict.fromkeys(range(0x7F, 0xA0), "�")


def is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def coloured(stream: TextIO) -> bool:
    """Whether `stream` shows colours, and its reader wants them (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled(text: str, style: str, stream: TextIO) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if coloured(stream) else text


def say(text: str, style: str = "") -> None:
    """Part of an answer, at once; to a file or pipe as it is."""
    text = text.translate(_shown) if is_terminal(sys.stdout) else text
    sys.stdout.write(styled(text, style, sys.stdout) if style else text)
    sys.stdout.flush()


def note(text: str) -> None:
    """A line about the answer."""
    sys.stderr.write(styled(text.translate(_shown), DIM, sys.stderr) + "\n")
    sys.stderr.flush()


def complain(text: str) -> None:
    """What went wrong; what it was about comes on a second line, if there is one."""
    first, _, second = text.translate(_shown).partition("\n")
    sys.stderr.write(f"{styled('ceyx:', RED, sys.stderr)} {first}\n")
    if second:
        sys.stderr.write(styled(f"  {second}", DIM, sys.stderr) + "\n")
    sys.stderr.flush()


def lenient() -> None:
    """From now on, characters that the terminal's encoding lacks are shown as ?, where they would end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
