"""Messages as input items of the Responses API: what the side-by-side tests do not show, as others lose it or get it wrong."""

from __future__ import annotations

from typing import Any

import pytest
from canned_responses import CUSTOM, FILE, PATH, THOUGHT, URL, call
from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, FunctionMessage, HumanMessage, SystemMessage, ToolMessage

from ceyx.langchain.responses_answers import kept_annotation
from ceyx.langchain.responses_input import sent_annotation, sent_items


def answer(*blocks: Any, **more: Any) -> AIMessage:
    return AIMessage(list(blocks), response_metadata={"model_provider": "openai"}, **more)


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text, "annotations": []}], **more}


class TestAnswers:
    def test_texts_of_one_message_stay_together(self):
        blocks = [{"type": "text", "text": text, "id": id} for text, id in (("a", "msg_1"), ("b", "msg_2"), ("c", "msg_1"))]
        for stored in (True, False):
            first, second = sent_items([answer(*blocks)], stored=stored)
            assert [part["text"] for part in first["content"]] == ["a", "c"]
            assert [part["text"] for part in second["content"]] == ["b"]
            assert (first.get("id"), second.get("id")) == (("msg_1", "msg_2") if stored else (None, None))

    def test_ids_that_langchain_made_up_are_not_sent(self):
        assert sent_items([answer({"type": "text", "text": "a", "id": "lc_1"})]) == [said("a")]

    def test_plain_strings_among_blocks(self):
        assert sent_items([answer("a", "b")]) == [said("a"), said("b")]
        assert sent_items([HumanMessage(["a", {"type": "text", "text": "b"}])]) == [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}],
            }
        ]

    def test_reasoning_that_nobody_can_know_is_left_out(self):
        secret, open_ = {**THOUGHT, "index": 0}, {"type": "reasoning", "id": "rs_2", "summary": [], "index": 1}
        assert sent_items([answer(secret, open_)], stored=False) == [THOUGHT]
        assert sent_items([answer(secret, open_)]) == [THOUGHT, {"type": "reasoning", "id": "rs_2", "summary": []}]

    def test_reasoning_in_v1_is_one_item_again(self):
        blocks = [
            {"type": "reasoning", "reasoning": "First.", "id": "rs_1", "encrypted_content": "c2VjcmV0", "index": "lc_rs_0"},
            {"type": "reasoning", "reasoning": "Then that.", "id": "rs_1", "index": "lc_rs_1"},
            {"type": "reasoning", "reasoning": "Else.", "id": "rs_2"},
            {"type": "reasoning", "id": "rs_3", "extras": {"encrypted_content": "eA=="}},
        ]
        first, second, third = sent_items([answer(*blocks)])
        assert first == THOUGHT
        assert second == {"type": "reasoning", "id": "rs_2", "summary": [{"type": "summary_text", "text": "Else."}]}
        assert third == {"type": "reasoning", "id": "rs_3", "summary": [], "encrypted_content": "eA=="}

    def test_results_of_servers_need_not_follow_their_calls(self):
        calls = [{"type": "server_tool_call", "name": "web_search", "id": id, "args": {"query": id}} for id in ("ws_1", "ws_2")]
        results = [{"type": "server_tool_result", "tool_call_id": id, "status": "success"} for id in ("ws_1", "ws_2")]
        unknown = {"type": "server_tool_call", "name": "of_others", "id": "x", "args": {}}
        assert sent_items([answer(*calls, unknown, *results)]) == [
            {"type": "web_search_call", "id": id, "action": {"query": id}, "status": "completed"} for id in ("ws_1", "ws_2")
        ]

    def test_a_search_for_tools(self):
        found = {
            "type": "tool_search_output",
            "id": "to_1",
            "execution": "server",
            "status": "completed",
            "tools": [{"name": "f"}],
        }
        asked = {
            "type": "tool_search_call",
            "id": "ts_1",
            "execution": "server",
            "status": "completed",
            "arguments": {"goal": "g"},
        }
        given = answer(asked, found)
        assert sent_items([given]) == [asked, found]
        assert sent_items([answer(*given.content_blocks)]) == [asked, found]

    def test_calls_in_v1_are_what_they_were(self):
        made = call("f", '{"a": 1}', namespace="n")
        given = answer(made, tool_calls=[{"name": "f", "args": {"a": 1}, "id": "call_1"}])
        (block,) = given.content_blocks
        sent = sent_items([answer(block, tool_calls=given.tool_calls)])
        assert sent == [{**made, "arguments": '{"a":1}'}]

    def test_blocks_of_other_providers_are_left_out(self):
        others = [{"type": "thinking", "thinking": "t"}, {"type": "tool_use", "id": "x", "name": "f", "input": {}}]
        assert sent_items([answer(*others, {"type": "text", "text": "a"})]) == [said("a")]

    def test_an_empty_answer_with_calls_says_nothing(self):
        calls: Any = [{"name": "f", "args": {"é": 1}, "id": "c1"}]
        assert sent_items([AIMessage("", tool_calls=calls)]) == [
            {"type": "function_call", "name": "f", "arguments": '{"é": 1}', "call_id": "c1"}
        ]

    @pytest.mark.parametrize("annotation", [URL, FILE, PATH])
    def test_annotations_come_back_as_they_were(self, annotation):
        inside = kept_annotation(annotation)
        assert "index" not in inside  # which LangChain adds up by
        assert sent_annotation(inside) == annotation


class TestWhatToolsGave:
    def test_a_custom_tool(self):
        for content, output in (("27", "27"), ([{"type": "text", "text": "27"}], [{"type": "input_text", "text": "27"}])):
            *_, sent = sent_items([answer({**CUSTOM}), ToolMessage(content, tool_call_id="call_9")])
            assert sent == {"type": "custom_tool_call_output", "call_id": "call_9", "output": output}

    def test_a_computer(self):
        asked = {"type": "computer_call", "id": "cu_1", "call_id": "call_7", "action": {"type": "screenshot"}}
        shown: Any = [{"type": "image", "base64": "aGk=", "mime_type": "image/png"}]
        more = {"acknowledged_safety_checks": [{"id": "sc_1"}]}
        *_, sent = sent_items([answer(asked), ToolMessage(shown, tool_call_id="call_7", additional_kwargs=more)])
        screen = {"type": "input_image", "image_url": "data:image/png;base64,aGk="}
        assert sent == {"type": "computer_call_output", "call_id": "call_7", "output": screen, **more}

    def test_an_item_as_the_api_has_it(self):
        item = {
            "type": "shell_call_output",
            "output": [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
        }
        for content in ([item], [{"type": "non_standard", "value": item}]):
            assert sent_items([ToolMessage(content, tool_call_id="call_5")]) == [{**item, "call_id": "call_5"}]

    def test_pictures_and_files(self):
        content: Any = ["a", {"type": "image_url", "image_url": {"url": "https://x"}}, {"type": "file", "file_id": "f1"}]
        (sent,) = sent_items([ToolMessage(content, tool_call_id="c1")])
        assert sent["output"] == [
            {"type": "input_text", "text": "a"},
            {"type": "input_image", "image_url": "https://x"},
            {"type": "input_file", "file_id": "f1"},
        ]

    def test_what_is_no_content_goes_as_json(self):
        (sent,) = sent_items([ToolMessage([{"type": "json", "é": 1}], tool_call_id="c1")])
        assert sent["output"] == '[{"type": "json", "é": 1}]'


class TestWhatOthersSay:
    def test_sound(self):
        (sent,) = sent_items([HumanMessage([{"type": "audio", "base64": "aGk=", "mime_type": "audio/wav"}])])
        assert sent["content"] == [{"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}}]

    def test_items_among_content_go_before_it(self):
        tools = {"type": "additional_tools", "tools": []}
        items = sent_items([SystemMessage([{"type": "text", "text": "s"}, {"type": "non_standard", "value": tools}])])
        assert [item["type"] for item in items] == ["additional_tools", "message"]

    @pytest.mark.parametrize("kind", [HumanMessage, SystemMessage])
    def test_what_has_no_place_is_said(self, kind: type[BaseMessage]):
        with pytest.warns(UserWarning, match="'sketch' in a (human|system) message has no place in the input"):
            assert sent_items([kind([{"type": "sketch"}])]) == []

    def test_tools_from_users_are_refused(self):
        with pytest.raises(ValueError, match="must be carried on a `SystemMessage`"):
            sent_items([HumanMessage([{"type": "additional_tools", "tools": []}])])

    def test_functions_are_no_tools(self):
        with pytest.raises(TypeError, match="FunctionMessage is no message that the Responses API takes"):
            sent_items([FunctionMessage("x", name="f")])

    def test_roles_by_name(self):
        spoken = sent_items([ChatMessage("a", role="assistant"), ChatMessage("d", role="developer")])
        assert spoken == [said("a"), {"type": "message", "role": "developer", "content": "d"}]
