"""The list of all faults, each of which stands below the functions that make it."""

from __future__ import annotations

from typing import get_args

from ceyx.service.faults import bodies, calls, connections, fault, refusals, streams
from ceyx.service.faults.fault import Chosen, Fault, Group

_ALL = (*connections.FAULTS, *bodies.FAULTS, *streams.FAULTS, *calls.FAULTS, *refusals.FAULTS)

CATALOGUE: dict[str, Fault] = {each.name: each for each in sorted(_ALL, key=lambda each: get_args(Group).index(each.group))}
"""By name, in the order of their groups."""


def parse(text: str) -> Chosen:
    """The fault that `text` asks for. Raises FaultError for anything that is none."""
    return fault.parse(text, CATALOGUE)
