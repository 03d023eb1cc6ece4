"""Texts that can be searched: files in a vector store, cut into chunks, found by a question and by their attributes."""

import os

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, whose search follows the words, not the meaning
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

birds = b"The kingfisher is a small blue bird that dives for fish. It nests in the banks of slow rivers."
bread = b"Let the dough rest overnight. Then bake the bread for forty minutes in a hot oven."

with OpenAI() as client:
    store = client.vector_stores.create(name="Notes")
    batch = client.vector_stores.file_batches.upload_and_poll(store.id, files=[("birds.txt", birds), ("bread.txt", bread)])
    print(f"{batch.status}: {batch.file_counts.completed} files can be searched")

    for question in ("Where does the kingfisher nest?", "How long do I bake bread?"):
        best = client.vector_stores.search(store.id, query=question, max_num_results=1).data[0]
        print(f"{question} {best.filename}, {best.score:.2f}: {best.content[0].text[:40]}...")

    old = client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=("old.txt", b"Bread was baked in clay ovens."), attributes={"year": 1850}
    )
    found = client.vector_stores.search(store.id, query="bread", filters={"type": "lt", "key": "year", "value": 1900})
    print("before 1900:", [each.filename for each in found], "of", client.vector_stores.retrieve(store.id).file_counts.total)

    client.vector_stores.delete(store.id)
