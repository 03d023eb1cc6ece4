"""A job through the Batch API, over real HTTP: parts, answers, failures of lines and of batches, queues, cancelling, Azure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from ceyx import AzureOpenAI, OpenAI
from ceyx.bulk import AnyJob, BudgetError, EmbeddingJob, Job, JobStoppedError, Ledger, LedgerError, Runner, TranscriptionJob
from ceyx.bulk.batch import BatchRun, Limits, run_batch
from ceyx.bulk.batch.run import limit_in
from ceyx.bulk.outcome import as_output
from ceyx.bulk.rows import Row
from ceyx.service import Limit, LocalService, Settings
from ceyx.service.store import Store

MODEL = "gpt-4o-mini"
JOB = Job(model=MODEL, prompt="Say {text}", params={"max_tokens": 50})
QUICK: dict[str, Any] = {"poll": (0.01, 0.05), "hold": (0.02, 0.1), "settle": 0.0}


def hurry(service: LocalService) -> None:
    """From now on, batches take no longer than they must."""
    assert service._server is not None
    object.__setattr__(service._server._app.state.service.settings, "batch_seconds", 0.0)


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService(Settings(deployments={"batches": MODEL})) as running:
        yield running


@pytest.fixture
def client(service: LocalService) -> Iterator[OpenAI]:
    with OpenAI(base_url=service.url, api_key="any") as made:
        yield made


def rows(count: int, first: int = 1) -> Iterator[Row]:
    return (Row({"text": f"row {n}"}) for n in range(first, count + 1))


@contextmanager
def running(client: OpenAI, folder: Path, job: AnyJob = JOB, most: int = 1000, **how: Any) -> Iterator[BatchRun]:
    limits = how.pop("limits", Limits(rows=most))
    with Ledger(folder / "x.ledger", job) as ledger, BatchRun(client, job, ledger, limits=limits, **QUICK, **how) as run:
        yield run


def output(folder: Path, job: AnyJob = JOB) -> list[dict[str, Any]]:
    with Ledger(folder / "x.ledger", job) as ledger:
        return [as_output(item, job) for item in ledger.items()]


def batches_of(client: OpenAI, run: BatchRun) -> list[list[str]]:
    """The rows in each batch that the provider has of this job, by the texts of its lines."""
    job = run.ledger.id
    found = [batch for batch in client.batches.list() if (batch.metadata or {}).get("ceyx_job") == job]
    files = [client.files.content(batch.input_file_id).text.splitlines() for batch in found]
    return [[json.loads(line)["body"]["messages"][-1]["content"] for line in lines] for lines in files]


# ---- all goes well


def test_rows_come_out_in_order_from_several_batches(client, tmp_path):
    with running(client, tmp_path, most=4) as run:
        run.submit(rows(10))
        progress = run.wait()
        assert (progress.read, progress.done, progress.failed) == (10, 10, 0)
        assert [(part.rows, part.status) for part in run.parts] == [(4, "completed"), (4, "completed"), (2, "completed")]
        assert sorted(map(len, batches_of(client, run))) == [2, 4, 4]
    found = output(tmp_path)
    assert [row["text"] for row in found] == [f"row {n}" for n in range(1, 11)]
    assert all(f"“Say {row['text']}”" in row["answer"] and row["ceyx_status"] == "done" for row in found)
    assert all(row["ceyx_request_id"].startswith("req_") and row["ceyx_attempts"] == 1 for row in found)
    assert sum(row["ceyx_cost"] for row in found) == pytest.approx(progress.nanodollars / 1e9)
    assert [path.name for path in tmp_path.iterdir()] == ["x.ledger"]  # what was beside it is gone
    with running(client, tmp_path, most=4) as run:
        run.submit(rows(10))
        assert (run.wait().before, len(batches_of(client, run))) == (10, 3)


async def test_a_batch_costs_half_of_the_calls(client, service, tmp_path):
    from ceyx import AsyncOpenAI

    with running(client, tmp_path) as run:
        run.submit(rows(3))
        batched = run.wait().nanodollars
    with Ledger(tmp_path / "other.ledger", JOB) as ledger:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as asking:
            called = (await Runner(asking, JOB, ledger).run(rows(3))).nanodollars
    assert 0 < batched == called // 2


def test_embeddings(client, tmp_path):
    job = EmbeddingJob(model="text-embedding-3-small", text="{text}", dimensions=8)
    with running(client, tmp_path, job, most=2) as run:
        run.submit(rows(3))
        assert run.wait().done == 3
    vectors = [row["embedding"] for row in output(tmp_path, job)]
    live = client.embeddings.create(model=job.model, input=["row 1", "row 2", "row 3"], dimensions=8)
    assert vectors == [pytest.approx(each.embedding, rel=1e-6) for each in live.data]


@pytest.mark.parametrize("version", ["2024-10-21", None])
def test_azure_names_deployments_and_leaves_out_the_version(service, tmp_path, version):
    address = {"azure_endpoint": service.azure_endpoint, "api_version": version} if version else {}
    job = Job(model="batches", prompt="Say {text}")
    with (
        AzureOpenAI(api_key="any", **(address or {"base_url": f"{service.azure_endpoint}/openai/v1/"})) as azure,
        running(azure, tmp_path, job) as run,
    ):
        run.submit(rows(3))
        assert run.wait().done == 3
        [batch] = [each for each in azure.batches.list() if (each.metadata or {}).get("ceyx_job") == run.ledger.id]
        assert batch.endpoint == "/chat/completions" and batch.error_file_id  # which is empty
    assert {row["ceyx_model"] for row in output(tmp_path, job)} == {"gpt-4o-mini-2024-07-18"}


def test_parts_keep_to_bytes_and_to_tokens(client, tmp_path):
    with running(client, tmp_path, limits=Limits(rows=100, size=700, tokens=10_000)) as run:
        run.submit(iter([*rows(6), Row({"text": "x" * 800})]))
        progress = run.wait()
        assert max(part.size for part in run.parts) <= 700 and len(run.parts) == 2
    assert (progress.done, progress.failed, progress.errors) == (6, 1, {"too large": 1})
    assert (
        "is 9" in output(tmp_path)[6]["ceyx_error"]
        and "bytes long, and a batch may have 700" in output(tmp_path)[6]["ceyx_error"]
    )


def test_bad_rows_are_in_no_batch(client, tmp_path):
    given = [Row({"text": "one"}), Row({}, "the line is no JSON"), Row({"other": 1}), Row({"text": "four"})]
    with running(client, tmp_path) as run:
        run.submit(iter(given))
        progress = run.wait()
        assert batches_of(client, run) == [["Say one", "Say four"]]
    assert (progress.done, progress.failed) == (2, 2)
    assert [row["ceyx_status"] for row in output(tmp_path)] == ["done", "error", "error", "done"]


# ---- lines that fail


def test_lines_that_fail_for_now_are_in_another_batch_and_bad_ones_are_not(tmp_path):
    # The first batch meets two 503s; one question is refused for what it is.
    faults = Settings(more_rules=_rules({"fault": "status;code=503", "first": 2, "deployment": MODEL}))
    with LocalService(faults) as service, OpenAI(base_url=service.url, api_key="any") as client:
        job = Job(model=MODEL, messages="messages")
        said = [{"role": "user", "content": "Hello"}]
        given = [Row({"messages": said}) for _ in range(4)] + [Row({"messages": [{"role": "nobody", "content": "?"}]})]
        with running(client, tmp_path, job) as run:
            run.submit(iter(given))
            progress = run.wait()
            assert [part.rows for part in run.parts] == [5, 2]
        assert (progress.done, progress.failed, progress.retries) == (4, 1, 2)
        found = output(tmp_path, job)
        assert [row["ceyx_attempts"] for row in found] == [2, 2, 1, 1, 1]
        assert found[4]["ceyx_status"] == "error" and "status 400" in found[4]["ceyx_error"].replace(
            "Error code: 400", "status 400"
        )
        assert found[4]["ceyx_request_id"].startswith("req_")


def test_lines_that_keep_failing_end_as_error_rows_and_a_later_run_asks_them(tmp_path):
    faults = Settings(more_rules=_rules({"fault": "status;code=500", "first": 4, "deployment": MODEL}))
    with LocalService(faults) as service, OpenAI(base_url=service.url, api_key="any") as client:
        with running(client, tmp_path, rounds=2) as run:
            run.submit(rows(2))
            progress = run.wait()
            assert (progress.done, progress.failed, len(run.parts)) == (0, 2, 2)
        assert [row["ceyx_status"] for row in output(tmp_path)] == ["error", "error"]
        with running(client, tmp_path, rounds=2) as run:
            run.submit(rows(2))
            assert (run.wait().done, len(run.parts)) == (2, 3)
        assert {row["ceyx_attempts"] for row in output(tmp_path)} == {3}


def _rules(*given: dict[str, Any]) -> Any:
    from ceyx.service.faults.triggers import rule

    return tuple(rule(each, seed) for seed, each in enumerate(given, 1))


@pytest.fixture
def stored() -> Iterator[tuple[OpenAI, Store]]:
    """A client, and what its service remembers, to be changed behind its back."""
    with LocalService() as service, OpenAI(base_url=service.url, api_key="any") as client:
        assert service._server is not None
        yield client, service._server._app.state.service.store


def ended(client: OpenAI, run: BatchRun) -> str:
    """Waits for the end of the only batch, which the run has not seen yet; its id."""
    [part] = run.parts
    while client.batches.retrieve(part.batch).status not in ("completed", "failed"):
        pass
    return str(part.batch)


def changed(client: OpenAI, store: Store, batch: str, change: Callable[[list[Any]], list[Any]], **fields: Any) -> None:
    """Puts other lines into the file of answers, and other things into the batch."""
    file = client.batches.retrieve(batch).output_file_id or ""
    lines = change([json.loads(line) for line in client.files.content(file).text.splitlines()])
    content = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    store.delete_content(file)
    store.put_content(file, [content])
    store.update("file", file, bytes=len(content))
    store.update("batch", batch, **fields)


def test_missing_repeated_and_unknown_lines(stored, tmp_path):
    client, store = stored
    with running(client, tmp_path) as run:
        run.submit(rows(4))
        batch = ended(client, run)
        stranger = {"custom_id": f"{run.ledger.id}-77", "response": {"status_code": 200, "body": {}}}
        other = {"custom_id": "somebody-else", "response": None, "error": {"code": "x", "message": "y"}}
        changed(client, store, batch, lambda all: [all[3], all[0], b"{nonsense\n", all[0], other, stranger, all[2]])
        progress = run.wait()
        assert (progress.done, progress.failed, progress.retries) == (4, 0, 1)
        assert (run.collector.duplicates, run.collector.strangers, run.collector.unreadable) == (1, 2, 1)
        assert sorted(batches_of(client, run), key=len) == [["Say row 2"], [f"Say row {n}" for n in range(1, 5)]]
    assert [row["ceyx_attempts"] for row in output(tmp_path)] == [1, 2, 1, 1]


def test_a_batch_that_expires_leaves_what_it_answered_and_the_rest_is_in_another(stored, tmp_path):
    client, store = stored
    with running(client, tmp_path) as run:
        run.submit(rows(4))
        batch = ended(client, run)
        expired = {"code": "batch_expired", "message": "This request could not be executed in time."}

        def late(lines: list[Any]) -> list[Any]:
            return [*lines[:2], {**lines[2], "response": None, "error": expired}]  # and the fourth has no line at all

        changed(client, store, batch, late, status="expired")
        assert run.wait().done == 4 and [part.rows for part in run.parts] == [4, 2]
    assert [row["ceyx_attempts"] for row in output(tmp_path)] == [1, 1, 2, 2]


@pytest.mark.parametrize("azure", [False, True])
def test_the_provider_s_clock_ends_a_batch(tmp_path, azure):
    with LocalService(Settings(batch_seconds=60)) as service:
        address = {"azure_endpoint": service.azure_endpoint, "api_version": "2024-10-21"} if azure else {"base_url": service.url}
        made: Any = AzureOpenAI if azure else OpenAI
        with made(api_key="any", **address) as client, running(client, tmp_path) as run:
            run.submit(rows(6))
            while not any(part.completed for part in run.parts):
                run.advance()
            hurry(service)
            day = json.dumps({"advance": 25 * 3600}).encode()
            urlopen(Request(f"{service.url.removesuffix('/v1')}/_ceyx/clock", day, {"content-type": "application/json"})).close()
            assert run.wait().done == 6
            assert [part.status for part in run.parts] == ["expired", "completed"]
    assert {row["ceyx_attempts"] for row in output(tmp_path)} == {1, 2}


def test_an_answer_that_is_none(stored, tmp_path):
    client, store = stored
    with running(client, tmp_path, rounds=1) as run:
        run.submit(rows(3))
        broken = [{"status_code": 200, "body": "<html>"}, {"status_code": 200, "body": {"choices": []}}, {"status_code": "odd"}]
        changed(client, store, ended(client, run), lambda all: [{**a, "response": b} for a, b in zip(all, broken, strict=True)])
        assert run.wait().failed == 3
    assert all(row["ceyx_status"] == "error" and row["ceyx_error"] for row in output(tmp_path))


# ---- a network that fails

LOST = ("reset", "cut", "empty", "cut-json", "status;code=500", "status;code=503", "html", "hang-up")


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("path", ["/v1/files", "/v1/batches"])
def test_what_was_made_though_its_answer_was_lost_is_not_made_again(tmp_path, fault, path):
    faults = Settings(more_rules=_rules({"fault": fault, "first": 1, "path": path}))
    with LocalService(faults) as service, OpenAI(base_url=service.url, api_key="any") as client:
        with running(client, tmp_path, most=2) as run:
            run.submit(rows(3))
            assert run.wait().done == 3
            assert sorted(batches_of(client, run)) == [["Say row 1", "Say row 2"], ["Say row 3"]]
        assert len(list(client.files.list(purpose="batch"))) == 2


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("path", ["/v1/batches/*", "/v1/files/*/content"])
def test_looking_and_fetching_go_on_when_there_is_a_network_again(tmp_path, fault, path):
    faults = Settings(more_rules=_rules({"fault": fault, "first": 2, "path": path}))
    with LocalService(faults) as service, OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        with running(client, tmp_path) as run:
            run.submit(rows(3))
            assert run.wait().done == 3 and len(run.parts) == 1
        assert {row["ceyx_attempts"] for row in output(tmp_path)} == {1}


# ---- batches that fail


def test_a_line_that_is_refused_beforehand_fails_alone(stored, tmp_path):
    client, store = stored
    with running(client, tmp_path) as run:
        run.submit(rows(3))
        batch = ended(client, run)
        wrong = {"object": "list", "data": [{"code": "invalid_request", "message": "No.", "param": None, "line": 2}]}
        changed(client, store, batch, lambda _: [], status="failed", errors=wrong, output_file_id=None)
        progress = run.wait()
        assert (progress.done, progress.failed) == (2, 1)
        assert batches_of(client, run)[0] == ["Say row 1", "Say row 3"]
    found = output(tmp_path)
    assert [row["ceyx_attempts"] for row in found] == [1, 0, 1] and found[1]["ceyx_error"] == "No. (invalid_request)"


def test_what_is_wrong_with_all_lines_stops_the_job(client, tmp_path):
    job = Job(model="gpt-9", prompt="Say {text}")
    with (
        running(client, tmp_path, job) as run,
        pytest.raises(JobStoppedError, match=r"refused the batch .*`gpt-9` does not exist"),
    ):
        run.submit(rows(3))
        run.wait()
    assert {row["ceyx_status"] for row in output(tmp_path, job)} == {"error"}


@pytest.mark.parametrize("azure", [False, True])
def test_a_full_queue_is_waited_for(tmp_path, azure):
    settings = Settings(limits={"*": Limit(enqueued_tokens=150)}, batch_seconds=60)
    with LocalService(settings) as service:
        address = {"azure_endpoint": service.azure_endpoint, "api_version": "2024-10-21"} if azure else {"base_url": service.url}
        made: Any = AzureOpenAI if azure else OpenAI
        with made(api_key="any", **address) as client, running(client, tmp_path, most=2) as run:
            run.submit(rows(4))
            while not any(part.refused for part in run.parts):
                run.advance()
            first, second = run.parts
            assert (first.status, second.step, first.refused) == ("in_progress", "uploaded", []) and "imit" in run.trouble
            hurry(service)
            client.batches.cancel(first.batch)
            progress = run.wait()
            assert progress.done >= 2 and progress.done + progress.failed == 4
            assert (first.status, second.status) == ("cancelled", "completed")


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("Enqueued token limit reached for gpt-4o. Limit: 2,000,000 enqueued tokens. Please try again later.", 2_000_000),
        ("The number of enqueued tokens has surpassed the configured limit of 30K for the deployment 'gpt-4.1-batch'.", 30_000),
        ("… the configured limit of 1.5M for …", 1_500_000),
        ("The limit is reached.", None),
    ],
)
def test_the_limit_of_a_queue_is_read_from_the_refusal(said, limit):
    assert limit_in(said) == limit


@pytest.mark.parametrize("queue", [200, 400, 700])
def test_a_part_that_is_more_than_the_whole_queue_is_cut(tmp_path, queue):
    settings = Settings(limits={"*": Limit(enqueued_tokens=queue)})
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        long = "so many words " * 8
        with running(client, tmp_path) as run:
            run.submit(Row({"text": f"{long}{n}"}) for n in range(12))
            assert run.wait().done == 12
            assert len(run.parts) > 1 and all(part.step == "collected" for part in run.parts)
        assert {row["ceyx_attempts"] for row in output(tmp_path)} == {1}


def test_no_more_tokens_are_enqueued_than_are_allowed(tmp_path):
    with (
        LocalService(Settings(batch_seconds=0.05)) as service,
        OpenAI(base_url=service.url, api_key="any") as client,
        running(client, tmp_path, limits=Limits(tokens=30)) as run,
    ):
        enqueued: list[int] = []
        run.submit(rows(9))
        run.wait(lambda: enqueued.append(sum(part.tokens for part in run.parts if part.is_enqueued)))
        assert run.progress.done == 9 and 0 < max(enqueued) <= 30 and len(run.parts) >= 3


# ---- money, refusals


def test_no_round_goes_beyond_the_budget(tmp_path):
    faults = Settings(more_rules=_rules({"fault": "status;code=500", "first": 5, "deployment": MODEL}))
    with LocalService(faults) as service, OpenAI(base_url=service.url, api_key="any") as client:
        with running(client, tmp_path, cap=10**9) as run:
            run.submit(rows(5))
            most = run.ledger.spent()  # as all of it is reserved
            run._cap = most * 2 // 5
            progress = run.wait()
        assert (progress.done, progress.failed, [part.rows for part in run.parts]) == (2, 3, [5, 2])
        assert [row["ceyx_attempts"] for row in output(tmp_path)] == [2, 2, 1, 1, 1]


def test_what_failed_for_good_waits_for_what_is_under_way(tmp_path):
    faults = Settings(more_rules=_rules({"fault": "status;code=500", "first": 1, "deployment": MODEL}), batch_seconds=0.2)
    with LocalService(faults) as service, OpenAI(base_url=service.url, api_key="any") as client:
        with running(client, tmp_path, limits=Limits(rows=1, tokens=15), rounds=1) as run:  # one batch at a time
            run.submit(rows(2))
            while run.progress.failed == 0:
                run.advance()
        with running(client, tmp_path, limits=Limits(rows=1, tokens=15), rounds=1) as run:
            run.submit(rows(2))
            assert len(run.parts) == 2 and (run.wait().done, len(run.parts)) == (1, 2)
        with running(client, tmp_path) as run:
            run.submit(rows(2))
            assert (run.wait().done, len(run.parts)) == (1, 3)


def test_what_is_forgotten_is_named(client, tmp_path):
    with running(client, tmp_path) as run:
        run.submit(rows(2))
        [part] = run.parts
    with Ledger(tmp_path / "x.ledger", JOB, restart=True) as ledger, BatchRun(client, JOB, ledger, **QUICK) as again:
        assert (again.parts.forgotten, len(again.parts)) == ([part.batch], 0)
        again.submit(rows(2))
        assert again.wait().done == 2
    assert [path.name for path in tmp_path.iterdir()] == ["x.ledger"]


def test_a_budget_is_for_all_of_it_and_nothing_is_sent_beyond(client, tmp_path):
    before = len(list(client.files.list(purpose="batch")))
    with (
        running(client, tmp_path, cap=1000) as run,
        pytest.raises(BudgetError, match=r"at the batch rate, and the budget is \$0.000001"),
    ):
        run.submit(rows(5))
    assert len(list(client.files.list(purpose="batch"))) == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.ledger"]
    with running(client, tmp_path, cap=10**9) as run:
        run.submit(rows(5))
        assert run.wait().done == 5
        assert run.ledger.spent() == run.progress.nanodollars


def test_jobs_that_no_batch_takes(client, tmp_path):
    job = TranscriptionJob(model="whisper-1", path="{path}")
    with pytest.raises(ValueError, match="the Batch API does not take /v1/audio/transcriptions"), running(client, tmp_path, job):
        pass
    job = Job(model=MODEL, prompt="x", params={"extra_headers": {"a": "b"}})
    with pytest.raises(ValueError, match="no place for extra_headers"), running(client, tmp_path / "..", job):
        pass


def test_a_server_without_a_batch_api(tmp_path):
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Chat) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with (
            OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="any") as client,
            running(client, tmp_path) as run,
            pytest.raises(JobStoppedError, match="has no Batch API, it answers 404 to POST"),
        ):
            run.submit(rows(2))
        server.shutdown()


def test_a_wrong_key_stops_the_job_and_the_right_one_goes_on(tmp_path):
    with LocalService(Settings(keys=frozenset({"right"}))) as service:
        with (
            OpenAI(base_url=service.url, api_key="wrong") as client,
            running(client, tmp_path) as run,
            pytest.raises(JobStoppedError, match="401"),
        ):
            run.submit(rows(2))
        with OpenAI(base_url=service.url, api_key="right") as client, running(client, tmp_path) as run:
            run.submit(rows(2))
            assert run.wait().done == 2 and len(batches_of(client, run)) == 1


# ---- cancelling, and what a run without batches makes of it


def test_cancelling_keeps_what_was_answered_and_calls_can_go_on(tmp_path):
    with LocalService(Settings(batch_seconds=60)) as service, OpenAI(base_url=service.url, api_key="any") as client:
        with running(client, tmp_path, most=10) as run:
            run.submit(rows(20))
            while not any(part.completed for part in run.parts):
                run.advance()
        with running(client, tmp_path, most=10) as run:
            run.cancel(rows(20))
            progress = run.wait()
            assert 0 < progress.done < 20 and progress.done + progress.failed == 20
            assert {part.status for part in run.parts} == {"cancelled"}
        with Ledger(tmp_path / "x.ledger", JOB) as ledger:
            assert ledger.spent() == progress.nanodollars
            assert ledger.counts() == {"done": progress.done, "failed": progress.failed}
        hurry(service)
        with running(client, tmp_path) as run:
            run.submit(rows(20))
            assert run.wait().done == 20 - progress.done


async def test_rows_in_batches_are_not_asked_by_calls(service, client, tmp_path):
    from ceyx import AsyncOpenAI

    with running(client, tmp_path) as run:
        run.submit(rows(2))
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as asking:
            with pytest.raises(LedgerError, match=r"2 rows of .* are with the provider's Batch API; go on with --batch"):
                await Runner(asking, JOB, ledger).run(rows(2))


def test_remote_files_are_deleted_on_request(client, tmp_path):
    with running(client, tmp_path) as run:
        run.submit(rows(2))
        run.wait()
        [part] = run.parts
        assert {part.file, part.answers} <= {file.id for file in client.files.list()}
        files = {part.file, part.answers}
        run.clean()
        run.clean()
        assert not files & {file.id for file in client.files.list()}


# ---- from input to output


def test_from_a_file_to_a_file(client, tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"id": n, "text": f"row {n}"}) + "\n" for n in range(1, 4)))
    begun = run_batch(JOB, source, target, client=client, wait=False)
    assert not (begun.whole or begun.ok or begun.output) and not target.exists()
    summary = run_batch(JOB, source, target, client=client, clean=True)
    assert summary.ok and summary.done == 3 and summary.output == str(target) and summary.cost > 0
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == [1, 2, 3]
    with pytest.raises(TypeError, match="nonsense"):
        run_batch(JOB, source, target, client=client, nonsense=1)


def test_cancelling_from_input_to_output_has_all_rows(tmp_path):
    with LocalService(Settings(batch_seconds=30)) as service, OpenAI(base_url=service.url, api_key="any") as client:
        given = [{"text": f"row {n}"} for n in range(4)]
        run_batch(JOB, given[:2], tmp_path / "out.jsonl", client=client, wait=False)
        summary = run_batch(JOB, [*given, {"other": 1}], tmp_path / "out.jsonl", client=client, cancel=True)
        assert (summary.whole, summary.failed, summary.ok) == (True, 5 - summary.done, False)
        found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
        assert [row["ceyx_status"] for row in found[2:]] == ["error"] * 3 and len(found) == 5
        assert "it was not sent: the job was cancelled" in found[3]["ceyx_error"]
