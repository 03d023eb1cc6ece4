"""`ceyx runs`: the jobs of `ceyx run` that there were and are, each of them in detail, and as a report."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceyx.cli import terminal
from ceyx.cli.failures import Exit, Failure, reported

if TYPE_CHECKING:
    from ceyx.bulk.digest import Digest, Told
    from ceyx.bulk.history import PastJob

SHORT = 8  # characters of an id, where they tell all jobs apart

EXAMPLES = """\b
Examples:
  ceyx runs                                  (the latest first)
  ceyx runs show 3f2a91c0                    (the beginning of an id will do)
  ceyx runs show answers.jsonl --rows        (with failed and slowest rows)
  ceyx runs report 3f2a91c0 --out report.html
  ceyx runs forget 3f2a91c0

\b
What is listed is kept in a file for each job below CEYX_STATE, else in this
user's folder for state. It holds no prompts, rows, answers or keys: those are
in the ledger beside each output, which stays where it is.
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)

Which = Annotated[str, typer.Argument(metavar="JOB", help="An id, the beginning of one, or its output or ledger.")]
AsJSON = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]


@app.callback(invoke_without_command=True)
def runs(
    context: typer.Context,
    as_json: AsJSON = False,
    everything: Annotated[bool, typer.Option("--all", "-a", help="All of them, and not the latest 20.")] = False,
) -> None:
    """List the jobs of ceyx run: how each went, where it is, and what it cost."""
    if context.invoked_subcommand is not None:
        return
    with reported():
        terminal.lenient()
        from ceyx.bulk.history import History

        history = History()
        known = history.jobs()
        listed = known if everything or as_json else known[:20]
        if as_json:
            sys.stdout.write(json.dumps([job.as_dict() for job in listed], ensure_ascii=False) + "\n")
        elif listed:
            width = shutil.get_terminal_size((120, 24)).columns if terminal.is_terminal(sys.stdout) else None
            head, *lines = _table(listed, width)
            terminal.say(f"{head}\n", terminal.DIM)
            terminal.say("\n".join(lines) + "\n")
            if len(known) > len(listed):
                terminal.note(f"and {len(known) - len(listed):,} more: --all")
        else:
            terminal.note(f"No jobs yet (in {history.folder}). See ceyx run --help.")


@app.command(short_help="Tell all about a job.")
def show(
    job: Which,
    as_json: AsJSON = False,
    rows: Annotated[bool, typer.Option("--rows", help="With what the failed and slowest rows hold.")] = False,
    prompt: Annotated[bool, typer.Option("--prompt", help="With the prompt and parameters.")] = False,
) -> None:
    """Tell all about a job: what went wrong how often, which rows failed, and which took longest."""
    with reported():
        terminal.lenient()
        found = _found(job)
        digest, said = _read(found, needed=rows or prompt)
        if as_json:
            details = {} if digest is None else digest.as_dict()
            if digest is not None and rows:
                details |= {"failed": _as_json(digest.failed), "slowest": _as_json(digest.slowest)}
            told = found.as_dict() | {"details": details or None} | ({"job": said} if prompt else {})
            sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
            return
        lines = [f"{name:<9} {text}" for name, text in _facts(found, digest)]
        if prompt:
            lines += ["", json.dumps(said, ensure_ascii=False, indent=2)]
        if digest is not None:
            lines += _rows("Failed", digest.failed, digest.unanswered, rows)
            lines += _rows("Slowest", digest.slowest if rows else digest.slowest[:5], digest.counts["done"], rows)
        terminal.say("\n".join(lines) + "\n")


@app.command(short_help="Write a page of plots about a job.")
def report(
    job: Which,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the page goes: one HTML file.")] = Path(
        "report.html"
    ),
) -> None:
    """Write a page about a job: latency, throughput, tokens and cost over time, errors, the slowest and the failed rows.

    It is one file that loads nothing from anywhere. It shows rows and answers of the job: mind whom you give it to.
    """
    with reported():
        terminal.lenient()
        write_report(_found(job), out)
        terminal.note(f"{out} is written")


@app.command(short_help="Take jobs off the list.")
def forget(
    jobs: Annotated[list[str] | None, typer.Argument(metavar="JOB…", help="Ids, or beginnings of ids.")] = None,
    gone: Annotated[bool, typer.Option("--gone", help="Those whose ledgers are no longer there.")] = False,
) -> None:
    """Take jobs off the list. Their outputs and ledgers stay where they are."""
    with reported():
        terminal.lenient()
        from ceyx.bulk.history import History

        if not jobs and not gone:
            raise Failure("name the jobs to forget, or give --gone", Exit.USAGE)
        history = History()
        named = [_found(each) for each in jobs or ()] + [job for job in history.jobs() if gone and not job.ledger_is_there]
        for each in named:
            if each.state == "running":
                raise Failure(f"{each.id[:SHORT]} is at work (process {each.pid}); end it first", Exit.USAGE)
        for each in named:
            history.forget(each.id)
            terminal.note(f"{each.id[:SHORT]} {each.name} is forgotten")


def check_report(out: Path) -> None:
    """Raises Failure where no page can be written: before it has a job to be of, and anything is paid."""
    if out.is_dir() or not out.parent.is_dir():
        raise Failure(f"cannot write the report {out}: there is no such folder, or no file's name; name another", Exit.USAGE)


def write_report(job: PastJob, out: Path) -> None:
    """The page about a job, to a file."""
    from ceyx.bulk.report import page

    digest, said = _read(job, needed=True)
    assert digest is not None
    try:
        out.write_text(page(job, digest, said), "utf-8")
    except OSError as error:
        raise Failure(f"cannot write the report {out}: {error.strerror}; name another place", Exit.USAGE) from error


def _found(what: str) -> PastJob:
    from ceyx.bulk.history import History, UnknownJobError

    try:
        return History().find(what)
    except UnknownJobError as error:
        raise Failure(str(error), Exit.USAGE) from error


def _read(job: PastJob, needed: bool) -> tuple[Digest | None, dict[str, Any]]:
    """What its ledger tells; None if that is gone, or is of another job by now."""
    from ceyx.bulk.digest import Digest
    from ceyx.bulk.ledger import LedgerError, LedgerReader

    try:
        with LedgerReader(job.ledger) as reader:
            if reader.id == job.id:
                return Digest.of(reader.items()), reader.said
        why = f"{job.ledger} is of a later job by now"
    except LedgerError as error:
        why = str(error) if job.ledger_is_there else f"its ledger {job.ledger} is gone"
    if needed:
        raise Failure(f"nothing more is known of {job.id[:SHORT]}: {why}", Exit.USAGE)
    return None, {}


# ---- in words


def _table(jobs: Sequence[PastJob], width: int | None) -> Iterable[str]:
    length = SHORT if len({job.id[:SHORT] for job in jobs}) == len(jobs) else None
    rows = [("id", "when", "state", "rows", "cost", "model", "output")]
    rows += [
        (job.id[:length], _when(job.touched), _state(job), _rows_of(job), _cost(job), job.model, _near(job.out)) for job in jobs
    ]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    for row in rows:
        line = "  ".join([*(text.ljust(widths[i]) for i, text in enumerate(row[:-1])), row[-1]])
        line = " ".join(line.splitlines())
        yield line if width is None or len(line) <= width else line[: width - 1] + "…"


def _facts(job: PastJob, digest: Digest | None) -> Iterable[tuple[str, str]]:
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(job.began)) if job.began else "at an unknown time"
    runs = f", {job.runs:,} runs" if job.runs != 1 else ""
    yield "job", f"{job.id}  {job.name}"
    yield "state", _state(job) + (f": {job.why}" if job.why else "") + (f" (process {job.pid})" if job.pid else "")
    yield "model", f"{job.model} ({job.kind}{', ' + job.engine if job.engine else ''})"
    if job.runs:
        from ceyx.cli.showing import spoken

        yield "began", f"{began}{runs}, {spoken(job.seconds)} in all"
    yield "rows", _rows_of(job) + (f", {job.possibly_paid:,} possibly paid without an answer" if job.possibly_paid else "")
    if digest is not None:
        tried = f" by {digest.attempts:,} calls" if digest.attempts else ""
        yield "tokens", f"{digest.input_tokens:,} in, {digest.output_tokens:,} out{tried}"
    if digest is None:
        yield "cost", _cost(job) or "nothing"
    else:
        lost = f", and up to ${digest.perhaps / 1e9:.4f} more for lost answers" if digest.perhaps else ""
        unpriced = f", {digest.unpriced:,} answers without a known price" if digest.unpriced else ""
        yield "cost", f"${digest.nanodollars / 1e9:.4f}{lost}{unpriced}"
    if digest is not None and digest.latencies:
        half, most, last = (digest.quantile(share) or 0.0 for share in (0.5, 0.95, 1.0))
        yield "latency", f"half within {half:.2f} s, 95 of 100 within {most:.2f} s, the slowest {last:.2f} s"
    if digest is not None and digest.kinds:
        yield "errors", ", ".join(f"{kind} {count:,}" for kind, count in digest.kinds.most_common())
    yield "input", ", ".join(map(_near, job.inputs)) or "unknown"
    yield "output", _near(job.out) or "unknown"
    yield "ledger", _near(job.ledger) + ("" if job.ledger_is_there else " (gone)")


def _rows(title: str, told: Sequence[Told], count: int, whole: bool) -> Iterable[str]:
    if not told:
        return
    more = f", {len(told)} of {count:,}" if count > len(told) else ""
    yield f"\n{title}{more}:"
    for each in told:
        took = "" if each.seconds is None else f" {each.seconds:.2f} s"
        tries = f" ({each.attempts} tries)" if each.attempts > 1 else ""
        yield f"  row {each.position}{took}{tries}{': ' + ' '.join(each.error.split())[:300] if each.error else ''}"
        if whole:
            yield f"    {each.row.decode('utf-8', 'replace')}"
            if each.answer is not None:
                yield f"    {json.dumps(each.answer, ensure_ascii=False)[:300]}"


def _as_json(told: Iterable[Told]) -> list[dict[str, Any]]:
    names = ("position", "attempts", "seconds", "kind", "error", "answer")
    return [{name: getattr(each, name) for name in names} | {"values": json.loads(each.row)} for each in told]


def _state(job: PastJob) -> str:
    return job.state if job.ledger_is_there else f"{job.state}, ledger gone"


def _rows_of(job: PastJob) -> str:
    settled = job.done + job.failed + job.skipped
    parts = [f"{job.done:,} of {max(job.rows or 0, settled):,}"]
    parts += [f"{job.failed:,} failed"] if job.failed else []
    parts += [f"{job.skipped:,} not asked"] if job.skipped else []
    parts += [f"{job.left:,} left"] if job.left else []
    return ", ".join(parts)


def _cost(job: PastJob) -> str:
    """What it cost; and, where answers were lost, what it may have cost at most."""
    known, most = job.nanodollars / 1e9, job.at_most / 1e9
    if most < 0.00005:
        return ""
    return f"${known:.4f} to {most:.4f}" if most - known >= 0.0001 else f"${known:.4f}"


def _when(at: float) -> str:
    then, now = time.localtime(at), time.localtime()
    if then[:3] == now[:3]:
        return time.strftime("today %H:%M", then)
    return time.strftime("%b %d %H:%M" if then.tm_year == now.tm_year else "%Y-%m-%d", then)


def _near(place: str) -> str:
    """A path as from here, if it is below."""
    try:
        return str(Path(place).relative_to(Path.cwd())) if place.startswith("/") else place
    except (ValueError, OSError):
        return place
