"""`python -m fuzz` searches every target for a minute, `python -m fuzz sse --seconds 600` one, and `python -m fuzz sse FILE` runs
one input.

An input that breaks a target is written to `fuzz/crashes/`, and the run exits with 1.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
from pathlib import Path

from fuzz.engine import Found, Search, Target
from fuzz.targets import TARGETS, corpus

CRASHES = Path(__file__).parent / "crashes"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("target", nargs="?", choices=TARGETS, help="one target; all of them, one after another, without")
    parser.add_argument("file", nargs="*", type=Path, help="inputs to run once, in place of a search")
    parser.add_argument("--seconds", type=float, default=60, help="how long to search each target (60)")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(2**32), help="of an earlier search, to repeat it"
    )
    given = parser.parse_args()
    targets = [TARGETS[given.target]] if given.target else list(TARGETS.values())
    if given.file:
        for path in given.file:
            targets[0].run(path.read_bytes())
            print(f"{path}: passed")
        return 0
    return max([searched(target, given.seconds, given.seed) for target in targets])


def searched(target: Target, seconds: float, seed: int) -> int:
    """0 if nothing was found, 1 if something was."""
    search = Search(target, corpus(target.name), seed)
    started = time.monotonic()
    found = search.run(seconds)
    took = time.monotonic() - started
    speed = f"{search.runs:,} runs in {took:.0f} s ({search.runs / took:,.0f}/s)"
    reach = f"{len(search.steps):,} steps covered, {len(search.inputs):,} inputs kept, seed {seed}"
    print(f"{target.name}: {speed}, {reach}: {'BROKEN' if found else 'nothing found'}", flush=True)
    if found is None:
        return 0
    report(target, found)
    return 1


def report(target: Target, found: Found) -> None:
    CRASHES.mkdir(exist_ok=True)
    path = CRASHES / f"{target.name}-{hashlib.sha256(found.data).hexdigest()[:12]}"
    path.write_bytes(found.data)
    traceback.print_exception(found.error)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    where = f"written to {shown}; to repeat it: python -m fuzz {target.name} {shown}"
    print(f"\ninput: {found.data[:200]!r}\n{where}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
