"""Importing the models: what it costs beyond the time, which benchmarks tell."""

from __future__ import annotations

import subprocess
import sys

import pytest

AT_A_DEPTH = """
import resource, sys
def imported(depth):
    if depth:
        return imported(depth - 1)
    from ceyx.langchain import ChatOpenAI
imported(int(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or sys.implementation.name != "cpython", reason="counts how Linux gives CPython memory"
)
def test_from_no_depth_of_calls_is_memory_mapped_over_and_over() -> None:
    def pages(depth: int) -> int:
        """How often memory was had from the system."""
        return int(subprocess.check_output([sys.executable, "-c", AT_A_DEPTH, str(depth)], text=True))

    pages(0)  # compiles what was not
    counted = [pages(depth) for depth in (0, 1, 4)]
    assert max(counted) < 1.15 * min(counted), counted
