"""Containers: places for the files that a model's code reads and writes."""

import os

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, in whose containers no code runs
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

with OpenAI() as client:
    uploaded = client.files.create(file=("prices.csv", b"item,price\npear,2\n"), purpose="user_data")
    container = client.containers.create(name="analysis", file_ids=[uploaded.id])
    print(f"{container.name}: {container.status}, {container.memory_limit} of memory")

    client.containers.files.create(container.id, file=("notes.txt", b"Pears are dear."))
    for file in client.containers.files.list(container.id, order="asc"):
        content = client.containers.files.content.retrieve(file.id, container_id=container.id)
        print(f"{file.path}, {file.bytes} bytes: {content.text.splitlines()[0]}")

    client.containers.delete(container.id)
    print("containers left:", len(client.containers.list().data))
