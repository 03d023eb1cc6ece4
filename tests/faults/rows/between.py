"""What is between client and server: other hosts, dead addresses, TLS, proxies."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import trustme
from cases import Case, gives, raises
from drives import OWN, Drive, Outcome
from listening import answering
from raw_server import answer

from ceyx.service import LocalService

HTML_502 = answer(b"<html><body>" + b"x" * 5000 + b"</body></html>", b"content-type: text/html", status=b"502 Bad Gateway")

LOGIN_407 = answer(b"", b"proxy-authenticate: Basic", status=b"407 Proxy Authentication Required")


def other_host(drive: Drive) -> Outcome:
    with LocalService() as other:
        outcome = drive.whole(f"redirect;location={other.url}/chat/completions", max_retries=2)
        elsewhere = Drive(drive.name, other, drive.call)
        outcome.note = f"{elsewhere.arrived()} requests to the other host"
    return outcome


def not_followed(outcome: Outcome, drive: Drive) -> None:
    raises("APIStatusError", "redirects are not followed")(outcome, drive)
    assert outcome.note.startswith("0 ")


def first_address_is_dead(drive: Drive) -> Outcome:
    """The name has two addresses, and the first takes no connection: neither yes nor no."""
    port = int(drive.service.url.rpartition(":")[2].partition("/")[0])
    look_up = socket.getaddrinfo

    def two(host: Any, *args: Any, **more: Any) -> Any:
        if host not in ("two-addresses.example", b"two-addresses.example"):
            return look_up(host, *args, **more)
        kind = (socket.AF_INET6, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("::1", dead, 0, 0)), (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with ExitStack() as stack:
        full = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
        full.bind(("::1", 0))
        full.listen(0)
        dead = full.getsockname()[1]
        for _ in range(3):  # its queue is full, so that who comes now gets no answer
            waiting = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
            waiting.setblocking(False)
            waiting.connect_ex(("::1", dead))
        stack.enter_context(mock.patch("socket.getaddrinfo", two))
        outcome = drive.whole(base_url=f"http://two-addresses.example:{port}/v1", timeout=4)
    return outcome


@contextmanager
def speaking_tls(context: ssl.SSLContext) -> Iterator[str]:
    """A TLS server that answers nothing: what is asked about comes before."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            while True:
                connection, _ = listener.accept()
                try:
                    with context.wrap_socket(connection, server_side=True) as secure:
                        secure.recv(1)
                except OSError:
                    connection.close()
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        listener.close()


def tls(expired: bool = False, old: bool = False) -> Callable[[Drive], Outcome]:
    def run(drive: Drive) -> Outcome:
        import datetime

        authority = trustme.CA()
        until = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", not_after=until).configure_cert(context)
        options: dict[str, Any] = {}
        if expired or old:
            trusting = ssl.create_default_context()
            authority.configure_trust(trusting)
            options["verify"] = trusting
        if old:
            import warnings

            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        with speaking_tls(context) as url:
            return drive.whole(base_url=url, **options)

    return run


def proxy(said: bytes) -> Callable[[Drive], Outcome]:
    """A proxy that answers this to everything; the server is behind TLS, so it is asked for a tunnel."""

    def run(drive: Drive) -> Outcome:
        with answering(said) as server:
            outcome = drive.whole(base_url="https://api.example/v1", proxy=server.origin)
            outcome.value = server.origin.removeprefix("http://")
        return outcome

    return run


def proxy_said(status: str) -> Callable[[Outcome, Drive], None]:
    def check(outcome: Outcome, drive: Drive) -> None:
        raises("APIConnectionError", f"the proxy {outcome.value} ", status, "https://api.example", requests=0)(outcome, drive)
        assert len(str(outcome.error)) < 500

    return check


BETWEEN = (
    Case("40", "307 to another host", "APIStatusError at once: nothing is sent there", other_host, not_followed),
    Case(
        "60",
        "the first address of the host takes no connection",
        "the next one is tried beside it after 0.25 s",
        first_address_is_dead,
        gives("Say hello", within=2),
        OWN,
    ),
    Case(
        "61",
        "TLS: a certificate that nobody vouches for",
        "APIConnectionError that says how to trust it",
        tls(),
        raises("APIConnectionError", "not trusted", "verify=", requests=0),
        OWN,
    ),
    Case(
        "61b",
        "TLS: a certificate that has expired",
        "APIConnectionError that says so",
        tls(expired=True),
        raises("APIConnectionError", "expired", requests=0),
        OWN,
    ),
    Case(
        "61c",
        "TLS 1.0",
        "APIConnectionError",
        tls(old=True),
        raises("APIConnectionError", "TLS", requests=0),
        OWN,
    ),
    Case(
        "62",
        "a proxy answers 407",
        "APIConnectionError that names the proxy and the status",
        proxy(LOGIN_407),
        proxy_said("407"),
        OWN,
    ),
    Case(
        "62b",
        "a proxy answers 502 with a page",
        "APIConnectionError that names the proxy and the status, without the page",
        proxy(HTML_502),
        proxy_said("502"),
        OWN,
    ),
)
