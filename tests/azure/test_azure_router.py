"""Several deployments as one client, over real HTTP: local services that fail in their own ways, blocking and async."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from memory_clients import ASK, KEY

import ceyx
from ceyx import AsyncAzureOpenAI, AzureOpenAI, Deployment, Router
from ceyx.service import LocalService, Settings

VERSION = "2025-04-01-preview"


@pytest.fixture
def serve() -> Iterator[Callable[..., LocalService]]:
    """Starts services; a keyword is the fault of that deployment, with _ for -."""
    with ExitStack() as stack:

        def start(**faults: str) -> LocalService:
            settings = Settings(
                deployments={"gpt-ptu": "gpt-4o"}, faults={name.replace("_", "-"): fault for name, fault in faults.items()}
            )
            return stack.enter_context(LocalService(settings))

        yield start


def at(service: LocalService, name: str, deployment: str = "gpt-4o", **more: Any) -> Deployment:
    given = {"azure_endpoint": service.azure_endpoint, "azure_deployment": deployment, "api_key": KEY, **more}
    return Deployment(name=name, **given)


def openai_at(service: LocalService, name: str, **more: Any) -> Deployment:
    return Deployment(name=name, **{"base_url": service.url, "api_key": KEY, "model": "gpt-4o", **more})


class Both:
    """One way to make calls, for the blocking and the async client."""

    def __init__(self, awaits: bool) -> None:
        self.awaits = awaits
        self.loop = asyncio.new_event_loop() if awaits else None
        self.clients: list[Any] = []

    def client(self, *deployments: Deployment, **more: Any) -> Any:
        given = {"api_version": VERSION, "deployments": deployments or None, **more}
        made: Any = (AsyncAzureOpenAI if self.awaits else AzureOpenAI)(**given)
        self.clients.append(made)
        return made

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work) if self.loop is not None and isinstance(work, Awaitable) else work

    def chat(self, client: Any, **params: Any) -> Any:
        return self.do(client.chat.completions.create(**{"model": "gpt-4o", "messages": ASK, **params}))

    def all(self, stream: Any) -> list[Any]:
        """What a stream or a listing gives."""

        async def gathered() -> list[Any]:
            return [item async for item in stream]

        return self.do(gathered()) if self.awaits else list(stream)

    def close(self) -> None:
        for client in self.clients:
            self.do(client.close())
        if self.loop is not None:
            self.loop.close()


@pytest.fixture(params=[False, True], ids=["blocking", "async"])
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    made = Both(request.param)
    yield made
    made.close()


def states(client: Any) -> dict[str, str]:
    return {name: one["state"] for name, one in client.router.state()["deployments"].items()}


def sent(client: Any) -> dict[str, int]:
    return {name: one["sent"] for name, one in client.router.state()["deployments"].items()}


BUSY = "status;code=429;retry-after-ms=60;times=1;key=all"


def test_provisioned_first_and_pay_as_you_go_on_429(both, serve):
    region = serve(gpt_ptu=BUSY)
    client = both.client(at(region, "ptu", "gpt-ptu"), at(region, "payg", priority=1))
    raw = both.do(client.chat.completions.with_raw_response.create(model="gpt-4o", messages=ASK))
    assert (raw.deployment, raw.retries_taken) == ("payg", 1)
    assert states(client) == {"ptu": "limited", "payg": "ready"}
    assert both.chat(client)._deployment == "payg"
    time.sleep(0.07)
    assert both.chat(client)._deployment == "ptu"  # as its retry-after-ms said
    assert sent(client) == {"ptu": 2, "payg": 2}


def test_regions_fail_in_their_own_ways_and_openai_answers(both, serve):
    reset, gone = serve(gpt_4o="reset;at=head"), serve()
    away = at(gone, "gone", priority=1)
    gone.close()
    client = both.client(
        at(reset, "reset"),
        away,
        at(serve(gpt_4o="status;code=503"), "busy", priority=2),
        openai_at(serve(), "openai", priority=3),
    )
    assert [both.chat(client)._deployment for _ in range(6)] == ["openai"] * 6
    assert states(client) == {"reset": "open", "gone": "open", "busy": "open", "openai": "ready"}
    assert sent(client) == {"reset": 5, "gone": 5, "busy": 5, "openai": 6}


def test_a_stalled_region_is_left_for_the_next(both, serve):
    stalled = serve(gpt_4o="stall;at=request;seconds=5")
    client = both.client(at(stalled, "stalled"), at(serve(), "next", priority=1), timeout=0.1)
    assert both.chat(client)._deployment == "next"


def test_a_region_that_never_answers_by_the_deadline_opens_its_circuit(both, serve):
    stalled = serve(gpt_4o="stall;at=request;seconds=5")
    client = both.client(router=Router([at(stalled, "stalled"), at(serve(), "next", priority=1)], trip_after=1), deadline=0.15)
    with pytest.raises(ceyx.DeadlineExceededError, match="stalled: no answer by the deadline"):
        both.chat(client)
    assert both.chat(client)._deployment == "next"


def test_wrong_keys_and_missing_deployments_are_left_and_said(both, serve, caplog):
    with LocalService(Settings(keys=frozenset({"another"}))) as closed:
        client = both.client(
            at(closed, "wrong-key"), at(serve(), "missing", "no-such-deployment", priority=1), at(serve(), "good", priority=2)
        )
        assert both.chat(client)._deployment == "good"
        assert both.chat(client)._deployment == "good"
    assert sent(client) == {"wrong-key": 1, "missing": 1, "good": 2}
    assert caplog.text.count("'wrong-key' is not asked for a while") == caplog.text.count("'missing' is not asked") == 1


def test_a_wrong_call_is_sent_once(both, serve):
    client = both.client(at(serve(), "one"), at(serve(), "other", priority=1))
    with pytest.raises(ceyx.BadRequestError):
        both.chat(client, temperature=9)
    filtered = both.client(at(serve(gpt_4o="prompt-filtered"), "one"), at(serve(), "other", priority=1))
    with pytest.raises(ceyx.ContentFilterError):
        both.chat(filtered)
    assert sent(client) == sent(filtered) == {"one": 1, "other": 0}


# ---- once a byte has come


@pytest.mark.parametrize("fault", ["cut;events=3", "reset;events=3", "stream-end;events=3"])
def test_a_stream_that_breaks_after_its_first_byte_is_not_sent_again(both, serve, fault):
    client = both.client(at(serve(gpt_4o=fault), "one"), at(serve(), "other", priority=1), stream_end="strict")
    stream = both.chat(client, stream=True)
    with pytest.raises(ceyx.APIConnectionError) as caught:
        both.all(stream)
    assert caught.value.partial is not None
    assert caught.value.request.deployment == "one"
    assert sent(client) == {"one": 1, "other": 0}


def test_an_answer_that_breaks_off_is_not_sent_again_unless_that_is_wanted(both, serve):
    client = both.client(at(serve(gpt_4o="cut;framing=own"), "one"), at(serve(), "other", priority=1))
    with pytest.raises(ceyx.APIConnectionError, match="may have been billed"):
        both.chat(client)
    assert sent(client) == {"one": 1, "other": 0}
    assert both.chat(client.with_options(retry_answered=True))._deployment == "other"


def test_a_stream_that_has_not_begun_spills(both, serve):
    client = both.client(at(serve(gpt_4o="status;code=429;retry-after=30"), "one"), at(serve(), "other", priority=1))
    stream = both.chat(client, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in both.all(stream) if chunk.choices)
    assert text.startswith("This is ceyx")
    assert client.router.health["other"].busy == 0


def test_streams_are_counted_while_they_are_read(both, serve):
    slow = "stall;at=body;events=2;seconds=0.1"
    client = both.client(at(serve(gpt_4o=slow), "one"), at(serve(gpt_4o=slow), "other"), policy="least_busy")
    first, second = both.chat(client, stream=True), both.chat(client, stream=True)
    assert [client.router.state()["deployments"][name]["in_flight"] for name in ("one", "other")] == [1, 1]
    both.all(first)
    both.do(second.close())
    assert [client.router.state()["deployments"][name]["in_flight"] for name in ("one", "other")] == [0, 0]


# ---- stored things


def test_responses_go_on_where_they_were_made(both, serve):
    limited = serve(gpt_4o="status;code=429;retry-after-ms=50;times=1;key=all")
    client = both.client(at(limited, "one"), at(serve(), "other", priority=1))
    first = both.do(client.responses.create(model="gpt-4o", input="My name is Ann."))
    time.sleep(0.06)
    assert first._deployment == "other"
    assert both.do(client.responses.create(model="gpt-4o", input="Hi"))._deployment == "one"
    more = both.do(client.responses.create(model="gpt-4o", input="Who am I?", previous_response_id=first.id))
    assert more._deployment == "other"
    assert both.do(client.responses.retrieve(more.id)).id == more.id
    assert [item.type for item in both.all(client.responses.input_items.list(more.id))]


def test_streamed_responses_too(both, serve):
    limited = serve(gpt_4o="status;code=429;retry-after-ms=50;times=1;key=all")
    client = both.client(at(limited, "one"), at(serve(), "other", priority=1))
    *_, last = both.all(both.do(client.responses.create(model="gpt-4o", input="My name is Ann.", stream=True)))
    time.sleep(0.06)
    more = both.do(client.responses.create(model="gpt-4o", input="Who am I?", previous_response_id=last.response.id))
    assert more._deployment == "other"


def test_what_another_program_stored_is_found(both, serve):
    here, there = serve(), serve()
    other = both.client(at(there, "there"))
    response = both.do(other.responses.create(model="gpt-4o", input="My name is Ann."))
    file = both.do(other.files.create(file=("a.txt", b"hello"), purpose="assistants"))
    client = both.client(at(here, "here"), at(there, "there", priority=1))
    assert both.do(client.files.retrieve(file.id)).filename == "a.txt"
    assert both.do(client.files.content(file.id)).read() == b"hello"
    more = both.do(client.responses.create(model="gpt-4o", input="Who am I?", previous_response_id=response.id))
    assert more._deployment == "there"
    with pytest.raises(ceyx.NotFoundError):
        both.do(client.files.retrieve("file-nowhere"))
    assert states(client) == {"here": "ready", "there": "ready"}


def test_files_vector_stores_and_their_flows_stay_at_home(both, serve):
    home = serve()
    client = both.client(openai_at(home, "home"), at(serve(), "other", priority=1), policy="least_busy")
    store = both.do(client.vector_stores.create(name="birds"))
    held = both.do(
        client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("birds.txt", b"The heron eats fish."))
    )
    assert held.status == "completed"
    assert [file.id for file in both.all(client.files.list())] == [held.id]
    assert both.all(client.vector_stores.search(store.id, query="heron"))
    assert sent(client)["other"] == 0


def test_a_file_is_sent_again_from_its_beginning(both, serve, tmp_path):
    path = tmp_path / "speech.wav"
    path.write_bytes(b"RIFF" + bytes(200_000))
    client = both.client(at(serve(**{"*": "status;code=500"}), "one", "whisper-1"), at(serve(), "other", "whisper-1", priority=1))
    text = both.do(client.audio.transcriptions.create(model="whisper-1", file=path, response_format="text"))
    assert text
    assert sent(client) == {"one": 1, "other": 1}


# ---- many at once


def test_calls_spread_over_deployments_by_how_busy_they_are(serve):
    slow, fast = serve(gpt_4o="stall;at=request;seconds=0.08"), serve()
    client = AzureOpenAI(api_version=VERSION, deployments=[at(slow, "slow"), at(fast, "fast")], policy="least_busy")
    with client, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: client.chat.completions.create(model="gpt-4o", messages=ASK), range(40)))
    assert sent(client)["fast"] > 2 * sent(client)["slow"] > 0
    assert {one["in_flight"] for one in client.router.state()["deployments"].values()} == {0}


async def test_a_burst_over_a_limit_is_answered_whole(serve):
    ptu, payg = serve(gpt_ptu="status;code=429;retry-after-ms=20"), serve()
    deployments = [at(ptu, "ptu", "gpt-ptu"), at(payg, "payg", priority=1)]
    async with AsyncAzureOpenAI(api_version=VERSION, deployments=deployments, max_retries=0) as client:
        calls = [client.chat.completions.create(model="gpt-4o", messages=ASK) for _ in range(50)]
        answers = await asyncio.gather(*calls)
        assert {answer._deployment for answer in answers} == {"payg"}
        assert {one["in_flight"] for one in client.router.state()["deployments"].values()} == {0}


async def test_a_cancelled_call_leaves_nothing_behind(serve):
    stalled = serve(gpt_4o="stall;at=request;seconds=5")
    async with AsyncAzureOpenAI(api_version=VERSION, deployments=[at(stalled, "stalled")]) as client:
        task = asyncio.create_task(client.chat.completions.create(model="gpt-4o", messages=ASK))
        await asyncio.sleep(0.05)
        assert client.router.state()["deployments"]["stalled"]["in_flight"] == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        del task
        assert client.router.state()["deployments"]["stalled"]["in_flight"] == 0
        assert states(client) == {"stalled": "ready"}


def test_clients_share_a_router_over_threads(serve):
    router = Router([at(serve(gpt_ptu="status;code=429;retry-after=30"), "ptu", "gpt-ptu"), at(serve(), "payg", priority=1)])
    clients = [AzureOpenAI(api_version=VERSION, router=router) for _ in range(2)]
    assert clients[0].chat.completions.create(model="gpt-4o", messages=ASK)._deployment == "payg"
    thread = threading.Thread(target=clients[1].chat.completions.create, kwargs={"model": "gpt-4o", "messages": ASK})
    thread.start()
    thread.join()
    assert {name: one["sent"] for name, one in router.state()["deployments"].items()} == {"ptu": 1, "payg": 2}
    for client in clients:
        client.close()


# ---- identities


def test_each_deployment_has_its_own_identity_and_renews_it(both, serve):
    given: list[str] = []

    class Credential:
        def get_token(self, *scopes: str, **_: Any) -> Any:
            given.append(scopes[0])
            return type("Token", (), {"token": f"token-{len(given)}", "expires_on": int(time.time()) + 3600})()

    first = serve(gpt_4o="status;code=401;times=1;key=all")
    entra = Deployment(name="entra", azure_endpoint=first.azure_endpoint, azure_deployment="gpt-4o", credential=Credential())
    client = both.client(entra, at(serve(), "key", priority=1))
    assert both.chat(client)._deployment == "entra"  # a 401 asks for a new token, once
    assert given == ["https://cognitiveservices.azure.com/.default"] * 2
    assert states(client) == {"entra": "ready", "key": "ready"}
