"""A file in parts: each is read from the disk while it is sent, so a file of gigabytes takes a few megabytes of memory."""

import hashlib
import os
import tempfile
from pathlib import Path

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

with OpenAI() as client, tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "requests.jsonl")
    path.write_bytes(b'{"custom_id": "one of many"}\n' * 100_000)
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()

    upload = client.uploads.upload_file_chunked(
        file=path, mime_type="application/jsonl", purpose="batch", part_size=1_000_000, md5=md5
    )
    assert upload.file is not None
    print(f"{upload.status}: {upload.file.filename}, {upload.file.bytes} bytes, checked by md5")

    # The same by hand, where parts come from elsewhere, and in any order.
    upload = client.uploads.create(filename="tyger.txt", bytes=27, mime_type="text/plain", purpose="vision")
    second = client.uploads.parts.create(upload.id, data=b"burning bright")
    first = client.uploads.parts.create(upload.id, data=b"Tyger Tyger, ")
    upload = client.uploads.complete(upload.id, part_ids=[first.id, second.id])
    assert upload.file is not None
    print(f"{upload.status}: {client.files.content(upload.file.id).text}")
