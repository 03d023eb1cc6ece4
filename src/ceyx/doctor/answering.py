"""What the server says before a model is asked: that it speaks HTTP, its clock, whether it takes the key or token, and the role.

Listing models costs nothing, needs the same credentials as a call, and on Azure the same role.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ceyx.doctor.case import TRY_AGAIN, Case, failed_by, told, within
from ceyx.doctor.finding import Finding, failed, ok, skipped, warning
from ceyx.doctor.network import milliseconds
from ceyx.errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    NotFoundError,
    OpenAIError,
    PermissionDeniedError,
)
from ceyx.identity import Tokens, claims

NOTABLE, TOO_MUCH = 30.0, 300.0  # seconds of skew: worth saying; more than Entra ID's five minutes


def http(case: Case) -> Finding:
    """Whether what is there speaks HTTP, asked without credentials; its clock is read from the answer."""
    request = case.request(
        "GET", "/models", {"accept": "application/json", "user-agent": case.settings.bare.get("user-agent", "")}
    )
    started, wall = time.monotonic(), time.time()
    try:
        reply = case.client._transport.send(request)
        head = time.monotonic() - started
        case.skew = _skew(reply.headers.get("date"), wall + head / 2)
        page = str(reply.headers.get("content-type") or "").startswith("text/html")
        reply.close()
    except APIConnectionError as error:
        return failed_by(error, "check the address, and that the server is up")
    except (OpenAIError, OSError, ValueError) as error:
        return failed_by(error, "check the address and the proxy")
    facts = {"status": reply.status, "seconds": round(head, 4), "region": reply.headers.get("x-ms-region")}
    summary = f"answers with status {reply.status} to a request without credentials, in {milliseconds(head)}"
    if 300 <= reply.status < 400:
        where = str(reply.headers.get("location") or "nowhere").partition("?")[0]
        return warning(f"{summary}, and redirects to {where}", "give the address that it redirects to, if that is right", **facts)
    if page and reply.status < 300:
        step = "log in to the network, or check the address"
        return warning(f"{summary}: a page of HTML, as networks have that want a login", step, **facts)
    if reply.status >= 500:
        return warning(summary, TRY_AGAIN, **facts)
    return ok(summary, **facts)


def _skew(date: str | None, now: float) -> float | None:
    """How far ahead of the server's clock ours is; it tells whole seconds, the middle of which is meant."""
    if not date:
        return None
    try:
        said = parsedate_to_datetime(date)
    except ValueError:
        return None
    return now - (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp() - 0.5


def clock(case: Case) -> Finding:
    """Whether the clocks of this machine and of the server agree."""
    if case.skew is None:
        return ok("not known: the server does not say its time")
    away = abs(case.skew)
    facts = {"skew_seconds": round(case.skew, 1)}
    if away < NOTABLE:
        return ok(f"agrees with the server's, within {max(away, 1):.0f} s", **facts)
    side = "ahead of" if case.skew > 0 else "behind"
    summary = f"this machine's clock is {_duration(away)} {side} the server's"
    step = "set the clock, by NTP where there is a network (timedatectl set-ntp true; w32tm /resync)"
    if away >= TOO_MUCH and case.settings.tokens is not None:
        return failed("configuration", f"{summary}: tokens seem expired, or not valid yet", step, **facts)
    return warning(summary, step, **facts)


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:,.0f} s"


# ---- who calls


def auth(case: Case) -> Finding:
    """Which key or token is sent, where it is from, and whether the server takes it."""
    settings = case.settings
    lines: list[str] = []
    facts: dict[str, Any]
    if (tokens := settings.tokens) is None:
        key = settings.api_key or ""
        from_where = f" of {case.note_of_key}" if case.note_of_key else ""
        name = f"a key{from_where} ({len(key):,} characters)" if key else "no key"
        facts = {"credential": "key" if key else None, "source": case.note_of_key, "header": settings.key_header[0]}
    else:
        try:
            token = within(case.timeout, tokens.get)
        except TimeoutError:
            step = "see which credentials are tried; exclude those that this machine has not, or raise --timeout"
            return failed("configuration", f"{_source(tokens)} gave no token within {case.timeout:g} s", step, credential="token")
        except Exception as error:  # noqa: BLE001  whatever a credential raises
            return _no_token(tokens, error)
        what, source = "key" if tokens.are_keys else "token", _source(tokens)
        name, facts = f"a {what} of {source}", {"credential": what, "source": source, "header": settings.key_header[0]}
        if not tokens.are_keys:
            held = claims(token)
            lines, facts["claims"] = _of_claims(held), _public(held)
            if held and (problem := _problem(held)) is not None:
                return failed("configuration", f"{name}, {problem[0]}", problem[1], *lines, **facts)
    return _accepted(case, name, lines, facts)


def _source(tokens: Tokens) -> str:
    """What gave the token: of a chain, the credential that answered."""
    credential = getattr(tokens, "_credential", None)
    answered: Any = getattr(credential, "_successful_credential", None)
    name = tokens._name
    return f"{name}: {type(answered).__name__} answered" if answered is not None else name


def _no_token(tokens: Tokens, error: Exception) -> Finding:
    said = [" ".join(line.split()) for line in str(error).splitlines() if line.strip()]
    first = said[0] if said else type(error).__name__
    summary = f"no token from {tokens._name}: {first}"
    step = "log in (az login), or give the environment an identity: docs/identity.md"
    if isinstance(error, OpenAIError):
        said_of_it, _, own = told(error)
        summary, step = f"no token from {tokens._name}: {said_of_it}", own or step
    return failed("configuration", summary, step, *said[1:], credential="token", source=tokens._name)


SHOWN_CLAIMS = ("aud", "tid", "appid", "azp", "oid", "idtyp", "exp", "nbf")


def _public(held: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if held is None else {name: held[name] for name in SHOWN_CLAIMS if name in held}


def _of_claims(held: dict[str, Any] | None) -> list[str]:
    if held is None:
        return ["the token says nothing of itself: it is no JWT"]
    lines = [f"for {held.get('aud', 'nobody')}, of the tenant {held.get('tid', 'that it does not name')}"]
    who = held.get("appid") or held.get("azp")
    kind = {"app": "an application", "user": "a user"}.get(str(held.get("idtyp")), "an identity")
    lines.append(
        f"{kind}: application id {who}, object id {held.get('oid', 'not said')}"
        if who
        else f"object id {held.get('oid', 'not said')}"
    )
    if isinstance(expires := held.get("exp"), int | float):
        left = expires - time.time()
        with suppress(ValueError, OverflowError, OSError):  # of a time that no calendar has
            when = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%d %H:%M UTC")
            lines.append(f"expires {when}" + (f", in {_duration(left)}" if left > 0 else ""))
    return lines


def _problem(held: dict[str, Any]) -> tuple[str, str] | None:
    """What can be seen to be wrong with a token, and what to do."""
    expires, begins = held.get("exp"), held.get("nbf")
    if isinstance(expires, int | float) and expires <= time.time():
        return f"which expired {_duration(time.time() - expires)} ago", "get another one; a credential= renews its own"
    if isinstance(begins, int | float) and begins > time.time() + TOO_MUCH:
        return "which is not valid yet", "set this machine's clock"
    return None


def _accepted(case: Case, name: str, lines: list[str], facts: dict[str, Any]) -> Finding:
    """Whether the server takes it, asked for its list of models."""
    try:
        page = case.client.models.list()
        case.listed = [str(getattr(model, "id", "")) for model in page.data]
    except (AuthenticationError, PermissionDeniedError) as error:
        case.refusal = error
        if error.code == "PermissionDenied" and case.settings.tokens is not None:  # a matter of its role
            return ok(f"{name}, which the server knows", *lines, **facts)
        return failed_by(error, "see the key or token, and who may call this endpoint", f"sent with {name}", *lines, **facts)
    except NotFoundError:
        return ok(f"{name}, which was not refused; the server lists no models", *lines, **facts)
    except APIConnectionError as error:  # of some gateways, the list only
        said, _, step = told(error)
        return warning(f"{name}; whether it is taken is not known: {said}", step or TRY_AGAIN, *lines, **facts)
    except APIStatusError as error:
        case.refusal = error
        if error.status_code == 400 and re.search(r"\b(tenant|token)\b", told(error)[0], re.IGNORECASE):
            refused = failed_by(error, "take a token of the resource's tenant", f"sent with {name}", *lines, **facts)
            return replace(refused, kind="configuration")
        said, about, step = told(error)
        if error.code == "InvalidApiVersionParameter":  # which is for `api-version` to say
            return ok(f"{name}, of which the server says nothing, as it refuses the api-version", *lines, **facts)
        return warning(f"{name}; whether it is taken is not known: {said}", step or TRY_AGAIN, *lines, about, **facts)
    except (OpenAIError, ValueError) as error:  # an answer that is no list; a version that has none
        return ok(f"{name}, which was not refused ({told(error)[0]})", *lines, **facts)
    return ok(f"{name}, which the server takes", *lines, **facts)


def role(case: Case) -> Finding:
    """Whether the identity may use what the server has."""
    tokens = case.settings.tokens
    if tokens is None or tokens.are_keys or not case.on_azure:
        return ok("none is needed: a key may do all" if case.on_azure else "none: roles are a matter of Azure")
    refusal = case.refusal
    if isinstance(refusal, APIStatusError) and refusal.code == "PermissionDenied":
        return failed_by(refusal, "give the identity the role 'Cognitive Services OpenAI User' on the resource")
    if case.listed is None:
        return skipped("not known: the server lists no models, and those tell")
    return ok("the identity may read here, so it has one")
