"""Bodies that are refused: the parameter is named, in both providers' shapes."""

from __future__ import annotations

from typing import Any

import pytest
from plain_http import AZURE, Wire, said

USER = said("Hello json")
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
CALL = {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "1"}


@pytest.mark.parametrize(
    ("fields", "param", "word"),
    [
        ({"messages": []}, "messages", "array"),
        ({"messages": "Hello"}, "messages", "array"),
        ({"messages": [{"content": "Hello"}]}, "messages[0].role", "role"),
        ({"messages": [*USER, {"role": "robot", "content": "x"}]}, "messages[1].role", "robot"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "str"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "content"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages[0].content[0].type", "video"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].image_url", "image_url"),
        ({"temperature": 2.1}, "temperature", "2"),
        ({"temperature": -1}, "temperature", "0"),
        ({"temperature": "hot"}, "temperature", "float"),
        ({"n": 0}, "n", "1"),
        ({"n": 1.5}, "n", "int"),
        ({"top_p": 2}, "top_p", "1"),
        ({"max_tokens": 0}, "max_tokens", "1"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens", "both"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "4"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "stream"),
        ({"top_logprobs": 2}, "top_logprobs", "logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "20"),
        ({"tool_choice": "auto"}, "tool_choice", "tools"),
        ({"parallel_tool_calls": False}, "parallel_tool_calls", "tools"),
        ({"tools": []}, "tools", "array"),
        ({"tools": [TOOL, TOOL]}, "tools[1].function.name", "differ"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name", "a b"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}}, "tool_choice", "'g'"),
        ({"tools": [TOOL], "tool_choice": "always"}, "tool_choice", "required"),
        ({"response_format": {"type": "xml"}}, "response_format.type", "xml"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "json_schema"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}},
            "response_format.json_schema.schema",
            "schema",
        ),
        ({"response_format": {"type": "json_object"}, "messages": said("Hello")}, "messages", "json"),
        ({"messages": [RESULT]}, "messages[0].role", "tool_calls"),
        ({"messages": [*USER, CALL]}, "messages[1]", "c1"),
        ({"messages": [*USER, CALL, *USER]}, "messages[1]", "c1"),
        ({"messages": [*USER, {"role": "assistant"}]}, "messages[1].content", "tool_calls"),
    ],
)
def test_chat(wire: Wire, fields: dict[str, Any], param: str, word: str) -> None:
    body = {"messages": USER, **fields}
    for path in ("/v1/chat/completions", AZURE.format("gpt-4o", "chat/completions")):
        answer = wire.post(path, {"model": "gpt-4o", **body})
        error = answer.json()["error"]
        assert (answer.status, error["param"], error["type"]) == (400, param, "invalid_request_error")
        assert word in error["message"]


def test_several_results_of_several_calls_are_fine(wire: Wire) -> None:
    two = {**CALL, "tool_calls": [CALL["tool_calls"][0], {**CALL["tool_calls"][0], "id": "c2"}]}  # type: ignore[dict-item,index]
    messages = [*USER, two, {**RESULT, "tool_call_id": "c2"}, RESULT, {"role": "assistant", "content": ""}, *USER]
    assert wire.post("/v1/chat/completions", {"model": "gpt-4o", "messages": messages}).status == 200


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"user": "\xff"}', b"[]", b"null", b"[" * 100_000, b"NaN"])
def test_what_is_no_json_object(wire: Wire, raw: bytes) -> None:
    for path in ("/v1/chat/completions", AZURE.format("gpt-4o", "chat/completions")):
        answer = wire.post(path, raw)
        assert (answer.status, answer.json()["error"]["type"]) == (400, "invalid_request_error")
        assert "JSON" in answer.json()["error"]["message"]


@pytest.mark.parametrize(("path", "field"), [("chat/completions", "messages"), ("embeddings", "input")])
def test_required_fields(wire: Wire, path: str, field: str) -> None:
    error = wire.post(f"/v1/{path}", {"model": "gpt-4o"}).json()["error"]
    assert (error["param"], error["code"]) == (field, "missing_required_parameter")


@pytest.mark.parametrize("model", [{}, {"model": ""}, {"model": None}])
def test_v1_wants_a_model(wire: Wire, model: dict[str, Any]) -> None:
    for path in ("/v1/chat/completions", "/openai/v1/chat/completions"):
        answer = wire.post(path, {"messages": USER, **model})
        assert (answer.status, answer.json()["error"]["param"]) == (400, "model")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"best_of": 1, "n": 2}, "best_of"),
        ({"best_of": 2, "stream": True}, "best_of"),
        ({"logprobs": 6}, "logprobs"),
        ({"stream_options": {}}, "stream_options"),
        ({"prompt": []}, "prompt"),
        ({"prompt": ["a", 1]}, "prompt[1]"),
        ({"prompt": [[1], "a"]}, "prompt[1]"),
        ({"prompt": 5}, "prompt"),
    ],
)
def test_completions(wire: Wire, fields: dict[str, Any], param: str) -> None:
    answer = wire.post("/v1/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "a", **fields})
    assert (answer.status, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": [[]]}, "input[0]"),
        ({"input": [1, "a"]}, "input"),
        ({"input": [-1]}, "input"),
        ({"input": [1] * 8193}, "input"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
        ({"input": "a", "dimensions": 1537}, "dimensions"),
        ({"input": "a", "dimensions": 0}, "dimensions"),
        ({"input": "a", "dimensions": 5, "model": "text-embedding-ada-002"}, "dimensions"),
    ],
)
def test_embeddings(wire: Wire, fields: dict[str, Any], param: str) -> None:
    answer = wire.post("/v1/embeddings", {"model": "text-embedding-3-small", **fields})
    assert (answer.status, answer.json()["error"]["param"]) == (400, param)
