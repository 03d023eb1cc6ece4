"""What is wrong between a client and the model it asks, found in order: `examine(client)`, and `ceyx doctor`.

A check is a function of a `Case` that gives a `Finding`; `examination` has them in order, each with those it depends on. Read
from the bottom up: `finding` (what a check says), `secrets` (what no check may say), `case` (a client, and what is known of it
so far), then the checks: `installed`, `environment`, `address`, `network`, `answering`, `calling`.
"""

from __future__ import annotations

from ceyx.doctor.examination import examine
from ceyx.doctor.finding import Examined, Finding, Report

__all__ = ["Examined", "Finding", "Report", "examine"]
