"""A chat with a model: the whole answer, the answer as it comes, and what went wrong."""

import os

from ceyx import APIStatusError, OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

client = OpenAI()
messages = [
    {"role": "system", "content": "You translate English to French. Translate what the user says."},
    {"role": "user", "content": "I love programming."},
]

completion = client.chat.completions.create(model="gpt-4o-mini", messages=messages)
print(completion.choices[0].message.content)
print(f"{completion.usage.total_tokens} tokens, request {completion._request_id}")

for chunk in client.chat.completions.create(model="gpt-4o-mini", messages=messages, stream=True):
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
print()

try:
    client.chat.completions.create(model="gpt-none", messages=messages)
except APIStatusError as error:
    print(f"{type(error).__name__} {error.status_code}, code {error.code}")

client.close()
