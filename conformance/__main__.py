"""Sends the local service what the providers' documents allow, and what they do not: `python -m conformance [--seconds 600]`.

CEYX_SPECS names the folder of the documents. Prints a line for each operation and ends with status 1 if one was answered as none
may be; the same seed sends the same requests, as far as the time goes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ceyx.service import LocalService

ROOT = Path(__file__).parent.parent
# Each document, where its paths begin, and its share of the time.
DOCUMENTS = (
    ("openai-openapi.json", "/v1", 0.6),
    ("azure-aoai-inference-2024-10-21.json", "/openai", 0.2),
    ("azure-AIFoundryOpenAIV1.json", "/openai/v1", 0.2),
)
SECONDS_FOR_AN_ANSWER = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=int, default=600, help="how long to search, for all documents together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=30, help="made at random for each operation, in each round")
    parser.add_argument("--only", default="", help="a part of an operation's path")
    given = parser.parse_args()
    folder = os.environ.get("CEYX_SPECS")
    if not folder:
        print("set CEYX_SPECS to the folder of the providers' OpenAPI documents, such as openai-openapi.json")
        return 2
    if find_spec("schemathesis") is None:
        print("schemathesis is not installed; make conformance installs it")
        return 2
    failed = 0
    for name, prefix, share in DOCUMENTS:
        document = Path(folder, name).absolute()
        if not document.exists():
            print(f"{name}: not in {folder}, so not looked at")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            failed += _searched(document, prefix, max(int(given.seconds * share), 1), given, Path(scratch))
    return 1 if failed else 0


def _searched(document: Path, prefix: str, seconds: int, given: argparse.Namespace, scratch: Path) -> int:
    """Searches by one document; prints what came of each operation, and gives how many failed."""
    events = scratch / "events.ndjson"
    with LocalService() as service:
        command = [sys.executable, "-m", "schemathesis.cli", "run", document, "--url", service.azure_endpoint + prefix]
        command += ["--phases", "coverage,fuzzing", "--mode", "all", "--checks", "answers_as_a_provider"]
        command += ["--seed", str(given.seed), "--max-examples", str(given.requests), "--max-time", str(seconds)]
        command += ["--request-timeout", str(SECONDS_FOR_AN_ANSWER), "--continue-on-failure", "--no-shrink", "--warnings", "off"]
        command += ["--suppress-health-check", "all", "--report", "ndjson", "--report-ndjson-path", events]
        command += ["--include-path-regex", given.only] if given.only else []
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        variables = {**os.environ, "SCHEMATHESIS_HOOKS": "conformance.checks", "PYTHONPATH": path}
        # It keeps what it found where it runs, and would begin with that the next time.
        run = subprocess.run(command, env=variables, capture_output=True, text=True, cwd=scratch)
        listening = service.azure_endpoint
    if not events.exists():
        print(run.stdout[-4000:], run.stderr[-4000:], sep="\n")
        return 1
    statuses, wrong = _read(events)
    total = sum(sum(each.values()) for each in statuses.values())
    print(
        f"\n{document.name}: {len(statuses)} operations, {total} requests, {len(wrong)} operations failed  ({listening}{prefix})"
    )
    for label, counts in sorted(statuses.items()):
        told = "  ".join(f"{status}: {count}" for status, count in sorted(counts.items()))
        print(f"  {'FAILED' if label in wrong else 'ok    '} {label:70} {told}")
        for message in sorted(wrong.get(label, ())):
            print(f"         {message}")
    if wrong or run.returncode:
        print(run.stdout[-20_000:])
    return len(wrong) or int(run.returncode != 0)


def _read(events: Path) -> tuple[dict[str, Counter[str]], dict[str, set[str]]]:
    """For each operation the statuses of its answers, and what was wrong with some."""
    statuses: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: dict[str, set[str]] = defaultdict(set)
    with events.open() as lines:
        for line in lines:
            finished: Any = json.loads(line).get("ScenarioFinished")
            if finished is None:
                continue
            recorder = finished["recorder"]
            label = recorder["label"]
            for interaction in recorder.get("interactions", {}).values():  # none, where time ran out
                response = interaction.get("response")
                statuses[label][str(response["status_code"]) if response else "no answer"] += 1
                if not response:
                    wrong[label].add(f"no answer within {SECONDS_FOR_AN_ANSWER} seconds")
            for checks in recorder.get("checks", {}).values():
                for check in checks:
                    if check.get("status") == "failure":
                        wrong[label].add(_reason(check))
    return statuses, dict(wrong)


def _reason(check: Any) -> str:
    failure: Any = (check.get("failure_info") or {}).get("failure") or {}
    return str(failure.get("message") or failure.get("title") or check.get("name"))[:300]


if __name__ == "__main__":
    sys.exit(main())
