"""The soak: `python -m benchmarks.soak` makes 100,000 calls with each client, 100 at once, one in ten with a fault.

Nothing may be lost, doubled, given to another caller or left behind, and what the service counted must be what the client sent.
Ends with status 1 where anything is not so. A full run writes `benchmarks/soak.md`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

from benchmarks.__main__ import environment
from benchmarks.soak import report
from benchmarks.soak.book import Book
from benchmarks.soak.run import Client, Found, in_a_fresh_process, repeated


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="Very many calls, and what became of each.")
    parser.add_argument("--requests", type=int, default=100_000, help="how many calls (default: %(default)s)")
    parser.add_argument("--concurrency", type=int, default=100, help="how many at once (default: %(default)s)")
    parser.add_argument("--faults", type=float, default=0.1, help="the share of calls that have one (default: %(default)s)")
    parser.add_argument("--client", choices=("async", "sync", "both"), default="both", help="which (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other calls (default: %(default)s)")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="make just this call, and tell what comes of it")
    asked = parser.parse_args()
    clients: tuple[Client, ...] = ("async", "sync") if asked.client == "both" else (asked.client,)
    for name in os.environ.keys() - environment().keys():
        del os.environ[name]  # keys, options and proxies of the user
    if asked.only is not None:
        books: list[tuple[Client, Book]] = [
            (client, Book(asked.seed, asked.faults, asked.only + 1, client == "async")) for client in clients
        ]
        sys.stdout.writelines(repeated(client, book, asked.only) for client, book in books)
        raise SystemExit("\n".join(line for _, book in books for line in book.failures) or 0)
    found: dict[Client, Found] = {}
    for client in clients:
        found[client] = here = in_a_fresh_process(client, asked.seed, asked.faults, asked.requests, asked.concurrency)
        sys.stdout.write(f"{client}\n\n{report.table(here.rows)}\nHow calls ended: {report.endings(here.ends)}.\n\n")
        sys.stdout.writelines(f"{line}\n" for line in here.complaints)
    if not all(here.right for here in found.values()):
        raise SystemExit("not everything is as it must be")
    settings = {name: value for name, value in vars(asked).items() if name != "seed"}
    if settings == {name: parser.get_default(name) for name in settings}:
        path = Path(__file__).parent.with_name("soak.md")
        tables: dict[str, str] = {client: report.table(here.rows) for client, here in found.items()}
        ends: dict[str, Counter[str]] = {client: here.ends for client, here in found.items()}
        page = report.document(
            tables, ends, requests=asked.requests, at_once=asked.concurrency, faults=asked.faults, seed=asked.seed
        )
        path.write_text(page, encoding="utf-8")
        sys.stdout.write(f"written to {path}\n")


if __name__ == "__main__":
    main()
