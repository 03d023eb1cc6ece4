"""The page about other languages' clients: it names those that are played, in the versions that are pinned."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CLIENTS = ROOT / "tests" / "clients"
PAGE = (ROOT / "docs" / "service-clients.md").read_text()


def test_the_page_has_every_client_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(CLIENTS)
    import toolchains

    assert re.findall(r"^\| ((?:PyPI|npm|Go|Maven) [^|]+) \|", PAGE, re.MULTILINE) == [each.name for each in toolchains.CLIENTS]
    sys.modules.pop("toolchains")


def test_the_page_says_of_trust_what_the_service_does() -> None:
    from ceyx.service.tls import TRUST

    for language, command, _ in TRUST:
        told = next(line for line in PAGE.splitlines() if line.startswith(f"| {language}"))
        assert command.format(ca="ca.pem").removeprefix("curl ") in told


@pytest.mark.parametrize(
    "lock", [*CLIENTS.glob("python/*.txt"), *CLIENTS.glob("*/package-lock.json")], ids=lambda lock: lock.name
)
def test_packages_come_from_where_the_machine_is_told_to_look(lock: Path) -> None:
    assert "://" not in lock.read_text()
