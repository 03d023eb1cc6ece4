"""A chat followed as it is written: events for what happens, the answer so far in each, and the whole at the end."""

import os

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

client = OpenAI()

ask = [{"role": "user", "content": "What is a kingfisher?"}]
with client.chat.completions.stream(model="gpt-4o", messages=ask, stream_options={"include_usage": True}) as stream:
    for event in stream:
        if event.type == "content.delta":
            print(event.delta, end="", flush=True)
        elif event.type == "content.done":
            print(f"\n{len(event.content)} characters")
completion = stream.get_final_completion()
print(f"{completion.choices[0].finish_reason}, {completion.usage.total_tokens} tokens")

# Calls of tools come in pieces too, and are put together.
parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
weather = {"type": "function", "function": {"name": "get_weather", "strict": True, "parameters": parameters}}
ask = [{"role": "user", "content": "What is the weather in Oslo?"}]
with client.chat.completions.stream(model="gpt-4o", messages=ask, tools=[weather]) as stream:
    for event in stream:
        if event.type == "tool_calls.function.arguments.delta":
            print(event.arguments_delta, end="", flush=True)
        elif event.type == "tool_calls.function.arguments.done":
            print(f"\n{event.name} is called with {event.parsed_arguments}")

# The Responses API, likewise.
with client.responses.stream(model="gpt-4o", input="Name a river.") as stream:
    for event in stream:
        if event.type == "response.output_text.delta":
            print(event.delta, end="|", flush=True)
print(f"\n{stream.get_final_response().status}")

client.close()
