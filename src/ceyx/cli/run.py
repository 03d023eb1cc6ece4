"""`ceyx run`: a prompt over a file of rows."""

from __future__ import annotations

import json
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceyx.cli import terminal
from ceyx.cli.endpoint import Provider, Wanted, addressed, async_client_for
from ceyx.cli.failures import Exit, Failure, reported
from ceyx.cli.question import response_format
from ceyx.cli.wanting import APIVersion, AzureEndpoint, BaseURL, FromProvider, Silence

if TYPE_CHECKING:
    from ceyx.bulk import Job, Pricing

EXAMPLES = """\b
Examples:
  ceyx run questions.jsonl -p "Classify: {text}" --out answers.jsonl
  ceyx run in.csv -p "Classify: {text}" --schema label.json --out out.csv
  ceyx run in.csv -p "…" --out out.csv --budget 5 --max-tokens 50
  ceyx run 'parts/*.jsonl' --messages messages --out answers.jsonl
  ceyx run questions.jsonl -p "…" --out answers.jsonl --dry-run

\b
Stop it as you like: the same command goes on where it was. What is known of
each row is in a ledger beside the output, answers.jsonl.ledger.
Ctrl-C once waits for what is on its way; twice does not.

\b
Exit codes: 0 all rows are answered, 1 some failed or were not asked (the
output says which), or the API refused them all; 2 wrong usage, 3 no
connection, 4 configuration or credentials, 130 interrupted.
"""


def run(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT", help="JSONL or CSV files, patterns, or - for stdin.")],
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Where the rows go with their answers: JSONL or CSV.")],
    prompt: Annotated[
        str | None, typer.Option("--prompt", "-p", metavar="TEXT", help="The question; {column} is a row's value, {{ a brace.")
    ] = None,
    messages: Annotated[
        str | None, typer.Option("--messages", metavar="COLUMN", help="In place of a prompt: the column that holds messages.")
    ] = None,
    system: Annotated[str | None, typer.Option("--system", "-s", metavar="TEXT", help="Who the model is to be.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="Model, or deployment on Azure; else as ceyx chat has it.")
    ] = None,
    schema: Annotated[
        Path | None, typer.Option("--schema", metavar="FILE", help="Have answers be JSON of this JSON schema.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature", "-t", metavar="NUMBER", min=0, max=2, help="Higher is more random.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", metavar="N", min=1, help="The longest answer.")] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=JSON", help="Any other parameter of the call; may be given again."),
    ] = None,
    answer: Annotated[str, typer.Option("--answer", metavar="COLUMN", help="The column that answers go to.")] = "answer",
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="DOLLARS", help="What all of it may cost, runs before included.")
    ] = None,
    price: Annotated[
        str | None,
        typer.Option("--price", metavar="IN,OUT", help="Dollars for a million tokens, where no table knows the model's."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", "-w", metavar="N", min=1, help="Calls at once, at most.")] = 64,
    rpm: Annotated[
        int | None, typer.Option("--rpm", metavar="N", min=1, help="Requests a minute, at most; else what the server says.")
    ] = None,
    tpm: Annotated[
        int | None, typer.Option("--tpm", metavar="N", min=1, help="Tokens a minute, at most; else what the server says.")
    ] = None,
    ledger: Annotated[Path | None, typer.Option("--ledger", metavar="FILE", help="Else the output's name and .ledger.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Forget what was answered, and ask all of it again.")] = False,
    no_repeat: Annotated[
        bool, typer.Option("--no-repeat", help="Do not ask again what a killed run had sent, as it may have been paid.")
    ] = False,
    input_format: Annotated[
        str | None, typer.Option("--input-format", metavar="jsonl|csv", help="Else as the names of the files end.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing: say how many rows, tokens and dollars it is.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="How it goes as lines of JSON, for programs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless it fails.")] = False,
    provider: FromProvider = None,
    base_url: BaseURL = None,
    azure_endpoint: AzureEndpoint = None,
    api_version: APIVersion = None,
    timeout: Silence = None,
) -> None:
    """Ask a model one question about each row of a file.

    Every row comes out with its answer, in order, or with what went wrong. It keeps to the limits of the provider, which it
    learns from the answers, and can be stopped and gone on with.
    """
    with reported():
        terminal.lenient()
        from ceyx.bulk import Job, Pricing, rows

        given = {"temperature": temperature, "max_tokens": max_tokens}
        params = {name: value for name, value in given.items() if value is not None} | _params(param or ())
        cap, prices = _dollars("--budget", budget), None if price is None else _prices(price)
        with addressed(Wanted(provider, model, base_url, azure_endpoint, api_version, timeout)) as (who, options, name):
            try:
                job = Job(name, prompt, messages, system, params, response_format(False, schema), answer)
                names = rows.files(inputs)
                format = None if input_format is None else rows.named(input_format)
                for each in names:
                    rows.format_of(each, format)
                rows.format_of(out)
            except ValueError as error:
                raise Failure(str(error), Exit.USAGE) from error
            pricing = Pricing(name, "azure" if who is Provider.azure else "openai", prices)
            if dry_run:
                _estimate(rows.read(names, format), job, pricing, as_json)
                return
            if cap is not None and pricing.unknown:
                raise Failure(f"{pricing.unknown}, so no budget can hold; give --price IN,OUT", Exit.CONFIGURATION)
            where = _ledger_of(out, ledger, names, as_json)
            if who is Provider.local and provider is None and not quiet:
                terminal.note("No model is configured, so ceyx's local stand-in answers, which is no model.")
            from ceyx.cli.running import Run

            at_once = {"workers": workers, "rpm": rpm, "tpm": tpm, "azure": who is Provider.azure}
            work = Run(job, pricing, cap, at_once, restart=restart, repeat=not no_repeat, as_json=as_json, quiet=quiet)
            code = work.of(rows.read(names, format), rows.about(names), out, where, lambda: async_client_for(who, **options))
        if code is not Exit.OK:
            raise SystemExit(code)


def _params(given: list[str] | tuple[()]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not name:
            raise Failure(f"--param is NAME=JSON, such as seed=1; got {each!r}", Exit.USAGE)
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value  # a word: reasoning_effort=low
    return found


def _dollars(option: str, given: str | None) -> Decimal | None:
    if given is None:
        return None
    try:
        amount = Decimal(given.strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise Failure(f"{option} is a number of dollars, such as 5 or 0.15; got {given!r}", Exit.USAGE)
    return amount


def _prices(given: str) -> tuple[Decimal, Decimal]:
    input, comma, output = given.partition(",")
    if not comma:
        raise Failure(f"--price is two numbers, of dollars for a million tokens in and out: 0.15,0.60; got {given!r}", Exit.USAGE)
    return _dollars("--price", input) or Decimal(0), _dollars("--price", output) or Decimal(0)


def _ledger_of(out: str, given: Path | None, names: list[str], as_json: bool) -> Path:
    if out == "-":
        if given is None or as_json:
            raise Failure("--out - needs --ledger FILE, and goes without --json; or name a file", Exit.USAGE)
        return given
    if any(name != "-" and Path(name).resolve() == Path(out).resolve() for name in names):
        raise Failure(f"{out} is the input; give --out another name", Exit.USAGE)
    if not Path(out).parent.is_dir():
        raise Failure(f"there is no folder {Path(out).parent}; make it, or give --out another place", Exit.USAGE)
    return given or Path(f"{out}.ledger")


def _estimate(rows: Any, job: Job, pricing: Pricing, as_json: bool) -> None:
    from ceyx.bulk.estimate import estimated

    found = estimated(rows, job, pricing)
    if as_json:
        sys.stdout.write(json.dumps(found.as_dict()) + "\n")
        return
    bad = f", {found.bad_rows:,} of which cannot be asked ({found.first_bad})" if found.bad_rows else ""
    about = "" if found.exact else "about "
    lines = [f"{found.rows:,} rows{bad}", f"{about}{found.input_tokens:,} tokens to send"]
    if found.answer_tokens is not None:
        lines.append(f"{found.answer_tokens:,} tokens of answers at most")
    if found.least is None:
        lines.append(f"{pricing.unknown}; give --price IN,OUT")
    elif found.most is not None:
        lines.append(f"${found.least:.6f} to ${found.most:.6f}")
    else:
        lines.append(f"${found.least:.6f} and more: answers have no limit (--max-tokens)")
    if found.hundred_tokens is not None:
        lines.append(f"${found.hundred_tokens:.6f} for every 100 tokens that answers are long")
    sys.stdout.write("\n".join(lines) + "\n")
