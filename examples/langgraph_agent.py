"""A graph of LangGraph: the model, the tools that it calls, and a memory from which the second question is understood."""

import os

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from ceyx.langchain import AzureChatOpenAI
from ceyx.service import LocalService

if "AZURE_OPENAI_ENDPOINT" not in os.environ:  # no resource to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {
        "AZURE_OPENAI_ENDPOINT": service.azure_endpoint,
        "AZURE_OPENAI_API_KEY": "local",
        "OPENAI_API_VERSION": "2024-10-21",
    }


def get_weather(city: str) -> str:
    """Tell what the weather is in a city."""
    return f"4 degrees and rain in {city}"


model = AzureChatOpenAI(azure_deployment="gpt-4o").bind_tools([get_weather])


def ask(state: MessagesState) -> MessagesState:
    return {"messages": [model.invoke(state["messages"])]}


graph = StateGraph(MessagesState)
graph.add_node("model", ask)
graph.add_node("tools", ToolNode([get_weather]))
graph.add_edge(START, "model")
graph.add_conditional_edges("model", tools_condition)
graph.add_edge("tools", "model")
agent = graph.compile(checkpointer=InMemorySaver())

conversation = {"configurable": {"thread_id": "1"}}
for question in ("What is the weather in Oslo?", "Thank you."):
    for update in agent.stream({"messages": [HumanMessage(question)]}, conversation, stream_mode="updates"):
        for node, state in update.items():
            message = state["messages"][-1]
            print(f"{node}: {message.text or message.tool_calls[0]['args']}")
print(f"{len(agent.get_state(conversation).values['messages'])} messages remembered")
