"""A client examined over real connections: what is wrong is named, with what to do, and what depends on it is skipped."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
import trustme
from azure.identity import ManagedIdentityCredential
from raw_server import BODY, RawServer, always, answer

from ceyx import AsyncOpenAI, AzureOpenAI, Deployment, OpenAI
from ceyx.doctor import Examined, Finding, calling, examination, examine
from ceyx.doctor.examination import NAMES
from ceyx.service import LocalService, Settings

KEY = "a-planted-key-of-the-service"
VERSION = "2024-10-21"
LIST = b'{"object":"list","data":[{"id":"gpt-4o","object":"model","created":1,"owned_by":"me"}]}'


def one(client: OpenAI, model: str | None = "gpt-4o", **options: Any) -> Examined:
    """The examination of a client with one address; its timeout is short, as everything is on this machine."""
    with client:
        (found,) = examine(client, model, **{"timeout": 5.0, **options}).deployments
    assert [finding.check for finding in found.checks] == list(NAMES)
    assert all(finding.next_step for finding in found.checks if finding.status in ("failed", "warning"))
    assert all(finding.kind for finding in found.checks if finding.status == "failed")
    return found


def of(found: Examined, check: str) -> Finding:
    return next(finding for finding in found.checks if finding.check == check)


def broken(found: Examined, check: str, kind: str) -> Finding:
    """The finding of the one check that failed."""
    assert [finding.check for finding in found.checks if finding.status == "failed"] == [check], found.checks
    assert not found.healthy and of(found, check).kind == kind
    return of(found, check)


def skipped(found: Examined) -> list[str]:
    return [finding.check for finding in found.checks if finding.status == "skipped"]


def azure(service: LocalService, **options: Any) -> AzureOpenAI:
    return AzureOpenAI(**{"azure_endpoint": service.azure_endpoint, "api_version": VERSION, "api_key": KEY, **options})


def openai(url: str, **options: Any) -> OpenAI:
    return OpenAI(**{"base_url": url, "api_key": "any", **options})


def serving(*headers: bytes) -> Callable[[RawServer, socket.socket], None]:
    """A server of few words that is well: a list of models, and an answer."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.read(connection)
            asked = server.seen[-1][0]
            connection.sendall(answer(BODY if asked.startswith(b"POST") else LIST, b"content-type: application/json", *headers))

    return speak


# ---- all is well


def test_a_healthy_resource(keyed):
    found = one(azure(keyed))
    assert found.healthy and {finding.status for finding in found.checks} == {"ok"}
    assert found.name == "127.0.0.1/gpt-4o"
    assert of(found, "endpoint").facts["dialect"] == "azure-deployments"
    assert (
        f"{keyed.azure_endpoint}/openai/deployments/gpt-4o/chat/completions?api-version={VERSION}"
        in of(found, "endpoint").facts["url"]
    )
    assert of(found, "call").facts["model"].startswith("gpt-4o-") and of(found, "call").facts["completion_tokens"] == 1
    assert of(found, "latency").facts.keys() == {"connect", "first_byte", "whole"}


def test_v1_and_openai(keyed):
    found = one(AzureOpenAI(azure_endpoint=f"{keyed.azure_endpoint}/openai/v1", api_key=KEY))
    assert found.healthy and of(found, "endpoint").facts["dialect"] == "azure-v1"
    assert of(found, "api-version").summary == "none is needed"
    found = one(openai(keyed.url, api_key=KEY))
    assert found.healthy and of(found, "endpoint").facts["dialect"] == "openai"


def test_an_identity_over_tls(entra, machine):
    with ManagedIdentityCredential() as credential:
        found = one(azure(entra, api_key=None, credential=credential))
    assert found.healthy and not skipped(found)
    assert of(found, "tls").facts["version"].startswith("TLS")
    assert "ceyx local service" in of(found, "tls").facts["certificate"]["issuer"]
    assert "SSL_CERT_FILE" in of(found, "tls").facts["trusts"]
    claims = of(found, "auth").facts["claims"]
    assert claims["aud"] == "https://cognitiveservices.azure.com" and claims["tid"] and claims["appid"] and claims["exp"]
    assert of(found, "role").status == "ok"
    assert of(found, "latency").facts.keys() == {"connect", "tls", "first_byte", "whole"}


@pytest.mark.parametrize(
    ("model", "endpoint"), [("text-embedding-3-small", "embeddings"), ("o3-mini", "chat.completions"), ("vectors", "embeddings")]
)
def test_models_that_are_no_usual_chat_models(model, endpoint):
    with LocalService(Settings(deployments={"vectors": "text-embedding-3-large"})) as service:
        found = one(azure(service), model)
    assert found.healthy and of(found, "call").facts["endpoint"] == endpoint


# ---- nothing more is sent than may be


def test_without_a_call_nothing_is_asked_of_a_model():
    with RawServer(serving()) as server:
        found = one(openai(server.url), call=False)
        assert found.healthy and skipped(found) == ["call"]
        assert {head.split(b" ")[0] for head, _ in server.seen} == {b"GET"}
        assert of(found, "deployment").summary == "'gpt-4o' is listed"


def test_offline_nothing_is_sent(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("a name was looked up"))
    found = one(openai("https://api.openai.com/v1"), offline=True)
    assert found.healthy and skipped(found) == list(NAMES[3:])


# ---- the address


@pytest.mark.parametrize(
    ("client", "said", "step"),
    [
        (lambda: openai("https://api.openai.com"), "/v1 is missing", "use https://api.openai.com/v1"),
        (lambda: openai("https://a.openai.azure.com/openai"), "the api-version is missing", "AzureOpenAI"),
        (
            lambda: openai("https://a.openai.azure.com/openai/v1", default_query={"api-version": VERSION}),
            f"the v1 API has no api-version={VERSION}",
            "dated",
        ),
        (
            lambda: AzureOpenAI(base_url="https://a.openai.azure.com", api_version=VERSION, api_key="any"),
            "/openai/v1 is missing",
            "azure_endpoint",
        ),
    ],
)
def test_an_address_of_the_wrong_shape(client, said, step):
    finding = broken(one(client(), offline=True), "endpoint", "configuration")
    assert said in finding.summary and step in str(finding.next_step)


@pytest.mark.parametrize(
    ("version", "status", "step"),
    [
        ("2024-10-12", "warning", "did you mean 2024-10-21"),
        ("2024-13-01", "failed", "did you mean 2024-10-21"),
        ("latest", "failed", "such as 2024-10-21"),
        ("2022-12-01", "failed", "/openai/v1"),
        ("2031-01-01", "ok", None),
        ("2025-04-01-preview", "ok", None),
    ],
)
def test_versions(keyed, version, status, step):
    finding = of(one(azure(keyed, api_version=version), offline=True), "api-version")
    assert finding.status == status and (step is None or step in str(finding.next_step))


def test_a_wrong_version_stops_the_call(keyed):
    found = one(azure(keyed, api_version="2024-13-01"))
    broken(found, "api-version", "configuration")
    assert skipped(found) == ["deployment", "call"] and of(found, "auth").status == "ok"


# ---- the way there


def test_an_unknown_host(monkeypatch):
    def unknown(host: str, *more: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = one(AzureOpenAI(azure_endpoint="https://nobody.openai.azure.com", api_version=VERSION, api_key="any"))
    finding = broken(found, "dns", "connection")
    assert "nobody.openai.azure.com has no address" in finding.summary and "azure_endpoint" in str(finding.next_step)
    assert skipped(found) == list(NAMES[4:])
    assert of(found, "call").summary == "not tried, as dns failed"


def test_a_private_address_of_a_resource_is_told(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))])
    found = one(AzureOpenAI(azure_endpoint="https://inner.openai.azure.com:1", api_version=VERSION, api_key="any"))
    assert "private endpoint" in of(found, "dns").lines[0]
    assert "Connection refused" in broken(found, "connection", "connection").summary


def test_a_name_server_that_is_silent(monkeypatch):
    import threading

    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: never.wait(5) and [])
    finding = broken(one(openai("https://far.invalid/v1"), timeout=0.05), "dns", "connection")
    never.set()
    assert "no name server" in finding.summary and "--timeout" in str(finding.next_step)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = one(openai(f"http://127.0.0.1:{port}/v1"))
    assert "Connection refused" in broken(found, "connection", "connection").summary
    assert skipped(found) == list(NAMES[5:])


def test_what_is_there_does_not_speak_http():
    def banner(_: RawServer, connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

    with RawServer(banner) as server:
        finding = broken(one(openai(server.url)), "http", "connection")
    assert "not HTTP" in finding.summary


def test_a_page_and_a_redirect_are_told():
    with RawServer(always(answer(b"<html>Log in</html>", b"connection: close", b"content-type: text/html"))) as server:
        finding = of(one(openai(server.url)), "http")
        assert finding.status == "warning" and "page of HTML" in finding.summary
    away = answer(b"", b"connection: close", b"location: https://login.example/?session=abc", status=b"302 Found")
    with RawServer(always(away)) as server:
        finding = of(one(openai(server.url)), "http")
        assert finding.status == "warning" and finding.summary.endswith("redirects to https://login.example/")


# ---- certificates


@contextmanager
def secure(context: ssl.SSLContext) -> Iterator[str]:
    """The base URL of a server that is well, behind this context."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secured:
            serving()(server, secured)

    with RawServer(speak) as server:
        yield server.url.replace("http:", "https:")


def certified(authority: trustme.CA, name: str = "127.0.0.1", **dates: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **dates).configure_cert(context)
    return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, str]:
    made = trustme.CA(organization_name="Contoso Inspection")
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    return made, str(path)


def test_an_authority_that_is_not_trusted(authority, nothing_configured):
    nothing_configured.setenv("REQUESTS_CA_BUNDLE", authority[1])
    with secure(certified(authority[0])) as url:
        found = one(openai(url))
    finding = broken(found, "tls", "connection")
    assert "is not trusted" in finding.summary and "SSL_CERT_FILE" in str(finding.next_step)
    assert "Contoso Inspection" in finding.facts["certificate"]["issuer"] and finding.facts["certificate"]["names"] == [
        "127.0.0.1"
    ]
    assert any("REQUESTS_CA_BUNDLE is set, which the clients do not read" in line for line in finding.lines)
    assert skipped(found) == ["http", "clock", "auth", "role", "deployment", "call"]


def test_an_expired_certificate(authority):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with secure(certified(authority[0], not_after=yesterday)) as url:
        finding = broken(one(openai(url, verify=authority[1])), "tls", "connection")
    assert "expired" in finding.summary and "renew" in str(finding.next_step)
    assert f"to {yesterday:%Y-%m-%d}" in "\n".join(finding.lines)


def test_a_certificate_that_ends_soon(authority):
    with secure(certified(authority[0], not_after=datetime.now(UTC) + timedelta(days=3))) as url:
        found = one(openai(url, verify=authority[1]))
    assert found.healthy and of(found, "tls").status == "warning" and "which is soon" in of(found, "tls").summary


def test_a_certificate_for_another_name(authority):
    with secure(certified(authority[0], "other.invalid")) as url:
        finding = broken(one(openai(url, verify=authority[1])), "tls", "connection")
    assert "is not trusted" in finding.summary and finding.facts["certificate"]["names"] == ["other.invalid"]
    assert "a name that the certificate has" in str(finding.next_step)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_nobody_is_verified(authority):
    with secure(certified(authority[0])) as url:
        found = one(openai(url, verify=False))
    assert found.healthy and "verify=False" in of(found, "tls").summary and of(found, "tls").status == "warning"


def test_a_port_that_speaks_no_tls(keyed):
    found = one(openai(keyed.url.replace("http:", "https:")))
    assert "no TLS connection" in broken(found, "tls", "connection").summary


def test_a_bundle_that_is_not_there(tmp_path):
    with RawServer(serving()) as server:
        finding = of(one(openai(server.url.replace("http:", "https:"), verify=str(tmp_path / "none.pem"))), "tls")
    assert finding.kind == "configuration" and "none.pem" in finding.summary


# ---- proxies


def proxy_that_says(line: bytes) -> Callable[[RawServer, socket.socket], None]:
    return always(b"HTTP/1.1 " + line + b"\r\ncontent-length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("line", "step"), [(b"407 Proxy Authentication Required", "asks for a login"), (b"403 Forbidden", "HTTPS_PROXY")]
)
def test_a_proxy_that_refuses(nothing_configured, line, step):
    with RawServer(proxy_that_says(line)) as server:
        nothing_configured.setenv("HTTPS_PROXY", server.origin.replace("//", "//me:hunter2hunter@"))
        found = one(openai("https://far.invalid/v1"))
        asked = server.seen[0][0]
    finding = broken(found, "connection", "connection")
    assert line.decode() in finding.summary and step in str(finding.next_step)
    assert asked.startswith(b"CONNECT far.invalid:443 HTTP/1.1") and b"proxy-authorization: Basic" in asked
    assert "as HTTPS_PROXY says" in of(found, "proxy").summary and of(found, "proxy").facts["login"]
    assert "hunter2hunter" not in str(found)


def test_a_proxy_that_is_exempted_from(keyed, nothing_configured):
    nothing_configured.setenv("http_proxy", "http://127.0.0.1:9")
    found = one(azure(keyed))
    assert of(found, "proxy").status == "warning" and of(found, "proxy").next_step == "set NO_PROXY=127.0.0.1"
    assert of(found, "connection").status == "failed"
    nothing_configured.setenv("NO_PROXY", "127.0.0.1")
    found = one(azure(keyed))
    assert found.healthy and of(found, "proxy").summary == "none: NO_PROXY exempts 127.0.0.1 from http_proxy"


def test_a_proxy_that_is_none(nothing_configured):
    nothing_configured.setenv("HTTPS_PROXY", "ftp://proxy.invalid")
    found = one(openai("https://far.invalid/v1"))
    assert "no proxy address" in broken(found, "proxy", "configuration").summary


def test_a_proxy_that_the_blocking_clients_cannot_use():
    found = one(openai("https://far.invalid/v1", proxy="socks5://127.0.0.1:9"))
    finding = broken(found, "http", "configuration")
    assert "SOCKS" in finding.summary and "socks5" in of(found, "connection").summary


def test_a_client_with_its_own_network(keyed):
    with httpx2.Client() as http:
        found = one(openai(keyed.url, api_key=KEY, http_client=http))
    assert found.healthy and "http_client" in of(found, "connection").summary


# ---- clocks


def skewed(seconds: float) -> bytes:
    return f"date: {format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)}".encode()


def test_a_clock_that_is_wrong():
    with RawServer(serving(skewed(-3600))) as server:
        found = one(openai(server.url))
        assert found.healthy and of(found, "clock").status == "warning"
        assert of(found, "clock").summary == "this machine's clock is 60 min ahead of the server's"
        client = AzureOpenAI(azure_endpoint=server.origin, api_version=VERSION, azure_ad_token_provider=lambda: "opaque-token")
        finding = broken(one(client), "clock", "configuration")
    assert "expired, or not valid yet" in finding.summary and finding.facts["skew_seconds"] == pytest.approx(3600, abs=3)


def test_a_clock_that_is_right():
    with RawServer(serving(skewed(0))) as server:
        assert "agrees" in of(one(openai(server.url)), "clock").summary


# ---- who calls


def test_a_wrong_key(keyed):
    found = one(azure(keyed, api_key="a-planted-key-of-another"))
    finding = broken(found, "auth", "configuration")
    assert finding.facts["status"] == 401 and "Keys and Endpoint" in str(finding.next_step)
    assert skipped(found) == ["role", "deployment", "call"]


def test_the_role_is_missing(entra, machine):
    with ManagedIdentityCredential(client_id="22222222-2222-4222-8222-222222222222") as credential:
        found = one(azure(entra, api_key=None, credential=credential))
    assert of(found, "auth").status == "ok"
    finding = broken(found, "role", "configuration")
    assert "lacks the required data action" in finding.summary and "Cognitive Services OpenAI User" in str(finding.next_step)
    assert skipped(found) == ["deployment", "call"]


@pytest.mark.parametrize(
    ("kind", "check", "step"),
    [
        ("wrong-key", "auth", "Keys and Endpoint"),
        ("bad-token", "auth", "audience"),
        ("no-role", "role", "Cognitive Services OpenAI User"),
        ("no-access", "role", "Cognitive Services OpenAI User"),
        ("wrong-tenant", "auth", "az login --tenant"),
        ("no-subdomain", "auth", "the resource's own"),
        ("keys-disabled", "auth", "DefaultAzureCredential"),
        ("firewall", "auth", "Networking"),
        ("blocked", "auth", "support"),
        ("path", "call", "api-version in this URL"),
        ("deployment", "deployment", "model="),
        ("operation", "call", "whose model serves"),
        ("capacity", "call", "another region"),
    ],
)
def test_what_azure_refuses_is_told_where_it_belongs(kind, check, step):
    with LocalService(Settings(faults={"*": f"azure;kind={kind}"})) as service:
        found = one(azure(service, api_key=None, azure_ad_token="opaque"))
    assert step in str(broken(found, check, "api" if check in ("call", "deployment") else "configuration").next_step)


def test_a_key_has_no_role_to_lack():
    with LocalService(Settings(faults={"*": "azure;kind=no-role"})) as service:
        broken(one(azure(service)), "auth", "configuration")


@pytest.mark.parametrize(
    "fault", ["cut", "drip", "html", "body", "error-200", "gzip-bomb", "status;code=503", "redirect", "hang-up"]
)
def test_no_fault_breaks_a_check(fault):
    with LocalService(Settings(faults={"*": fault})) as service:
        found = one(azure(service), timeout=0.3)
    assert not found.healthy and not any("the check itself failed" in finding.summary for finding in found.checks)


def test_a_list_of_models_that_breaks_off_is_no_verdict():
    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.read(connection)
            if server.seen[-1][0].startswith(b"POST"):
                connection.sendall(answer(BODY, b"connection: close"))
            else:
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")
                return

    with RawServer(speak) as server:
        found = one(openai(server.url))
    assert found.healthy and of(found, "auth").status == "warning" and of(found, "call").status == "ok"


def test_a_token_that_has_expired(entra, machine):
    import base64

    claims = base64.urlsafe_b64encode(json.dumps({"aud": "x", "exp": 1, "tid": "t"}).encode()).decode().rstrip("=")
    found = one(azure(entra, api_key=None, azure_ad_token=f"e30.{claims}.signature"))
    assert "which expired" in broken(found, "auth", "configuration").summary


def test_a_token_that_a_server_quotes_is_not_shown():
    """One that says nothing of itself, and is another one for each request."""

    def quote(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        head = server.seen[-1][0].decode()
        refusal = json.dumps({"error": {"message": head, "code": head[-400:]}}).encode()
        connection.sendall(answer(refusal, b"connection: close", status=b"401 No"))

    count = iter(range(100))
    with RawServer(quote) as server:
        options = {"azure_endpoint": server.origin, "api_version": VERSION}
        found = one(AzureOpenAI(**options, azure_ad_token_provider=lambda: f"planted-opaque-{next(count)}"))
    assert of(found, "auth").status == "failed" and "planted" not in str(found) and next(count) > 1


def test_a_function_that_gives_keys(keyed):
    found = one(azure(keyed, api_key=lambda: KEY))
    assert found.healthy and of(found, "auth").summary == "a key of api_key=, which the server takes"
    assert of(found, "role").summary == "none is needed: a key may do all"


def test_no_credential_of_the_chain_has_a_token(entra, machine):
    from azure.identity import DefaultAzureCredential

    machine.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    with DefaultAzureCredential() as credential:
        finding = broken(one(azure(entra, api_key=None, credential=credential)), "auth", "configuration")
    assert "no token from CredentialTokens" not in finding.summary and "DefaultAzureCredential" in finding.summary
    assert any("EnvironmentCredential" in line for line in finding.lines) and "az login" in str(finding.next_step)


def test_a_credential_that_takes_for_ever(entra, machine):
    import threading

    never = threading.Event()

    def slow() -> str:
        never.wait(5)
        return "late"

    finding = broken(one(azure(entra, api_key=None, azure_ad_token_provider=slow), timeout=0.3), "auth", "configuration")
    never.set()
    assert "gave no token within 0.3 s" in finding.summary


# ---- deployments and calls


@pytest.mark.parametrize("call", [True, False])
def test_a_deployment_that_is_not_there(keyed, call):
    found = one(azure(keyed), "gpt4o", call=call)
    finding = broken(found, "deployment", "api")
    assert finding.facts["near"] == ["gpt-4o"] and str(finding.next_step).startswith("did you mean 'gpt-4o'?")
    assert skipped(found) == ["call"]


def test_a_model_that_is_not_there(keyed):
    finding = broken(one(openai(keyed.url, api_key=KEY), "gpt-4o-mni"), "deployment", "api")
    assert finding.facts["near"][0] == "gpt-4o-mini"


def test_azure_lists_deployments_by_an_older_version():
    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.read(connection)
            head = server.seen[-1][0]
            if head.startswith(b"GET /openai/deployments?api-version=2022-12-01"):
                connection.sendall(answer(b'{"data":[{"id":"team-chat","model":"gpt-4o"}]}', b"connection: close"))
            elif head.startswith(b"GET"):
                connection.sendall(answer(LIST, b"connection: close"))
            else:
                missing = b'{"error":{"code":"DeploymentNotFound","message":"none"}}'
                connection.sendall(answer(missing, b"connection: close", status=b"404 Not Found"))

    with RawServer(speak) as server:
        found = one(AzureOpenAI(azure_endpoint=server.origin, api_version=VERSION, api_key="any"), "teamchat")
    assert broken(found, "deployment", "api").facts["there"] == ["team-chat"]


def test_no_deployment_is_named(keyed):
    finding = broken(one(azure(keyed), None), "deployment", "configuration")
    assert "AZURE_OPENAI_DEPLOYMENT" in str(finding.next_step) and "gpt-4o" in finding.facts["there"]


def test_a_server_that_fails(keyed):
    found = one(azure(keyed), "gpt-4-turbo")
    assert broken(found, "call", "api").facts["status"] == 500
    assert of(found, "deployment").status == "ok"


def test_a_slow_answer(keyed, monkeypatch):
    found = one(azure(keyed), "gpt-4", timeout=0.1)
    assert "deadline" in broken(found, "call", "connection").summary
    monkeypatch.setattr(calling, "SLOW_ANSWER", 0.1)
    found = one(azure(keyed), "gpt-4")
    assert found.healthy and of(found, "latency").status == "warning" and of(found, "latency").facts["first_byte"] > 0.1


# ---- several, and what cannot be examined


def test_each_deployment_of_a_client(keyed):
    client = AzureOpenAI(
        api_version=VERSION,
        deployments=[
            Deployment(name="one", azure_endpoint=keyed.azure_endpoint, azure_deployment="gpt-4o", api_key=KEY),
            Deployment(name="two", azure_endpoint=keyed.azure_endpoint, azure_deployment="gpt-4o", api_key="a-wrong-planted-key"),
            Deployment(name="three", base_url=keyed.url, model="gpt-4o-mini", api_key=KEY, priority=1),
        ],
    )
    with client:
        report = examine(client, timeout=5)
    assert {each.name: each.healthy for each in report.deployments} == {"one": True, "two": False, "three": True}
    assert not report.healthy and report.first_failure is not None and report.first_failure.check == "auth"
    assert of(report.deployments[2], "call").facts["model"].startswith("gpt-4o-mini")
    assert report.as_dict()["checks"][0]["check"] == "installed"


def test_an_asynchronous_client_is_refused():
    with pytest.raises(TypeError, match="give a blocking client"):
        examine(AsyncOpenAI(api_key="any"))  # type: ignore[arg-type]


def test_a_check_that_breaks_hides_no_other(keyed, monkeypatch):
    def breaks(_: Any) -> Finding:
        raise RuntimeError(f"with {KEY} inside")

    checks = [check._replace(of=breaks) if check.name == "clock" else check for check in examination.CHECKS]
    monkeypatch.setattr(examination, "CHECKS", checks)
    found = one(azure(keyed))
    assert broken(found, "clock", "api").summary == "the check itself failed: RuntimeError: with [secret] inside"
    assert of(found, "call").status == "ok"


def test_what_a_check_needs_comes_before_it() -> None:
    assert all(check.needs == () or set(check.needs) <= set(NAMES[: NAMES.index(check.name)]) for check in examination.CHECKS)
