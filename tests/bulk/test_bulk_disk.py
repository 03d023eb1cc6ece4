"""A disk that is full, or may not be written to: nothing more is sent, all that was sent is known, and later it goes on."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from request_log import RequestLog, told

from ceyx.bulk.ledger import LedgerReader
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency

ROWS, WORKERS = 600, 8
RUN = [sys.executable, "-m", "ceyx", "run", "in.jsonl", "-p", "Say {text}", "--out", "out.jsonl", "-w", str(WORKERS)]


@pytest.fixture
def service() -> Iterator[LocalService]:
    with LocalService(Settings(latency={"*": Latency(0.01)})) as running:
        yield running


def environment(service: LocalService) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "CEYX_STATE")}
    return {**kept, "OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local-key"}


def input_in(folder: Path) -> None:
    rows = (json.dumps({"text": f"row {n}", "much": "x" * 400}) + "\n" for n in range(1, ROWS + 1))
    (folder / "in.jsonl").write_text("".join(rows))


def run(service: LocalService, folder: Path, before: Callable[[], object] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        RUN, cwd=folder, env=environment(service), capture_output=True, text=True, timeout=60, preexec_fn=before, check=False
    )


def test_a_ledger_that_may_grow_no_further_ends_the_sending(service, tmp_path):
    input_in(tmp_path)
    # The state folder is on another disk, as it were: what is no larger than this can be written still.
    full = run(service, tmp_path, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)))
    assert full.returncode == 4, full.stderr
    assert "cannot write the ledger" in full.stderr and "what was committed is safe" in full.stderr
    assert not (tmp_path / "out.jsonl").exists()
    with LedgerReader(tmp_path / "out.jsonl.ledger") as reader:
        kept = list(reader.items())
    sent = [item for item in kept if item.state == "sent"]
    asked = told(service, "counters")["requests"]
    assert 10 < asked <= len(kept) < ROWS and len(sent) <= 2 * WORKERS
    again = run(service, tmp_path)
    assert again.returncode == 0, again.stderr
    assert f"{len(sent):,} rows had been sent" in again.stderr if sent else True
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == ROWS
    assert told(service, "counters")["requests"] <= ROWS + len(sent)


def elsewhere(service: LocalService, folder: Path, script: str, *more: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script that may mount what nobody else sees."""
    alone = ["unshare", "-rm"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("a disk of its own needs `unshare`, and leave to use it")
    command = [
        *alone,
        "sh",
        "-c",
        script.replace("{run}", " ".join(f"'{word}'" for word in RUN)),
        "sh",
        *map(str, more),
        str(folder),
    ]
    done = subprocess.run(command, cwd=folder, env=environment(service), capture_output=True, text=True, timeout=90, check=False)
    if done.returncode == 99:
        pytest.skip(f"no disk may be mounted here: {done.stderr}")
    return done


FULL_DISK = """
mount -t tmpfs -o size=800k tmpfs "$1" && cp in.jsonl "$1" && cd "$1" || exit 99
{run} 2> "$2/full.txt"; echo $? > "$2/full.code"; cp out.jsonl.ledger* "$2"
mount -o remount,size=50m "$1" || exit 99
{run} 2> "$2/more.txt"; echo $? > "$2/more.code"; cp out.jsonl "$2"
"""


@pytest.mark.slow
def test_a_full_disk_ends_the_sending_and_room_lets_it_go_on(service, tmp_path, capsys):
    (tmp_path / "disk").mkdir()
    input_in(tmp_path)
    with RequestLog(service) as log:
        elsewhere(service, tmp_path, FULL_DISK, tmp_path / "disk")
    assert (tmp_path / "full.code").read_text() == "4\n", (tmp_path / "full.txt").read_text()
    assert "full" in (tmp_path / "full.txt").read_text()
    with LedgerReader(tmp_path / "out.jsonl.ledger") as reader:
        kept = {item.position: item.state for item in reader.items()}
    assert (tmp_path / "more.code").read_text() == "0\n", (tmp_path / "more.txt").read_text()
    out = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(out) == ROWS and {row["ceyx_status"] for row in out} == {"done"}
    asked = log.prompts()
    assert log.missed == 0 and len(asked) == ROWS
    repeated = {text for text, count in asked.items() if count > 1}
    named = {f"Say row {position}" for position, state in kept.items() if state == "sent"}
    assert repeated <= named and max(asked.values()) <= 2 and len(named) <= 2 * WORKERS
    with capsys.disabled():
        sys.stdout.write(f"\nfull disk: {len(kept)} of {ROWS} rows known, {len(named)} named, {len(repeated)} asked again\n")


READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" || exit 99
exec {run}
"""


def test_a_folder_that_may_not_be_written_to_is_said_before_anything_is_sent(service, tmp_path):
    input_in(tmp_path)
    if os.geteuid():
        tmp_path.chmod(0o555)
        refused = run(service, tmp_path)
        tmp_path.chmod(0o755)
    else:  # to whom all may be written, but for a disk that is mounted so
        refused = elsewhere(service, tmp_path, READ_ONLY)
    assert refused.returncode == 4, refused.stderr
    assert "cannot open the ledger out.jsonl.ledger: " in refused.stderr
    assert "Permission denied" in refused.stderr or "Read-only file system" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
    assert told(service, "counters")["requests"] == 0
