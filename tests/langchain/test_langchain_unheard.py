"""Calls with nobody to hear of them give what langchain-core's own calls give, and whoever listens hears everything."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler, get_usage_metadata_callback
from langchain_core.globals import set_llm_cache
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_core.outputs import LLMResult
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.tracers.context import collect_runs
from langchain_server import Recorder

from ceyx.langchain import ChatOpenAI, get_openai_callback
from ceyx.langchain.chat import BaseChatOpenAI

RUN = UUID("0190a5c0-0000-7000-8000-000000000001")
ASKED = [HumanMessage("translate")]


class Told(ChatOpenAI):
    """The same model, with langchain-core's own calls."""

    generate = BaseChatModel.generate
    agenerate = BaseChatModel.agenerate


class Ear(BaseCallbackHandler):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_chat_model_start(self, *_: Any, **more: Any) -> None:
        self.heard.append(f"start {more['invocation_params']['model']} {more.get('tags')} {more.get('metadata', {}).get('mine')}")

    def on_llm_end(self, *_: Any, **_more: Any) -> None:
        self.heard.append("end")

    def on_llm_error(self, error: BaseException, **_more: Any) -> None:
        self.heard.append(f"error {type(error).__name__}")


@pytest.fixture
def server():
    with Recorder() as running:
        yield running


def made(kind: type[BaseChatOpenAI], server: Recorder, **more: Any) -> BaseChatOpenAI:
    return kind(model="gpt-4o", base_url=server.url, api_key="k", max_retries=0, **more)


OPTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({}, {}),
    "stop": ({}, {"stop": ["."]}),
    "parameters": ({"n": 2}, {"temperature": 0.5, "seed": 3}),
    "said to listeners only": ({}, {"tags": ["a"], "metadata": {"b": 1}, "run_name": "c", "ls_structured_output_format": {}}),
    "v1": ({"output_version": "v1"}, {}),
    "rate limiter": ({"rate_limiter": InMemoryRateLimiter(requests_per_second=1000, max_bucket_size=100)}, {}),
    "streaming": ({"streaming": True}, {}),
}


@pytest.mark.parametrize("case", OPTIONS)
async def test_the_same_results_and_requests(server, case):
    fields, given = OPTIONS[case]
    ours, theirs = made(ChatOpenAI, server, **fields), made(Told, server, **fields)
    for messages in ([ASKED], [ASKED, [HumanMessage("and this")]]):
        expected = _comparable(theirs.generate(messages, **given, run_id=RUN))
        asked = _bodies(server)
        found = ours.generate(messages, **given, run_id=RUN)
        assert (found.run or [])[0].run_id == RUN
        assert _comparable(found) == expected
        assert _bodies(server) == asked
        assert _comparable(await ours.agenerate(messages, **given, run_id=RUN)) == expected
        assert _bodies(server) == asked
        assert asked


def _bodies(server: Recorder) -> list[str]:
    """What was asked since the last time; of prompts that are asked at once, in no order."""
    bodies = sorted(json.dumps(request.body) for request in server.asked)
    del server.asked[:]
    return bodies


def _comparable(result: LLMResult) -> Any:
    """Without the ids of runs but the first, which are new each time."""
    found = result.model_dump(exclude={"run"})
    for place, generations in enumerate(found["generations"]):
        for generation in generations:
            if place:
                generation["message"]["id"] = generation["message"]["id"][: len("lc_run--")]
    return found


async def test_who_listens_hears_everything(server):
    model = made(ChatOpenAI, server)
    for more in ({}, {"tags": ["t"], "metadata": {"mine": 1}}):
        ear = Ear()
        config: Any = {"callbacks": [ear], **more}
        model.invoke(ASKED, config)
        await model.ainvoke(ASKED, config)
        said = f"start gpt-4o {config.get('tags', [])} {config.get('metadata', {}).get('mine')}"
        assert ear.heard == [said, "end", said, "end"]
    ear = Ear()
    await made(ChatOpenAI, server, callbacks=[ear]).ainvoke(ASKED)
    assert ear.heard == ["start gpt-4o [] None", "end"]


async def test_listeners_of_the_context(server):
    model = made(ChatOpenAI, server)
    with get_openai_callback() as counted, get_usage_metadata_callback() as usage, collect_runs() as runs:
        model.invoke(ASKED)
        await model.ainvoke(ASKED)
    assert counted.successful_requests == 2
    assert len(runs.traced_runs) == 2
    assert usage.usage_metadata


async def test_errors_are_heard_or_simply_raised(server):
    from ceyx import APIStatusError

    server.answer = lambda _request: (400, {"error": {"message": "no", "code": None, "param": None, "type": "t"}})
    ear = Ear()
    model = made(ChatOpenAI, server)
    for config in ({}, {"callbacks": [ear]}):
        with pytest.raises(APIStatusError, match="no"):
            model.invoke(ASKED, config)
        with pytest.raises(APIStatusError, match="no"):
            await model.ainvoke(ASKED, config)
    assert [said.partition(" ")[0] for said in ear.heard] == ["start", "error", "start", "error"]


async def test_caches(server):
    set_llm_cache(InMemoryCache())
    try:
        for model in (made(ChatOpenAI, server), made(ChatOpenAI, server, cache=InMemoryCache())):
            del server.asked[:]
            first, again, later = model.invoke(ASKED), model.invoke(ASKED), await model.ainvoke(ASKED)
            assert first.content == again.content == later.content
            assert len(server.asked) == 1
            assert later.usage_metadata["total_cost"] == 0  # langchain-core's mark of what comes out of a cache
    finally:
        set_llm_cache(None)


def test_run_ids_are_each_calls_own(server):
    model = made(ChatOpenAI, server)
    one, other = model.invoke(ASKED), model.invoke(ASKED)
    assert one.id != other.id
    assert str(model.invoke(ASKED, {"run_id": RUN}).id) == f"lc_run--{RUN}-0"
