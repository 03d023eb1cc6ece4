"""The local service held against clients that others wrote: `make clients`, or `python tests/clients/run.py [--only openai]`.

Starts the service, plain and with TLS, has each client play its scenarios, shows a line for each capability, and ends with what
they come to; with status 1 if something failed. How a client is got and started is in `toolchains`, what it plays in its folder.
A client whose toolchain is not here is skipped, and said to be.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from toolchains import CLIENTS, PLAYED, Client, Unprepared

SERVING = [sys.executable, "-m", "ceyx", "serve", "--port", "0", "--json", "--entra", "--deployment", "tts-hd=tts-1-hd"]
KEY = "local-key"
SECONDS_TO_START = 30
SECONDS_TO_PLAY = 180
# What every client says something of: that it does it, that it fails, or that it has no call for it.
CAPABILITIES = (
    "chat",
    "stream",
    "image input",
    "tools",
    "structured output",
    "embeddings",
    "images",
    "speech",
    "transcription",
    "legacy completions",
    "responses",
    "errors",
    "retries",
    "tls",
    "identity",
)
_line = re.compile(r"(ok  |FAIL|n/a ) ([a-z ]+): ").match


@dataclass(frozen=True)
class Service:
    """A service that runs."""

    address: str
    ca_file: Path | None
    said: Path
    """What it wrote to its standard error."""

    def requests(self) -> int:
        """How many it has seen."""
        if self.ca_file is None:
            with urlopen(f"{self.address}/_ceyx/counters") as answer:
                return int(json.load(answer)["requests"])
        import ssl

        with urlopen(f"{self.address}/_ceyx/counters", context=ssl.create_default_context(cafile=self.ca_file)) as answer:
            return int(json.load(answer)["requests"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/clients/run.py", description="Plays the service's clients.")
    parser.add_argument("--only", default="", help="a part of the names of the clients to play")
    given = parser.parse_args()
    began = time.monotonic()
    counts: Counter[str] = Counter()
    PLAYED.mkdir(exist_ok=True)
    with ExitStack() as closing:
        plain = started(closing, PLAYED / "plain.err")
        secured = started(closing, PLAYED / "tls.err", PLAYED / "ca.pem")
        for client in CLIENTS:
            if given.only.lower() in client.name.lower():
                counts += played(client, plain, secured)
        if not given.only:
            say("n/a", ".NET", "there is no client of it here: no toolchain was at hand to write one with", counts)
        seen = f"{plain.requests():,} requests, and {secured.requests():,} by TLS"
        for service in (plain, secured):
            if complaint := service.said.read_text().strip():
                say("FAIL", "the service", f"it wrote to its standard error: {complaint[-2000:]}", counts)
    print(f"\nThe service answered {seen}, in {time.monotonic() - began:.0f} seconds.")
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, {counts['n/a']} skipped")
    return 1 if counts["FAIL"] else 0


def started(closing: ExitStack, said: Path, ca_file: Path | None = None) -> Service:
    """A service in a process of its own, that ends with `closing`; with TLS if there is a file for its authority."""
    command = [*SERVING, *(["--ca-file", str(ca_file)] if ca_file else [])]
    with said.open("wb") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, env={**os.environ, "CEYX_SERVE_KEYS": KEY}, text=True
        )
    closing.callback(process.wait, SECONDS_TO_START)
    closing.callback(process.terminate)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"the service did not start: {said.read_text()[-2000:]}")
    return Service(json.loads(line)["azure_endpoint"], ca_file, said)


def played(client: Client, plain: Service, secured: Service) -> Counter[str]:
    """Plays a client; shows and counts what it says."""
    counts: Counter[str] = Counter()
    if missing := client.missing():
        print(f"\n{client.name}")
        say("n/a", "all of it", missing, counts)
        return counts
    print(f"\n{client.name}, {client.toolchain()}", flush=True)
    assert secured.ca_file is not None
    try:
        client.prepare()
        command, trust = client.starts(secured.ca_file)
    except Unprepared as error:
        say("FAIL", "getting it ready", str(error), counts)
        return counts
    service = secured if client.by_tls else plain
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "AZURE_", "CEYX_"))},
        **trust,
        "OPENAI_BASE_URL": f"{service.address}/v1",
        "OPENAI_API_KEY": KEY,
        "AZURE_OPENAI_ENDPOINT": service.address,
        "AZURE_OPENAI_API_KEY": KEY,
        "OPENAI_API_VERSION": "2025-01-01-preview",
        "IDENTITY_ENDPOINT": f"{service.address}/msi/token",
        "IDENTITY_HEADER": "any",
        "CEYX_TLS_ENDPOINT": secured.address,
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
    }
    try:
        run = subprocess.run(command, cwd=client.place, env=variables, capture_output=True, text=True, timeout=SECONDS_TO_PLAY)
    except subprocess.TimeoutExpired as expired:
        said = expired.stdout.decode() if isinstance(expired.stdout, bytes) else expired.stdout or ""
        run = subprocess.CompletedProcess(command, 1, said, f"it took longer than {SECONDS_TO_PLAY} seconds")
    spoken_of: Counter[str] = Counter()
    for line in run.stdout.splitlines():
        if found := _line(line):
            counts[found[1].strip()] += 1
            spoken_of[found[2]] += 1
        print(f"  {line}")
    for capability in CAPABILITIES:
        if spoken_of[capability] != 1:
            say("FAIL", capability, f"it was spoken of {spoken_of[capability]} times", counts)
    if run.returncode and not counts["FAIL"]:
        say("FAIL", "the program", f"it ended with status {run.returncode}", counts)
    if counts["FAIL"]:
        print(f"  {run.stderr[-3000:].strip()}")
    return counts


def say(state: str, about: str, why: str, counts: Counter[str]) -> None:
    """A line that is the runner's own."""
    print(f"  {state:4} {about}: {why}", flush=True)
    counts[state] += 1


if __name__ == "__main__":
    sys.exit(main())
