"""Parameters that several faults have, and the usual kinds of others."""

from __future__ import annotations

from ceyx.service.faults import values
from ceyx.service.faults.values import Parameter
from ceyx.service.filters import CATEGORIES

EVENTS = Parameter("events", "3", "how many events of the stream come before", values.count)
KEEP = Parameter("keep", "", "how many bytes of a whole answer are sent; half, if not given", values.count)
CATEGORY = Parameter("category", "violence", f"what was found: {', '.join(CATEGORIES)}", values.one_of(*CATEGORIES))
SEVERITY = Parameter("severity", "high", "how bad it was, where that has degrees", values.one_of("low", "medium", "high"))
CODE = Parameter("code", "server_error", "the error's code", values.plain)
TYPE = Parameter("type", "server_error", "the error's type", values.plain)
MESSAGE = Parameter("message", "The server had an error while processing your request", "the error's message", values.plain)


def wait(default: str, about: str = "how long, in seconds; inf: until the client leaves") -> Parameter:
    return Parameter("seconds", default, about, values.seconds)


def size(default: str, about: str) -> Parameter:
    return Parameter("size", default, about, values.size)


def among(name: str, about: str, *choices: str) -> Parameter:
    """One of these; the first is the default."""
    return Parameter(name, choices[0], f"{about}: {', '.join(choices)}", values.one_of(*choices))


def header(name: str, about: str = "") -> Parameter:
    return Parameter(name, "", about or f"the header {name}, as given", values.plain)
