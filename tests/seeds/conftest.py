"""What the seeds' programs find: an Azure resource and an identity in the environment, and files in the working folder."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ceyx import OpenAI, logs
from ceyx.service import LocalService, Settings

NAMES = {  # deployments that the seeds name, and are not known to the service anyway
    "my-gpt-4o-deployment": "gpt-4o",
    "my-gpt-4o-mini-deployment": "gpt-4o-mini",
    "tts-hd": "tts-1-hd",
    "tts-1": "tts-1",
}


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService(Settings(deployments=NAMES)) as running:
        yield running


class _Identity(BaseHTTPRequestHandler):
    """The identity of an App Service, as its endpoint gives tokens for it."""

    def do_GET(self) -> None:
        allowed = self.headers.get("X-IDENTITY-HEADER") == "header-secret"
        told = {"access_token": "entra-token", "expires_on": str(int(time.time()) + 3600), "token_type": "Bearer"}
        asked = {"resource": "https://cognitiveservices.azure.com"}
        body = json.dumps({**told, **asked} if allowed and "cognitiveservices.azure.com" in self.path else {}).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def identity() -> Iterator[str]:
    """Where tokens are given out."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Identity) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/msi/token"
        server.shutdown()
        thread.join()


@pytest.fixture
def azure(environment: pytest.MonkeyPatch, service: LocalService) -> pytest.MonkeyPatch:
    """The environment of the guide, with a key."""
    environment.setenv("AZURE_OPENAI_ENDPOINT", service.azure_endpoint)
    environment.setenv("AZURE_OPENAI_API_KEY", "the-key")
    environment.setenv("OPENAI_API_VERSION", "2024-10-21")
    return environment


@pytest.fixture
def keyless(azure: pytest.MonkeyPatch, identity: str) -> pytest.MonkeyPatch:
    """The same, with an identity in place of a key."""
    azure.delenv("AZURE_OPENAI_API_KEY")
    azure.setenv("IDENTITY_ENDPOINT", identity)
    azure.setenv("IDENTITY_HEADER", "header-secret")
    return azure


@pytest.fixture
def sent(environment: pytest.MonkeyPatch, untouched_logging: None) -> list[str]:
    """What goes out from now on: method, URL, headers and body of each request, one string each."""
    environment.setenv("AZURE_HTTP_LOG_DETAIL_LEVEL", "body_and_headers")
    lines: list[str] = []
    logs.set_listener(lambda event, line: lines.append(line))
    logs.set_events("request")
    return lines


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: LocalService) -> Path:
    """The working folder, with recordings of speech in it."""
    client = OpenAI(base_url=service.url, api_key="any")
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input="my voice is my passport verify me")
    (tmp_path / "speech1.mp3").write_bytes(speech.content)
    (tmp_path / "Assets").mkdir()
    (tmp_path / "Assets" / "speech.mp3").write_bytes(speech.content)
    monkeypatch.chdir(tmp_path)
    return tmp_path
