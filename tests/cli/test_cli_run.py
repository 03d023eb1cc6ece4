"""`ceyx run`: from real processes, over real HTTP."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from commands import CEYX, at_terminal, ceyx, environment

from ceyx.bulk import Job, Ledger
from ceyx.cli import main
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency

PROMPT = "Say {text}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with ten rows of which the sixth and the eighth are bad."""
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"id": n, "text": f"row {n}"}) for n in range(1, 11)]
    lines[5], lines[7] = "nonsense", '{"id": 8}'
    Path("in.jsonl").write_text("\n".join(lines) + "\n")
    Path("good.csv").write_text("id,text\n1,one\n2,two\n")
    return tmp_path


def rows(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def run(service: LocalService, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return ceyx("run", *arguments, **{"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local-key", **more})


def requests_at(service: LocalService) -> int:
    with urlopen(f"{service.url.removesuffix('/v1')}/_ceyx/counters") as answer:
        return int(json.load(answer)["requests"])


def test_rows_come_out_in_order_bad_ones_included(service: LocalService, folder: Path) -> None:
    done = run(service, "in.jsonl", "-p", PROMPT, "--out", "out.jsonl")
    assert done.returncode == 1 and done.stdout == ""
    found = rows("out.jsonl")
    assert [row.get("id") for row in found] == [1, 2, 3, 4, 5, None, 7, 8, 9, 10]
    assert [row["ceyx_status"] for row in found] == ["done"] * 5 + ["error", "done", "error", "done", "done"]
    assert "“Say row 10”" in found[9]["answer"] and found[9]["ceyx_request_id"].startswith("req_")
    first, *others = done.stderr.splitlines()
    assert re.match(r"10 rows, 8 answered, 2 failed · \d+ tokens in, \d+ out · \$0\.\d+ · \d+\.\d s", first)
    assert others[0].startswith("row 6: the line is no JSON") and "row 8: the row has no 'text'" in others[1]

    again = run(service, "in.jsonl", "-p", PROMPT, "--out", "out.jsonl")
    assert again.returncode == 1 and "0 answered, 10 settled before (2 without an answer)" in again.stderr
    assert rows("out.jsonl") == found

    other = run(service, "in.jsonl", "-p", "Sing {text}", "--out", "out.jsonl")
    assert other.returncode == 2 and "a job with another prompt; give another --out, or --restart" in other.stderr
    assert run(service, "good.csv", "-p", "Sing {text}", "--out", "out.jsonl", "--restart").returncode == 0
    assert [row["text"] for row in rows("out.jsonl")] == ["one", "two"]


def test_csv_with_a_schema_from_a_pipe_to_a_file(service: LocalService, folder: Path) -> None:
    Path("label.json").write_text(
        '{"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"], "additionalProperties": false}'
    )
    done = ceyx(
        *("run", "-", "--input-format", "csv", "-p", PROMPT, "--schema", "label.json", "--out", "out.csv", "--quiet"),
        stdin=Path("good.csv").read_bytes(),
        OPENAI_BASE_URL=service.url,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Path("out.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["id"] for row in found] == ["1", "2"]
    assert all(json.loads(row["answer"]).keys() == {"label"} and row["ceyx_status"] == "done" for row in found)


def test_lines_for_programs_and_answers_on_standard_output(service: LocalService, folder: Path) -> None:
    done = run(service, "good.csv", "-p", PROMPT, "--out", "out.jsonl", "--json", "--param", "seed=1", "--answer", "reply")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0 and done.stderr == ""
    assert (
        summary["event"] == "summary" and (summary["done"], summary["out"]) == (2, "out.jsonl") and len(summary["slowest"]) == 2
    )
    assert "reply" in rows("out.jsonl")[0]
    piped = run(service, "good.csv", "-p", PROMPT, "--out", "-", "--ledger", "x.ledger", "--quiet")
    assert [json.loads(line)["text"] for line in piped.stdout.splitlines()] == ["one", "two"]


def test_a_dry_run_sends_nothing_and_says_what_it_would_be(folder: Path) -> None:
    nowhere = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    done = ceyx("run", "in.jsonl", "-p", PROMPT, "--out", "out.jsonl", "--dry-run", "--max-tokens", "100", **nowhere)
    assert done.returncode == 0
    assert "10 rows, 2 of which cannot be asked (row 6: " in done.stdout and "800 tokens of answers at most" in done.stdout
    assert re.search(r"^\$0\.\d+ to \$0\.000\d+$", done.stdout, re.MULTILINE)
    assert sorted(path.name for path in folder.iterdir()) == ["good.csv", "in.jsonl"]
    found = json.loads(ceyx("run", "in.jsonl", "-p", PROMPT, "--dry-run", "--json", **nowhere).stdout)  # which needs no output
    assert (found["rows"], found["bad_rows"], found["most"]) == (10, 2, None) and found["least"] > 0
    assert found["input_tokens_least"] <= found["input_tokens"] <= found["input_tokens_most"]
    unknown = ceyx("run", "in.jsonl", "-p", PROMPT, "--dry-run", "-m", "house-model", "--price", "1000,1", **nowhere).stdout
    assert re.search(r"^about (\d+) tokens to send \(\d+ to \d+\)\n\$0\.\d+ to \$0\.\d+ and more: answers", unknown, re.MULTILINE)


def test_a_budget_needs_a_price_and_ends_the_asking(service: LocalService, folder: Path) -> None:
    options = ("good.csv", "-p", PROMPT, "--out", "out.jsonl", "-m", "my-own-model")
    done = run(service, *options, "--budget", "1")
    assert done.returncode == 4 and "no price for the model 'my-own-model', so no budget can hold; give a price" in done.stderr
    assert not Path("out.jsonl.ledger").exists()
    priced = ("good.csv", "-p", PROMPT, "--out", "out.jsonl", "--max-tokens", "100", "--price", "1,1000")
    short = run(service, *priced, "--budget", "$0.01")
    assert short.returncode == 4 and "one call may cost $0.1000" in short.stderr and not Path("out.jsonl").exists()
    used_up = run(service, *priced, "--budget", "0.11", "-w", "1")
    assert used_up.returncode == 1 and "1 not asked, as the budget is used up" in used_up.stderr
    assert [row["ceyx_status"] for row in rows("out.jsonl")] == ["done", "skipped"]
    assert run(service, *priced, "--budget", "1").returncode == 0
    assert [row["ceyx_status"] for row in rows("out.jsonl")] == ["done", "done"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.jsonl", "-p", "x"], "there is no file missing.jsonl"),
        (["in.jsonl"], "nothing is asked; give one of --prompt"),
        (["in.jsonl", "-p", "{"], "lone brace"),
        (["in.jsonl", "-p", "x", "--param", "seed"], "--param is NAME=JSON"),
        (["in.jsonl", "-p", "x", "--budget", "lots"], "--budget is a number of dollars"),
        (["in.jsonl", "-p", "x", "--price", "1"], "--price is two numbers"),
        (["in.jsonl", "-p", "x", "--out", "in.jsonl"], "in.jsonl is the input"),
        (["in.jsonl", "-p", "x", "--out", "no/where.jsonl"], "there is no folder no"),
        (["in.jsonl", "-p", "x", "--out", "out.xlsx"], "ends in none of"),
        (["in.jsonl", "-p", "x", "--out", "-"], "--ledger FILE"),
        (["in.jsonl", "-p", "x", "--report", "no/report.html"], "cannot write the report no/report.html"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_sent(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    out = [] if "--out" in arguments else ["--out", "out.jsonl"]
    assert main(["run", *arguments, *out]) == 2
    assert said in capsys.readouterr().err
    assert not Path("out.jsonl.ledger").exists()
    assert main(["run", *arguments, *out, "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["event"], told["exit_code"]) == ("error", 2) and said in told["error"]


def test_a_run_needs_a_place_for_its_answers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "good.csv", "-p", PROMPT]) == 2
    assert "give --out FILE" in capsys.readouterr().err


@pytest.mark.parametrize(("fault", "code"), [("status;code=401", 4), ("status;code=404", 1)])
def test_what_all_rows_would_meet_ends_the_job(
    service: LocalService,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: str,
    code: int,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", service.url)
    headers = json.dumps({"x-ceyx-fault": fault})
    assert main(["run", "good.csv", "-p", PROMPT, "--out", "out.jsonl", "--param", f"extra_headers={headers}"]) == code
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("ceyx: ") and second.endswith("and the same command goes on.")
    assert not Path("out.jsonl").exists()


def test_ctrl_c_drains_and_the_same_command_goes_on(folder: Path) -> None:
    Path("many.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(60)))
    command = [*CEYX, "run", "many.jsonl", "-p", PROMPT, "--out", "out.jsonl", "-w", "4"]
    with LocalService(Settings(latency={"*": Latency(0.05)})) as slow:
        variables = environment(OPENAI_BASE_URL=slow.url)
        running = subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 20
        while requests_at(slow) < 20:
            assert running.poll() is None and time.monotonic() < until
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=20)[1]
        assert running.returncode == 130 and "the same command goes on" in said, said
        assert not Path("out.jsonl").exists()
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0 and re.search(r"60 rows, \d+ answered, [1-9]\d* settled before · ", done.stderr)
    assert "may have been paid" not in done.stderr  # drained: nothing was left on its way
    assert {row["ceyx_attempts"] for row in rows("out.jsonl")} == {1} and len(rows("out.jsonl")) == 60


def test_ctrl_c_twice_waits_for_nobody_and_the_rows_are_named(folder: Path) -> None:
    command = [*CEYX, "run", "-", "--input-format", "csv", "-p", PROMPT, "--out", "out.jsonl"]
    with LocalService(Settings(latency={"*": Latency(30)})) as stuck:
        variables = environment(OPENAI_BASE_URL=stuck.url)
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, env=variables, **pipes) as running:
            assert running.stdin is not None and running.stderr is not None
            running.stdin.write(Path("good.csv").read_bytes())
            running.stdin.flush()  # and more may come: the pipe stays open
            until = time.monotonic() + 20
            while requests_at(stuck) < 2:
                assert running.poll() is None and time.monotonic() < until
                time.sleep(0.01)
            running.send_signal(signal.SIGINT)
            assert b"calls on their way" in running.stderr.readline()
            running.send_signal(signal.SIGINT)
            assert running.wait(10) == 130
            assert b"same command goes on" in running.stderr.read()
    with Ledger("out.jsonl.ledger", Job(model="gpt-4o-mini", prompt=PROMPT)) as ledger:
        assert set(ledger.counts()) == {"sent"}


def test_azure_is_asked_by_deployment(service: LocalService, folder: Path) -> None:
    variables = {"AZURE_OPENAI_ENDPOINT": service.azure_endpoint, "AZURE_OPENAI_API_KEY": "k", "OPENAI_API_VERSION": "2024-10-21"}
    done = ceyx("run", "good.csv", "-p", PROMPT, "--out", "out.jsonl", "-m", "gpt-4o", **variables)
    assert done.returncode == 0, done.stderr
    assert {row["ceyx_model"] for row in rows("out.jsonl")} == {"gpt-4o-2024-08-06"}


def test_a_terminal_shows_how_it_goes(folder: Path) -> None:
    Path("many.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(40)))
    with LocalService(Settings(latency={"*": Latency(0.05)})) as slow:
        arguments = ["run", "many.jsonl", "-p", PROMPT, "--out", "out.jsonl", "-w", "4"]
        with at_terminal(arguments, OPENAI_BASE_URL=slow.url, COLUMNS="150") as terminal:
            terminal.see(r"\d+ of (about )?40 rows, \d+ %")
            terminal.see(r"tokens/min")
            terminal.see("40 rows, 40 answered")
            assert terminal.ended() == 0


def test_nothing_configured_is_answered_by_the_stand_in(folder: Path) -> None:
    done = ceyx("run", "good.csv", "-p", PROMPT, "--out", "out.jsonl")
    assert done.returncode == 0 and "local stand-in" in done.stderr and len(rows("out.jsonl")) == 2
