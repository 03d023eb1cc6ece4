"""What the page is told, as JSON has it: the set-up, the state, a request in a line, and all that is known of one.

No secret is in it; how it is shown is left to the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec

from ceyx.service import engines
from ceyx.service.catalogue import DEPLOYMENTS
from ceyx.service.counters import read_and_written
from ceyx.service.engines.script import Script
from ceyx.service.engines.scrubbing import Scrubber
from ceyx.service.faults.answer import Asked, decoded
from ceyx.service.faults.catalogue import CATALOGUE
from ceyx.service.faults.fault import COMMON, described
from ceyx.service.faults.triggers import Triggers, written
from ceyx.service.seen import MOST_OF_A_BODY, Request, body_said, headers_said, knowing, said
from ceyx.service.watching import MOST_OF_AN_ANSWER
from ceyx.version import VERSION
from ceyx.wire.sse import Decoder

if TYPE_CHECKING:
    from ceyx.service.gate import Service

_LONGEST = 160
_LOOKED_THROUGH = 8 * 1024
"""Bytes of a stream that its first words are looked for in."""
_DEEPEST = 8
"""Parts of parts that words are looked for in."""


def set_up(service: Service) -> dict[str, Any]:
    """What does not change while the service runs."""
    settings = service.settings
    scrubber = knowing(settings.keys)
    named = sorted(settings.deployments, key=lambda name: (not _is_own(name, settings.deployments), name))
    return {
        "version": VERSION,
        "needs_key": bool(settings.keys),
        "entra": settings.entra is not None,
        "deployments": [_deployment(service, name, scrubber) for name in named],
        "catalogue": [fault.described for fault in CATALOGUE.values()],
        "every_fault": described(COMMON),
    }


def _is_own(name: str, deployments: Mapping[str, str]) -> bool:
    """Whether somebody set this one up."""
    return DEPLOYMENTS.get(name) != deployments[name]


def _deployment(service: Service, name: str, scrubber: Scrubber) -> dict[str, Any]:
    settings = service.settings

    def of(table: Mapping[str, Any]) -> Any:
        return table[name] if name in table else table.get("*")

    model = settings.model(name)
    limit, latency, filter = of(settings.limits), of(settings.latency), of(settings.content_filter)
    return {
        "name": name,
        "own": _is_own(name, settings.deployments) or any(name in table for table in (settings.engines, settings.limits)),
        "model": model and model.snapshot,
        "kind": model and model.kind,
        "engine": scrubber.text(_engine(of(settings.engines))),
        "limits": limit and {"requests": limit.requests_per_minute, "tokens": limit.tokens_per_minute},
        "latency": latency and {"first_token": latency.first_token, "tokens_per_second": latency.tokens_per_second},
        "filter": filter is not None,
    }


def _engine(spec: Any) -> str:
    if spec is None:
        return "local"
    if not isinstance(spec, str | Mapping):
        return type(spec).__name__
    name, main, options = engines.named(spec)
    main = main or str(options.get(engines.main_option(name), "")) if name != "local" else ""
    return f"{name}:{main}" if main else name


def state(service: Service, triggers: Triggers) -> dict[str, Any]:
    """What changes from moment to moment."""
    counters = service.counters
    return {
        "now": round(service.clock.time(), 3),
        "ahead": service.clock.ahead,
        "count": service.seen.count,
        "requests": counters.requests,
        "open": counters.open,
        "answers": dict(counters.answers),
        "faults": dict(+counters.faults),
        "rules": [written(each) for each in triggers.rules],
        "scripts": {name: len(each.entries) if isinstance(each, Script) else 0 for name, each in service.scripts.items()},
        "limits": service.limits.used(),
        "used": [{"model": model, **_fields(used)} for model, used in counters.used.items()],
    }


def _fields(used: Any) -> dict[str, int]:
    return {name: getattr(used, name) for name in ("requests", "failed", "input", "output")}


def line(request: Request, scrubber: Scrubber) -> dict[str, Any]:
    """A request, in a line of a list."""
    tally, heard = request.tally, request.heard
    fields = decoded(_body(request) or b"")
    plain = {name: value for name, value in fields.items() if isinstance(value, str | bool)}
    asked = Asked(request.method, request.path, request.path, {}, b"", plain)
    headers = dict(request.headers)
    streams = asked.streams or _is_stream(request)
    size = heard.answered.size if heard else request.size
    return {
        "number": request.number,
        "at": round(request.at, 3),
        "method": request.method,
        "path": scrubber.text(request.path)[:300],
        "style": _style(request.path),
        "version": _version(request.query),
        "agent": scrubber.text(headers.get(b"user-agent", b"").decode("latin-1"))[:80],
        "deployment": scrubber.text(tally.deployment or asked.deployment)[:100],
        "model": tally.model and scrubber.text(tally.model)[:100],
        "stream": streams,
        "asked": _short(scrubber, asked_text(fields)),
        "said": _short(scrubber, _said_text(_answer(request), streams)),
        "status": tally.status,
        "whole": tally.whole,
        "fault": tally.fault,
        "first": None if heard is None or heard.first is None else round(heard.first - request.began, 6),
        "seconds": None if request.seconds is None else round(request.seconds, 6),
        "so_far": round(perf_counter() - request.began, 3) if request.seconds is None else None,
        "size": size,
        "events": heard.events if heard and streams else 0,
        "tokens": read_and_written(tally) if tally.usage or tally.tokens else None,
    }


def opened(request: Request, scrubber: Scrubber) -> dict[str, Any]:
    """All there is of a request and its answer."""
    heard = request.heard
    shown = {**said(request, scrubber), "body": body_said(_body(request), scrubber)}
    answer: dict[str, Any] = {"headers": headers_said(request.head, scrubber), "kept": heard is not None or bool(request.last)}
    if heard is None:
        answer |= {"size": request.size, "cut": request.size > MOST_OF_A_BODY}
        shown |= {"size": len(request.body or b""), "cut": len(request.body or b"") > MOST_OF_A_BODY}
    else:
        answer |= {"size": heard.answered.size, "cut": heard.answered.size > MOST_OF_AN_ANSWER}
        answer |= {"pieces": heard.times, "raw": heard.raw}
        shown |= {"size": heard.asked.size, "cut": heard.asked.size > MOST_OF_A_BODY}
    if _is_stream(request) and heard is not None:
        pieces = scrubber.events(heard.answered.pieces)
        answer["stream"] = b"".join(pieces).decode("utf-8", "replace")
    else:
        answer["body"] = body_said(_answer(request), scrubber, MOST_OF_AN_ANSWER if heard else MOST_OF_A_BODY)
    return {**shown, "line": line(request, scrubber), "answer": answer}


def _body(request: Request) -> bytes | None:
    """The body of a request, as far as it is kept and has come."""
    return request.body or (request.heard.asked.content if request.heard else None)


def _answer(request: Request) -> bytes:
    return request.heard.answered.content if request.heard else request.last


def _is_stream(request: Request) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in request.head)


def _style(path: str) -> str:
    if path.startswith("/openai/v1/"):
        return "Azure v1"
    return "Azure" if path.startswith("/openai") else "OpenAI"


def _version(query: bytes) -> str | None:
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name == b"api-version":
            return value.decode("latin-1")[:40]
    return None


def _short(scrubber: Scrubber, text: str) -> str:
    # What is cut off is scrubbed as well: half of a secret would not look like one.
    return scrubber.text(text[: 8 * _LONGEST].encode("utf-8", "replace").decode())[:_LONGEST]


def asked_text(fields: Mapping[str, Any]) -> str:
    """The last words of who asks."""
    messages = fields.get("messages")
    if isinstance(messages, list) and messages:
        return text_of(messages[-1])
    for name in ("input", "prompt", "query", "purpose"):
        if given := fields.get(name):
            return text_of(given[-1]) if isinstance(given, list) else text_of(given)
    return ""


def text_of(value: Any, depth: int = 0) -> str:
    """The words in a text, in a message or one of its parts, or in a list of such."""
    if isinstance(value, str):
        return value
    if depth > _DEEPEST:
        return ""
    if isinstance(value, list):
        return " ".join(filter(None, (text_of(each, depth + 1) for each in value[:50])))
    if not isinstance(value, dict):
        return ""
    for name in ("content", "text", "refusal", "output", "arguments", "name", "function", "custom", "tool_calls", "summary"):
        if given := value.get(name):
            words = text_of(given, depth + 1)
            if name == "function" and isinstance(given, dict):
                words = f"{text_of(given.get('name'), depth + 1)}({text_of(given.get('arguments'), depth + 1)})"
            if words:
                return words
    kind = value.get("type")
    return f"[{kind}]" if isinstance(kind, str) else ""


def _said_text(answer: bytes, streams: bool) -> str:
    """The first words of an answer."""
    if streams and answer[:1] != b"{":
        return "".join(_words(answer[:_LOOKED_THROUGH]))
    fields = decoded(answer)
    if isinstance(error := fields.get("error"), dict):
        return text_of(error.get("message"))
    choices = fields.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return text_of(choices[0].get("message") or choices[0])
    for name in ("output", "text"):
        if given := fields.get(name):
            return text_of(given)
    data = fields.get("data")
    if not isinstance(data, list):
        return ""
    kind = data[0].get("object") if data and isinstance(data[0], dict) else None
    return f"[{len(data)} of {kind}]" if isinstance(kind, str) else f"[{len(data)}]"


def _words(stream: bytes) -> Iterable[str]:
    """What the events of a stream add to its text."""
    for _, data in Decoder().feed(stream):
        try:
            event = msgspec.json.decode(data)
        except (ValueError, RecursionError):
            continue
        if not isinstance(event, dict):
            continue
        if isinstance(event.get("delta"), str):
            yield event["delta"]
        elif isinstance(error := event.get("error"), dict):
            yield text_of(error.get("message"))
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index", 0) == 0:
                delta = choice.get("delta")
                yield text_of(delta) if isinstance(delta, dict) else text_of(choice.get("text"))
