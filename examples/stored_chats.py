"""Chat completions that the server stores where they ask for it: found by their metadata, read again, changed, deleted."""

import os

from ceyx import NotFoundError, OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which forgets when it stops
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

with OpenAI() as client:
    chats = client.chat.completions
    for bird in ("kingfisher", "heron"):
        ask = [{"role": "user", "content": f"What does a {bird} eat?"}]
        chats.create(model="gpt-4o", messages=ask, store=True, metadata={"example": "birds", "bird": bird})

    for stored in chats.list(metadata={"example": "birds"}):
        asked = chats.messages.list(stored.id).data[0].content
        print(f"{stored.metadata['bird']}: {asked} -> {stored.choices[0].message.content}")

    (heron,) = chats.list(metadata={"bird": "heron"})
    changed = chats.update(heron.id, metadata={"example": "birds", "bird": "grey heron"})
    print(f"changed: {changed.metadata['bird']}, as it now reads: {chats.retrieve(heron.id).metadata['bird']}")

    for stored in chats.list(metadata={"example": "birds"}):
        chats.delete(stored.id)
    try:
        chats.retrieve(heron.id)
    except NotFoundError as error:
        print(f"deleted: {error.status_code}")
