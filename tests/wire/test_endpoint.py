"""An endpoint written once serves every mode, and its async face is a class of its own."""

from __future__ import annotations

import asyncio
import inspect
from unittest import mock

import pytest
from memory_clients import ASK, make

from ceyx import AsyncOpenAI, OpenAI
from ceyx.resources.chat import AsyncChat, AsyncCompletions, Chat, Completions
from ceyx.resources.models import AsyncModels, Models
from ceyx.wire.call import Call, Pages, omit
from ceyx.wire.endpoint import asynchronous


def test_the_async_face_is_a_class_of_its_own():
    assert AsyncCompletions is not Completions
    assert issubclass(AsyncCompletions, Completions)
    assert asynchronous(Completions) is AsyncCompletions
    assert (AsyncCompletions.__name__, AsyncCompletions.__qualname__) == ("AsyncCompletions", "AsyncCompletions")
    assert AsyncCompletions.__module__ == Completions.__module__
    assert inspect.iscoroutinefunction(AsyncCompletions.create)
    assert not inspect.iscoroutinefunction(Completions.create)
    assert AsyncCompletions.create.__doc__ == Completions.create.__doc__


@pytest.mark.parametrize("mode", ["", "with_raw_response"])
def test_async_clients_have_async_faces(mode):
    client = make(AsyncOpenAI)
    chat = getattr(client, mode).chat if mode else client.chat
    assert type(chat) is AsyncChat
    assert type(chat.completions) is AsyncCompletions
    assert inspect.iscoroutinefunction(chat.completions.create)


def test_sync_clients_have_none():
    client = make(OpenAI)
    assert (type(client.chat), type(client.chat.completions)) == (Chat, Completions)


def test_async_listings_are_awaitable_and_iterable_so_they_stay_functions():
    assert not inspect.iscoroutinefunction(AsyncModels.list)
    assert inspect.iscoroutinefunction(AsyncModels.retrieve)
    assert AsyncModels.list is Models.list


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_a_resource_is_made_once(kind):
    client = make(kind)
    assert client.chat is client.chat
    assert client.chat.completions is client.chat.completions
    assert client.plan is client.plan
    assert client.chat.with_raw_response is client.chat.with_raw_response


def test_tools_that_patch_both_names_leave_sync_calls_sync(monkeypatch):
    original, async_original, seen = Completions.create, AsyncCompletions.create, []

    def patched(self, *args, **params):
        seen.append("sync")
        return original(self, *args, **params)

    async def async_patched(self, *args, **params):
        seen.append("async")
        return await async_original(self, *args, **params)

    monkeypatch.setattr(Completions, "create", patched)
    monkeypatch.setattr(AsyncCompletions, "create", async_patched)
    answer = make(OpenAI).chat.completions.create(model="m", messages=ASK)
    assert (answer.choices[0].message.content, seen) == ("Hello", ["sync"])
    answer = asyncio.run(make(AsyncOpenAI).chat.completions.create(model="m", messages=ASK))
    assert (answer.choices[0].message.content, seen) == ("Hello", ["sync", "async"])


def test_patching_the_sync_name_alone_does_not_reach_async(monkeypatch):
    monkeypatch.setattr(Completions, "create", mock.Mock(return_value="patched"))
    assert make(OpenAI).chat.completions.create(model="m", messages=ASK) == "patched"
    assert asyncio.run(make(AsyncOpenAI).chat.completions.create(model="m", messages=ASK)).id == "chatcmpl-1"


# ---- plan


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(
    "plan",
    [
        lambda client: client.plan.chat.completions.create,
        lambda client: client.chat.plan.completions.create,
        lambda client: client.chat.completions.plan.create,
    ],
)
def test_a_planned_call_is_not_sent(kind, plan):
    client = make(kind)
    call = plan(client)(model="m", messages=ASK, temperature=omit, user="u", timeout=3)
    assert type(call) is Call
    assert (call.method, call.path) == ("POST", "/chat/completions")
    assert call.body == {"model": "m", "messages": ASK, "user": "u"}
    assert call.options == {"timeout": 3}
    assert client._transport.requests == []


def test_a_planned_stream_reads_events_and_a_planned_listing_is_pages():
    plan = make(OpenAI).plan
    assert plan.chat.completions.create(model="m", messages=ASK, stream=True).reads == "events"
    assert type(plan.models.list()) is Pages
    assert plan.get("/models", cast_to=dict).path == "/models"


def test_a_plan_owns_its_parameters():
    params = {"model": "m", "messages": ASK, "timeout": 3}
    call = make(OpenAI).plan.chat.completions.create(**params)
    call.body["model"] = "changed"
    assert params == {"model": "m", "messages": ASK, "timeout": 3}
