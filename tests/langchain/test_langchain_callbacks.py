"""`get_openai_callback`: what is counted, in which threads and tasks, and what it cost."""

from __future__ import annotations

import asyncio
import copy
import threading
from decimal import Decimal

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import get_usage_metadata_callback
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.runnables import RunnableLambda
from langchain_server import STREAM, Recorder, chunk, completion

from ceyx import tokens
from ceyx.langchain import (
    AzureChatOpenAI,
    AzureOpenAI,
    AzureOpenAIEmbeddings,
    ChatOpenAI,
    OpenAI,
    OpenAICallbackHandler,
    OpenAIEmbeddings,
    get_openai_callback,
)
from ceyx.prices import UnknownPriceWarning

MESSAGES = [("system", "You are a helpful assistant that translates English to French."), ("human", "I love programming.")]


def usage(asked, answered, **more):
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered, **more}


def answer(model, asked, answered, **more):
    return completion(model=model, usage=usage(asked, answered), **more)


@pytest.fixture
def server():
    with Recorder() as running:
        yield running


@pytest.fixture
def chat(server):
    return ChatOpenAI(base_url=server.url, api_key="key", model="gpt-4o")


def azure(server, **more):
    fields = {
        "azure_deployment": "gpt-35-turbo",
        "api_version": "2023-06-01-preview",
        "azure_endpoint": server.origin,
        "api_key": "k",
    }
    return AzureChatOpenAI(**{**fields, **more})


# ---- the notebook


def test_the_notebook(server):
    server.answer = answer("gpt-35-turbo", 31, 8)
    llm = azure(server)
    with get_openai_callback() as cb:
        llm.invoke(MESSAGES)
        assert f"Total Cost (USD): ${format(cb.total_cost, '.6f')}" == "Total Cost (USD): $0.000063"
    server.answer = answer("gpt-35-turbo", 31, 6)
    with get_openai_callback() as cb:
        azure(server, model_version="0301").invoke(MESSAGES)
        assert f"Total Cost (USD): ${format(cb.total_cost, '.6f')}" == "Total Cost (USD): $0.000074"


def test_what_it_shows(server, chat):
    details = {"prompt_tokens_details": {"cached_tokens": 20}, "completion_tokens_details": {"reasoning_tokens": 3}}
    server.answer = completion(model="gpt-4o", usage=usage(31, 8, **details))
    with get_openai_callback() as cb:
        chat.invoke(MESSAGES)
        chat.invoke(MESSAGES)
    assert repr(cb) == (
        "Tokens Used: 78\n"
        "\tPrompt Tokens: 62\n"
        "\t\tPrompt Tokens Cached: 40\n"
        "\tCompletion Tokens: 16\n"
        "\t\tReasoning Tokens: 6\n"
        "Successful Requests: 2\n"
        "Total Cost (USD): $0.000265"
    )
    assert cb.cost == Decimal("0.000265") and type(cb.total_cost) is float
    cb.total_cost = 0
    assert cb.total_cost == 0.0 and cb.always_verbose
    assert copy.copy(cb) is copy.deepcopy(cb) is cb


# ---- what is counted


def test_streams_count(server, chat):
    server.answer = [*STREAM[:-1], chunk(usage=usage(31, 8))]
    with get_openai_callback() as cb:
        list(chat.stream(MESSAGES))
    assert (cb.prompt_tokens, cb.completion_tokens, cb.successful_requests, cb.estimated_requests) == (31, 8, 1, 0)
    assert cb.total_cost > 0


def test_a_stream_without_usage_is_estimated(server):
    server.answer = [chunk({"role": "assistant", "content": "J'adore"}), chunk({"content": " la vie."}), chunk({}, "stop")]
    with get_openai_callback() as cb:
        list(ChatOpenAI(base_url=server.url, api_key="key", model="gpt-4o", stream_usage=False).stream(MESSAGES))
    assert cb.estimated_requests == cb.successful_requests == 1
    assert cb.completion_tokens == tokens.count("J'adore la vie.", "gpt-4o") and cb.prompt_tokens > 10
    assert cb.total_cost > 0


def test_text_models_count(service):
    llm = OpenAI(base_url=service.url, api_key="any")
    with get_openai_callback() as cb:
        llm.generate(["one", "two"])
        list(llm.stream("three"))
    assert cb.successful_requests == 3 and cb.estimated_requests == 0
    assert cb.cost == (cb.prompt_tokens * Decimal("1.5") + cb.completion_tokens * 2) / 1_000_000 > 0


def test_embeddings_count(service):
    model = OpenAIEmbeddings(base_url=service.url, api_key="any", model="text-embedding-3-small", chunk_size=1)
    with get_openai_callback() as cb, get_usage_metadata_callback() as counted:
        model.embed_documents(["one two three", "four"])
        asyncio.run(model.aembed_query("five"))
    assert cb.successful_requests == 3 and cb.prompt_tokens == cb.total_tokens > 0
    assert cb.cost == cb.prompt_tokens * Decimal("0.02") / 1_000_000
    assert counted.usage_metadata["text-embedding-3-small"]["input_tokens"] == cb.prompt_tokens
    model.embed_query("after")
    assert cb.successful_requests == 3


def test_embeddings_within_a_chain_count_for_its_callbacks(service):
    model = OpenAIEmbeddings(base_url=service.url, api_key="any", model="text-embedding-3-small")
    handler = OpenAICallbackHandler()
    RunnableLambda(model.embed_query).invoke("one", {"callbacks": [handler]})
    assert handler.successful_requests == 1 and handler.prompt_tokens > 0


def test_a_price_file_knows_deployments(server, tmp_path, environment):
    path = tmp_path / "prices.toml"
    path.write_text('[deployments]\nprod = "gpt-4o"\nptu = {model = "gpt-4o", provisioned = true}\n')
    environment.setenv("CEYX_PRICES", str(path))
    server.answer = answer("gpt-35-turbo", 1000, 0)
    costs = []
    for name in ("prod", "ptu", "other"):
        with get_openai_callback() as cb:
            azure(server, azure_deployment=name).invoke(MESSAGES)
        costs.append(cb.total_cost)
    assert costs == [0.0025, 0.0, 0.0015] and cb.unpriced == []
    server.answer = {
        "object": "list",
        "data": [{"index": 0, "embedding": [1.0]}],
        "model": "ada",
        "usage": {"prompt_tokens": 1000, "total_tokens": 1000},
    }
    with get_openai_callback() as cb:
        AzureOpenAIEmbeddings(azure_endpoint=server.origin, api_key="k", azure_deployment="prod").embed_query("x")
    assert cb.total_cost == 0.0025


def test_tiers_cost_what_they_cost(server, chat):
    costs = []
    for tier in ("default", "priority"):
        server.answer = answer("gpt-4.1", 1000, 0, service_tier=tier)
        with get_openai_callback() as cb:
            chat.invoke(MESSAGES)
        costs.append(cb.total_cost)
    assert costs == [0.002, 0.0035]


def test_other_classes_count_too():
    handler = OpenAICallbackHandler()
    told = {"input_tokens": 1000, "output_tokens": 0, "total_tokens": 1000, "input_token_details": {"flex": 1000}}
    message = AIMessage("x", usage_metadata=told, response_metadata={"model_name": "gpt-5"})
    handler.on_llm_end(LLMResult(generations=[[ChatGeneration(message=message)]]))
    assert handler.cost == Decimal("0.000625")
    handler.on_llm_start({}, ["x"])
    handler.on_llm_end(LLMResult(generations=[]))
    assert handler.successful_requests == 2 and handler.total_tokens == 1000


def test_answers_out_of_a_cache_cost_nothing(server):
    chat = ChatOpenAI(base_url=server.url, api_key="key", model="gpt-4o", cache=InMemoryCache())
    with get_openai_callback() as cb:
        chat.invoke("x")
        chat.invoke("x")
    assert (cb.successful_requests, cb.prompt_tokens) == (1, 31) and len(server.asked) == 1


def test_calls_that_fail_count_as_nothing(server, chat):
    server.answer = (400, {"error": {"message": "no"}})
    with get_openai_callback() as cb, pytest.raises(Exception, match="no"):
        chat.invoke("x")
    assert cb.successful_requests == 0 and not cb._asked


# ---- what is unknown


def test_unknown_models_are_named_and_not_priced(server, chat):
    server.answer = answer("gpt-4o", 1000, 0)
    with get_openai_callback() as cb:
        chat.invoke("x")
        server.answer = answer("their-model-1", 1000, 0)
        with pytest.warns(UnknownPriceWarning, match="'their-model-1'") as caught:
            chat.invoke("x")
            chat.invoke("x")
    assert len(caught) == 1
    assert cb.unpriced == ["their-model-1"] and cb.total_cost == 0.0025 and cb.prompt_tokens == 3000
    assert repr(cb).endswith("Not Priced: their-model-1")


def test_a_warning_that_is_an_error_loses_no_count(server, chat):
    server.answer = answer("their-model-2", 1000, 0)
    with get_openai_callback() as cb:
        chat.invoke("x")
    assert cb.prompt_tokens == 1000 and cb.unpriced == ["their-model-2"]


# ---- where it counts


def test_threads_and_tasks_that_langchain_begins(server, chat):
    async def run():
        await chat.abatch(["x"] * 5)

    with get_openai_callback() as cb:
        chat.batch(["x"] * 5)
        asyncio.run(run())
    chat.invoke("after")
    assert cb.successful_requests == 10 and cb.prompt_tokens == 310


def test_tasks_count_apart(server, chat):
    async def run(times):
        with get_openai_callback() as cb:
            for _ in range(times):
                await chat.ainvoke("x")
        return cb.successful_requests

    async def both():
        return await asyncio.gather(run(1), run(3))

    assert asyncio.run(both()) == [1, 3]


def test_an_inner_one_counts_for_the_outer_one_too(server, chat):
    server.answer = answer("gpt-4o", 31, 8)
    with get_openai_callback() as outer:
        with get_openai_callback() as inner:
            chat.invoke("x")
        chat.invoke("x")
    assert (inner.successful_requests, outer.successful_requests) == (1, 2)
    assert outer.cost == 2 * inner.cost > 0


def test_threads_may_share_one(chat):
    handler = OpenAICallbackHandler()
    threads = [threading.Thread(target=chat.batch, args=(["x"] * 5, {"callbacks": [handler]})) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert handler.successful_requests == 20 and handler.prompt_tokens == 620


def test_azures_text_models(service):
    llm = AzureOpenAI(
        azure_endpoint=service.url.removesuffix("/v1"),
        api_key="k",
        api_version="2024-10-21",
        deployment_name="gpt-35-turbo-instruct",
    )
    with get_openai_callback() as cb:
        llm.invoke("x")
    assert cb.total_cost > 0 and cb.unpriced == []


def test_where_it_is_imported_from():
    from ceyx.langchain.callbacks import get_openai_callback as same

    assert same is get_openai_callback
