"""A job through the provider's Batch API: half the price, within a day.

`run.py` takes the steps, `parts.py` remembers them, `lines.py` is what is in the files, `cutting.py` writes them, `provider.py`
asks the provider, `collecting.py` has the ledger keep what came of it; `running.py` is all of it, from input to output.
"""

from __future__ import annotations

from ceyx.bulk.batch.lines import AZURE, OPENAI, Limits
from ceyx.bulk.batch.parts import Part
from ceyx.bulk.batch.run import BatchRun
from ceyx.bulk.batch.running import run_batch

__all__ = ["AZURE", "OPENAI", "BatchRun", "Limits", "Part", "run_batch"]
