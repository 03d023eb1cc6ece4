"""The page about a job: one HTML file that loads nothing, runs nothing, and shows what models and servers said as text.

Numbers are of `digest.py`, plots of `plots.py`; this puts them together.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

import msgspec

from ceyx.bulk import plots
from ceyx.bulk.digest import Digest, Told
from ceyx.bulk.history import PastJob
from ceyx.bulk.timeline import Timeline
from ceyx.version import VERSION

LONGEST = 4000  # characters of a row or an answer

# Controls are no HTML, and a surrogate is no UTF-8. What turns the direction of writing would have a text pass for another.
_SHOWN = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"}
_SHOWN |= dict.fromkeys([*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)], 0xFFFD)


def page(job: PastJob, digest: Digest, said: dict[str, Any]) -> str:
    """The page about a job, as HTML; `said` is the job as its ledger has it."""
    style = files("ceyx.bulk").joinpath("report.css").read_text("utf-8")
    allowed = base64.b64encode(sha256(style.encode()).digest()).decode()
    line = Timeline.of(digest.moments)
    parts = [
        _head(job),
        f'<dl class="tiles">{"".join(_tiles(job, digest, line))}</dl>',
        f'<div class="plots">{"".join(_plots(digest, line))}</div>',
        *_rows("Rows that failed", digest.failed, digest.unanswered),
        *_rows("Slowest rows", digest.slowest, digest.counts["done"]),
        _about(job, digest, said),
        f"<footer>Written by ceyx {VERSION} on {time.strftime('%Y-%m-%d %H:%M')}. It shows rows and answers of the job.</footer>",
    ]
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{allowed}'; "
        "base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(job.name)}: report</title>\n<style>{style}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _head(job: PastJob) -> str:
    why = f": {_text(job.why)}" if job.why else ""
    began = f", begun {time.strftime('%Y-%m-%d %H:%M', time.localtime(job.began))}" if job.began else ""
    runs = f" in {job.runs:,} runs" if job.runs > 1 else ""
    return (
        f'<header><h1>{_text(job.name)}</h1><p class="soft"><span class="state {job.state}">{job.state}{why}</span>'
        f"{_text(job.model)}{began}{runs}</p></header>"
    )


def _tiles(job: PastJob, digest: Digest, line: Timeline | None) -> Iterator[str]:
    counts = digest.counts
    more = [
        f"{count:,} {name}"
        for count, name in (
            (digest.unanswered, "failed"),
            (counts["skipped"], "not asked"),
            (counts["batched"], "with the provider"),
            (counts["sent"] + counts["unknown"], "sent, no answer"),
            (max((job.rows or 0) - digest.rows, 0), "left"),
        )
        if count
    ]
    yield _tile("Rows answered", f"{counts['done']:,}", ", ".join(more) or f"all of {digest.rows:,}")
    lost = f"up to ${plots.plain(digest.perhaps / 1e9)} more, for lost answers" if digest.perhaps else ""
    unpriced = f"{digest.unpriced:,} answers have no known price" if digest.unpriced else ""
    each = f"${digest.nanodollars / 1e6 / counts['done']:.4g} for 1,000 answers" if counts["done"] and digest.nanodollars else ""
    yield _tile("Cost", f"${digest.nanodollars / 1e9:,.4f}", unpriced or lost or each)
    yield _tile(
        "Tokens", plots.short(digest.input_tokens + digest.output_tokens),
        f"{digest.input_tokens:,} in, {digest.output_tokens:,} out",
    )  # fmt: skip
    again = digest.attempts - counts["done"]
    yield _tile("Calls", f"{digest.attempts:,}", f"{again:,} of them without an answer" if again else "each answered")
    if digest.latencies:
        half, most = digest.quantile(0.5) or 0.0, digest.quantile(0.99) or 0.0
        yield _tile("Latency", f"{plots.plain(half)} s", f"half within it; 99 of 100 in {plots.plain(most)} s")
    if line is not None:
        settled = sum(line.answered) + sum(line.failed)
        yield _tile("At work", plots.time_of(line.seconds), f"{settled / line.seconds:,.3g} rows a second")


def _tile(name: str, value: str, more: str) -> str:
    return f'<div class="card"><dt>{name}</dt><dd>{escape(value)}<small>{escape(more)}</small></dd></div>'


def _plots(digest: Digest, line: Timeline | None) -> Iterator[str]:
    if digest.latencies:
        ordered = sorted(digest.latencies)
        marks = [(name, digest.quantile(share) or 0.0) for name, share in (("half", 0.5), ("95 %", 0.95), ("99 %", 0.99))]
        label = f"Latency of {len(ordered):,} answers: " + ", ".join(f"{name} within {value:.3g} s" for name, value in marks)
        yield _figure("Latency", plots.histogram(label, ordered, marks, "blue"), [("answers", "blue")])
    if line is not None:
        yield from _over_time(line)
    if digest.kinds:
        kinds = [(_shown(kind), count) for kind, count in digest.kinds.most_common(8)]
        if (others := digest.kinds.total() - sum(count for _, count in kinds)) > 0:
            kinds.append(("others", others))
        yield _figure("Errors", plots.bars("Rows that failed, by kind of error", kinds, "red"), [("rows that failed", "red")])


def _over_time(line: Timeline) -> Iterator[str]:
    per_second = [[count / line.stretch for count in counts] for counts in (line.answered, line.failed)]
    rows = (plots.Series("answered", "blue", per_second[0]), plots.Series("failed", "red", per_second[1]))
    keys = [(each.name, each.look) for each in rows if any(each.values)]
    yield _figure("Rows a second", plots.columns("Rows a second over time", rows, line.stretch, plots.short, line.pauses), keys)
    per_minute = [[count * 60 / line.stretch for count in counts] for counts in (line.input_tokens, line.output_tokens)]
    if any(map(any, per_minute)):
        tokens = (plots.Series("in", "blue", per_minute[0]), plots.Series("out", "light", per_minute[1]))
        drawn = plots.columns("Tokens a minute over time", tokens, line.stretch, plots.short, line.pauses)
        yield _figure("Tokens a minute", drawn, [(each.name, each.look) for each in tokens])
    if line.nanodollars[-1]:
        cost = plots.Series("dollars", "orange", [each / 1e9 for each in line.nanodollars])
        drawn = plots.rising(
            "Cost, all in all, over time", cost, line.stretch, lambda dollars: f"${plots.plain(dollars)}", line.pauses
        )
        yield _figure("Cost", drawn, [("dollars, all in all", "orange")])


def _figure(title: str, svg: str, keys: Iterable[tuple[str, str]]) -> str:
    square = '<svg viewBox="0 0 10 10" aria-hidden="true"><rect class="{}" width="10" height="10" rx="2"/></svg>'
    shown = "".join(f'<span class="key">{square.format(look)}{escape(name)}</span>' for name, look in keys)
    return f'<figure class="card"><figcaption><b>{escape(title)}</b>{shown}</figcaption>{svg}</figure>'


def _rows(title: str, told: Sequence[Told], count: int) -> Iterator[str]:
    if not told:
        return
    more = f' <span class="soft">({len(told):,} of {count:,})</span>' if count > len(told) else ""
    yield f'<section class="card"><h2>{title}{more}</h2><ol class="rows">{"".join(map(_row, told))}</ol></section>'


def _row(told: Told) -> str:
    took = [f"{plots.plain(told.seconds)} s"] if told.seconds is not None else []
    took += [f"{told.attempts:,} tries"] if told.attempts > 1 else []
    took += [_text(told.kind)] if told.kind else []
    error = f'<div class="error">{_text(told.error)}</div>' if told.error else ""
    answer = "" if told.answer is None else f"<pre>{_text(_written(told.answer))}</pre>"
    row = _text(told.row.decode("utf-8", "replace"))
    return (
        f'<li><b>row {told.position:,}</b> <span class="soft">{" · ".join(took)}</span>{error}'
        f"<details><summary>{'row and answer' if answer else 'row'}</summary><pre>{row}</pre>{answer}</details></li>"
    )


def _about(job: PastJob, digest: Digest, said: dict[str, Any]) -> str:
    facts = [
        ("job", job.id),
        ("input", ", ".join(job.inputs)),
        ("output", job.out),
        ("ledger", job.ledger),
        ("models", ", ".join(f"{name} {count:,}" for name, count in digest.models.most_common(8))),
        ("endings", ", ".join(f"{name} {count:,}" for name, count in digest.endings.most_common(8))),
    ]
    rows = "".join(f"<tr><th>{name}</th><td>{_text(value)}</td></tr>" for name, value in facts if value)
    asked = _text(msgspec.json.format(msgspec.json.encode(said), indent=2).decode())
    return (
        f'<section class="card"><h2>The job</h2><table>{rows}</table>'
        f"<details><summary>what was asked</summary><pre>{asked}</pre></details></section>"
    )


def _written(answer: Any) -> str:
    return answer if isinstance(answer, str) else msgspec.json.encode(answer).decode("utf-8", "replace")


def _shown(text: str) -> str:
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text) - LONGEST:,} characters more)"
    return text.translate(_SHOWN)


def _text(text: str) -> str:
    """Text of whoever wrote it, as HTML."""
    return escape(_shown(text))
