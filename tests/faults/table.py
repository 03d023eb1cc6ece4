"""All rows, in the order of the page."""

from __future__ import annotations

import re

from cases import Case
from rows.answered import ANSWERED
from rows.between import BETWEEN
from rows.collected import COLLECTED
from rows.filtered import FILTERED
from rows.given import GIVEN
from rows.programs import PROGRAMS
from rows.refused import REFUSED
from rows.streamed import STREAMED
from rows.waiting import WAITING

__all__ = ["CASES", "Case"]


def _place(case: Case) -> tuple[int, str]:
    found = re.fullmatch(r"(\d+)([a-z]?)", case.number)
    assert found
    return int(found[1]), found[2]


CASES = sorted((*STREAMED, *COLLECTED, *ANSWERED, *FILTERED, *REFUSED, *WAITING, *GIVEN, *PROGRAMS, *BETWEEN), key=_place)
