"""Files: stored with a purpose, listed, read again, deleted."""

import os

from ceyx import NotFoundError, OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

with OpenAI() as client:
    line = b'{"messages": [{"role": "user", "content": "2+2"}, {"role": "assistant", "content": "4"}]}\n'
    file = client.files.create(file=("sums.jsonl", line * 10), purpose="fine-tune")
    print(f"{file.filename}: {file.bytes} bytes for {file.purpose}, {file.status}")

    for each in client.files.list(purpose="fine-tune", limit=10):
        print(f"listed: {each.filename}")

    content = client.files.content(file.id)
    print(f"{len(content.text.splitlines())} lines, the first: {content.text.splitlines()[0][:40]}...")

    client.files.delete(file.id)
    try:
        client.files.retrieve(file.id)
    except NotFoundError as error:
        print(f"deleted: {error.status_code}")
