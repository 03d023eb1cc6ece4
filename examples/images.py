"""Images from a prompt: in base64 with drafts before it, under an address, and made from another image."""

import os
import tempfile
from base64 import b64decode
from pathlib import Path

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which draws squares
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

client = OpenAI()
prompt = "A kingfisher above a river"

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "kingfisher.png"
    for event in client.images.generate(model="gpt-image-1", prompt=prompt, stream=True, partial_images=2):
        path.write_bytes(b64decode(event.b64_json))
        print(f"{event.type}: {event.size}, {path.stat().st_size} bytes")

    edited = client.images.edit(model="gpt-image-1", image=path, prompt="The same at night", size="1536x1024")
    print(f"edited: {edited.size}, {edited.usage.total_tokens} tokens")

addressed = client.images.generate(model="dall-e-3", prompt=prompt, size="1792x1024")
print(addressed.data[0].url)

client.close()
