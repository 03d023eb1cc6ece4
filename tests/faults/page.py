"""The table as docs/reliability.md has it. `python -m benchmarks.faults --page` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path

from table import CASES

MEASURED = Path(__file__).parent / "openai.json"
"""What `python -m benchmarks.faults` saw the `openai` package do, with its version and the day."""
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEADING = "## The cases\n"


def rendered(page: str) -> str:
    """`page` with its last section written anew."""
    before, heading, _ = page.partition(HEADING)
    measured = json.loads(MEASURED.read_text())
    lines = [
        "",
        "Every row is a test, run with the blocking client (urllib3), the async client (aiohttp) and httpx2 clients of both",
        "kinds, where it concerns them. The last column is what the `openai` package does with the same calls against the same",
        f"service: version {measured['version']}, measured on {measured['day']} by `python -m benchmarks.faults`. Requests are",
        "counted where there is more than one, seconds and memory where there are many.",
        "",
        f"| | case | ceyx | `openai` {measured['version']} |",
        "|---|---|---|---|",
        *(
            f"| {case.number} | {case.title} | {case.expected} | {measured['cases'].get(case.number, 'not measured')} |"
            for case in CASES
        ),
        "",
    ]
    return before + heading + "\n".join(lines)
