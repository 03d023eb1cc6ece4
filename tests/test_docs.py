"""Every Python snippet of the README and of the pages in docs/ runs, in the order of its page, against the local service."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ceyx.service import LocalService

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]
SNIPPET = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """Where both providers are the local service, and nothing else is configured."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "AZURE_", "CEYX_"))}
    with LocalService() as service:
        yield {
            **plain,
            "OPENAI_BASE_URL": service.url,
            "OPENAI_API_KEY": "local-key",
            "OPENAI_API_VERSION": "2024-10-21",
            "OPENAI_API_TYPE": "openai",
            "AZURE_OPENAI_ENDPOINT": service.azure_endpoint,
            "AZURE_OPENAI_API_KEY": "local-key",
        }


@pytest.mark.parametrize("page", [page for page in PAGES if SNIPPET.search(page.read_text())], ids=lambda page: page.stem)
def test_snippets_run(page: Path, environment: dict[str, str], tmp_path: Path) -> None:
    program = tmp_path / "snippets.py"
    program.write_text("\n".join(SNIPPET.findall(page.read_text())))
    run = subprocess.run(
        [sys.executable, "-W", "error", program], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""


def test_there_are_snippets_to_run() -> None:
    assert len(SNIPPET.findall((ROOT / "README.md").read_text())) == 5
    assert sum(len(SNIPPET.findall(page.read_text())) for page in PAGES) > 15


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "docs").glob("*/*.md"))], ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert not missing


def test_the_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 85
