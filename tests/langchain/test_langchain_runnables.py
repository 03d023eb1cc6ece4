"""What langchain-core and `langchain` do with models: compose, configure, cache, limit, trace, write down, make by name."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.chat_models import init_chat_model
from langchain.chat_models.base import _BUILTIN_PROVIDERS as CHAT_PROVIDERS
from langchain.embeddings import init_embeddings
from langchain.embeddings.base import _BUILTIN_PROVIDERS as EMBEDDING_PROVIDERS
from langchain_core import load as core_load
from langchain_core.caches import InMemoryCache
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import ConfigurableField, RunnableLambda, RunnablePassthrough
from langchain_core.tracers.langchain import wait_for_all_tracers
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_server import Asked, Recorder, choice, chunk, completion, failure
from langgraph.prebuilt import create_react_agent
from langsmith import Client, tracing_context

from ceyx.langchain import (
    AzureChatOpenAI,
    AzureOpenAI,
    ChatOpenAI,
    OpenAI,
    OpenAIEmbeddings,
    load,
    loads,
    register,
)
from ceyx.langchain.embeddings import AzureOpenAIEmbeddings
from ceyx.langchain.loading import IMPORTS
from ceyx.service import LocalService

SECRET = "sk-very-secret"
AZURE: dict[str, Any] = {"azure_endpoint": "https://contoso.openai.azure.com", "api_version": "2024-10-21", "api_key": SECRET}


def echoing(asked: Asked) -> Any:
    """Answers with what was asked last, in capitals."""
    if "messages" not in asked.body:
        choices = [{"index": 0, "text": asked.body["prompt"][0].upper(), "finish_reason": "stop", "logprobs": None}]
        return completion(object="text_completion", choices=choices)
    text = asked.body["messages"][-1]["content"].upper()
    if asked.body.get("stream"):
        return [chunk({"role": "assistant", "content": ""}), *(chunk({"content": letter}) for letter in text), chunk({}, "stop")]
    return completion(choice({"content": text}))


@pytest.fixture
def server() -> Iterator[Recorder]:
    with Recorder(echoing) as running:
        yield running


@pytest.fixture
def model(server: Recorder) -> ChatOpenAI:
    return ChatOpenAI(base_url=server.url, api_key=SECRET, model="gpt-4o", max_retries=0)


@pytest.fixture
def llm(server: Recorder) -> OpenAI:
    return OpenAI(base_url=server.url, api_key=SECRET, max_retries=0)


# ---- composed


def test_chains(model: ChatOpenAI) -> None:
    prompt = ChatPromptTemplate.from_messages([("system", "to {language}"), ("human", "{input}")])
    chain = prompt | model | StrOutputParser()
    both = RunnablePassthrough.assign(answer=chain).pick(["answer", "language"])
    assert both.invoke({"language": "German", "input": "hi"}) == {"answer": "HI", "language": "German"}
    assert list(chain.stream({"language": "German", "input": "hi"})) == ["", "H", "I", "", ""]
    assert chain.map().invoke([{"language": "a", "input": "x"}, {"language": "b", "input": "y"}]) == ["X", "Y"]


def test_batches_as_they_are_completed(model: ChatOpenAI, llm: OpenAI) -> None:
    assert sorted((place, message.content) for place, message in model.batch_as_completed(["a", "b"])) == [(0, "A"), (1, "B")]
    assert sorted(llm.batch_as_completed(["a", "b"])) == [(0, "A"), (1, "B")]


def test_batches_keep_failures_where_they_are_wanted(model: ChatOpenAI, server: Recorder) -> None:
    server.answer = lambda asked: failure(400) if asked.body["messages"][0]["content"] == "b" else echoing(asked)
    one, other = model.batch(["a", "b"], {"max_concurrency": 1}, return_exceptions=True)
    assert one.content == "A" and type(other).__name__ == "OpenAIInvalidRequestError"


async def test_awaited_batches_as_they_are_completed(model: ChatOpenAI) -> None:
    found = [(place, message.content) async for place, message in model.abatch_as_completed(["a", "b"])]
    assert sorted(found) == [(0, "A"), (1, "B")]
    await model.root_async_client.close()


async def test_events_of_a_chain(model: ChatOpenAI) -> None:
    chain = (ChatPromptTemplate.from_template("{x}") | model | StrOutputParser()).with_config(run_name="chain")
    events = [event async for event in chain.astream_events({"x": "hi"}, version="v2", include_types=["chat_model"])]
    kinds = [event["event"] for event in events]
    assert (kinds[0], kinds[-1], set(kinds[1:-1])) == ("on_chat_model_start", "on_chat_model_end", {"on_chat_model_stream"})
    assert "".join(event["data"]["chunk"].content for event in events[1:-1]) == "HI"
    assert events[-1]["data"]["output"].content == "HI" and SECRET not in repr(events)
    await model.root_async_client.close()


async def test_events_of_a_model_that_completes(llm: OpenAI, server: Recorder) -> None:
    pieces = [{"index": 0, "text": letter, "finish_reason": None, "logprobs": None} for letter in "AB"]
    server.answer = [completion(choices=[piece], usage=None) for piece in pieces]
    kinds = [event["event"] async for event in llm.astream_events("hi", version="v2")]
    assert kinds == ["on_llm_start", "on_llm_stream", "on_llm_stream", "on_llm_end"]
    await llm.root_async_client.close()


@pytest.mark.filterwarnings("ignore:This API is in beta")  # as_tool
def test_graphs_schemas_and_tools(model: ChatOpenAI) -> None:
    chain = ChatPromptTemplate.from_template("{question}") | model | StrOutputParser()
    assert [node.name for node in chain.get_graph().nodes.values()][1:3] == ["ChatPromptTemplate", "ChatOpenAI"]
    assert "ChatOpenAI" in chain.get_graph().draw_mermaid()
    assert "question" in chain.get_input_jsonschema()["properties"]
    assert model.get_output_jsonschema()["title"] == "ChatOpenAIOutput"
    tool = chain.as_tool(name="ask", description="asks")
    assert tool.invoke({"question": "hi"}) == "HI"


def test_listeners(model: ChatOpenAI) -> None:
    heard: list[str] = []
    listening = model.with_listeners(
        on_start=lambda run: heard.append(f"{run.name} starts"), on_end=lambda run: heard.append(f"{run.name} ends")
    )
    listening.invoke("hi")
    assert heard == ["ChatOpenAI starts", "ChatOpenAI ends"]


# ---- configured


def test_alternatives(model: ChatOpenAI, server: Recorder) -> None:
    where = {**AZURE, "azure_endpoint": server.origin, "azure_deployment": "gpt"}
    chosen = model.configurable_alternatives(
        ConfigurableField("provider"),
        default_key="openai",
        azure=lambda: AzureChatOpenAI(**where),
        llm=OpenAI(base_url=server.url, api_key=SECRET),
    )
    for provider in ("openai", "azure", "llm"):
        chosen.with_config(configurable={"provider": provider}).invoke("hi")
    paths = [asked.path.partition("?")[0] for asked in server.asked]
    assert paths == ["/v1/chat/completions", "/openai/deployments/gpt/chat/completions", "/v1/completions"]


def test_fields_of_a_model_that_completes(llm: OpenAI, server: Recorder) -> None:
    configurable = llm.configurable_fields(max_tokens=ConfigurableField("limit"), model_name=ConfigurableField("model"))
    configurable.invoke("hi", {"configurable": {"limit": 3, "model": "davinci-002"}})
    assert (server.body["max_tokens"], server.body["model"]) == (3, "davinci-002")
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"


def test_fields_that_are_a_connections(model: ChatOpenAI, server: Recorder) -> None:
    configurable = model.configurable_fields(openai_api_base=ConfigurableField("url"))
    with Recorder(echoing) as other:
        configurable.with_config(configurable={"url": other.url}).invoke("hi")
        assert len(other.asked) == 1 and not server.asked


def test_a_limiter_of_langchain_core(server: Recorder) -> None:
    limiter = InMemoryRateLimiter(requests_per_second=20, check_every_n_seconds=0.005, max_bucket_size=1)
    limited = ChatOpenAI(base_url=server.url, api_key=SECRET, rate_limiter=limiter)
    begun = time.monotonic()
    assert [one.content for one in limited.batch(["a", "b", "c"])] == ["A", "B", "C"]
    assert time.monotonic() - begun > 0.09


# ---- cached


def key_of(made: Any, prompt: str, cache: InMemoryCache) -> tuple[str, str]:
    cache._cache.clear()
    made.invoke(prompt)
    [key] = cache._cache
    return key


@pytest.mark.parametrize("kind", [ChatOpenAI, OpenAI])
def test_keys_of_caches(kind: Any, server: Recorder) -> None:
    """The same for models that are alike, other for others, in every process, and without a secret."""
    cache = InMemoryCache()

    def make(**more: Any) -> Any:
        return kind(**{"base_url": server.url, "api_key": SECRET, "cache": cache, **more})

    key = key_of(make(), "hi", cache)
    used = make()
    used.invoke("before")
    assert key_of(used, "hi", cache) == key_of(make(api_key="another"), "hi", cache) == key
    assert key_of(make(temperature=0.1), "hi", cache) != key
    assert key_of(make(model="another"), "hi", cache) != key
    assert SECRET not in str(key) and "0x" not in str(key)
    headed = key_of(make(default_headers={"authorization": SECRET}, openai_proxy=None), "hi", cache)
    assert SECRET not in str(headed)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")  # of that package
def test_a_cache_on_disk(model: ChatOpenAI, server: Recorder, tmp_path: Any) -> None:
    caches = pytest.importorskip("langchain_community.cache")
    kept = ChatOpenAI(base_url=server.url, api_key=SECRET, cache=caches.SQLiteCache(str(tmp_path / "answers.db")))
    first, again = kept.invoke("hi"), kept.invoke("hi")
    assert (again.content, len(server.asked)) == ("HI", 1)
    assert again.response_metadata == first.response_metadata
    assert SECRET.encode() not in (tmp_path / "answers.db").read_bytes()


# ---- traced


def test_nothing_is_traced_unless_it_is_asked_for(model: ChatOpenAI, server: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[Any] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        connected.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    model.invoke("hi")
    list(model.stream("hi"))
    wait_for_all_tracers()
    here = ("127.0.0.1", int(server.origin.rpartition(":")[2]))
    assert {address for address in connected if address[0] != here[0]} == set()
    assert len(server.asked) == 2


def test_traces_tell_of_the_call_and_of_no_secret(model: ChatOpenAI) -> None:
    with Recorder({}) as smith:
        client = Client(api_url=smith.origin, api_key="traced", auto_batch_tracing=False, info={})
        with tracing_context(enabled=True, client=client):
            model.invoke("hi")
        wait_for_all_tracers()
        texts = [json.dumps(asked.body) for asked in smith.asked]
    assert any('"ChatOpenAI"' in text and '"ls_model_name": "gpt-4o"' in text for text in texts)
    assert not any(SECRET in text for text in texts)


# ---- written down

WRITTEN = [
    ChatOpenAI(api_key=SECRET, model="gpt-4o", temperature=0.5, stop=["x"]),
    AzureChatOpenAI(**AZURE, azure_deployment="gpt", temperature=0.5),
    OpenAI(api_key=SECRET, temperature=0.5, logit_bias={"5": 1}),
    AzureOpenAI(**AZURE, azure_deployment="gpt", temperature=0.5),
]


@pytest.mark.filterwarnings("ignore:The function `loads`")  # langchain-core's own
@pytest.mark.parametrize("written", WRITTEN, ids=lambda written: type(written).__name__)
def test_every_class_is_read_as_it_was_written(written: Any, environment: pytest.MonkeyPatch) -> None:
    text = core_load.dumps(written)
    assert SECRET not in text
    environment.setenv("OPENAI_API_KEY", "found")
    environment.setenv("AZURE_OPENAI_API_KEY", "found")
    here = load(core_load.dumpd(written))
    # As a program does that has langchain-core's function, and says where things are.
    there = core_load.loads(
        text,
        allowed_objects=[type(written)],
        valid_namespaces=["ceyx"],
        additional_import_mappings=IMPORTS,
        secrets_from_env=True,
    )
    for read in (here, there):
        assert type(read) is type(written)
        assert read.root_client.api_key == "found"
        assert read._identifying_params == written._identifying_params
        assert json.loads(core_load.dumps(read)) == json.loads(text)


def test_chains_are_read_as_they_were_written(model: ChatOpenAI, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_API_KEY", "found")
    text = core_load.dumps(PromptTemplate.from_template("{x}") | model | StrOutputParser())
    assert SECRET not in text
    assert loads(text, allowed_objects="all").invoke({"x": "hi"}) == "HI"


# ---- made by their names


@pytest.fixture
def providers() -> Iterator[None]:
    """Puts back what a test registers."""
    before = [(table, dict(table)) for table in (CHAT_PROVIDERS, EMBEDDING_PROVIDERS)]
    yield
    for table, kept in before:
        table.clear()
        table.update(kept)


@pytest.mark.usefixtures("providers")
def test_models_by_name(server: Recorder) -> None:
    register()
    register()
    made = init_chat_model("ceyx:gpt-4o", base_url=server.url, api_key=SECRET, temperature=0)
    assert type(made) is ChatOpenAI and made.invoke("hi").content == "HI"
    azure = init_chat_model("ceyx_azure:prod", **{**AZURE, "azure_endpoint": server.origin})
    assert type(azure) is AzureChatOpenAI and azure.invoke("hi").content == "HI"
    assert server.asked[-1].path.startswith("/openai/deployments/prod/chat/completions")
    assert type(init_embeddings("ceyx:text-embedding-3-small", api_key=SECRET)) is OpenAIEmbeddings
    assert type(init_embeddings("ceyx_azure:prod", **AZURE)) is AzureOpenAIEmbeddings
    assert type(init_chat_model("openai:gpt-4o", api_key=SECRET)).__module__.startswith("langchain_openai")


@pytest.mark.usefixtures("providers")
def test_in_place_of_the_reference(environment: pytest.MonkeyPatch, server: Recorder) -> None:
    environment.setenv("OPENAI_API_KEY", SECRET)
    environment.setenv("OPENAI_BASE_URL", server.url)
    init_chat_model("openai:gpt-4o")  # `langchain` remembers whose it was
    register(replace=True)
    for name in ("openai:gpt-4o", "gpt-4o"):
        assert type(init_chat_model(name)) is ChatOpenAI
    configurable = init_chat_model(configurable_fields=("model", "temperature"), temperature=0)
    assert configurable.invoke("hi", {"configurable": {"model": "gpt-4o-mini"}}).content == "HI"
    assert (server.body["model"], server.body["temperature"]) == ("gpt-4o-mini", 0)
    agent: Any = create_agent("openai:gpt-4o", [])
    assert agent.invoke({"messages": [("user", "hi")]})["messages"][-1].content == "HI"


def test_a_langchain_that_keeps_them_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("langchain.chat_models.base._BUILTIN_PROVIDERS")
    with pytest.raises(RuntimeError, match="make models with ChatOpenAI"):
        register()


ABSENT = """
import sys

class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


@pytest.mark.parametrize(
    ("package", "program", "told"),
    [
        (
            "langchain_core",
            "from ceyx.langchain import ChatOpenAI",
            "ChatOpenAI needs langchain-core: pip install 'ceyx[langchain]'",
        ),
        ("langchain", "from ceyx.langchain import register; register()", "pip install langchain"),
    ],
)
def test_what_is_not_installed_is_named(package: str, program: str, told: str) -> None:
    script = ABSENT.format(package=package) + program
    assert told in subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False).stderr


# ---- in threads and tasks


def test_one_model_in_many_threads_and_loops(model: ChatOpenAI) -> None:
    async def asked() -> list[Any]:
        return [one.content for one in await model.abatch(["a", "b"])]

    step = RunnableLambda(lambda text: [*asyncio.run(asked()), model.invoke(text).content])
    assert step.batch(["x", "y", "z"]) == [["A", "B", text] for text in "XYZ"]


# ---- with what others build


def get_weather(place: str) -> str:
    """Tell the weather."""
    return f"sunny in {place}"


@pytest.mark.filterwarnings("ignore:create_react_agent has been moved")
@pytest.mark.parametrize("awaits", [False, True], ids=["sync", "async"])
def test_the_prebuilt_agent_of_langgraph(service: LocalService, awaits: bool) -> None:
    model = ChatOpenAI(model="gpt-4o", base_url=service.url, api_key=SECRET)
    agent: Any = create_react_agent(model, [get_weather], prompt="You know the weather.")
    asked = {"messages": [("user", "What is the weather in Rome?")]}
    found = asyncio.run(agent.ainvoke(asked)) if awaits else agent.invoke(asked)
    assert [message.type for message in found["messages"]] == ["human", "ai", "tool", "ai"]
    assert "sunny in Rome" in found["messages"][-1].content


def test_stores_and_retrievers(service: LocalService) -> None:
    vectors = OpenAIEmbeddings(base_url=service.url, api_key=SECRET, model="text-embedding-3-small")
    store = InMemoryVectorStore.from_texts(["Kingfishers nest in banks.", "Bread is baked from flour."], vectors)
    assert store.as_retriever(search_kwargs={"k": 1}).invoke("Where do kingfishers nest?")[0].page_content.startswith("King")
    [(found, score)] = asyncio.run(store.asimilarity_search_with_score("bread and flour", k=1))
    assert found.page_content.startswith("Bread") and 0 < score < 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_ensemble_retriever(service: LocalService) -> None:
    retrievers = pytest.importorskip("langchain_classic.retrievers")
    vectors = OpenAIEmbeddings(base_url=service.url, api_key=SECRET)
    stores = [InMemoryVectorStore.from_texts(texts, vectors) for texts in (["a bird", "a fish"], ["a bird", "a tree"])]
    both = retrievers.EnsembleRetriever(retrievers=[store.as_retriever() for store in stores], weights=[0.5, 0.5])
    assert both.invoke("bird")[0].page_content == "a bird"
