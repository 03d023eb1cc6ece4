"""Proxies, from the environment and from `proxy=`: plain and tunnelled, with and without a password."""

from __future__ import annotations

import base64
import socket
import traceback
from collections.abc import Callable, Iterator

import pytest
from authorities import Authority
from callers import KEY, OURS, Caller
from forwarder import Forwarder
from loopback import Loopback

from ceyx import APIConnectionError, APIError

pytestmark = pytest.mark.parametrize("kind", OURS)
Make = Callable[..., Caller]
PASSWORD = "p%40ss-word"  # percent-encoded, as it must be in a URL
SECRET = "wr0ng-secret"


@pytest.fixture
def proxy() -> Iterator[Forwarder]:
    with Forwarder() as proxy:
        yield proxy


@pytest.fixture
def asking_proxy() -> Iterator[Forwarder]:
    with Forwarder(login="user:p@ss-word") as proxy:
        yield proxy


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_plain_requests_by_the_environment(
    name: str, kind: str, server: Loopback, proxy: Forwarder, call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, proxy.url())
    route = server.route()
    caller = call(kind, route.url)
    assert caller.ask() == "echo: hello"
    assert caller.stream() == "echo: hello"
    assert proxy.lines == [f"POST {route.url}/chat/completions HTTP/1.1"]  # and the connection was used again


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_tunnels_by_the_environment(
    name: str, kind: str, authority: Authority, proxy: Forwarder, call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, proxy.url())
    with Loopback(authority.server()) as secure:
        caller = call(kind, secure.route().url, verify=authority.path)
        assert caller.ask() == "echo: hello"
        assert caller.stream() == "echo: hello"
        assert [line.rpartition(" ")[0] for line in proxy.lines] == [f"CONNECT 127.0.0.1:{secure.port}"]
        assert KEY not in "".join(proxy.heads)
        caller.close_client()


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize("value", ["127.0.0.1", "localhost,127.0.0.1", "*"])
def test_no_proxy(name: str, value: str, kind: str, server: Loopback, call: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv(name, value)
    assert call(kind, server.route().url).ask() == "echo: hello"


def test_a_proxy_for_another_scheme_is_not_used(
    kind: str, server: Loopback, proxy: Forwarder, call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url())
    assert call(kind, server.route().url).ask() == "echo: hello"
    assert proxy.lines == []


def test_the_argument_wins(kind: str, server: Loopback, proxy: Forwarder, call: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("NO_PROXY", "*")
    assert call(kind, server.route().url, proxy=proxy.url()).ask() == "echo: hello"
    assert len(proxy.lines) == 1


def test_without_scheme(kind: str, server: Loopback, proxy: Forwarder, call: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url().removeprefix("http://"))
    assert call(kind, server.route().url).ask() == "echo: hello"
    assert len(proxy.lines) == 1


@pytest.mark.parametrize("given", ["argument", "environment"])
def test_password_for_plain_requests(
    given: str, kind: str, server: Loopback, asking_proxy: Forwarder, call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = asking_proxy.url(f"user:{PASSWORD}")
    if given == "environment":
        monkeypatch.setenv("HTTP_PROXY", url)
    route = server.route()
    caller = call(kind, route.url, proxy=url if given == "argument" else None)
    assert caller.ask() == "echo: hello"
    sent = f"Basic {base64.b64encode(b'user:p@ss-word').decode()}"
    assert f"proxy-authorization: {sent}".lower() in asking_proxy.heads[0].lower()


def test_password_for_tunnels(kind: str, authority: Authority, asking_proxy: Forwarder, call: Make) -> None:
    with Loopback(authority.server()) as secure:
        route = secure.route()
        caller = call(kind, route.url, verify=authority.path, proxy=asking_proxy.url(f"user:{PASSWORD}"))
        assert caller.ask() == "echo: hello"
        assert "proxy-authorization" not in route.requests[0].headers  # which is for the proxy alone
        caller.close_client()


@pytest.mark.parametrize("secure", [False, True])
def test_a_wrong_password(
    secure: bool, kind: str, server: Loopback, authority: Authority, asking_proxy: Forwarder, call: Make
) -> None:
    with Loopback(authority.server()) as tunnelled:
        url = (tunnelled if secure else server).route().url
        caller = call(kind, url, verify=authority.path, proxy=asking_proxy.url(f"user:{SECRET}"))
        with pytest.raises(APIError) as failed:
            caller.ask()
        assert "407" in str(failed.value)
        assert_silent(failed.value)
        caller.close_client()


@pytest.mark.parametrize("secure", [False, True])
def test_a_proxy_that_is_not_there(secure: bool, kind: str, server: Loopback, authority: Authority, call: Make) -> None:
    port = closed_port()
    with Loopback(authority.server()) as tunnelled:
        url = (tunnelled if secure else server).route().url
        caller = call(kind, url, verify=authority.path, proxy=f"http://user:{SECRET}@127.0.0.1:{port}")
        with pytest.raises(APIConnectionError, match=f"the proxy 127.0.0.1:{port} does not connect to http") as failed:
            caller.ask()
        assert "refused" in str(failed.value).lower()
        assert failed.value.__cause__ is not None
        assert_silent(failed.value)


def test_a_proxy_that_cannot_reach_the_server(kind: str, proxy: Forwarder, authority: Authority, call: Make) -> None:
    caller = call(kind, f"https://127.0.0.1:{closed_port()}/v1", verify=authority.path, proxy=proxy.url(f"user:{SECRET}"))
    with pytest.raises(APIConnectionError, match=r"https://127.0.0.1:\d+") as failed:
        caller.ask()
    assert_silent(failed.value)


@pytest.mark.parametrize("address", ["ftp://host:1", "http://", f"http://user:{SECRET}@host:port"])
def test_what_is_no_proxy(address: str, kind: str, server: Loopback, call: Make) -> None:
    with pytest.raises(ValueError, match="no proxy address; it looks like http://host:port") as failed:
        call(kind, server.route().url, proxy=address).ask()
    assert_silent(failed.value)


def test_socks_without_its_package_says_what_to_do(kind: str, server: Loopback, call: Make) -> None:
    with pytest.raises(Exception, match="pip install") as failed:
        call(kind, server.route().url, proxy=f"socks5://user:{SECRET}@127.0.0.1:1080").ask()
    assert_silent(failed.value)


def assert_silent(error: BaseException) -> None:
    """The error, and all that it was caused by, holds neither the proxy's password nor the key."""
    told = "".join(traceback.format_exception(error))
    assert SECRET not in told
    assert KEY not in told
