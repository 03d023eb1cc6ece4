"""A model asked for one token: whether the deployment is there, what it answers, and how long everything took."""

from __future__ import annotations

import time
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from ceyx.dialect import AzureDeployments
from ceyx.doctor.case import TRY_AGAIN, Case, failed_by, told
from ceyx.doctor.finding import Finding, failed, ok, skipped, warning
from ceyx.doctor.network import milliseconds
from ceyx.errors import APIStatusError, BadRequestError, NotFoundError, OpenAIError
from ceyx.wire.call import Call

SLOW_CONNECTION, SLOW_ANSWER = 1.0, 10.0  # seconds from which on that is worth saying
NO_SUCH_MODEL = ("DeploymentNotFound", "model_not_found", "unknown_model", "unavailable_model")
LISTS_DEPLOYMENTS = "2022-12-01"  # the version of Azure that lists them where models are asked; later ones do no longer say so


def deployment(case: Case) -> Finding:
    """Whether the model, or deployment, is there; near names where it is not."""
    what = "deployment" if case.on_azure or case.dialect.prefix.endswith("/openai/v1") else "model"
    if case.model is None:
        names = _deployments(case)
        step = f"pass --model <{what}>, or set AZURE_OPENAI_DEPLOYMENT"
        return failed("configuration", f"no {what} is named, and Azure answers by {what}", step, *_there(names), there=names)
    if case.calls:
        _ask(case)
        if case.answer is not None:
            return ok(
                f"{case.model!r} answers, as {case.answer['model'] or 'it does not say which model'}", model=case.answer["model"]
            )
        error = case.call_error
        if isinstance(error, NotFoundError) and (error.code in NO_SUCH_MODEL or case.model in told(error)[0]):
            return _missing(case, what, failed_by(error, f"give the name of a {what} that there is"))
        if error is not None and not isinstance(error, APIStatusError):
            return skipped("not known, as the call did not come so far")
        return ok(f"{case.model!r} is not said to be missing")
    names = _deployments(case)
    if names is None or case.model in names:
        known = "is listed" if names else "cannot be looked for without a call: the server lists none"
        return ok(f"{case.model!r} {known}")
    said = failed("api", f"no {what} named {case.model!r} is listed at {case.host}", f"give the name of a {what} that there is")
    return _missing(case, what, said)


def _missing(case: Case, what: str, said: Finding) -> Finding:
    names = _deployments(case) or []
    near = nearest(case.model or "", names)
    step = (
        f"did you mean {' or '.join(map(repr, near))}? Pass --model, or set AZURE_OPENAI_DEPLOYMENT" if near else said.next_step
    )
    if near and not case.on_azure:
        step = f"did you mean {' or '.join(map(repr, near))}? Pass --model"
    facts = {**said.facts, "near": near, "there": names}
    return failed(said.kind or "api", said.summary, step or f"give the name of a {what}", *_there(names), **facts)


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Up to three of `names` that may be meant by `name`, the nearest first: case, dots and dashes do not count."""
    plain = {one: "".join(filter(str.isalnum, one.lower())) for one in names}
    wanted = "".join(filter(str.isalnum, name.lower()))
    if same := [one for one, its in plain.items() if its == wanted]:
        return same[:3]
    close = get_close_matches(wanted, sorted(set(plain.values())), 3, 0.7)
    held = [text for text in plain.values() if len(wanted) > 3 and (text.startswith(wanted) or wanted.startswith(text)) and text]
    ordered = dict.fromkeys([*close, *held])
    return [one for text in ordered for one, its in plain.items() if its == text][:3]


def _there(names: list[str] | None) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return [f"there are {', '.join(names[:8])}{more}"]


def _deployments(case: Case) -> list[str] | None:
    """The names that a call may have as its model, as far as the server tells: deployments on Azure, else models."""
    if isinstance(case.dialect, AzureDeployments):
        listing: Any = Call("GET", "/deployments", dict, {"api-version": LISTS_DEPLOYMENTS})
        try:
            found = case.client._run(listing)
            return [str(one["id"]) for one in found.get("data") or () if isinstance(one, dict) and "id" in one]
        except (OpenAIError, ValueError, AttributeError, TypeError):
            pass  # one that does not list them, as v1
    return case.listed


# ---- the call


def _ask(case: Case) -> None:
    """One call for one token; what came of it is left in the case."""
    if case.asked:
        return
    case.asked = True
    embedding = "embed" in (case.model or "").lower()
    try:
        case.answer = _embedding(case) if embedding else _chat(case)
    except (BadRequestError, NotFoundError) as error:
        if embedding or not (error.code == "OperationNotSupported" or "not a chat model" in error.message):
            case.call_error = error
            return
        try:
            case.answer = _embedding(case)
        except (OpenAIError, ValueError):
            case.call_error = error  # what the first attempt said is nearer to what the user wants
    except (OpenAIError, ValueError, TypeError) as error:
        case.call_error = error


def _chat(case: Case) -> dict[str, Any]:
    """Every server but OpenAI's own, with its reasoning models, knows max_tokens; those name what they want instead."""
    limits: dict[str, Any] = {"max_tokens": 1}
    messages: Any = [{"role": "user", "content": "Hi"}]
    for attempt in range(2):
        started = time.monotonic()
        try:
            with case.client.chat.completions.with_streaming_response.create(
                model=case.model or "", messages=messages, **limits
            ) as response:
                first = time.monotonic() - started
                answer = response.parse()
        except APIStatusError as error:
            if error.status_code == 400 and "max_tokens or model output limit was reached" in error.message:
                return _answer("chat.completions", case.model, None, started, None, error.request_id)
            if attempt or error.status_code not in (400, 422) or "max_completion_tokens" not in error.message:
                raise
            limits = {"max_completion_tokens": 1}
            continue
        return _answer("chat.completions", answer.model, answer.usage, started, first, answer._request_id)
    raise AssertionError("the second attempt answers or raises")


def _embedding(case: Case) -> dict[str, Any]:
    started = time.monotonic()
    with case.client.embeddings.with_streaming_response.create(model=case.model or "", input="Hi") as response:
        first = time.monotonic() - started
        answer = response.parse()
    return _answer("embeddings", answer.model, answer.usage, started, first, answer._request_id)


def _answer(
    kind: str, model: str | None, usage: Any, started: float, first: float | None, request_id: str | None
) -> dict[str, Any]:
    whole = time.monotonic() - started
    return {
        "endpoint": kind,
        "model": model,
        "prompt_tokens": getattr(usage, "prompt_tokens", None),
        "completion_tokens": getattr(usage, "completion_tokens", None),
        "request_id": request_id,
        "first_byte": whole if first is None else first,
        "whole": whole,
    }


def call(case: Case) -> Finding:
    """What one call for one token came to."""
    if not case.calls:
        return skipped("no call is to be made (--no-call)")
    _ask(case)
    answer = case.answer
    if answer is None:
        error = case.call_error or OpenAIError("nothing was sent")
        return failed_by(error, TRY_AGAIN)
    case.seconds |= {"first_byte": answer["first_byte"], "whole": answer["whole"]}
    counted = [
        f"{answer[name]:,} {word}" for name, word in (("prompt_tokens", "in"), ("completion_tokens", "out")) if answer[name]
    ]
    tokens = f", tokens: {', '.join(counted)}" if counted else ""
    name = f", request {answer['request_id']}" if answer["request_id"] else ""
    facts = {key: value for key, value in answer.items() if key not in ("first_byte", "whole")}
    return ok(f"{answer['endpoint']} answered as {answer['model'] or 'a model that it does not name'}{tokens}{name}", **facts)


def latency(case: Case) -> Finding:
    """How long each step took."""
    names = {"dns": "name", "connect": "connection", "tls": "TLS", "first_byte": "first byte", "whole": "whole answer"}
    known = {name: case.seconds[name] for name in names if name in case.seconds}
    if not known:
        return skipped("nothing was measured")
    summary = ", ".join(f"{names[name]} {milliseconds(seconds)}" for name, seconds in known.items())
    facts = {name: round(seconds, 4) for name, seconds in known.items()}
    if known.get("connect", 0) + known.get("tls", 0) > SLOW_CONNECTION:
        return warning(
            f"{summary}: connecting is slow", "see the way through the network: a proxy, a VPN, a region far away", **facts
        )
    if known.get("first_byte", 0) > SLOW_ANSWER:
        return warning(f"{summary}: the answer is slow", "see the load of the deployment, or ask another region", **facts)
    return ok(summary, **facts)
