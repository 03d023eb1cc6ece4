"""The service that exchanges tokens, on loopback, and clients whose identity it knows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

from memory_clients import COMPLETION

from ceyx import OpenAI, auth

SUBJECT = "s3cret-subject.token.of-the-platform"


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Service(ThreadingHTTPServer):
    """The service that exchanges tokens, the API that takes them, and the metadata services, at one address.

    `exchange` answers exchanges, `metadata` the rest; the API refuses the tokens in `revoked`.
    """

    daemon_threads, request_queue_size = True, 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server_port}"
        self.url = f"http://{self.host}"
        self.exchanges: list[Asked] = []
        self.calls: list[Asked] = []
        self.asked: list[Asked] = []
        self.revoked: set[str] = set()
        self.life = 3600.0
        self.exchange: Callable[[], tuple[int, Any]] = self.token
        self.metadata: Callable[[], tuple[int, Any]] = lambda: (200, {"access_token": SUBJECT})

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def token(self) -> tuple[int, Any]:
        answer = {"access_token": f"access-{len(self.exchanges)}", "expires_in": self.life, "token_type": "Bearer"}
        return 200, {**answer, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("/oauth/"):
            self.exchanges.append(asked)
            return self.exchange()
        if asked.path.startswith("/v1/"):
            self.calls.append(asked)
            if asked.headers.get("authorization", "").removeprefix("Bearer ") in self.revoked:
                return 401, {"error": {"message": "revoked", "code": "invalid_api_key"}}
            return 200, COMPLETION
        self.asked.append(asked)
        return self.metadata()

    @property
    def tokens(self) -> list[str]:
        """Those that came with the calls."""
        return [call.headers["authorization"] for call in self.calls]


class Handler(BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, answer = self.server.answer(Asked(self.command, self.path, headers, body))
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        with suppress(ConnectionError):  # of a client that did not wait
            self.end_headers()
            self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        pass


def subject() -> str:
    return SUBJECT


def identity(service: Service | None = None, get_token: Callable[[], Any] = subject, **more: Any) -> auth.WorkloadIdentity:
    made: Any = {
        "identity_provider_id": "idp_1",
        "service_account_id": "sa_1",
        "provider": {"token_type": "jwt", "get_token": get_token},
        **({"token_exchange_url": f"{service.url}/oauth/token"} if service else {}),
        **more,
    }
    return made  # type: ignore[no-any-return]


def client(service: Service, kind: Any = OpenAI, who: auth.WorkloadIdentity | None = None, **options: Any) -> Any:
    given: Any = {"base_url": f"{service.url}/v1", "max_retries": 0, **options}
    return kind(workload_identity=who or identity(service), **given)
