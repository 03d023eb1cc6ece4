"""What goes wrong, as one or two lines for a reader and an exit code for a program. CEYX_DEBUG=1 adds the traceback."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from ceyx.cli import terminal

SECRETS = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN", "CEYX_SERVE_KEYS")


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    API = 1
    USAGE = 2
    CONNECTION = 3
    CONFIGURATION = 4
    INTERRUPTED = 130
    PIPE_CLOSED = 141


class Failure(Exception):
    """Ends a command with this message and exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def reported() -> Iterator[None]:
    """Runs a command: whatever ends it early becomes lines on standard error and an exit code."""
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise SystemExit(Exit.INTERRUPTED) from None
    except BrokenPipeError:
        # Who reads us has read enough. What is still buffered must go nowhere, or the interpreter complains when it ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        raise SystemExit(Exit.PIPE_CLOSED) from None
    except Exception as error:  # noqa: BLE001  a reader of a command line wants a sentence, whatever it was
        if os.environ.get("CEYX_DEBUG", "") not in ("", "0"):
            import traceback

            sys.stderr.write(redacted(traceback.format_exc()))
        message, code = explained(error)
        terminal.complain(message)
        raise SystemExit(code) from None


@contextmanager
def told_to_programs(as_json: bool) -> Iterator[None]:
    """Has a program that reads lines of JSON read of what ends the command, too: the last line is of the event `error`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except Exception as error:
        if as_json:
            message, code = explained(error)
            sys.stdout.write(json.dumps({"event": "error", "error": message, "exit_code": int(code)}) + "\n")
        raise


def explained(error: Exception) -> tuple[str, Exit]:
    """What to say of `error`, on one line or two and without secrets, and the exit code it stands for."""
    from ceyx import errors

    said = [str(error)]
    if isinstance(error, Failure):
        code, said = error.code, str(error).split("\n", 1)
    elif isinstance(error, errors.APIConnectionError):
        code = Exit.CONNECTION
    elif isinstance(error, errors.AuthenticationError | errors.PermissionDeniedError):
        code = Exit.CONFIGURATION
    elif isinstance(error, errors.APIError):
        code = Exit.API
    elif isinstance(error, errors.OpenAIError):
        code = Exit.CONFIGURATION
    else:
        message = f"unexpected {type(error).__name__}: {error}; CEYX_DEBUG=1 shows where"
        return redacted(" ".join(message.split())), Exit.API
    if isinstance(error, errors.APIStatusError) and isinstance(error.body, dict):
        # What the server says, and below it the request and what to do.
        text = str(error.body.get("message") or "").strip()
        beginning = f"Error code: {error.status_code} - {text}"
        if text and error.message.startswith(beginning):
            said = [f"{text} (status {error.status_code})", error.message.removeprefix(beginning)]
    return redacted("\n".join(" ".join(line.split()) for line in said)), code


def redacted(text: str) -> str:
    """`text` without the keys of the environment: servers quote the key they refuse."""
    for name in SECRETS:
        for secret in re.split(r"[,\s]+", os.environ.get(name, "")):
            if len(secret) >= 6:  # a placeholder such as "local" is no secret, and a word that texts hold
                text = text.replace(secret, "[key]")
    return text
