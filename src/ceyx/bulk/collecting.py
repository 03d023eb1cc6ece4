"""Python's garbage collector while many calls are on their way at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OF_A_CALL = 50  # objects that one on its way holds, of those that the collector looks at


@contextmanager
def fewer_collections(calls: int) -> Iterator[None]:
    """Python looks for circles less often, as suits so many calls at once.

    It does so after 700 new objects, which are a dozen calls, and finds all others that are on their way alive. Who has set it to
    look more seldom, or not at all, keeps that.
    """
    before = gc.get_threshold()
    seldom = OF_A_CALL * (100 + calls)
    if 0 < before[0] < seldom:
        gc.set_threshold(seldom, *before[1:])
    try:
        yield
    finally:
        if gc.get_threshold()[0] == seldom:  # nobody, such as another run, has set it since
            gc.set_threshold(*before)
