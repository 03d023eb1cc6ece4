"""An agent of LangChain: it calls tools until it can answer, and gives the answer in a shape."""

import os

from langchain.agents import create_agent
from pydantic import BaseModel

from ceyx.langchain import ChatOpenAI, get_openai_callback
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}


def get_weather(city: str) -> str:
    """Tell what the weather is in a city."""
    return f"4 degrees and rain in {city}"


class Advice(BaseModel):
    """What to take along."""

    city: str
    umbrella: bool


agent = create_agent(
    ChatOpenAI(model="gpt-4o"),
    tools=[get_weather],
    system_prompt="You help people who travel.",
    response_format=Advice,
)

with get_openai_callback() as spent:
    result = agent.invoke({"messages": [("user", "What is the weather in Oslo?")]})

for message in result["messages"]:
    calls = "".join(f" {call['name']}({call['args']})" for call in message.tool_calls) if message.type == "ai" else ""
    print(f"{message.type}:{calls} {message.text}")
print(repr(result["structured_response"]))
print(f"{spent.successful_requests} requests, ${spent.total_cost:.6f}")
