"""Words for what goes wrong on the way to a server: every transport's errors, in the same sentences."""

from __future__ import annotations

import os
import socket
import time

from ceyx.errors import APIConnectionError, APITimeoutError, DeadlineExceededError, ProtocolError
from ceyx.wire.message import Request

# By OpenSSL's code, where it is not the authority that is wrong.
_STEPS = {
    9: "it is not valid yet: set this machine's clock",
    10: "have whoever runs the server renew it, unless this machine's clock is wrong",
    62: "give the address by a name that the certificate has (base_url or azure_endpoint)",
    64: "give the address by a name that the certificate has (base_url or azure_endpoint)",
}
LONGEST = 200  # characters of what somebody else says


class NotHTTP(ProtocolError):
    """What a parser could not read, in its words."""


def _seconds(limit: float | None) -> str:
    return "the time allowed" if limit is None else f"{limit:g} s"


def timed_out(request: Request, phase: str, received: int | None = None) -> APITimeoutError:
    """For a phase ("connect", "read", "write" or "pool") that took too long. For `received` see `APIConnectionError`."""
    error = _timed_out(request, phase)
    error.received = received
    return error


def _timed_out(request: Request, phase: str) -> APITimeoutError:
    if request.until is not None and time.monotonic() >= request.until - 0.005:
        return DeadlineExceededError(
            request, message=f"{request.method} {request.shown_url} was not done by the deadline of the call"
        )
    host, timeout = request.origin, request.timeout
    if phase == "connect":
        text = f"no connection to {host} within {_seconds(timeout.connect)} (timeout.connect); check the address and network"
    elif phase == "pool":
        text = f"no free connection to {host} within {_seconds(timeout.pool)} (timeout.pool); make fewer calls at once"
    elif phase == "write":
        text = f"{host} did not take the request within {_seconds(timeout.write)} (timeout.write)"
    else:
        text = f"no bytes from {host} for {_seconds(timeout.read)} (timeout.read); raise timeout=, or ask for a stream"
    return APITimeoutError(request, message=text)


def could_not_connect(request: Request, cause: BaseException) -> APIConnectionError:
    """For a name that is not known, a port that refuses, a certificate that is not trusted."""
    import ssl  # which a client that is only made does not need

    host = request.origin
    why = root(cause)
    if isinstance(why, ssl.SSLCertVerificationError):
        text = (
            f"{host} is not trusted: {why.verify_message or why.reason or 'its certificate cannot be verified'}; "
            f"{_STEPS.get(why.verify_code, 'name its certificate authority with verify=<path> or SSL_CERT_FILE')}"
        )
    elif isinstance(why, ssl.SSLError):
        text = f"no TLS connection to {host}: {why.reason or why}; check that it speaks TLS on this port"
    elif isinstance(why, socket.gaierror):
        text = f"the host of {host} has no address ({why.strerror}); check base_url or azure_endpoint, and the network"
    else:
        text = f"cannot connect to {host}: {described(why)}; check the address, and that the server is up"
    return APIConnectionError(message=text, request=request)


def proxy_failed(request: Request, proxy: str | None, cause: BaseException, said: str = "") -> APIConnectionError:
    """For a proxy that is not there, or `said` that it does not make the tunnel."""
    where = f" {proxy.rpartition('@')[2].rpartition('//')[2]}" if proxy else ""
    why = _short(said) or described(root(cause))
    step = "it asks for a login: proxy=http://user:password@host:port" if "407" in why else "check proxy= or HTTPS_PROXY"
    text = f"the proxy{where} does not connect to {request.origin}: {why}; {step}"
    return APIConnectionError(message=text, request=request)


def broken(
    request: Request, cause: BaseException, received: int | None = None, announced: str | None = None, headed: bool = False
) -> APIConnectionError:
    """For a connection that ended before the answer did, which had `announced` so many bytes."""
    of = f" of {int(announced):,}" if announced and announced.isdecimal() else ""
    after = f"after {received or 0:,}{of} bytes of its answer" if headed else "before it answered"
    text = f"{request.origin} closed the connection {after} ({described(root(cause))})"
    error = APIConnectionError(message=text, request=request)
    error.received = received
    return error


def closed(request: Request, received: int) -> APIConnectionError:
    """For an answer that another thread or task closed while it was read."""
    text = f"the answer of {request.origin} was closed while it was read, after {received:,} bytes"
    error = APIConnectionError(message=text, request=request)
    error.received = received
    return error


def malformed(request: Request, cause: BaseException, received: int | None = None) -> ProtocolError:
    """For what is not HTTP, or HTTP that is not taken: too much of it, or compressed in a way that is not known."""
    why = root(cause)
    if isinstance(why, ProtocolError) and not isinstance(why, NotHTTP):
        text = f"the answer of {request.origin} cannot be read: {why}"
    else:
        text = f"{request.origin} answered with something that is not HTTP: {described(why)}"
    error = ProtocolError(text, request)
    error.received, error.answered = received, True
    return error


def in_body(error: APIConnectionError, status: int) -> APIConnectionError:
    """`error`, which ended the body of an answer with this status: the work was done, unless the answer is an error itself."""
    error.answered = status < 300
    return error


def too_long(request: Request) -> ProtocolError:
    error = ProtocolError(
        f"{request.method} {request.shown_url} is answered with more than {request.limit:,} bytes (decompressed); raise "
        "response_limit= of the client, or take the answer in pieces (with_streaming_response)",
        request,
    )
    error.received = request.limit
    return error


def root(error: BaseException) -> BaseException:
    """The first cause of `error`: transport libraries wrap it several times. What we say ourselves needs no other cause."""
    seen = {id(error)}
    while not isinstance(error, ProtocolError):
        inner = error.__cause__ or getattr(error, "reason", None) or (None if error.__suppress_context__ else error.__context__)
        if not isinstance(inner, BaseException) and error.args:
            inner = next((arg for arg in reversed(error.args) if isinstance(arg, BaseException)), None)
        if not isinstance(inner, BaseException) or id(inner) in seen:
            return error
        seen.add(id(inner))
        error = inner
    return error


def described(error: BaseException) -> str:
    import ssl

    if isinstance(error, OSError) and not isinstance(error, socket.gaierror | ssl.SSLError) and error.errno:
        return os.strerror(error.errno)  # asyncio writes a sentence of its own in its place
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if not isinstance(getattr(error, "message", ""), str):
        return "in the middle of its headers"  # of which aiohttp would show all that came, cookies too
    said = str(error).removeprefix("400, message:")  # which is what aiohttp calls every answer it cannot read
    return _short(said) or type(error).__name__


def _short(said: str) -> str:
    """What somebody else said, as a part of a line: it may be anything, whole pages too."""
    said = "".join(letter if letter.isprintable() else " " for letter in said[: 4 * LONGEST])
    said = " ".join(said.split())
    return said[:LONGEST] + "…" if len(said) > LONGEST else said
