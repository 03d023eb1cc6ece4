"""The way to the server, step by step on a connection of our own: proxy, name, connection, certificate.

Each step fails in the words that the transports have for it (`transport/failures.py`), which end with what to do.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ceyx.dialect import is_of_provider
from ceyx.doctor.case import Case, failed_by, within
from ceyx.doctor.certificate import Certificate, read
from ceyx.doctor.finding import Finding, failed, ok, warning
from ceyx.errors import APIConnectionError
from ceyx.transport import eyeballs, failures, tls as contexts
from ceyx.transport.proxies import proxy_for

ENDS_SOON = 14.0  # days that a certificate is still good for, below which that is said
IGNORED_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # where other programs are told whom to trust


# ---- proxy


def proxy(case: Case) -> Finding:
    """Which proxy stands before the server, and which variable says so."""
    explicit = case.client._network.get("proxy")
    if case.client._network.get("http_client") is not None:
        return ok(f"not looked at: {case.own_network}")
    try:
        address = proxy_for(case.origin, explicit)
    except ValueError as error:
        return failed_by(error, "set it to http://host:port")
    case.proxy = address
    named = _naming(urlsplit(case.origin).scheme)
    if address is None:
        if named is None:
            return ok("none", proxy=None)
        exempt = next((name for name in ("no_proxy", "NO_PROXY") if os.environ.get(name)), None)
        return ok(f"none: {exempt or 'NO_PROXY'} exempts {case.host} from {named}", proxy=None, exempted_by=exempt)
    parts = urlsplit(address)
    login = ", with a login" if parts.username is not None else ""
    source = "proxy=" if explicit is not None else named or "the system's settings"
    shown = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    summary, facts = f"{shown}{login}, as {source} says", {"proxy": shown, "source": source, "login": bool(login)}
    if _is_loopback(case.host):
        step = f"set NO_PROXY={case.host}"
        return warning(
            f"{summary}, though {case.host} is this machine itself, which a proxy elsewhere cannot reach", step, **facts
        )
    return ok(summary, **facts)


def _naming(scheme: str) -> str | None:
    """The variable that names a proxy for this scheme; the standard library prefers those in lower case."""
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
    return next((name for name in names if os.environ.get(name)), None)


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


# ---- name and connection


def _first_hop(case: Case) -> tuple[str, int]:
    """Host and port of what we connect to: the proxy, if there is one."""
    parts = urlsplit(case.proxy or case.origin)
    return parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def _error(case: Case, error: BaseException) -> APIConnectionError:
    """What the transports would raise for `error`."""
    request = case.request()
    if case.proxy is not None:
        return failures.proxy_failed(request, case.proxy, error)
    if isinstance(error, TimeoutError):
        return failures.timed_out(case.request(), "connect")
    return failures.could_not_connect(request, error)


def dns(case: Case) -> Finding:
    """The addresses of the server's name, or of the proxy's."""
    host, port = _first_hop(case)
    with suppress(ValueError):
        ip_address(host)
        return ok(f"{host} is an address, so there is no name to look up", addresses=[host])
    started = time.monotonic()
    try:
        found = within(case.timeout, lambda: socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
    except TimeoutError:
        step = "check the network and its name servers; raise --timeout if they are slow"
        return failed("connection", f"no name server told the address of {host} within {case.timeout:g} s", step, host=host)
    except (OSError, UnicodeError) as error:
        return failed_by(_error(case, error), "check the address and the network", host=host)
    case.seconds["dns"] = time.monotonic() - started
    addresses = list(dict.fromkeys(str(each[4][0]) for each in eyeballs.in_turns(list(found))))
    lines = []
    if is_of_provider(f"https://{host}") and any(ip_address(one.partition("%")[0]).is_private for one in addresses):
        lines.append("a private address: a private endpoint of the resource, or a name server of your network")
    whose = f" (the proxy, which looks up {case.host} itself)" if case.proxy else ""
    shown = ", ".join(addresses[:3]) + (f" and {len(addresses) - 3} more" if len(addresses) > 3 else "")
    return ok(f"{host} is {shown}{whose}", *lines, host=host, addresses=addresses, seconds=round(case.seconds["dns"], 4))


def connection(case: Case) -> Finding:
    """Whether somebody listens there, and whether the proxy lets us through."""
    if (reason := case.own_network) is not None:
        return ok(f"not looked at: {reason}")
    host, port = _first_hop(case)
    try:
        case.sock = _connected(case)
    except APIConnectionError as error:
        return failed_by(error, "check the address, and that the server is up", host=host, port=port)
    address = case.sock.getpeername()[0]
    through = f"through the proxy at {host}:{port}" if case.proxy else f"{address}, port {port}"
    return ok(f"{through}, in {milliseconds(case.seconds['connect'])}", address=address, port=port)


def _connected(case: Case) -> socket.socket:
    """A connection as far as TLS begins. Raises APIConnectionError."""
    host, port = _first_hop(case)
    started = time.monotonic()
    try:
        sock = eyeballs.connected(host, port, case.timeout)
    except (OSError, UnicodeError) as error:
        raise _error(case, error) from error
    case.seconds["connect"] = time.monotonic() - started
    sock.settimeout(case.timeout)
    if case.proxy is not None and case.origin.startswith("https:"):
        try:
            said = _tunnel(sock, case)
        except OSError as error:
            sock.close()
            raise _error(case, error) from error
        if said is not None:
            sock.close()
            raise failures.proxy_failed(case.request(), case.proxy, OSError(), said)
    return sock


def _tunnel(sock: socket.socket, case: Case) -> str | None:
    """Ask the proxy for a tunnel (RFC 9110, 9.3.6); what it says if it makes none."""
    parts = urlsplit(case.origin)
    target = (
        f"{parts.hostname}:{parts.port or 443}"
        if ":" not in (parts.hostname or "")
        else f"[{parts.hostname}]:{parts.port or 443}"
    )
    head = f"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n"
    login = urlsplit(case.proxy or "")
    if login.username is not None:
        from base64 import b64encode

        pair = f"{unquote(login.username)}:{unquote(login.password or '')}"
        head += f"proxy-authorization: Basic {b64encode(pair.encode()).decode()}\r\n"
    sock.sendall(f"{head}\r\n".encode())
    received = b""
    while b"\r\n\r\n" not in received and len(received) < 16384:
        if not (data := sock.recv(4096)):
            break
        received += data
    line = received.partition(b"\r\n")[0].decode("latin-1")
    status = line.split(" ")[1:2]
    if status and status[0].startswith("2"):
        return None
    return line.partition(" ")[2] or "it closed the connection"


# ---- certificate


def tls(case: Case) -> Finding:
    """Whose certificate the server shows, who made it, and whether the client trusts that."""
    if not case.origin.startswith("https:"):
        if _is_loopback(case.host):
            return ok("none, and none is needed within this machine", version=None)
        step = f"use https:// in place of http://{case.host}"
        return warning(f"none: what is sent to {case.host}, the key as well, can be read on the way", step, version=None)
    if (reason := case.own_network) is not None:
        return ok(f"not looked at: {reason}")
    connecting = case.client._connecting()
    try:
        context = contexts.context(connecting.verify, connecting.cert)
    except (OSError, ValueError, TypeError) as error:
        return failed("configuration", str(error), "give verify= and cert= the paths of PEM files")
    started = time.monotonic()
    try:
        case.sock = secured = context.wrap_socket(case.sock, server_hostname=case.host)
    except OSError as error:
        return _untrusted(case, error)
    case.seconds["tls"] = time.monotonic() - started
    certificate = _of(secured)
    return _trusted(case, str(secured.version()), certificate, context.verify_mode == ssl.CERT_NONE)


def _trusted(case: Case, version: str, certificate: Certificate | None, anyone: bool) -> Finding:
    facts: dict[str, Any] = {"version": version, "certificate": _facts(certificate), "trusts": trusted_by(case)}
    lines = [*_lines(certificate), f"trusted by {facts['trusts']}"]
    left = _days_left(certificate)
    ends = "" if certificate is None else f", good until {certificate.ends:%Y-%m-%d}"
    summary = (
        f"{version.replace('TLSv', 'TLS ')}, a certificate made by {certificate.issuer if certificate else 'nobody known'}{ends}"
    )
    if anyone:
        return warning(f"{version}, and nobody is verified (verify=False)", "leave out verify=False", *lines[:-1], **facts)
    if left is not None and left < ENDS_SOON:
        return warning(f"{summary}, which is soon", "have whoever runs the server renew its certificate", *lines, **facts)
    return ok(summary, *lines, **facts)


def _untrusted(case: Case, error: OSError) -> Finding:
    """The finding for a handshake that failed, with the certificate that was shown, if any."""
    certificate = _shown(case) if isinstance(error, ssl.SSLCertVerificationError) else None
    lines = [*_lines(certificate), f"trusted are {trusted_by(case)}"]
    lines += [
        f"{name} is set, which the clients do not read: they read SSL_CERT_FILE"
        for name in IGNORED_BUNDLES
        if os.environ.get(name) and not os.environ.get("SSL_CERT_FILE")
    ]
    facts: dict[str, Any] = {"certificate": _facts(certificate), "trusts": trusted_by(case)}
    late = isinstance(error, TimeoutError)
    why = failures.timed_out(case.request(), "connect") if late else failures.could_not_connect(case.request(), error)
    return failed_by(why, "check that the server speaks TLS on this port", *lines, **facts)


def _shown(case: Case) -> Certificate | None:
    """The certificate that the server shows, on another connection, whoever it is: nothing is sent over that one."""
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    with (
        suppress(OSError, APIConnectionError, ValueError),
        _connected(case) as plain,
        anyone.wrap_socket(plain, server_hostname=case.host) as secured,
    ):
        return _of(secured)
    return None


def _of(secured: ssl.SSLSocket) -> Certificate | None:
    der = secured.getpeercert(binary_form=True)
    with suppress(ValueError):
        return read(der) if der else None
    return None


def trusted_by(case: Case) -> str:
    """Whose certificates the client trusts."""
    verify = case.client._network.get("verify", True)
    if verify is False:
        return "anyone (verify=False)"
    if isinstance(verify, str | os.PathLike):
        return f"those in {os.fspath(verify)} (verify=)"
    if verify is not True:
        return "those of the ssl.SSLContext in verify="
    for name, exists in (("SSL_CERT_FILE", Path.is_file), ("SSL_CERT_DIR", Path.is_dir)):
        if given := os.environ.get(name):
            return f"those in {given} ({name})" + _if_missing(Path(given), exists)
    return "the certificate authorities of this system"


def _if_missing(path: Path, exists: Callable[[Path], bool]) -> str:
    return "" if exists(path) else ", which does not exist"


def _lines(certificate: Certificate | None) -> list[str]:
    if certificate is None:
        return []
    names = ", ".join(certificate.names[:4]) + (f" and {len(certificate.names) - 4} more" if len(certificate.names) > 4 else "")
    return [
        f"certificate of {names or certificate.subject}, made by {certificate.issuer}",
        f"good from {certificate.begins:%Y-%m-%d} to {certificate.ends:%Y-%m-%d}",
    ]


def _facts(certificate: Certificate | None) -> dict[str, Any] | None:
    if certificate is None:
        return None
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": list(certificate.names),
        "not_before": certificate.begins.isoformat(),
        "not_after": certificate.ends.isoformat(),
    }


def _days_left(certificate: Certificate | None) -> float | None:
    return None if certificate is None else (certificate.ends - datetime.now(UTC)).total_seconds() / 86400


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"
