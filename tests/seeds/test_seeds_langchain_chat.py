"""The LangChain notebooks on AzureChatOpenAI and ChatOpenAI, as they stand, with only the imports changed.

Messages have all that the notebooks show of them, and what today's `langchain_openai` tells besides.
"""

# ruff: noqa: RUF001 - the notebook is Chinese, and so are its commas

from __future__ import annotations

import getpass
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_server import Asked, Recorder
from notebook import Notebook, missing, shown

FILTERED = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}


def answer(content: str, prompt_tokens: int, completion_tokens: int, model: str, **more: Any) -> dict[str, Any]:
    """A completion, with the figures of a notebook; `of_choice` are more fields of its choice, `message` of its message."""
    message = {"role": "assistant", "content": content, **more.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None, **more.pop("of_choice", {})}
    total = prompt_tokens + completion_tokens
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, "total_tokens": total}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [choice],
        "usage": usage,
        **more,
    }


def on_azure(content: str, prompt_tokens: int, completion_tokens: int) -> dict[str, Any]:
    found = [{"prompt_index": 0, "content_filter_results": FILTERED}]
    choice = {"content_filter_results": FILTERED}
    return answer(content, prompt_tokens, completion_tokens, "gpt-35-turbo", prompt_filter_results=found, of_choice=choice)


@pytest.fixture
def server() -> Iterator[Recorder]:
    with Recorder() as running:
        yield running


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked for at the keyboard, each time answered with a key."""
    asked: list[str] = []

    def typing(prompt: str) -> str:
        asked.append(prompt)
        return "the-key"

    monkeypatch.setattr(getpass, "getpass", typing)
    return asked


# ---- AzureChatOpenAI

AZURE_KEY = """
import getpass
import os

os.environ["AZURE_OPENAI_API_KEY"] = getpass.getpass("Enter your AzureOpenAI API key: ")
os.environ["AZURE_OPENAI_ENDPOINT"] = "https://YOUR-ENDPOINT.openai.azure.com/"
"""

TRACING = """
# os.environ["LANGSMITH_API_KEY"] = getpass.getpass("Enter your LangSmith API key: ")
# os.environ["LANGSMITH_TRACING"] = "true"
"""

AZURE_MODEL = """
from ceyx.langchain import AzureChatOpenAI

llm = AzureChatOpenAI(
    azure_deployment="gpt-35-turbo",  # or your deployment
    api_version="2023-06-01-preview",  # or your api version
    temperature=0,
    max_tokens=None,
    timeout=None,
    max_retries=2,
    # other params...
)
"""

INVOCATION = """
messages = [
    (
        "system",
        "You are a helpful assistant that translates English to French. Translate the user sentence.",
    ),
    ("human", "I love programming."),
]
ai_msg = llm.invoke(messages)
ai_msg
"""

AZURE_MESSAGE = (
    """AIMessage(content="J'adore la programmation.", response_metadata={'token_usage': {'completion_tokens': 8, """
    """'prompt_tokens': 31, 'total_tokens': 39}, 'model_name': 'gpt-35-turbo', 'system_fingerprint': None, """
    """'prompt_filter_results': [{'prompt_index': 0, 'content_filter_results': {'hate': {'filtered': False, 'severity': """
    """'safe'}, 'self_harm': {'filtered': False, 'severity': 'safe'}, 'sexual': {'filtered': False, 'severity': 'safe'}, """
    """'violence': {'filtered': False, 'severity': 'safe'}}}], 'finish_reason': 'stop', 'logprobs': None, """
    """'content_filter_results': {'hate': {'filtered': False, 'severity': 'safe'}, 'self_harm': {'filtered': False, """
    """'severity': 'safe'}, 'sexual': {'filtered': False, 'severity': 'safe'}, 'violence': {'filtered': False, 'severity': """
    """'safe'}}}, id='run-bea4b46c-e3e1-4495-9d3a-698370ad963d-0', usage_metadata={'input_tokens': 31, 'output_tokens': 8, """
    """'total_tokens': 39})"""
)

PRINTED = """
print(ai_msg.content)
"""

CHAIN = """
from langchain_core.prompts import ChatPromptTemplate

prompt = ChatPromptTemplate.from_messages(
    [
        (
            "system",
            "You are a helpful assistant that translates {input_language} to {output_language}.",
        ),
        ("human", "{input}"),
    ]
)

chain = prompt | llm
chain.invoke(
    {
        "input_language": "English",
        "output_language": "German",
        "input": "I love programming.",
    }
)
"""

AZURE_CHAIN_MESSAGE = (
    """AIMessage(content='Ich liebe das Programmieren.', response_metadata={'token_usage': {'completion_tokens': 6, """
    """'prompt_tokens': 26, 'total_tokens': 32}, 'model_name': 'gpt-35-turbo', 'system_fingerprint': None, """
    """'prompt_filter_results': [{'prompt_index': 0, 'content_filter_results': {'hate': {'filtered': False, 'severity': """
    """'safe'}, 'self_harm': {'filtered': False, 'severity': 'safe'}, 'sexual': {'filtered': False, 'severity': 'safe'}, """
    """'violence': {'filtered': False, 'severity': 'safe'}}}], 'finish_reason': 'stop', 'logprobs': None, """
    """'content_filter_results': {'hate': {'filtered': False, 'severity': 'safe'}, 'self_harm': {'filtered': False, """
    """'severity': 'safe'}, 'sexual': {'filtered': False, 'severity': 'safe'}, 'violence': {'filtered': False, 'severity': """
    """'safe'}}}, id='run-cbc44038-09d3-40d4-9da2-c5910ee636ca-0', usage_metadata={'input_tokens': 26, 'output_tokens': 6, """
    """'total_tokens': 32})"""
)

COST = """
%pip install -qU langchain-community
from ceyx.langchain import get_openai_callback

with get_openai_callback() as cb:
    llm.invoke(messages)
    print(
        f"Total Cost (USD): ${format(cb.total_cost, '.6f')}"
    )  # 在未指定模型版本的情况下，使用每 1k 输入和输出令牌 0.002 美元的固定费率
"""

COST_OF_VERSION = """
llm_0301 = AzureChatOpenAI(
    azure_deployment="gpt-35-turbo",  # 或您的部署
    api_version="2023-06-01-preview",  # 或您的 API 版本
    model_version="0301",
)
with get_openai_callback() as cb:
    llm_0301.invoke(messages)
    print(f"Total Cost (USD): ${format(cb.total_cost, '.6f')}")
"""


@pytest.fixture
def azure_notebook(notebook: Notebook, typed: list[str], environment: pytest.MonkeyPatch, server: Recorder) -> Notebook:
    """The notebook, up to its model; the endpoint that it says to fill in is that of a server here."""
    for name in ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"):
        environment.setenv(name, "")  # so that what a cell sets is undone
    notebook.run(AZURE_KEY)
    assert typed == ["Enter your AzureOpenAI API key: "]
    environment.setenv("AZURE_OPENAI_ENDPOINT", f"{server.origin}/")
    notebook.run(TRACING)
    notebook.run(AZURE_MODEL)
    server.answer = on_azure("J'adore la programmation.", 31, 8)
    return notebook


def test_azure_instantiation_and_invocation(
    azure_notebook: Notebook, server: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    message = azure_notebook.run(INVOCATION)
    assert missing(shown(AZURE_MESSAGE), message) == []
    azure_notebook.run(PRINTED)
    assert capsys.readouterr().out == "J'adore la programmation.\n"
    [asked] = server.asked
    assert asked.path == "/openai/deployments/gpt-35-turbo/chat/completions?api-version=2023-06-01-preview"
    assert asked.headers["api-key"] == "the-key" and "authorization" not in asked.headers
    assert asked.body["temperature"] == 0 and not {"max_tokens", "max_completion_tokens", "timeout"} & asked.body.keys()
    assert [one["role"] for one in asked.body["messages"]] == ["system", "user"]
    assert "the-key" not in repr(azure_notebook.names["llm"]) + repr(message)


def test_azure_chaining(azure_notebook: Notebook, server: Recorder) -> None:
    server.answer = on_azure("Ich liebe das Programmieren.", 26, 6)
    assert missing(shown(AZURE_CHAIN_MESSAGE), azure_notebook.run(CHAIN)) == []
    said = server.body["messages"][0]["content"]
    assert said == "You are a helpful assistant that translates English to German."


def test_azure_cost(azure_notebook: Notebook, server: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    azure_notebook.run(INVOCATION)
    azure_notebook.run(COST)
    server.answer = on_azure("J'adore programmer.", 31, 6)  # as many tokens as the second figure is of
    azure_notebook.run(COST_OF_VERSION)
    assert capsys.readouterr().out == "Total Cost (USD): $0.000063\nTotal Cost (USD): $0.000074\n"
    versioned = azure_notebook.names["llm_0301"].invoke("I love programming.")
    assert versioned.response_metadata["model_name"] == "gpt-35-turbo-0301"


def test_the_version_is_in_the_name_in_streams_too(azure_notebook: Notebook, server: Recorder) -> None:
    for cell in (INVOCATION, COST, COST_OF_VERSION):
        azure_notebook.run(cell)
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    start = {"index": 0, "delta": {"role": "assistant", "content": "J'adore"}, "finish_reason": None}
    server.answer = [{"id": "c", "model": "gpt-35-turbo", "choices": [one]} for one in (start, end)]
    chunks = list(azure_notebook.names["llm_0301"].stream("I love programming."))
    names = [chunk.response_metadata.get("model_name") for chunk in chunks]
    assert "gpt-35-turbo-0301" in names and "gpt-35-turbo" not in names


# ---- ChatOpenAI

OPENAI_KEY = """
import getpass
import os

os.environ["OPENAI_API_KEY"] = getpass.getpass("Enter your OpenAI API key: ")
"""

OPENAI_MODEL = """
from ceyx.langchain import ChatOpenAI

llm = ChatOpenAI(
    model="gpt-4o",
    temperature=0,
    max_tokens=None,
    timeout=None,
    max_retries=2,
    # api_key="...",  # 如果您更喜欢直接传递 API 密钥而不是使用环境变量
    # base_url="...",
    # organization="...",
    # 其他参数...
)
"""

OPENAI_MESSAGE = (
    """AIMessage(content="J'adore la programmation.", response_metadata={'token_usage': {'completion_tokens': 5, """
    """'prompt_tokens': 31, 'total_tokens': 36}, 'model_name': 'gpt-4o', 'system_fingerprint': 'fp_43dfabdef1', """
    """'finish_reason': 'stop', 'logprobs': None}, id='run-012cffe2-5d3d-424d-83b5-51c6d4a593d1-0', """
    """usage_metadata={'input_tokens': 31, 'output_tokens': 5, 'total_tokens': 36})"""
)

OPENAI_CHAIN_MESSAGE = (
    """AIMessage(content='Ich liebe Programmieren.', response_metadata={'token_usage': {'completion_tokens': 5, """
    """'prompt_tokens': 26, 'total_tokens': 31}, 'model_name': 'gpt-3.5-turbo-0125', 'system_fingerprint': 'fp_b28b39ffa8', """
    """'finish_reason': 'stop', 'logprobs': None}, id='run-94fa6741-c99b-4513-afce-c3f562631c79-0')"""
)

TOOLS = """
from ceyx.langchain.pydantic_v1 import BaseModel, Field


class GetWeather(BaseModel):
    \"\"\"获取给定地点的当前天气\"\"\"

    location: str = Field(..., description="城市和州，例如：旧金山，加州")


llm_with_tools = llm.bind_tools([GetWeather])
"""

TOOL_INVOCATION = """
ai_msg = llm_with_tools.invoke(
    "旧金山的天气如何",
)
ai_msg
"""

TOOL_MESSAGE = (
    """AIMessage(content='', additional_kwargs={'tool_calls': [{'id': 'call_H7fABDuzEau48T10Qn0Lsh0D', 'function': """
    """{'arguments': '{"location":"San Francisco"}', 'name': 'GetWeather'}, 'type': 'function'}]}, """
    """response_metadata={'token_usage': {'completion_tokens': 15, 'prompt_tokens': 70, 'total_tokens': 85}, 'model_name': """
    """'gpt-3.5-turbo-0125', 'system_fingerprint': 'fp_b28b39ffa8', 'finish_reason': 'tool_calls', 'logprobs': None}, """
    """id='run-b469135e-2718-446a-8164-eef37e672ba2-0', tool_calls=[{'name': 'GetWeather', 'args': {'location': 'San """
    """Francisco'}, 'id': 'call_H7fABDuzEau48T10Qn0Lsh0D'}])"""
)

TOOL_CALLS = """
ai_msg.tool_calls
"""

TOOL_CALLS_SHOWN = [{"name": "GetWeather", "args": {"location": "San Francisco"}, "id": "call_H7fABDuzEau48T10Qn0Lsh0D"}]

FINE_TUNED = """
fine_tuned_model = ChatOpenAI(
    temperature=0, model_name="ft:gpt-3.5-turbo-0613:langchain::7qTVM5AR"
)

fine_tuned_model(messages)
"""

# The text above this cell calls the parameter `modelName`.
FINE_TUNED_BY_THE_TEXT = FINE_TUNED.replace("model_name=", "modelName=")


@pytest.fixture
def openai_notebook(notebook: Notebook, typed: list[str], environment: pytest.MonkeyPatch, server: Recorder) -> Notebook:
    """The notebook, up to its model; OPENAI_BASE_URL leads to a server here."""
    environment.setenv("OPENAI_API_KEY", "")  # so that what a cell sets is undone
    environment.setenv("OPENAI_BASE_URL", server.url)
    notebook.run(OPENAI_KEY)
    assert typed == ["Enter your OpenAI API key: "]
    notebook.run(TRACING)
    notebook.run(OPENAI_MODEL)
    server.answer = answer("J'adore la programmation.", 31, 5, "gpt-4o", system_fingerprint="fp_43dfabdef1")
    return notebook


def calling(asked: Asked) -> dict[str, Any]:
    """The call of a tool, whatever is asked."""
    function = {"arguments": '{"location":"San Francisco"}', "name": "GetWeather"}
    calls = [{"id": "call_H7fABDuzEau48T10Qn0Lsh0D", "function": function, "type": "function"}]
    return answer(
        "",
        70,
        15,
        "gpt-3.5-turbo-0125",
        system_fingerprint="fp_b28b39ffa8",
        message={"content": None, "tool_calls": calls},
        of_choice={"finish_reason": "tool_calls"},
    )


def test_openai_instantiation_and_invocation(
    openai_notebook: Notebook, server: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert missing(shown(OPENAI_MESSAGE), openai_notebook.run(INVOCATION)) == []
    openai_notebook.run(PRINTED)
    assert capsys.readouterr().out == "J'adore la programmation.\n"
    [asked] = server.asked
    assert (asked.path, asked.headers["authorization"]) == ("/v1/chat/completions", "Bearer the-key")
    assert asked.body["model"] == "gpt-4o" and asked.body["temperature"] == 0


def test_what_the_model_is_shown_commented_out_with(openai_notebook: Notebook, server: Recorder) -> None:
    cell = "\n".join(
        line.replace("# api_key", "api_key").replace("# base_url", "base_url").replace("# organization", "organization")
        for line in OPENAI_MODEL.splitlines()
    )
    cell = cell.replace('base_url="..."', f'base_url="{server.url}"').replace('"..."', '"given"')
    openai_notebook.run(cell)
    openai_notebook.run(INVOCATION)
    headers = server.asked[0].headers
    assert (headers["authorization"], headers["openai-organization"]) == ("Bearer given", "given")


def test_openai_chaining(openai_notebook: Notebook, server: Recorder) -> None:
    server.answer = answer("Ich liebe Programmieren.", 26, 5, "gpt-3.5-turbo-0125", system_fingerprint="fp_b28b39ffa8")
    assert missing(shown(OPENAI_CHAIN_MESSAGE), openai_notebook.run(CHAIN)) == []


def test_tool_calling(openai_notebook: Notebook, server: Recorder) -> None:
    server.answer = calling
    openai_notebook.run(TOOLS)
    assert missing(shown(TOOL_MESSAGE), openai_notebook.run(TOOL_INVOCATION)) == []
    assert missing(TOOL_CALLS_SHOWN, openai_notebook.run(TOOL_CALLS)) == []
    [sent] = server.body["tools"]
    assert (sent["type"], sent["function"]["name"]) == ("function", "GetWeather")
    assert sent["function"]["description"] == "获取给定地点的当前天气"
    location = {"type": "string", "description": "城市和州，例如：旧金山，加州"}
    assert sent["function"]["parameters"] == {"type": "object", "properties": {"location": location}, "required": ["location"]}
    assert server.body["messages"] == [{"role": "user", "content": "旧金山的天气如何"}]


@pytest.mark.parametrize("cell", [FINE_TUNED, FINE_TUNED_BY_THE_TEXT], ids=["model_name", "modelName"])
def test_fine_tuned_models(openai_notebook: Notebook, server: Recorder, cell: str) -> None:
    openai_notebook.run(INVOCATION)
    with pytest.warns(DeprecationWarning, match="use its invoke"):
        message = openai_notebook.run(cell)
    assert (message.type, message.content) == ("ai", "J'adore la programmation.")
    assert server.body["model"] == "ft:gpt-3.5-turbo-0613:langchain::7qTVM5AR"
