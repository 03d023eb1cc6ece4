"""Tools and answers of a shape: how they are asked for, and what is read of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import pydantic
import pytest
from langchain.agents import create_agent
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_server import USAGE, Recorder, choice, chunk, completion
from pydantic import BaseModel, Field, create_model

from ceyx import LengthFinishReasonError
from ceyx.langchain import AzureChatOpenAI, ChatOpenAI, OpenAIRefusalError, custom_tool
from ceyx.langchain.pydantic_v1 import BaseModel as OldModel, Field as OldField
from ceyx.langchain.tools import sent_tool
from ceyx.service import LocalService


class City(BaseModel):
    """A city."""

    name: str
    people: int = Field(description="how many live there")


class OldCity(OldModel):  # type: ignore[misc, valid-type]
    """A city."""

    name: str
    people: int = OldField(description="how many live there")


class DictCity(TypedDict):
    """A city."""

    name: Annotated[str, ..., "what it is called"]
    people: int


@dataclass
class DataCity:
    """A city."""

    name: str
    people: int


SCHEMA = {"title": "City", "description": "A city.", "type": "object", "properties": {"name": {"type": "string"}}}
ROME = '{"name":"Rome","people":3}'


def get_weather(place: str) -> str:
    """Tell the weather.

    Args:
        place: where
    """
    return place


@tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def calling(name: str, arguments: str) -> dict[str, Any]:
    called = {"id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return completion(choice({"content": None, "tool_calls": [called]}, "tool_calls"))


@pytest.fixture
def server():
    with Recorder() as running:
        yield running


def model(server: Recorder, **more: Any) -> ChatOpenAI:
    return ChatOpenAI(**{"model": "gpt-4o", "base_url": server.url, "api_key": "k", "max_retries": 0, **more})


class TestTools:
    @pytest.mark.parametrize(
        ("given", "name", "parameters"),
        [
            (City, "City", {"name", "people"}),
            (OldCity, "OldCity", {"name", "people"}),
            (DictCity, "DictCity", {"name", "people"}),
            (get_weather, "get_weather", {"place"}),
            (add, "add", {"a", "b"}),
            (SCHEMA, "City", {"name"}),
            ({"name": "f", "description": "d", "parameters": SCHEMA}, "f", {"name"}),
            ({"type": "function", "function": {"name": "f", "parameters": SCHEMA}}, "f", {"name"}),
        ],
    )
    def test_of_every_kind(self, server, given, name, parameters):
        model(server).bind_tools([given]).invoke("hi")
        (sent,) = server.body["tools"]
        assert sent["type"] == "function"
        assert (sent["function"]["name"], set(sent["function"]["parameters"]["properties"])) == (name, parameters)

    def test_what_is_said_of_them(self, server):
        model(server).bind_tools([City]).invoke("hi")
        function = server.body["tools"][0]["function"]
        assert (function["description"], function["parameters"]["required"]) == ("A city.", ["name", "people"])
        assert function["parameters"]["properties"]["people"]["description"] == "how many live there"

    @pytest.mark.parametrize(
        ("choice", "sent"),
        [
            ("add", {"type": "function", "function": {"name": "add"}}),
            ("any", "required"),
            ("required", "required"),
            ("auto", "auto"),
            ("none", "none"),
            (True, "required"),
            ({"type": "function", "function": {"name": "add"}}, {"type": "function", "function": {"name": "add"}}),
            (None, None),
            (False, None),
        ],
    )
    def test_which_to_call(self, server, choice, sent):
        model(server).bind_tools([add], tool_choice=choice).invoke("hi")
        assert server.body.get("tool_choice") == sent

    def test_no_choice(self, server):
        with pytest.raises(ValueError, match="tool_choice is 3; give the name of a tool"):
            model(server).bind_tools([add], tool_choice=3)  # type: ignore[arg-type]

    def test_strict_and_one_at_a_time(self, server):
        class Weather(BaseModel):
            """The weather."""

            place: str = "here"

        model(server).bind_tools([Weather], strict=True, parallel_tool_calls=False).invoke("hi")
        function = server.body["tools"][0]["function"]
        assert function["strict"] is True
        assert function["parameters"]["additionalProperties"] is False
        assert function["parameters"]["required"] == ["place"]
        assert "default" not in function["parameters"]["properties"]["place"]
        assert server.body["parallel_tool_calls"] is False

    def test_what_cannot_be_strict(self):
        with pytest.raises(ValueError, match="free keys") as caught:
            sent_tool(create_model("Free", counts=(dict[str, int], ...), __doc__="d"), strict=True)
        assert "in the parameters of 'Free'" in caught.value.__notes__[0]
        with pytest.raises(ValueError, match="say it in one place"):
            sent_tool({"name": "f", "parameters": SCHEMA, "strict": False}, strict=True)

    def test_the_calls(self, server):
        server.answer = calling("get_weather", '{"place":"Rome"}')
        message = model(server).bind_tools([get_weather]).invoke("hi")
        assert message.tool_calls == [{"name": "get_weather", "args": {"place": "Rome"}, "id": "c1", "type": "tool_call"}]
        assert message.content == ""
        assert message.additional_kwargs["tool_calls"][0]["function"]["arguments"] == '{"place":"Rome"}'

    def test_streamed_calls(self, server):
        def piece(**call: Any) -> dict[str, Any]:
            return chunk({"tool_calls": [{"index": 0, **call}]})

        server.answer = [
            piece(id="c1", type="function", function={"name": "get_weather", "arguments": ""}),
            piece(function={"arguments": '{"pla'}),
            piece(function={"arguments": 'ce":"Rome"}'}),
            chunk({}, "tool_calls"),
        ]
        chunks = list(model(server).bind_tools([get_weather]).stream("hi"))
        assert [one.tool_call_chunks[0]["args"] for one in chunks[:3]] == ["", '{"pla', 'ce":"Rome"}']
        whole = chunks[0]
        for one in chunks[1:]:
            whole = whole + one
        assert isinstance(whole, AIMessageChunk)
        assert whole.tool_calls == [{"name": "get_weather", "args": {"place": "Rome"}, "id": "c1", "type": "tool_call"}]

    def test_tools_of_the_responses_api_choose_it(self, server):
        asked = model(server)
        assert asked._use_responses_api({"tools": [{"type": "web_search"}]})
        assert not asked._use_responses_api({"tools": [{"type": "function", "function": {}}]})
        assert asked._use_responses_api({"reasoning": {"effort": "low"}})
        assert model(server, reasoning={"effort": "low"}).use_responses_api is True
        assert not model(server, reasoning={"effort": "low"}, use_responses_api=False)._use_responses_api({})
        assert model(server, model="gpt-5-pro").use_responses_api is True

    def test_a_custom_tool(self):
        @custom_tool(format={"type": "grammar", "syntax": "regex", "definition": "[0-9]+"})
        def count(text: str) -> str:
            """Count."""
            return text

        assert sent_tool(count) == {
            "type": "custom",
            "name": "count",
            "description": "Count.",
            "format": {"type": "grammar", "syntax": "regex", "definition": "[0-9]+"},
        }
        assert custom_tool(get_weather).invoke("x") == "x"

    def test_secrets_of_tools_are_not_traced(self, server):
        tools = [{"type": "mcp", "server_label": "x", "authorization": "secret", "headers": {"k": "secret"}}]
        params = model(server)._get_invocation_params(tools=tools)
        assert "secret" not in repr(params)
        assert tools[0]["authorization"] == "secret"


class TestShapes:
    @pytest.mark.parametrize("kind", [City, OldCity])
    def test_types(self, server, kind):
        server.answer = completion(choice({"content": ROME}))
        value = model(server).with_structured_output(kind).invoke("hi")
        assert (type(value), value.name, value.people) == (kind, "Rome", 3)
        told = server.body["response_format"]
        assert (told["type"], told["json_schema"]["strict"]) == ("json_schema", True)
        assert told["json_schema"]["schema"]["additionalProperties"] is False

    @pytest.mark.parametrize("schema", [DictCity, DataCity, SCHEMA, {"name": "city", "schema": SCHEMA}])
    def test_dicts(self, server, schema):
        server.answer = completion(choice({"content": ROME}))
        assert model(server).with_structured_output(schema).invoke("hi") == {"name": "Rome", "people": 3}
        assert server.body["response_format"]["json_schema"].get("strict") in (None, False)

    @pytest.mark.parametrize("kind", [City, OldCity, DictCity, DataCity])
    def test_by_a_tool(self, server, kind):
        server.answer = calling(kind.__name__, ROME)
        value = model(server).with_structured_output(kind, method="function_calling").invoke("hi")
        assert (value if isinstance(value, dict) else vars(value)) == {"name": "Rome", "people": 3}
        assert server.body["tool_choice"]["function"]["name"] == kind.__name__
        assert server.body["parallel_tool_calls"] is False
        assert "response_format" not in server.body

    @pytest.mark.parametrize(("kind", "expected"), [(City, City(name="Rome", people=3)), (None, {"name": "Rome", "people": 3})])
    def test_in_json_mode(self, server, kind, expected):
        server.answer = completion(choice({"content": ROME}))
        assert model(server).with_structured_output(kind, method="json_mode").invoke("hi") == expected
        assert server.body["response_format"] == {"type": "json_object"}

    def test_strict_or_not(self, server):
        server.answer = completion(choice({"content": ROME}))
        model(server).with_structured_output(City, strict=False).invoke("hi")
        assert server.body["response_format"]["json_schema"]["strict"] is False
        model(server).with_structured_output(DictCity, strict=True).invoke("hi")
        told = server.body["response_format"]["json_schema"]
        assert (told["strict"], told["schema"]["required"]) == (True, ["name", "people"])

    @pytest.mark.parametrize("says", [True, False, None])
    def test_a_format_beside_tools_is_as_strict_as_it_says(self, server, says):
        """As `create_agent` asks for a `ProviderStrategy`."""
        said = {} if says is None else {"strict": says}
        format = {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA, **said}}
        model(server).bind_tools([get_weather], response_format=format).invoke("hi")
        told = server.body["response_format"]["json_schema"]
        assert (told.get("strict"), "additionalProperties" in told["schema"]) == (says, says is True)
        assert server.body["tools"][0]["function"]["strict"] is True

    def test_a_format_without_a_shape(self, server):
        with pytest.raises(ValueError, match="method='json_mode' asks for any JSON"):
            model(server).with_structured_output({"type": "json_object"})

    def test_a_type_that_cannot_be_strict(self, server):
        free = create_model("Free", counts=(dict[str, int], ...))
        with pytest.raises(ValueError, match="counts: a dict with free keys"):
            model(server).with_structured_output(free, strict=True)
        with pytest.warns(UserWarning, match="Free cannot be asked for strictly"):
            asked = model(server).with_structured_output(free)
        server.answer = completion(choice({"content": '{"counts":{"a":1}}'}))
        assert asked.invoke("hi").counts == {"a": 1}

    def test_with_the_message(self, server):
        server.answer = completion(choice({"content": ROME}))
        found = model(server).with_structured_output(City, include_raw=True).invoke("hi")
        assert found["parsed"] == found["raw"].additional_kwargs["parsed"] == City(name="Rome", people=3)
        assert (found["raw"].content, found["parsing_error"]) == (ROME, None)

    @pytest.mark.parametrize(
        ("message", "finish", "error"),
        [
            ({"content": None, "refusal": "I will not"}, "stop", OpenAIRefusalError),
            ({"content": '{"name":"Ro'}, "length", LengthFinishReasonError),
            ({"content": '{"name":"Rome"}'}, "stop", pydantic.ValidationError),
            ({"content": None}, "stop", OutputParserException),
        ],
    )
    def test_answers_that_cannot_be_read(self, server, message, finish, error):
        server.answer = completion(choice(message, finish))
        asked = model(server)
        with pytest.raises(error):
            asked.with_structured_output(City).invoke("hi")
        found = asked.with_structured_output(City, include_raw=True).invoke("hi")
        assert found["parsed"] is None
        assert isinstance(found["parsing_error"], error)

    @pytest.mark.parametrize("schema", [City, DictCity])
    def test_refusals(self, server, schema):
        server.answer = completion(choice({"content": None, "refusal": "I will not"}))
        with pytest.raises(OpenAIRefusalError, match="I will not") as refused:
            model(server).with_structured_output(schema).invoke("hi")
        assert refused.value.raw_message.additional_kwargs["refusal"] == "I will not"

    async def test_streams(self, server):
        server.answer = [
            chunk({"content": '{"name":"Ro'}),
            chunk({"content": 'me","people":3}'}),
            chunk({}, "stop"),
            chunk(usage=USAGE),
        ]
        asked = model(server)
        assert list(asked.with_structured_output(City).stream("hi")) == [City(name="Rome", people=3)]
        assert [one async for one in asked.with_structured_output(DictCity).astream("hi")] == [
            {"name": "Ro"},
            {"name": "Rome", "people": 3},
        ]
        *_, last = asked.bind(response_format=City).stream("hi")
        assert last.additional_kwargs["parsed"] == City(name="Rome", people=3)
        await asked.root_async_client.close()

    def test_beside_tools(self, server):
        server.answer = calling("add", '{"a":1,"b":2}')
        assert model(server).with_structured_output(City, tools=[add]).invoke("hi") is None
        assert server.body["tools"][0]["function"]["name"] == "add"
        server.answer = completion(choice({"content": ROME}))
        message = model(server).bind_tools([add], response_format=City).invoke("hi")
        assert message.additional_kwargs["parsed"] == City(name="Rome", people=3)
        assert server.body["tools"][0]["function"]["strict"] is True

    @pytest.mark.parametrize("name", ["gpt-4", "gpt-3.5-turbo", "gpt-4-turbo"])
    def test_older_models_are_asked_by_a_tool(self, server, name):
        server.answer = calling("City", ROME)
        with pytest.warns(UserWarning, match="method='function_calling' is used instead"):
            asked = model(server, model=name).with_structured_output(City)
        assert asked.invoke("hi") == City(name="Rome", people=3)

    def test_older_versions_of_azure_are_asked_by_a_tool(self, server):
        server.answer = calling("City", ROME)
        connection = {"azure_endpoint": server.origin, "azure_deployment": "gpt", "api_version": "2024-06-01", "api_key": "k"}
        with pytest.warns(UserWarning, match="with api_version 2024-06-01"):
            asked = AzureChatOpenAI(**connection).with_structured_output(City)
        assert asked.invoke("hi") == City(name="Rome", people=3)
        assert "parallel_tool_calls" not in server.body

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ({"schema": City, "method": "xml"}, "there are 'json_schema'"),
            ({"schema": City, "method": "json_mode", "strict": True}, "`strict` is not supported"),
            ({"schema": None}, "schema must be specified"),
            ({"schema": {"type": "json_schema", "json_schema": {"strict": True}}, "strict": False}, "say it in one place"),
        ],
    )
    def test_what_cannot_be(self, server, given, why):
        with pytest.raises(ValueError, match=why):
            model(server).with_structured_output(**given)


def test_against_the_local_service(service: LocalService):
    asked = ChatOpenAI(model="gpt-4o", base_url=service.url, api_key="any")
    message = asked.bind_tools([get_weather]).invoke("What is the weather in Rome?")
    assert message.tool_calls[0]["args"] == {"place": "Rome"}
    result = ToolMessage("sunny", tool_call_id=message.tool_calls[0]["id"])
    answer = asked.invoke([HumanMessage("What is the weather in Rome?"), message, result])
    assert "sunny" in str(answer.content)
    assert isinstance(asked.with_structured_output(City).invoke("Tell me of Rome, where 3 people live"), City)


def test_an_agent(service: LocalService):
    asked = ChatOpenAI(model="gpt-4o", base_url=service.url, api_key="any")
    agent: Any = create_agent(asked, [get_weather], response_format=City)
    found = agent.invoke({"messages": [("user", "What is the weather in Rome?")]})
    assert [type(message).__name__ for message in found["messages"][:3]] == ["HumanMessage", "AIMessage", "ToolMessage"]
    assert isinstance(found["structured_response"], City)
