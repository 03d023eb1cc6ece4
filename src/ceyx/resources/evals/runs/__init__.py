"""Runs of an evaluation, and their rows."""

from ceyx.resources.evals.runs.output_items import AsyncOutputItems as AsyncOutputItems, OutputItems as OutputItems
from ceyx.resources.evals.runs.runs import AsyncRuns as AsyncRuns, Runs as Runs
