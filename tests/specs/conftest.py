"""The documents, where there are any: the folder that CEYX_SPECS names."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from documents import SURFACES, Document

FOLDER = os.environ.get("CEYX_SPECS")  # read now: tests themselves run without our variables


@pytest.fixture(scope="session")
def documents() -> Callable[[str], Document]:
    """The document of a surface, read on first use. Skips where there is none."""
    if not FOLDER:
        pytest.skip("CEYX_SPECS names no folder with the OpenAPI documents of OpenAI and Azure")
    return cache(lambda surface: Document(Path(FOLDER, SURFACES[surface].file)))
