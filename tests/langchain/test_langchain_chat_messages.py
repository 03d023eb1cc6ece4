"""Messages on their way out and in: pure translation."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)

from ceyx.langchain.answers import added
from ceyx.langchain.translate import read_message, sent_message, usage_metadata

DATA = "aGk="
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DATA}"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "word": "é"}'}}


def sent(message: BaseMessage, **how: Any) -> dict[str, Any]:
    return sent_message(message, **how)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (HumanMessage("hi", name="joe"), {"role": "user", "content": "hi", "name": "joe"}),
        (SystemMessage("s"), {"role": "system", "content": "s"}),
        (SystemMessage("s", additional_kwargs={"__openai_role__": "developer"}), {"role": "developer", "content": "s"}),
        (ToolMessage("r", tool_call_id="c1", name="add"), {"role": "tool", "content": "r", "tool_call_id": "c1"}),
        (FunctionMessage(name="f", content="r"), {"role": "function", "content": "r", "name": "f"}),
        (ChatMessage(role="critic", content="x"), {"role": "critic", "content": "x"}),
        (AIMessage("a"), {"role": "assistant", "content": "a"}),
    ],
)
def test_roles(message, expected):
    assert sent(message) == expected


def test_no_message_of_a_chat():
    with pytest.raises(TypeError, match="RemoveMessage is no message that chat completions take"):
        sent(RemoveMessage(id="1"))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "text", "text": "t"}, {"type": "text", "text": "t"}),
        ({"type": "image", "url": "https://x/y.png"}, {"type": "image_url", "image_url": {"url": "https://x/y.png"}}),
        ({"type": "image", "base64": DATA, "mime_type": "image/png"}, IMAGE),
        ({"type": "image", "source_type": "base64", "data": DATA, "mime_type": "image/png"}, IMAGE),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}}, IMAGE),
        (
            {"type": "image", "source": {"type": "url", "url": "https://x"}},
            {"type": "image_url", "image_url": {"url": "https://x"}},
        ),
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, None),
        (IMAGE, IMAGE),
        (
            {"type": "audio", "base64": DATA, "mime_type": "audio/wav"},
            {"type": "input_audio", "input_audio": {"data": DATA, "format": "wav"}},
        ),
        (  # the MIME type of MP3, which the API calls by its own name
            {"type": "audio", "base64": DATA, "mime_type": "audio/mpeg"},
            {"type": "input_audio", "input_audio": {"data": DATA, "format": "mp3"}},
        ),
        (
            {"type": "file", "base64": DATA, "mime_type": "application/pdf", "filename": "a.pdf"},
            {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{DATA}", "filename": "a.pdf"}},
        ),
        ({"type": "file", "file_id": "f1"}, {"type": "file", "file": {"file_id": "f1"}}),
        (
            {"type": "text", "text": "t", "extras": {"prompt_cache_breakpoint": {}}},
            {"type": "text", "text": "t", "prompt_cache_breakpoint": {}},
        ),
        ({"type": "thinking", "thinking": "hm"}, None),
        ({"type": "tool_use", "id": "c1", "name": "f", "input": {}}, None),
    ],
)
def test_blocks(block, expected):
    assert sent(HumanMessage([block]))["content"] == ([] if expected is None else [expected])


@pytest.mark.parametrize(("role", "why"), [(HumanMessage, "SystemMessage"), (SystemMessage, "requires the Responses API")])
def test_tools_within_content(role, why):
    with pytest.raises(ValueError, match=why):
        sent(role([{"type": "non_standard", "value": {"type": "additional_tools", "tools": []}}]))


class TestOfTheAssistant:
    def test_calls(self):
        message = AIMessage("", tool_calls=[{"id": "c1", "name": "add", "args": {"a": 1, "word": "é"}}])
        assert sent(message) == {"role": "assistant", "content": None, "tool_calls": [CALL]}

    def test_calls_that_could_not_be_read(self):
        message = AIMessage("x", invalid_tool_calls=[{"id": "c1", "name": "add", "args": '{"a', "error": "cut"}])
        assert sent(message)["tool_calls"][0]["function"] == {"name": "add", "arguments": '{"a'}

    def test_calls_as_they_came(self):
        older = AIMessage.model_construct(content="", additional_kwargs={"tool_calls": [{**CALL, "index": 0}]}, tool_calls=[])
        older.invalid_tool_calls, older.response_metadata = [], {}
        assert sent(older)["tool_calls"] == [CALL]

    def test_calls_of_custom_tools_go_back_as_such(self):
        custom = {"id": "c4", "type": "custom", "custom": {"name": "sql", "input": "SELECT"}}
        assert sent(read_message({"content": None, "tool_calls": [custom, CALL]}, None))["tool_calls"] == [custom, CALL]

    def test_calls_that_the_program_took_out(self):
        message = read_message({"content": None, "tool_calls": [CALL]}, None)
        message.response_metadata["model_provider"] = "openai"
        assert sent(message)["tool_calls"] == [CALL]
        assert "tool_calls" not in sent(message.model_copy(update={"tool_calls": []}))

    def test_content_of_version_v1(self):
        blocks = [
            {"type": "reasoning", "reasoning": "hm"},
            {"type": "text", "text": "t", "annotations": [], "id": "m"},
            {"type": "tool_call", "id": "c1", "name": "add", "args": {}},
        ]
        assert sent(AIMessage(blocks))["content"] == [{"type": "text", "text": "t"}]

    @pytest.mark.parametrize(
        "message",
        [
            AIMessage([{"type": "audio", "id": "au1", "data": DATA}]),
            AIMessage("", additional_kwargs={"audio": {"id": "au1", "data": DATA}}),
        ],
    )
    def test_sound_by_its_id(self, message):
        assert sent(message)["audio"] == {"id": "au1"}

    def test_reasoning_goes_back_where_it_is_wanted(self):
        message = AIMessage("x", additional_kwargs={"reasoning_content": "hm"})
        assert sent(message, reasoning=True)["reasoning_content"] == "hm"
        assert "reasoning_content" not in sent(message)

    def test_results_of_tools_in_parts(self):
        message = ToolMessage([{"type": "text", "text": "r", "id": "x"}, IMAGE], tool_call_id="c1")
        assert sent(message)["content"] == [{"type": "text", "text": "r"}, IMAGE]


class TestRead:
    def test_calls(self):
        broken = {"id": "c2", "type": "function", "function": {"name": "add", "arguments": '{"a":'}}
        none = {"id": "c3", "type": "function", "function": {"name": "now", "arguments": ""}}
        null = {"id": "c5", "type": "function", "function": {"name": "now", "arguments": "null"}}
        custom = {"id": "c4", "type": "custom", "custom": {"name": "sql", "input": "SELECT"}}
        message = read_message({"content": None, "tool_calls": [CALL, broken, none, custom, null]}, None)
        assert message.tool_calls == [
            {"name": "add", "args": {"a": 1, "word": "é"}, "id": "c1", "type": "tool_call"},
            {"name": "now", "args": {}, "id": "c3", "type": "tool_call"},
            {"name": "sql", "args": {"__arg1": "SELECT"}, "id": "c4", "type": "tool_call"},
            {"name": "now", "args": {}, "id": "c5", "type": "tool_call"},
        ]
        assert [one["args"] for one in message.invalid_tool_calls] == ['{"a":']
        assert "are not valid JSON" in str(message.invalid_tool_calls[0]["error"])
        assert message.additional_kwargs["tool_calls"] == [CALL, broken, none, custom, null]
        assert message.content == ""

    @pytest.mark.parametrize("arguments", ["[1]", "3", '"x"'])
    def test_arguments_that_are_no_object(self, arguments):
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
        message = read_message({"content": "", "tool_calls": [call]}, None)
        assert message.tool_calls == []
        assert str(message.invalid_tool_calls[0]["error"]).endswith("are not a JSON object.")

    def test_it_is_what_the_constructor_makes(self):
        message = read_message({"role": "assistant", "content": "x", "tool_calls": [CALL]}, None)
        fields = {name: getattr(message, name) for name in AIMessage.model_fields}
        made = AIMessage(**fields)
        assert made == message
        assert list(vars(made)) == list(vars(message))
        assert message.model_copy(deep=True) == message
        assert message.model_dump() == made.model_dump()


def test_usage_without_details():
    assert usage_metadata({"prompt_tokens": 3, "completion_tokens": None}) == {
        "input_tokens": 3,
        "output_tokens": 0,
        "total_tokens": 3,
        "input_token_details": {},
        "output_token_details": {},
    }


def test_usages_add_up_with_their_details():
    one = {"total_tokens": 3, "details": {"cached": 1}, "none": None}
    other = {"total_tokens": 4, "details": {"cached": 2, "audio": 5}, "none": None}
    assert added(one, other) == {"total_tokens": 7, "details": {"cached": 3, "audio": 5}, "none": None}
    assert added({}, other) == other
