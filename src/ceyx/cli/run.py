"""`ceyx run`: one question about each row of a file."""

from __future__ import annotations

import json
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceyx.cli import terminal
from ceyx.cli.asking import Asked
from ceyx.cli.batching import Batching
from ceyx.cli.endpoint import Provider, Wanted, async_client_for
from ceyx.cli.failures import Exit, Failure, reported, told_to_programs
from ceyx.cli.spreading import Spread
from ceyx.cli.wanting import APIVersion, AzureEndpoint, BaseURL, FromProvider, Silence

if TYPE_CHECKING:
    from ceyx.bulk import Run
    from ceyx.bulk.estimate import Estimate

EMBEDS, HEARS = "text-embedding-3-small", "whisper-1"  # unless --model says so

EXAMPLES = """\b
Examples:
  ceyx run questions.jsonl -p "Classify: {text}" --out answers.jsonl
  ceyx run in.csv -p "Classify: {text}" --schema label.json --out out.csv
  ceyx run in.csv -p "…" --out out.csv --budget 5 --max-tokens 50
  ceyx run 'parts/*.jsonl' --messages messages --out answers.jsonl
  ceyx run texts.csv --embed "{text}" --out vectors.parquet
  ceyx run 'talks/*.mp3' --transcribe "{path}" --out talks.jsonl
  ceyx run in.jsonl -p "…" --out out.jsonl --batch    # at half the price
  ceyx run in.jsonl -p "…" --out out.jsonl --engine ray --limits redis://host
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
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT", help="Files (JSONL, CSV, Parquet), patterns, URLs, or - for stdin.")
    ],
    out: Annotated[
        str | None, typer.Option("--out", "-o", metavar="FILE", help="Where the rows go with their answers: JSONL, CSV, Parquet.")
    ] = None,
    prompt: Annotated[
        str | None, typer.Option("--prompt", "-p", metavar="TEXT", help="The question; {column} is a row's value, {{ a brace.")
    ] = None,
    messages: Annotated[
        str | None, typer.Option("--messages", metavar="COLUMN", help="In place of a prompt: the column that holds messages.")
    ] = None,
    embed: Annotated[
        str | None, typer.Option("--embed", metavar="TEXT", help="In place of a prompt: embed this, with {column} as there.")
    ] = None,
    transcribe: Annotated[
        str | None,
        typer.Option("--transcribe", metavar="PATH", help="In place of a prompt: write down what is said in this file: {path}."),
    ] = None,
    system: Annotated[str | None, typer.Option("--system", "-s", metavar="TEXT", help="Who the model is to be.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="Model, or deployment on Azure; else as ceyx chat has it.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", metavar="COLUMN", help="Show the images of this column: URLs, or files.")
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option("--schema", metavar="FILE", help="Have answers be of this JSON schema, or of a class: module:Class."),
    ] = None,
    tools: Annotated[
        Path | None, typer.Option("--tools", metavar="FILE", help="What the model may call, as JSON; its calls are the answer.")
    ] = None,
    dimensions: Annotated[int | None, typer.Option("--dimensions", metavar="N", min=1, help="The length of embeddings.")] = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature", "-t", metavar="NUMBER", min=0, max=2, help="Higher is more random.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", metavar="N", min=1, help="The longest answer.")] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=JSON", help="Any other parameter of the call; may be given again."),
    ] = None,
    answer: Annotated[
        str | None,
        typer.Option("--answer", metavar="COLUMN", help="Where answers go; else answer, embedding or transcript."),
    ] = None,
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
    limits: Annotated[
        str | None, typer.Option("--limits", metavar="URL", help="Share them with other runs, through this Redis: redis://host.")
    ] = None,
    deployments: Annotated[
        Path | None, typer.Option("--deployments", metavar="FILE", help="Ask those of this file: TOML, see docs/routing.md.")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", metavar="local|ray", help="Where calls are made.")] = "local",
    actors: Annotated[
        int | None, typer.Option("--actors", metavar="N", min=1, help="With --engine ray: how many, each with --workers; 2.")
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="ADDRESS", help="The Ray cluster, such as auto; else one is started.")
    ] = None,
    ledger: Annotated[Path | None, typer.Option("--ledger", metavar="FILE", help="Else the output's name and .ledger.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Forget what was answered, and ask all of it again.")] = False,
    no_repeat: Annotated[
        bool, typer.Option("--no-repeat", help="Do not ask again what a killed run had sent, as it may have been paid.")
    ] = False,
    input_format: Annotated[
        str | None, typer.Option("--input-format", metavar="jsonl|csv|…", help="Else as the names of the files end.")
    ] = None,
    batch: Annotated[bool, typer.Option("--batch", help="Through the Batch API: half the price, within a day.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="With --batch: do not wait; the same command goes on.")] = False,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="With --batch: end the batches, and keep what they have answered.")
    ] = False,
    batch_tokens: Annotated[
        int | None,
        typer.Option("--batch-tokens", metavar="N", min=1, help="Tokens in all batches at once; else as the API says."),
    ] = None,
    clean: Annotated[
        bool, typer.Option("--clean", help="With --batch: delete the files at the provider when all is done.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing: say how many rows, tokens and dollars it is.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Also write a page of plots: HTML, see ceyx runs report.")
    ] = None,
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
    with reported(), told_to_programs(as_json):
        terminal.lenient()
        from ceyx.bulk import BudgetError, Run
        from ceyx.bulk.history import History
        from ceyx.bulk.rows import named
        from ceyx.cli.runs import check_report

        given = {"temperature": temperature} if temperature is not None else {}
        asked = Asked(
            prompt,
            messages,
            embed,
            transcribe,
            system,
            image,
            tools,
            schema,
            dimensions,
            max_tokens,
            answer,
            given | _params(param),
        )
        batching = Batching.of(batch, no_wait, cancel, batch_tokens, clean, rpm, tpm)
        cap, prices = _dollars("--budget", budget), None if price is None else _prices(price)
        model = model or (EMBEDS if embed is not None else HEARS if transcribe is not None else None)
        spread = Spread(deployments, limits, engine, actors, address)
        if batching and spread:
            raise Failure("--batch leaves calls to the provider; leave out --limits, --deployments and --engine", Exit.USAGE)
        if deployments is not None and (rpm or tpm):
            raise Failure("with --deployments, limits are in its file: requests_per_minute, tokens_per_minute", Exit.USAGE)
        if out is None and not dry_run:
            raise Failure("there is no place for the answers; give --out FILE, such as --out answers.jsonl", Exit.USAGE)
        if report is not None:
            check_report(report)
        wanted = Wanted(provider, model, base_url, azure_endpoint, api_version, timeout)
        with spread.asked(wanted, workers) as (who, options, name):
            job = asked.job(name)
            try:
                work = Run(
                    job,
                    inputs,
                    out,
                    client=None if dry_run or batching or engine == "ray" else async_client_for(who, **options),
                    provider="azure" if who is Provider.azure else "openai",
                    ledger=_ledger_of(out, ledger, as_json),
                    workers=workers,
                    requests_per_minute=rpm,
                    tokens_per_minute=tpm,
                    limits=None if deployments is not None else limits,
                    engine=None if dry_run else spread.on_ray(who, options),
                    budget=None if dry_run else cap,
                    price=prices,
                    restart=restart,
                    repeat=not no_repeat,
                    input_format=None if input_format is None else named(input_format),
                    history=History(),
                    tier="batch" if batching else None,
                )
                work.check_output()
            except BudgetError as error:
                raise Failure(str(error), Exit.CONFIGURATION) from error
            except ValueError as error:
                raise Failure(str(error), Exit.USAGE) from error
            if dry_run:
                _tell(work.estimate(), work, as_json)
                return
            if who is Provider.local and provider is None and not quiet:
                terminal.note("No model is configured, so ceyx's local stand-in answers, which is no model.")
            if batching:
                code = batching.carried_out(work, who, options, as_json=as_json, quiet=quiet, report=report)
            else:
                from ceyx.cli.running import carried_out

                code = carried_out(work, as_json=as_json, quiet=quiet, report=report)
        if code is not Exit.OK:
            raise SystemExit(code)


def _params(given: list[str] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in given or ():
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


def _ledger_of(out: str | None, given: Path | None, as_json: bool) -> Path | None:
    if out == "-" and (given is None or as_json):
        raise Failure("--out - needs --ledger FILE, and goes without --json; or name a file", Exit.USAGE)
    return given


def _tell(found: Estimate, work: Run, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(found.as_dict()) + "\n")
        return
    bad = f", {found.bad_rows:,} of which cannot be asked ({found.first_bad})" if found.bad_rows else ""
    about = "" if found.exact else "about "
    lines = [f"{found.rows:,} rows{bad}"]
    if not work.job.priced_by_tokens:
        lines.append("what recordings cost goes by how long they are")
    else:
        band = "" if found.exact else f" ({found.input_tokens_least:,} to {found.input_tokens_most:,})"
        lines.append(f"{about}{found.input_tokens:,} tokens to send{band}")
        if found.answer_tokens:
            lines.append(f"{found.answer_tokens:,} tokens of answers at most")
        if found.least is None:
            lines.append(f"{work.pricing.unknown}; give --price IN,OUT")
        elif found.most is None:
            lines.append(f"{_between(found.least, found.most_sent)} and more: answers have no limit (--max-tokens)")
        else:
            lines.append(_between(found.least, found.most))
        if found.least is not None and work.pricing.tier == "batch":
            lines[-1] += ", at the price of batches"
    if found.hundred_tokens is not None:
        lines.append(f"${found.hundred_tokens:.6f} for every 100 tokens that answers are long")
    sys.stdout.write("\n".join(lines) + "\n")


def _between(least: float, most: float | None) -> str:
    return f"${least:.6f}" if most is None or f"{least:.6f}" == f"{most:.6f}" else f"${least:.6f} to ${most:.6f}"
