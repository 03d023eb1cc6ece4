"""The Responses API: text in events, a tool, an answer in the shape of a type, and one made in the background."""

import os
import time
from dataclasses import dataclass

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

client = OpenAI()

for event in client.responses.create(model="gpt-4o", input="What is a kingfisher?", stream=True):
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
print()

# A tool: the call comes as an item, and goes back with its output; what came before is named, not sent again.
weather = {
    "type": "function",
    "name": "get_weather",
    "description": "Current weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
asked = client.responses.create(model="gpt-4o", input="What is the weather in Oslo?", tools=[weather])
call = asked.output[0]
print(f"{call.name}({call.arguments})")
output = {"type": "function_call_output", "call_id": call.call_id, "output": "4 degrees, rain"}
print(client.responses.create(model="gpt-4o", input=[output], previous_response_id=asked.id, tools=[weather]).output_text)


@dataclass
class City:
    name: str
    country: str


print(client.responses.parse(model="gpt-4o", input='Where is "Oslo"?', text_format=City).output_parsed)

slow = client.responses.create(model="gpt-4o", input="Think about birds.", background=True)
while slow.status in ("queued", "in_progress"):
    time.sleep(0.1)
    slow = client.responses.retrieve(slow.id)
print(f"in the background: {slow.status}, {slow.usage.total_tokens} tokens")

client.close()
