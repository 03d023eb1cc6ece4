"""TLS: whom the clients trust, what they show, and how they say that it did not work."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from authorities import Authority
from callers import KEY, OURS, Caller, aask, astream, made
from loopback import Loopback

from ceyx import APIConnectionError

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
Make = Callable[..., Caller]
ours = pytest.mark.parametrize("kind", OURS)


def refused(caller: Caller, match: str) -> APIConnectionError:
    """The error of a call that must fail to connect, which is told in these words."""
    with pytest.raises(APIConnectionError, match=match) as failed:
        caller.ask()
    assert failed.value.__cause__ is not None
    assert "127.0.0.1" in str(failed.value)
    assert KEY not in "".join(traceback.format_exception(failed.value))
    return failed.value


@ours
@pytest.mark.parametrize("how", ["path", "context", "nobody"])
def test_trusted(how: str, kind: str, authority: Authority, call: Make) -> None:
    verify = {"path": authority.path, "context": authority.client(), "nobody": False}[how]
    with Loopback(authority.server()) as secure:
        caller = call(kind, secure.route().url, verify=verify)
        for _ in range(3):
            assert caller.ask() == "echo: hello"
            assert caller.stream() == "echo: hello"
        assert secure.accepted == 1
        caller.close_client()


@ours
def test_ssl_cert_file(kind: str, authority: Authority, call: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(authority.server()) as secure:
        url = secure.route().url
        refused(call(kind, url), "is not trusted")
        monkeypatch.setenv("SSL_CERT_FILE", authority.path)
        caller = call(kind, url)
        assert caller.ask() == "echo: hello"
        caller.close_client()


@ours
def test_ssl_cert_dir(kind: str, authority: Authority, call: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", authority.hashed())
    with Loopback(authority.server()) as secure:
        caller = call(kind, secure.route().url)
        assert caller.ask() == "echo: hello"
        caller.close_client()


@ours
def test_a_directory_of_certificates(kind: str, authority: Authority, call: Make) -> None:
    with Loopback(authority.server()) as secure:
        caller = call(kind, secure.route().url, verify=authority.hashed())
        assert caller.ask() == "echo: hello"
        caller.close_client()


@ours
def test_untrusted(kind: str, authority: Authority, call: Make) -> None:
    with Loopback(authority.server()) as secure:
        refused(call(kind, secure.route().url), r"is not trusted: .*; name its certificate authority with verify=<path>")
        assert secure.route().requests == []


@ours
def test_another_name(kind: str, authority: Authority, call: Make) -> None:
    with Loopback(authority.server("example.invalid")) as secure:
        error = refused(call(kind, secure.route().url, verify=authority.path), "is not trusted: .*127.0.0.1")
        assert isinstance(error.__cause__, Exception)
        caller = call(kind, secure.route().url, verify=False)
        assert caller.ask() == "echo: hello"
        caller.close_client()


@ours
def test_tls_to_a_plain_port(kind: str, server: Loopback, call: Make) -> None:
    url = server.route().url.replace("http://", "https://")
    refused(call(kind, url, timeout=2), "no TLS connection to https://.*check that it speaks TLS on this port")


@ours
def test_plain_http_to_a_tls_port(kind: str, authority: Authority, call: Make) -> None:
    with Loopback(authority.server()) as secure:
        url = secure.route().url.replace("https://", "http://")
        error = refused(call(kind, url, timeout=2), "http://127.0.0.1")
        assert not isinstance(error, TimeoutError)


@ours
def test_client_certificates(kind: str, authority: Authority, call: Make) -> None:
    both, certificate, key = authority.client_certificate()
    with Loopback(authority.server(clients=True)) as secure:
        url = secure.route().url
        for cert in (both, (certificate, key), [certificate, key]):
            caller = call(kind, url, verify=authority.path, cert=cert)
            assert caller.ask() == "echo: hello"
            caller.close_client()
        refused(call(kind, url, verify=authority.path), "https://127.0.0.1")


@ours
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"verify": "/no/such/bundle.pem"}, "verify names a CA bundle that does not exist: '/no/such/bundle.pem'"),
        ({"cert": "/no/such/client.pem"}, "cert names a file that does not exist: '/no/such/client.pem'"),
    ],
)
def test_files_that_are_not_there(options: dict[str, str], match: str, kind: str, call: Make) -> None:
    with pytest.raises(FileNotFoundError, match=match):
        call(kind, "https://127.0.0.1:1/v1", **options).ask()


@ours
def test_a_bundle_that_is_none(kind: str, tmp_path: Path, call: Make) -> None:
    (tmp_path / "bundle.pem").write_text("no certificate here")
    with pytest.raises(ValueError, match=r"verify names a file without certificates: '.*bundle\.pem'"):
        call(kind, "https://127.0.0.1:1/v1", verify=str(tmp_path / "bundle.pem")).ask()
    with pytest.raises(ValueError, match=r"cert cannot be used: '.*bundle\.pem'"):
        call(kind, "https://127.0.0.1:1/v1", cert=str(tmp_path / "bundle.pem")).ask()


@ours
def test_settings_of_clients_do_not_mix(kind: str, authority: Authority, call: Make) -> None:
    """Contexts are shared between clients; a careless one makes no other careless."""
    with Loopback(authority.server()) as secure:
        url = secure.route().url
        careless, careful = call(kind, url, verify=False), call(kind, url)
        assert careless.ask() == "echo: hello"
        refused(careful, "is not trusted")
        copied = call(kind, url, verify=False)
        copied.client = copied.client.copy(verify=True)
        refused(copied, "is not trusted")
        careless.close_client()


WITHOUT_CERTIFICATES = """
import asyncio, ssl, sys
from ceyx import APIConnectionError, AsyncOpenAI, OpenAI
from ceyx.transport import tls

plain, secure, kind = sys.argv[1:]
messages = [{"role": "user", "content": "hello"}]

def ask(url):
    if kind == "urllib3":
        with OpenAI(base_url=url, api_key="sk-x", max_retries=0) as client:
            return client.chat.completions.create(model="m", messages=messages)
    async def main():
        async with AsyncOpenAI(base_url=url, api_key="sk-x", max_retries=0) as client:
            return await client.chat.completions.create(model="m", messages=messages)
    return asyncio.run(main())

assert ask(plain).choices[0].message.content == "echo: hello"
assert not ssl.create_default_context().get_ca_certs()
assert len(tls.context(True, None).get_ca_certs()) > 50
try:
    ask(secure)
except APIConnectionError as error:
    assert "is not trusted" in str(error), error
else:
    raise SystemExit("trusted")
"""


@ours
def test_an_image_without_certificates(kind: str, server: Loopback, authority: Authority) -> None:
    """certifi's are used where the system has none, and plain HTTP needs none."""
    environment = {"SSL_CERT_FILE": "/nonexistent", "SSL_CERT_DIR": "/nonexistent"}
    with Loopback(authority.server()) as secure:
        command = [sys.executable, "-c", WITHOUT_CERTIFICATES, server.route().url, secure.route().url, kind]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_under_trio(authority: Authority) -> None:
    import trio

    async def main(url: str) -> None:
        async with made("aiohttp", url, verify=authority.path) as client:
            assert await aask(client) == "echo: hello"
            assert await astream(client) == "echo: hello"
        with pytest.raises(APIConnectionError, match="is not trusted"):
            await aask(made("aiohttp", url))

    with Loopback(authority.server()) as secure:
        trio.run(main, secure.route().url)
