"""A run through the Batch API from its input to its output: `run_batch()`, and `carry_out` for who looks on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Literal, Unpack

from ceyx.any_client import OnAzure
from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.batch.lines import Limits
from ceyx.bulk.batch.run import ROUNDS, BatchRun
from ceyx.bulk.budget import in_nanodollars
from ceyx.bulk.history import History
from ceyx.bulk.ledger import Ledger
from ceyx.bulk.rows import Format
from ceyx.bulk.running import Dollars, Input, Name, Run, Summary
from ceyx.client import AzureOpenAI, OpenAI
from ceyx.options import refuse_unknown
from ceyx.wire.endpoint import shown
from ceyx.wire.typed_dict import TypedDict

WAITING = "the batches are under way"


class BatchOptions(TypedDict, total=False):
    """What a run through the Batch API takes beside its job, input and output."""

    client: OpenAI | None
    """Whom to ask; by default one that the environment configures."""
    wait: bool
    """Whether to wait until all batches have ended; True by default. Else what has ended is taken over and what can be begun is
    begun, and the same call goes on another time."""
    cancel: bool
    """End the batches that are under way, and take over what was answered."""
    clean: bool
    """Delete the files at the provider once the output is written."""
    limits: Limits | None
    """What one batch may have, and all together; by default the provider's limits."""
    rounds: int
    """How many batches a row may be in that fails for now; 3 by default."""
    ledger: Name | None
    """Where it is kept what became of each row; the output's name and `.ledger` by default."""
    budget: Dollars | None
    """What all runs of this job together may cost, in dollars; nothing is sent if the batches may cost more."""
    price: tuple[Dollars, Dollars] | None
    """Dollars for a million tokens in and out in a batch, where no table knows the model's, or yours differ."""
    restart: bool
    """Forget what was answered before, and ask all of it again."""
    repeat: bool
    """Whether to ask again what a killed run without batches had sent; True by default."""
    input_format: Format | None
    """How the input is written; by default as its name ends."""
    history: History | None
    """Where `ceyx runs` finds past jobs; by default it is not told of this one."""


@shown
def run_batch(job: AnyJob, input: Input, output: Name | None = None, **options: Unpack[BatchOptions]) -> Summary:
    """Ask about each row of the input through the Batch API, and write them with their answers: what `ceyx run --batch` does.

    Called again, in this process or another, it goes on where it was, and makes no batch twice. A summary whose `whole` is False
    is of batches that are under way. Raises as `ceyx.bulk.run` does.
    """
    refuse_unknown(options, BatchOptions, "run_batch")
    client = options.pop("client", None)
    how: Any = {name: options.pop(name) for name in ("wait", "cancel", "clean", "limits", "rounds") if name in options}
    given: Any = options
    run = Run(job, input, output, provider=None if client is None else _provider_of(client), tier="batch", **given)
    if client is not None:
        return carry_out(run, client, **how)
    with AzureOpenAI() if run.pricing.provider == "azure" else OpenAI() as made:
        return carry_out(run, made, **how)


def carry_out(
    run: Run,
    client: OpenAI,
    *,
    wait: bool = True,
    cancel: bool = False,
    clean: bool = False,
    limits: Limits | None = None,
    rounds: int = ROUNDS,
    watch: Callable[[BatchRun], Callable[[], object]] | None = None,
) -> Summary:
    """Carry out a run that is priced as batches are. `watch` gives what is called after each look at the provider."""
    run.check_output()
    cap = None if run.cap is None else in_nanodollars(run.cap)
    with ExitStack() as closing:
        ledger = closing.enter_context(Ledger(run.ledger, run.job, run.restart))
        record = run.began(ledger, "batch")
        work = closing.enter_context(
            BatchRun(client, run.job, ledger, limits=limits, pricing=run.pricing, cap=cap, rounds=rounds, repeat=run.repeat)
        )
        run.progress = progress = work.progress
        if record is not None:
            record.progress = progress
        look = None if watch is None else watch(work)
        try:
            _go(work, run, wait, cancel, look)
        except BaseException as error:
            if record is not None and not isinstance(error, KeyboardInterrupt):
                record.__exit__(type(error), error, None)
            elif record is not None:
                record.end("waiting" if work.under_way else "interrupted")
            raise
        if work.parts.open:
            progress.stopped = WAITING
            if record is not None:
                record.end("waiting")
            return Summary(run.job, progress, progress.seconds, None, ledger.path)
        if run.output is not None:
            run.write(ledger)
        if record is not None:
            record.end("finished")
        if clean:
            work.clean()
        return Summary(run.job, progress, progress.seconds, run.output, ledger.path)


def _go(work: BatchRun, run: Run, wait: bool, cancel: bool, look: Callable[[], object] | None) -> None:
    if cancel:
        work.cancel(run.rows())
    else:
        work.submit(run.rows())
    if look is not None:
        look()
    if wait:
        work.wait(look)
    elif cancel:
        work.advance()


def _provider_of(client: OpenAI) -> Literal["openai", "azure"]:
    return "azure" if isinstance(client, OnAzure) else "openai"
