"""An endpoint written once serves every mode, and its async face is a class of its own."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from operator import attrgetter
from unittest import mock

import pytest
from memory_clients import ASK, make, result

from ceyx import AsyncOpenAI, OpenAI
from ceyx.resources.chat import AsyncChat, AsyncCompletions, Chat, Completions
from ceyx.resources.models import AsyncModels, Models
from ceyx.wire.call import Call, Pages, omit
from ceyx.wire.endpoint import asynchronous


def test_the_async_face_is_a_class_of_its_own():
    assert AsyncCompletions is not Completions
    assert not issubclass(AsyncCompletions, Completions)
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


@pytest.mark.parametrize("mode", ["", "with_raw_response"])
@pytest.mark.parametrize(
    ("path", "kind", "async_kind"),
    [("chat", Chat, AsyncChat), ("chat.completions", Completions, AsyncCompletions), ("models", Models, AsyncModels)],
)
def test_isinstance_tells_the_faces_apart(mode, path, kind, async_kind):
    """As wrappers do that choose how to call by it."""
    at = attrgetter(f"{mode}.{path}".lstrip("."))
    blocking, awaited = at(make(OpenAI)), at(make(AsyncOpenAI))
    assert isinstance(blocking, kind) and not isinstance(blocking, async_kind)
    assert isinstance(awaited, async_kind) and not isinstance(awaited, kind)


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


# ---- names that there are not


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda c: c.plan.files.list(limt=1), r"Files\.list\(\) .*'limt'; did you mean 'limit'\?"),
        (lambda c: c.plan.models.list(bogus=1), r"Models\.list\(\) .*'bogus'; .* extra_query=\{'bogus': \.\.\.\}"),
        (lambda c: c.plan.files.retrieve("f", timeuot=1), r"'timeuot'; did you mean 'timeout'\?"),
        (lambda c: c.plan.files.delete("f", bogus=1), "'bogus'"),
        (lambda c: result(c.files.delete("f", bogus=1)), "'bogus'"),
        (lambda c: c.files.list(bogus=1), "'bogus'"),
    ],
)
def test_a_query_holds_only_names_that_there_are(kind, ask, said):
    client = make(kind)
    with pytest.raises(TypeError, match=said):
        ask(client)
    assert client._transport.requests == []


def test_names_that_there_are_are_taken():
    plan = make(OpenAI).plan
    assert plan.files.list(limit=1, order="asc", purpose="batch", after="f").params == {
        "limit": 1,
        "order": "asc",
        "purpose": "batch",
        "after": "f",
    }
    assert plan.files.list(extra_query={"bogus": 1}, timeout=2).options == {"extra_query": {"bogus": 1}, "timeout": 2}
    assert plan.files.retrieve(file_id="f", timeout=2).path == "/files/f"


def test_bodies_take_any_name():
    """A server says what it does not know; and what is new there can be had at once."""
    assert make(OpenAI).plan.chat.completions.create(model="m", messages=ASK, bogus=1).body["bogus"] == 1


def test_a_call_without_parameters_imports_no_types():
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; import ceyx; ceyx.OpenAI(api_key='k').plan.files.retrieve('f', timeout=1); "
        "print('ceyx.wire.signature' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
