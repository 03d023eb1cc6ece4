# ruff: noqa: B007, B018
"""What type checkers infer of the public API. A line that ends in `# E` must be an error, and no other line may be one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, assert_type

import ceyx
from ceyx import (
    NOT_GIVEN,
    APIStatusError,
    AsyncAzureOpenAI,
    AsyncOpenAI,
    AzureOpenAI,
    BaseModel,
    DataResidency,
    NotGiven,
    Omit,
    OpenAI,
    RateLimitError,
    RequestOptions,
    Timeout,
    omit,
)
from ceyx.pagination import AsyncCursorPage, AsyncPaginator, SyncCursorPage
from ceyx.resources.chat import AsyncCompletions, Completions
from ceyx.resources.tree import Tree
from ceyx.response import APIResponse, AsyncAPIResponse, RawResponse
from ceyx.streaming import AsyncStream, Stream
from ceyx.types import Completion, CreateEmbeddingResponse, Embedding, Model, ModelDeleted
from ceyx.types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    ChatCompletionMessageParam,
    CompletionCreateParams,
)
from ceyx.wire.call import Call, Pages
from ceyx.wire.endpoint import Plan, Sync

ask: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {"url": "https://x"}}]},
]


def clients(provider: Callable[[], str], credential: object, residency: DataResidency) -> None:
    OpenAI()
    OpenAI(api_key=None, base_url="https://x", timeout=None, max_retries=0, default_headers={"a": "b", "c": omit}, deadline=3)
    OpenAI(api_key=provider, timeout=NOT_GIVEN, data_residency="eu")
    OpenAI(data_residency=residency)
    AzureOpenAI(azure_endpoint="https://x", api_version="2024-10-21", azure_ad_token_provider=provider)
    AsyncAzureOpenAI(azure_endpoint="https://x", azure_deployment="d", credential=credential)
    OpenAI(api_kye="x")  # E
    OpenAI(azure_endpoint="https://x")  # E
    OpenAI(api_key=1)  # E
    OpenAI("sk-1")  # E
    OpenAI(data_residency="mars")  # E
    OpenAI(max_retries="2")  # E
    OpenAI(timeout="5")  # E
    OpenAI(default_headers=["a"])  # E
    AzureOpenAI(endpoint="https://x")  # E
    AsyncOpenAI(http_logging="loud")  # E


def chat(c: OpenAI, azure: AzureOpenAI) -> None:
    answer = c.chat.completions.create(model="m", messages=ask)
    assert_type(answer, ChatCompletion)
    assert_type(answer.choices[0].message, ChatCompletionMessage)
    assert_type(answer.choices[0].message.content, str | None)
    assert_type(answer.id, str)
    assert_type(answer._request_id, str | None)
    assert_type(answer.model_dump(), dict[str, Any])
    view: BaseModel = answer
    assert_type(view.to_json(), str)
    assert_type(azure.chat.completions.create(model="m", messages=ask), ChatCompletion)
    c.chat.completions.create(model="m", messages=ask, timeout=None, extra_headers={"a": omit}, extra_body={"x": 1}, deadline=5)
    c.chat.completions.create(model="m", messages=ask, tools=[{"type": "function", "function": {"name": "f"}}])
    c.chat.completions.create(model="m", messages=ask, timeout=Timeout(3, connect=1))
    azure.chat.completions.create(model="m", messages=ask, data_sources=[{"type": "azure_search"}])
    answer.nonsense  # E
    answer.choices[0].message.content.upper()  # E
    c.chat.completions.create("m", ask)  # E
    c.chat.completions.create(messages=ask)  # E
    c.chat.completions.create(model="m")  # E
    c.chat.completions.create(model="m", messages=ask, temperture=1)  # E
    c.chat.completions.create(model="m", messages=ask, temperature="hot")  # E
    c.chat.completions.create(model="m", messages=[{"role": "user"}])  # E
    c.chat.completions.create(model="m", messages=[{"role": "wrong", "content": ""}])  # E
    c.chat.completions.create(model="m", messages=ask, timeout="5")  # E
    c.chat.completions.create(model="m", messages=ask, reasoning_effort="some")  # E
    c.chat.completion.create(model="m", messages=ask)  # E


def streams(c: OpenAI, flag: bool, maybe: bool | None, heat: float | Omit, unset: NotGiven) -> None:
    create = c.chat.completions.create
    assert_type(create(model="m", messages=ask, temperature=heat, user=unset), ChatCompletion)
    assert_type(create(model="m", messages=ask, stream=False), ChatCompletion)
    assert_type(create(model="m", messages=ask, stream=None), ChatCompletion)
    assert_type(create(model="m", messages=ask, stream=omit), ChatCompletion)
    assert_type(create(model="m", messages=ask, stream=True), Stream[ChatCompletionChunk])
    assert_type(create(model="m", messages=ask, stream=flag), ChatCompletion | Stream[ChatCompletionChunk])
    assert_type(create(model="m", messages=ask, stream=maybe), ChatCompletion | Stream[ChatCompletionChunk])
    assert_type(c.completions.create(model="m", prompt="p"), Completion)
    assert_type(c.completions.create(model="m", prompt="p", stream=True), Stream[Completion])
    for chunk in create(model="m", messages=ask, stream=True):
        assert_type(chunk, ChatCompletionChunk)
        assert_type(chunk.choices[0].delta.content, str | None)
    with create(model="m", messages=ask, stream=True) as stream:
        assert_type(next(stream), ChatCompletionChunk)
        assert_type(stream.response, RawResponse[Any])
    create(model="m", messages=ask, stream="yes")  # E
    for _ in create(model="m", messages=ask):  # E
        pass
    with create(model="m", messages=ask):  # E
        pass


async def async_streams(a: AsyncOpenAI, flag: bool) -> None:
    create = a.chat.completions.create
    unsent = create(model="m", messages=ask)
    task: Coroutine[Any, Any, ChatCompletion] = unsent
    assert_type(await task, ChatCompletion)
    assert_type(await create(model="m", messages=ask, stream=flag), ChatCompletion | AsyncStream[ChatCompletionChunk])
    async for chunk in await create(model="m", messages=ask, stream=True):
        assert_type(chunk, ChatCompletionChunk)
    async with await a.completions.create(model="m", prompt="p", stream=True) as stream:
        assert_type(await anext(stream), Completion)
    create(model="m", messages=ask).choices  # E
    async for chunk in create(model="m", messages=ask, stream=True):  # E
        pass
    await create(model="m")  # E


def others(c: OpenAI) -> None:
    made = c.embeddings.create(model="m", input=["a", "b"], dimensions=3)
    assert_type(made, CreateEmbeddingResponse)
    assert_type(made.data[0], Embedding)
    assert_type(made.data[0].embedding, list[float])
    c.embeddings.create(model="m", input=[1, 2, 3])
    assert_type(c.models.retrieve("m"), Model)
    assert_type(c.models.retrieve(model="m", timeout=3), Model)
    assert_type(c.models.delete("m"), ModelDeleted)
    c.embeddings.create(model="m")  # E
    c.embeddings.create(model="m", input=["a"], encoding_format="hex")  # E
    c.models.retrieve()  # E
    c.models.retrieve(1)  # E
    c.models.retrieve("m", 3)  # E
    c.models.list(limit=3)  # E


def pages(c: OpenAI) -> None:
    page = c.models.list()
    assert_type(page, SyncCursorPage[Model])
    assert_type(page.data, list[Model])
    assert_type(page.has_more, bool | None)
    assert_type(page.has_next_page(), bool)
    assert_type(page.get_next_page(), SyncCursorPage[Model])
    for model in page:
        assert_type(model, Model)
    for one in page.iter_pages():
        assert_type(one, SyncCursorPage[Model])


async def async_pages(a: AsyncOpenAI) -> None:
    assert_type(a.models.list(), AsyncPaginator[Model, AsyncCursorPage[Model]])
    page = await a.models.list()
    assert_type(page, AsyncCursorPage[Model])
    assert_type(await page.get_next_page(), AsyncCursorPage[Model])
    async for model in a.models.list():
        assert_type(model, Model)
    async for model in page:
        assert_type(model, Model)
    for model in page:  # E
        pass


def raw(c: OpenAI) -> None:
    response = c.chat.completions.with_raw_response.create(model="m", messages=ask)
    assert_type(response, RawResponse[ChatCompletion])
    assert_type(response.parse(), ChatCompletion)
    assert_type(response.parse(to=dict), dict[Any, Any])
    assert_type(response.headers, Mapping[str, str])
    assert_type(response.request_id, str | None)
    assert_type(response.retries_taken, int)
    assert_type(
        c.with_raw_response.chat.completions.create(model="m", messages=ask, stream=True).parse(), Stream[ChatCompletionChunk]
    )
    assert_type(c.chat.with_raw_response.completions.create(model="m", messages=ask), RawResponse[ChatCompletion])
    assert_type(c.with_raw_response.models.list(), RawResponse[SyncCursorPage[Model]])
    with c.chat.completions.with_streaming_response.create(model="m", messages=ask) as opened:
        assert_type(opened, APIResponse[ChatCompletion])
        assert_type(opened.parse(), ChatCompletion)
    with c.with_streaming_response.chat.completions.create(model="m", messages=ask, stream=True) as streamed:
        assert_type(streamed.parse(), Stream[ChatCompletionChunk])
    c.chat.completions.with_raw_response.create(model="m")  # E
    response.choices  # E
    c.chat.completions.with_streaming_response.create(model="m", messages=ask).parse()  # E


async def async_raw(a: AsyncOpenAI) -> None:
    response = await a.chat.completions.with_raw_response.create(model="m", messages=ask)
    assert_type(response, RawResponse[ChatCompletion])
    assert_type(response.parse(), ChatCompletion)
    streamed = await a.chat.completions.with_raw_response.create(model="m", messages=ask, stream=True)
    assert_type(streamed.parse(), AsyncStream[ChatCompletionChunk])
    listed = await a.with_raw_response.models.list()
    assert_type(listed.parse(), AsyncCursorPage[Model])
    async with a.chat.completions.with_streaming_response.create(model="m", messages=ask) as opened:
        assert_type(opened, AsyncAPIResponse[ChatCompletion])
        assert_type(await opened.parse(), ChatCompletion)
    with a.chat.completions.with_streaming_response.create(model="m", messages=ask):  # E
        pass


def planned(c: OpenAI, a: AsyncOpenAI, plan: Tree[Plan]) -> None:
    assert_type(c.plan.chat.completions.create(model="m", messages=ask), Call[ChatCompletion])
    assert_type(c.chat.completions.plan.create(model="m", messages=ask), Call[ChatCompletion])
    assert_type(a.plan.chat.completions.create(model="m", messages=ask, stream=True), Call[ChatCompletionChunk])
    assert_type(plan.models.list(), Pages[Model])
    assert_type(plan.embeddings.create(model="m", input="a"), Call[CreateEmbeddingResponse])
    plan.chat.completions.create(model="m")  # E


def by_hand(c: OpenAI, options: RequestOptions) -> None:
    assert_type(c.get("/x", cast_to=Model), Model)
    assert_type(c.post("/x", cast_to=str, body={"a": 1}, options=options), str)
    assert_type(c.post("/x", cast_to=bytes, options={"timeout": 3}), bytes)
    assert_type(c.with_raw_response.get("/x", cast_to=Model).parse(), Model)
    assert_type(c.post("/x", cast_to=dict, body={"a": 1}, files={"file": ("n", b"")}), dict[Any, Any])
    assert_type(c.put("/x", cast_to=Model, files=[("a[]", b""), ("a[]", b"")]), Model)
    streamed = c.post("/x", cast_to=ChatCompletion, body={}, stream=True, stream_cls=Stream[ChatCompletionChunk])
    assert_type(streamed, Stream[ChatCompletionChunk])
    assert_type(c.get("/x", cast_to=object, stream=True, stream_cls=Stream[Model]), Stream[Model])
    assert_type(c.get("/x", cast_to=Model, stream=False), Model)
    assert_type(c.with_raw_response.get("/x", cast_to=object, stream=True, stream_cls=Stream[Model]).parse(), Stream[Model])
    c.get("/x")  # E
    c.get("/x", cast_to=Model, body={})  # E
    c.post("/x", cast_to=str, options={"timeuot": 3})  # E
    c.post("/x", cast_to=str, files=b"")  # E
    c.get("/x", cast_to=Model, stream=True, stream_cls=Model)  # E


async def async_by_hand(a: AsyncOpenAI) -> None:
    assert_type(await a.get("/x", cast_to=Model), Model)
    assert_type(await a.post("/x", cast_to=object, stream=True, stream_cls=AsyncStream[Model]), AsyncStream[Model])


def facts(c: OpenAI, azure: AzureOpenAI) -> None:
    text: str = c.base_url
    c.base_url = text
    assert_type(c.base_url.host, str)
    assert_type(c.base_url.port, int | None)
    assert_type(c.auth_headers, dict[str, str])
    assert_type(c.user_agent, str)
    assert_type(azure._azure_deployment, str | None)
    assert_type(azure._api_version, str | None)
    response = c.models.with_raw_response.retrieve("m")
    assert_type(response.is_closed, bool)
    assert_type(response.http_response.reason_phrase, str)
    following = c.models.list().next_page_info()
    assert following is not None
    assert_type(following.params, dict[str, Any])
    c._azure_deployment  # E


def copies(c: OpenAI, a: AsyncAzureOpenAI) -> None:
    assert_type(c.with_options(max_retries=5), OpenAI)
    assert_type(c.with_options(max_retries=5).chat.completions.create(model="m", messages=ask), ChatCompletion)
    assert_type(a.copy(timeout=None, set_default_headers={"a": "b"}), AsyncAzureOpenAI)
    assert_type(c.timeout, Timeout)
    c.with_options(max_retry=5)  # E
    c.copy(timeout="5")  # E


def module() -> None:
    ceyx.api_key = "sk"
    ceyx.api_type = "azure_ad"
    assert_type(ceyx.chat.completions.create(model="m", messages=ask), ChatCompletion)
    assert_type(ceyx.models.list(), SyncCursorPage[Model])
    ceyx.nonsense  # E
    ceyx.chat.completions.create(model="m")  # E


def annotated(
    bare: Completions, other: AsyncCompletions, c: OpenAI, a: AsyncOpenAI, anything: dict[str, Any], given: CompletionCreateParams
) -> None:
    assert_type(bare.create(model="m", messages=ask), ChatCompletion)
    assert_type(c.chat.completions, Completions[Sync])
    bare = c.chat.completions
    other = a.chat.completions
    assert_type(other, AsyncCompletions)
    c.chat.completions.create(**anything)
    assert_type(given["messages"], Iterable[ChatCompletionMessageParam])
    bare = a.chat.completions  # E
    other = c.chat.completions  # E


def failures(c: OpenAI) -> None:
    try:
        c.models.list()
    except RateLimitError as error:
        assert_type(error.status_code, int)
        assert_type(error.request_id, str | None)
        error.retry()  # E
    except APIStatusError as error:
        assert_type(error.response.headers, Mapping[str, str])
        assert_type(error.code, str | None)


async def together(a: AsyncOpenAI) -> None:
    one, two = await asyncio.gather(a.chat.completions.create(model="m", messages=ask), a.models.list())
    assert_type(one, ChatCompletion)
    assert_type(two, AsyncCursorPage[Model])
    assert_type(await asyncio.create_task(a.models.retrieve("m")), Model)
    async with asyncio.timeout(1), asyncio.TaskGroup() as group:
        task = group.create_task(a.chat.completions.create(model="m", messages=ask))
    assert_type(task.result(), ChatCompletion)
    made: Callable[[str], Coroutine[Any, Any, Model]] = a.models.retrieve
    await made("m")
