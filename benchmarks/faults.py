"""What the `openai` package does in each row of the fault table: `python -m benchmarks.faults` runs them all, and notes it.

The rows are those of our own tests (`tests/faults`), and so are the calls; the notes are a column of docs/reliability.md,
which is written anew. With `--page`, only that.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from math import isnan
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "faults")]

import openai  # noqa: E402
from drives import PATIENCE, THEIRS, Drive, Outcome  # noqa: E402
from page import MEASURED, PAGE, rendered  # noqa: E402
from table import CASES, Case  # noqa: E402

from ceyx.service import LocalService  # noqa: E402


def said(outcome: Outcome) -> str:
    """An outcome in words."""
    error = outcome.error
    if outcome.hung:
        what = f"still waiting after {PATIENCE:g} s"
    elif error is not None:
        own = isinstance(error, openai.OpenAIError)
        what = f"{'' if own else 'bare '}{type(error).__name__}"
        if outcome.text:
            what += f", after {shown(outcome.text)}"
    elif outcome.note:
        what = ""
    elif outcome.text:
        what = f"ends normally, with {shown(outcome.text)}"
    elif isinstance(outcome.value, list):
        what = f"ends normally, {len(outcome.value)} items" if outcome.value else "ends normally, without an item"
    else:
        choices = getattr(outcome.value, "choices", ())
        what = "gives a completion whose choices are None" if choices is None else f"gives a {type(outcome.value).__name__}"
    if outcome.note:
        what += f"{'; ' if what else ''}{outcome.note if ' ' in outcome.note else shown(outcome.note)}"
    if outcome.requests > 1:
        what += f", {outcome.requests} requests"
    if outcome.seconds > 3 and not outcome.hung:
        what += f", {outcome.seconds:.0f} s"
    if not isnan(outcome.grown) and outcome.grown > 100:
        what += f", +{outcome.grown:,.0f} MB"
    return what


def shown(text: str) -> str:
    if text.endswith(("“Say hello”.", "“Say hello”")):
        return "the whole answer"
    return f"`{text if len(text) <= 60 else text[:59] + '…'}`"


def measured(case: Case, service: LocalService) -> str:
    """What both clients of the package do."""
    awaited = {"urllib3": "openai", "httpx2": "openai", "aiohttp": "openai async", "httpx2 async": "openai async"}
    ways = [way for way in THEIRS if not case.drives or way in {awaited[name] for name in case.drives}]
    each = {way: said(case.run(Drive(way, service))) for way in ways}
    if len(set(each.values())) == 1:
        return next(iter(each.values()))
    return "; async: ".join(each.values())


def measure() -> None:
    found: dict[str, str] = {}
    with LocalService() as service:
        for case in CASES:
            found[case.number] = measured(case, service).replace("|", "\\|").replace("\n", " ")
            print(f"{case.number:>4} {case.title}: {found[case.number]}", flush=True)
    noted = {"version": openai.__version__, "day": f"{datetime.now(UTC):%Y-%m-%d}", "cases": found}
    MEASURED.write_text(json.dumps(noted, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if "--page" not in sys.argv:
        measure()
    PAGE.write_text(rendered(PAGE.read_text()))
    sys.stdout.flush()
    import os

    os._exit(0)  # calls that hang are in threads of their own
