"""Pages: one, the next, all."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from memory_clients import make, reply, requests, sent

from ceyx import AsyncOpenAI, OpenAI
from ceyx.pagination import AsyncCursorPage, AsyncPage, AsyncPaginator, SyncCursorPage, SyncPage
from ceyx.types import Model
from ceyx.wire.call import Pages, omit

IDS = ["a", "b", "c", "d", "e"]


def listing(request: Any) -> Any:
    """Two of five items at a time, as the API gives them."""
    query = parse_qs(urlsplit(request.url).query)
    start = IDS.index(query["after"][0]) + 1 if "after" in query else 0
    ids = IDS[start : start + 2]
    more = start + 2 < len(IDS)
    return reply(
        {"object": "list", "data": [{"id": one, "object": "model"} for one in ids], "has_more": more, "last_id": ids[-1]}
    )


def first(client: Any, **params: Any) -> Any:
    """A listing in pages; there is none among the resources yet."""
    return client._send(Pages("/things", Model.wrap, params))


def test_iterating_a_page_goes_on_to_the_next():
    client = make(OpenAI, listing)
    page = first(client, limit=2, extra_headers={"x-a": "1"})
    assert type(page) is SyncCursorPage
    assert [item.id for item in page] == IDS
    assert all(type(item) is Model for item in page)
    assert [request.target for request in requests(client)[:3]] == [
        "/v1/things?limit=2",
        "/v1/things?limit=2&after=b",
        "/v1/things?limit=2&after=d",
    ]
    assert all(request.headers["x-a"] == "1" for request in requests(client))


def test_pages_one_by_one():
    page = first(make(OpenAI, listing))
    assert [item.id for item in page.data] == ["a", "b"]
    assert page.has_next_page()
    following = page.next_page_info()
    assert (following.method, following.path, following.query) == ("GET", "/things", {"after": "b"})
    assert following.params == {"after": "b"}
    assert [[item.id for item in one.data] for one in page.iter_pages()] == [["a", "b"], ["c", "d"], ["e"]]
    last = page.get_next_page().get_next_page()
    assert not last.has_next_page()
    with pytest.raises(RuntimeError, match="has_next_page"):
        make(OpenAI, reply({"data": []})).models.list().get_next_page()


def test_async_pages():
    async def main():
        client = make(AsyncOpenAI, listing)
        unsent = first(client, limit=2)
        assert isinstance(unsent, AsyncPaginator)
        assert requests(client) == []
        page = await unsent
        assert type(page) is AsyncCursorPage
        assert [item.id async for item in page] == IDS
        assert [item.id async for item in first(client)] == IDS
        assert [len(one.data) async for one in page.iter_pages()] == [2, 2, 1]
        assert [item.id for item in (await page.get_next_page()).data] == ["c", "d"]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("data", "after"),
    [
        ({"data": [], "has_more": True}, None),
        ({"data": [{"id": "a"}], "has_more": False}, None),
        ({"data": [{"id": "a"}], "has_more": True}, "a"),
        ({"data": [{"id": "a"}]}, "a"),
        ({"data": [{"id": "a"}], "last_id": "z"}, "z"),
        ({"data": [{"no": "id"}], "has_more": True}, None),
        ({"data": None}, None),
        ({}, None),
    ],
)
def test_whether_there_is_more(data, after):
    page = first(make(OpenAI, reply(data)))
    assert page.has_next_page() is (after is not None)
    if after:
        assert page.next_page_info().query == {"after": after}


def test_a_listing_that_comes_whole_has_no_next_page():
    client = make(OpenAI, reply({"object": "list", "data": [{"id": "m"}]}))
    page = client.models.list()
    assert [model.id for model in page] == ["m"]
    assert not page.has_next_page()
    assert sent(client).target == "/v1/models"


def test_a_page_is_a_view():
    page = make(
        OpenAI, reply({"object": "list", "data": [{"id": "m", "new": 1}], "extra": 2}, x_request_id="req-1")
    ).models.list()
    assert page.to_dict() == {"object": "list", "data": [{"id": "m", "new": 1}], "extra": 2}
    assert json.loads(page.to_json()) == page.to_dict()
    assert page.model_dump()["has_more"] is None
    assert page._request_id == "req-1"


def test_a_bare_list_is_a_page_too():
    """So answer some servers that speak the protocol."""
    assert [model.id for model in make(OpenAI, reply([{"id": "m"}])).models.list()] == ["m"]


def test_the_classes_have_their_other_names():
    assert SyncPage is SyncCursorPage
    assert AsyncPage is AsyncCursorPage


def test_what_comes_next_is_shown():
    client = make(OpenAI, listing, default_query={"q": "1"})
    page = client._send(Pages("/things", Model.wrap, {"limit": 2, "order": omit, "api-key": "s3cret"}))
    assert repr(page.next_page_info()) == "<Pages GET /things?limit=2&api-key=REDACTED&after=b>"
    assert repr(page).startswith("SyncCursorPage(object='list', data=[Model(id='a', object='model'), ")


def test_isinstance_tells_pages_apart():
    blocking = first(make(OpenAI, listing))

    async def awaited() -> Any:
        return await first(make(AsyncOpenAI, listing))

    page = asyncio.run(awaited())
    assert isinstance(blocking, SyncPage) and not isinstance(blocking, AsyncPage)
    assert isinstance(page, AsyncPage) and not isinstance(page, SyncPage)
