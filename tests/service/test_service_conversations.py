"""What goes on from call to call: conversations and their items; chat completions that were stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from plain_http import Wire, said as plainly

import ceyx
from ceyx.service import LocalService


@pytest.fixture(scope="module")
def client(service: LocalService) -> Iterator[ceyx.OpenAI]:
    with ceyx.OpenAI(base_url=service.url, api_key="any") as client:
        yield client


def said(text: str) -> Any:
    return plainly(text)


def words(items: Any) -> list[str]:
    return [item.content[0].text for item in items]


class TestConversations:
    def test_from_beginning_to_end(self, client: ceyx.OpenAI) -> None:
        made = client.conversations.create(metadata={"topic": "birds"}, items=[{"role": "user", "content": "Hello"}])
        assert made.id.startswith("conv_")
        assert client.conversations.retrieve(made.id) == made
        assert client.conversations.update(made.id, metadata={"topic": "owls"}).metadata == {"topic": "owls"}
        assert client.conversations.delete(made.id).deleted
        for gone in (client.conversations.retrieve, client.conversations.delete, client.conversations.items.list):
            with pytest.raises(ceyx.NotFoundError, match=made.id):
                gone(made.id)

    def test_items(self, client: ceyx.OpenAI) -> None:
        id = client.conversations.create().id
        more: Any = [{"role": "user", "content": str(i)} for i in range(5)]
        added = client.conversations.items.create(id, items=more)
        assert words(added.data) == ["0", "1", "2", "3", "4"]
        assert words(client.conversations.items.list(id, order="asc", limit=2)) == ["0", "1", "2", "3", "4"]
        page = client.conversations.items.list(id, limit=2)
        assert (words(page.data), page.has_more) == (["4", "3"], True)
        first: Any = added.data[0]
        assert client.conversations.items.retrieve(first.id, conversation_id=id) == first
        assert client.conversations.items.delete(first.id, conversation_id=id).id == id
        with pytest.raises(ceyx.NotFoundError):
            client.conversations.items.retrieve(first.id, conversation_id=id)
        assert words(client.conversations.items.list(id, order="asc")) == ["1", "2", "3", "4"]

    def test_responses_add_to_it(self, client: ceyx.OpenAI) -> None:
        conversation = client.conversations.create(items=[{"role": "user", "content": "I am Ann"}])
        first = client.responses.create(model="gpt-4o", input="Who am I?", conversation=conversation.id)
        alone = client.responses.create(model="gpt-4o", input="Who am I?")
        assert first.usage is not None and alone.usage is not None and first.usage.input_tokens > alone.usage.input_tokens
        assert first.conversation is not None and first.conversation.id == conversation.id
        client.responses.create(model="gpt-4o", input="Thanks", conversation={"id": conversation.id}, store=False)
        items = words(client.conversations.items.list(conversation.id, order="asc"))
        assert items[:4] == ["I am Ann", "Who am I?", first.output_text, "Thanks"]
        assert len(items) == 5

    def test_refusals(self, wire: Wire, client: ceyx.OpenAI) -> None:
        id = client.conversations.create().id
        for path, body, param in (
            ("", {"items": [{"type": "nonsense"}]}, "items[0].type"),
            ("", {"items": [{"type": "item_reference", "id": "msg_1"}]}, "items[0].type"),
            ("", {"metadata": {"a": 1}}, "metadata"),
            (f"/{id}/items", {"items": []}, "items"),
            (f"/{id}/items", {"items": [{"role": "user", "content": "a"}] * 21}, "items"),
            (f"/{id}", {}, "metadata"),
        ):
            answer = wire.post(f"/v1/conversations{path}", body)
            assert (answer.status, answer.json()["error"]["param"].partition(".")[0]) == (400, param.partition(".")[0]), body
        answer = wire.get(f"/v1/conversations/{id}/items?after=msg_none")
        assert (answer.status, answer.json()["error"]["param"]) == (400, "after")

    def test_the_other_package(self, service: LocalService) -> None:
        with openai.OpenAI(base_url=service.url, api_key="any") as client:
            conversation = client.conversations.create(items=[{"role": "user", "content": "Hello"}])
            client.responses.create(model="gpt-4o", input="Again", conversation=conversation.id)
            assert len(list(client.conversations.items.list(conversation.id, limit=1))) == 3
        azure: Any = ceyx.AzureOpenAI(base_url=f"{service.azure_endpoint}/openai/v1", api_key="any")
        with azure:
            assert azure.conversations.retrieve(conversation.id).id == conversation.id


class TestStoredChats:
    def test_from_beginning_to_end(self, client: ceyx.OpenAI) -> None:
        made = client.chat.completions.create(model="gpt-4o", messages=said("Hello"), store=True, metadata={"run": "1"})
        found = client.chat.completions.retrieve(made.id)
        assert (found.choices, found.usage, found.metadata) == (made.choices, made.usage, {"run": "1"})
        assert client.chat.completions.update(made.id, metadata={"run": "2"}).metadata == {"run": "2"}
        assert client.chat.completions.delete(made.id).deleted
        with pytest.raises(ceyx.NotFoundError, match=made.id):
            client.chat.completions.retrieve(made.id)

    def test_only_what_is_to_be_stored_is(self, client: ceyx.OpenAI) -> None:
        made = client.chat.completions.create(model="gpt-4o", messages=said("Hello"))
        with pytest.raises(ceyx.NotFoundError):
            client.chat.completions.retrieve(made.id)

    def test_streams_are_stored(self, client: ceyx.OpenAI) -> None:
        chunks = list(client.chat.completions.create(model="gpt-4o", messages=said("Hello"), store=True, stream=True))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert client.chat.completions.retrieve(chunks[0].id).choices[0].message.content == text

    def test_listing(self, client: ceyx.OpenAI) -> None:
        ids = [
            client.chat.completions.create(
                model=model, messages=said(model), store=True, metadata={"list": "yes", "of": model}
            ).id
            for model in ("gpt-4o", "gpt-4o-mini", "gpt-4o")
        ]
        listed = client.chat.completions.list
        assert [each.id for each in listed(metadata={"list": "yes"}, limit=2)] == ids
        assert [each.id for each in listed(metadata={"list": "yes"}, order="desc")] == ids[::-1]
        assert [each.id for each in listed(metadata={"list": "yes", "of": "gpt-4o-mini"})] == ids[1:2]
        assert [each.id for each in listed(metadata={"list": "yes"}, model="gpt-4o-mini-2024-07-18")] == ids[1:2]

    def test_messages(self, client: ceyx.OpenAI) -> None:
        content: Any = [
            {"type": "text", "text": "What?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
        ]
        messages: Any = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": content}]
        made = client.chat.completions.create(model="gpt-4o", messages=messages, store=True)
        first, second = client.chat.completions.messages.list(made.id, limit=1)
        assert (first.id, first.role, first.content) == (f"{made.id}-0", "system", "Be kind")
        assert second.content is None
        assert second.content_parts is not None and [part.type for part in second.content_parts] == ["text", "image_url"]
