"""Containers: their files, their age, their end."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from ceyx import BadRequestError, NotFoundError, OpenAI
from ceyx.service import LocalService
from ceyx.service.store import Store


def test_a_container_from_beginning_to_end(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    uploaded = client.files.create(file=("data.csv", b"a,b\n1,2\n"), purpose="user_data")
    made = client.containers.create(name="work", file_ids=[uploaded.id], memory_limit="4g")
    assert made.id.startswith("cntr_") and (made.status, made.memory_limit) == ("running", "4g")
    (copy,) = client.containers.files.list(made.id).data
    assert (copy.path, copy.bytes, copy.source, copy.container_id) == ("/mnt/data/data.csv", 8, "user", made.id)
    assert client.containers.files.content.retrieve(copy.id, container_id=made.id).content == b"a,b\n1,2\n"
    sent = client.containers.files.create(made.id, file=("more.txt", b"more"))
    again = client.containers.files.create(made.id, file_id=uploaded.id)
    assert [each.id for each in client.containers.files.list(made.id, order="asc")] == [copy.id, sent.id, again.id]
    client.files.delete(uploaded.id)
    assert client.containers.files.content.retrieve(again.id, container_id=made.id).text == "a,b\n1,2\n"
    client.containers.files.delete(sent.id, container_id=made.id)
    with pytest.raises(NotFoundError, match="No file in this container"):
        client.containers.files.retrieve(sent.id, container_id=made.id)
    client.containers.delete(made.id)
    with pytest.raises(NotFoundError, match="No container found"):
        client.containers.retrieve(made.id)
    assert store._rows("SELECT count(*) FROM pieces") == [(0,)]


def test_age(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    made = client.containers.create(name="a", expires_after={"anchor": "last_active_at", "minutes": 5})
    other = client.containers.create(name="b")
    assert client.containers.retrieve(made.id).status == "running"
    store.update("container", made.id, last_active_at=(made.last_active_at or 0) - 301)
    assert [(each.name, each.status) for each in client.containers.list(order="asc")] == [("a", "expired"), ("b", "running")]
    assert [each.id for each in client.containers.list(name="b")] == [other.id]
    with pytest.raises(BadRequestError, match="is expired"):
        client.containers.files.list(made.id)


def test_what_is_refused(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    one, other = client.containers.create(name="a"), client.containers.create(name="b")
    file = client.containers.files.create(one.id, file=b"x")
    with pytest.raises(NotFoundError):
        client.containers.files.retrieve(file.id, container_id=other.id)
    with pytest.raises(NotFoundError):
        client.containers.create(name="c", file_ids=["file-none"])
    wrong: list[dict[str, Any]] = [{"name": ""}, {"name": "a", "memory_limit": "2g"}]
    for params in wrong:
        with pytest.raises(BadRequestError):
            client.containers.create(**params)
    assert len(client.containers.list().data) == 2


def test_the_openai_package(service: LocalService) -> None:
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        made = client.containers.create(name="work")
        file = client.containers.files.create(made.id, file=("a.txt", b"Hello"))
        assert client.containers.files.content.retrieve(file.id, container_id=made.id).read() == b"Hello"
        client.containers.files.delete(file.id, container_id=made.id)
        client.containers.delete(made.id)
