"""Answers in the shape of a type: of a dataclass, of a list, as the arguments of a tool; and what cannot be asked for."""

import os
from dataclasses import dataclass
from typing import Literal

import ceyx
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which fills any shape with words of the question
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}


@dataclass
class City:
    name: str
    kind: Literal["capital", "port", "village"]
    population: int | None


@dataclass
class Profile:
    name: str
    tags: dict[str, str]


client = ceyx.OpenAI()

ask = [{"role": "user", "content": 'Tell me of the capital "Oslo", where 700000 people live.'}]
city = client.chat.completions.parse(model="gpt-4o", messages=ask, response_format=City).choices[0].message.parsed
print(city)

cities = client.chat.completions.parse(model="gpt-4o", messages=ask, response_format=list[City]).choices[0].message.parsed
print(f"{len(cities)} in a list, the first: {cities[0].name}")

look_up = ceyx.pydantic_function_tool(
    City, name="look_up", description="Finds a city."
)  # any of these types, not pydantic's only
answer = client.chat.completions.parse(model="gpt-4o", messages=ask, tools=[look_up], tool_choice="required")
for call in answer.choices[0].message.tool_calls or []:
    print(f"{call.function.name}: {call.function.parsed_arguments}")

try:
    client.chat.completions.parse(model="gpt-4o", messages=ask, response_format=Profile)
except ValueError as error:  # said before anything is sent
    print(f"not sent: {error}")

client.close()
