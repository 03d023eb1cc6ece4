"""Evaluations, and their runs."""

from ceyx.resources.evals.evals import AsyncEvals as AsyncEvals, Evals as Evals
from ceyx.resources.evals.runs import AsyncRuns as AsyncRuns, Runs as Runs
