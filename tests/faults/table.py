"""All rows, in the order of the page."""

from __future__ import annotations

import re

from actions import ACTIONS
from cases import WIRE, Case
from spoken import SPOKEN

__all__ = ["CASES", "Case"]


def _place(case: Case) -> tuple[int, str]:
    found = re.fullmatch(r"(\d+)([a-z]?)", case.number)
    assert found
    return int(found[1]), found[2]


CASES = sorted((*WIRE, *ACTIONS, *SPOKEN), key=_place)
