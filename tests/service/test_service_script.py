"""The engine `script`: which requests get which replies, whole and in streams, on every endpoint; what is said of bad ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

import pytest
from plain_http import AZURE, Wire, said

from ceyx import OpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.engines import EngineError, made

Scripted: TypeAlias = Callable[..., Wire]
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Scripted]:
    """A service that answers by this script."""
    with ExitStack() as closing:

        def start(text: str, name: str = "replies.yaml", **settings: Any) -> Wire:
            (tmp_path / name).write_text(text)
            settings = {"engines": {"*": f"script:{tmp_path / name}"}, **settings}
            wire = Wire(closing.enter_context(LocalService(Settings(**settings))))
            closing.callback(wire.pool.clear)
            return wire

        yield start


def text_of(answer: Any) -> str:
    return str(answer["choices"][0]["message"]["content"])


class TestMatching:
    def test_by_what_is_said(self, scripted: Scripted) -> None:
        wire = scripted(r"""
replies:
  - match: {text: Hello}
    reply: whole
  - match: {contains: [capital, France]}
    reply: Paris
  - match: {regex: '^\d+ plus \d+$'}
    reply: sum
""")
        asked = ["Hello", "What is the CAPITAL of france?", "1 plus 2", "capital of Spain"]
        answers = [text_of(wire.chat(text)) for text in asked]
        assert answers[:3] == ["whole", "Paris", "sum"]
        assert "stand-in" in answers[3]  # nothing matches: the local engine answers

    def test_only_what_the_user_said_last_counts(self, scripted: Scripted) -> None:
        wire = scripted("replies: [{match: {contains: one}, reply: first}]")
        messages = [*said("one"), {"role": "assistant", "content": "one"}, *said("two")]
        assert text_of(wire.chat(messages=messages)) != "first"

    def test_by_deployment_model_endpoint_header_and_stream(self, scripted: Scripted) -> None:
        script = """
replies:
  - {match: {deployment: "prod-*"}, reply: by deployment}
  - {match: {model: "gpt-4.1*"}, reply: by model}
  - {match: {headers: {X-Case: "7?"}}, reply: by header}
  - {match: {endpoint: completions}, reply: by endpoint}
"""
        wire = scripted(script, deployments={"prod-eu": "gpt-4o"})
        assert text_of(wire.chat(model="prod-eu")) == "by deployment"
        assert text_of(wire.post(AZURE.format("prod-eu", "chat/completions"), {"messages": said("Hi")}).json()) == "by deployment"
        assert text_of(wire.chat(model="gpt-4.1-mini")) == "by model"
        body = {"model": "gpt-4o", "messages": said("Hi")}
        assert text_of(wire.post("/v1/chat/completions", body, **{"x-case": "71"}).json()) == "by header"
        assert "stand-in" in text_of(wire.post("/v1/chat/completions", body, **{"x-case": "8"}).json())
        continued = wire.post("/v1/completions", {"model": "davinci-002", "prompt": ["a", "b"]}).json()
        assert [choice["text"] for choice in continued["choices"]] == ["by endpoint", "by endpoint"]

    def test_a_tool_that_is_offered_then_its_result(self, scripted: Scripted) -> None:
        wire = scripted("""
replies:
  - match: {result: {tool: get_weather, contains: "22"}}
    reply: It is warm.
  - match: {tool: get_weather, contains: weather}
    reply: {calls: [{name: get_weather, arguments: {city: Paris}}]}
""")
        asked = said("What is the weather?")
        assert "stand-in" in text_of(wire.chat(messages=asked))
        choice = wire.chat(messages=asked, tools=[WEATHER])["choices"][0]
        assert choice["finish_reason"] == "tool_calls"
        (call,) = choice["message"]["tool_calls"]
        assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("get_weather", {"city": "Paris"})
        result = {"role": "tool", "tool_call_id": call["id"], "content": "22 degrees"}
        assert text_of(wire.chat(messages=[*asked, choice["message"], result], tools=[WEATHER])) == "It is warm."

    def test_sequences_and_the_nth_call(self, scripted: Scripted) -> None:
        wire = scripted("""
replies:
  - match: {contains: again}
    first: [one, {text: two}]
    then: more
  - match: {contains: once}
    first: only once
  - match: {contains: third, call: 3}
    reply: the third
""")
        assert [text_of(wire.chat("again")) for _ in range(4)] == ["one", "two", "more", "more"]
        once = [text_of(wire.chat("once")) for _ in range(2)]
        assert once[0] == "only once"
        assert "stand-in" in once[1]
        assert [text_of(wire.chat("third")) == "the third" for _ in range(4)] == [False, False, True, False]

    def test_what_matches_nothing_can_be_an_error(self, scripted: Scripted) -> None:
        wire = scripted("replies: [{match: {contains: yes}, reply: ok}]\notherwise: error")
        answer = wire.post("/v1/chat/completions", {"model": "gpt-4o", "messages": said("no"), "tools": [WEATHER]})
        assert answer.status == 400
        error = answer.json()["error"]
        assert error["code"] == "no_scripted_reply"
        assert "replies.yaml" in error["message"]
        assert "'no', offering get_weather" in error["message"]


class TestReplies:
    def test_to_programs_that_have_functions(self, scripted: Scripted) -> None:
        wire = scripted("replies: [{reply: {calls: [{name: f, arguments: '{}'}], fault: stream-end}}]")
        choice = wire.chat(functions=[{"name": "f", "parameters": {}}])["choices"][0]  # the fault is one of streams
        assert (choice["message"]["function_call"], choice["finish_reason"]) == (
            {"name": "f", "arguments": "{}"},
            "function_call",
        )

    def test_are_streamed_as_any_other(self, scripted: Scripted) -> None:
        wire = scripted("""
replies:
  - match: {text: Hello}
    reply: {text: Hello there you, usage: {input: 100, output: 7, cached: 64}, finish: length}
  - match: {contains: tool}
    reply: {text: Wait., calls: [{name: a, arguments: {x: 1}}, {name: b, id: call_b}]}
  - match: {contains: bad}
    reply: {refusal: I will not.}
""")
        path, options = "/v1/chat/completions", {"stream_options": {"include_usage": True}}
        events = wire.events(path, {"model": "gpt-4o", "messages": said("Hello"), **options})
        deltas = [choice["delta"].get("content") or "" for event in events for choice in event["choices"]]
        assert "".join(deltas) == "Hello there you"
        assert len([delta for delta in deltas if delta]) > 1
        assert [event["choices"][0]["finish_reason"] for event in events[:-1]][-1] == "length"
        usage = events[-1]["usage"]
        assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (100, 7, 107)
        assert usage["prompt_tokens_details"]["cached_tokens"] == 64
        calls = wire.events(path, {"model": "gpt-4o", "messages": said("tool")})
        named = [call for each in calls for call in each["choices"][0]["delta"].get("tool_calls", ()) if call.get("id")]
        assert [call["function"]["name"] for call in named] == ["a", "b"]
        assert named[1]["id"] == "call_b"
        refused = wire.events(path, {"model": "gpt-4o", "messages": said("bad")})
        assert "".join(each["choices"][0]["delta"].get("refusal") or "" for each in refused) == "I will not."

    def test_are_json(self, scripted: Scripted) -> None:
        wire = scripted("replies: [{reply: {json: {city: Zürich, n: [1, 2.5, null, true]}}}]")
        assert json.loads(text_of(wire.chat())) == {"city": "Zürich", "n": [1, 2.5, None, True]}

    def test_of_responses(self, scripted: Scripted) -> None:
        wire = scripted("""
replies:
  - match: {result: look}
    reply: {text: found, usage: {output: 3, reasoning: 2}}
  - match: {contains: bad}
    reply: {refusal: No.}
  - match: {contains: long}
    reply: {text: cut, finish: length}
  - reply: {text: I look., calls: [{name: look, arguments: {for: it}}]}
""")
        with OpenAI(base_url=wire.service.url, api_key="any", max_retries=0) as client:
            tool: Any = {"type": "function", "name": "look", "parameters": {}}
            one = client.responses.create(model="gpt-5", input="Look", tools=[tool])
            message, call = one.output
            assert one.output_text == "I look."
            assert (message.type, call.type, call.name) == ("message", "function_call", "look")
            output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "here"}
            two = client.responses.create(model="gpt-5", input=[output], previous_response_id=one.id, tools=[tool])
            assert two.output_text == "found"
            assert (two.usage.output_tokens, two.usage.output_tokens_details.reasoning_tokens) == (3, 2)
            with client.responses.stream(model="gpt-5", input="bad") as stream:
                kinds = [event.type for event in stream]
                refused = stream.get_final_response()
            assert {"response.refusal.delta", "response.refusal.done"} <= {*kinds}
            assert refused.output[0].content[0].refusal == "No."
            cut = client.responses.create(model="gpt-5", input="long")
            assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")

    def test_of_embeddings(self, scripted: Scripted) -> None:
        wire = scripted("""
replies:
  - {match: {contains: two}, reply: {embedding: [[1, 0], [0, 1]], usage: {input: 9}}}
  - reply: {embedding: [0.5, 0.25]}
""")
        with OpenAI(base_url=wire.service.url, api_key="any") as client:
            two = client.embeddings.create(model="text-embedding-3-small", input=["two", "inputs"])
            assert [each.embedding for each in two.data] == [[1, 0], [0, 1]]
            assert (two.usage.prompt_tokens, two.usage.total_tokens) == (9, 9)
            one = client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
            assert [each.embedding for each in one.data] == [[0.5, 0.25]] * 2

    def test_of_speech_images_and_recordings(self, scripted: Scripted, tmp_path: Path) -> None:
        (tmp_path / "hello.wav").write_bytes(b"RIFF-sound")
        (tmp_path / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n-cat")
        (tmp_path / "said").mkdir()
        (tmp_path / "said" / "meeting.txt").write_text("We met.\n")
        (tmp_path / "secret.txt").write_text("confidential")
        wire = scripted("""
recordings: said
replies:
  - {match: {endpoint: audio/speech}, reply: {file: hello.wav}}
  - {match: {endpoint: images/*, contains: cat}, reply: {file: cat.png}}
  - {match: {file: "call-*.mp3"}, reply: {transcript: You called.}}
""")
        with OpenAI(base_url=wire.service.url, api_key="any", max_retries=0) as client:
            speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello")
            assert speech.content == b"RIFF-sound"
            assert speech.response.headers["content-type"].startswith("audio/")
            drawn = client.images.generate(model="gpt-image-1", prompt="A cat").data
            assert drawn is not None and drawn[0].b64_json is not None
            linked = client.images.generate(model="dall-e-2", prompt="A cat", n=2).data
            assert linked is not None
            shown = wire.pool.request("GET", str(linked[1].url))
            assert (shown.data, shown.headers["content-type"]) == (b"\x89PNG\r\n\x1a\n-cat", "image/png")
            streamed = list(client.images.generate(model="gpt-image-1", prompt="A cat", stream=True))
            assert streamed[-1].b64_json == drawn[0].b64_json
            transcribe: Any = client.audio.transcriptions.create
            assert transcribe(model="whisper-1", file=("call-1.mp3", b"xx")).text == "You called."
            assert transcribe(model="whisper-1", file=("meeting.wav", b"xx")).text == "We met."
            assert "confidential" not in transcribe(model="whisper-1", file=("../secret.wav", b"xx")).text
            assert transcribe(model="whisper-1", file=("C:\\x\\meeting.wav", b"xx"), response_format="text") == "We met.\n"

    def test_can_fail_and_take_their_time(self, scripted: Scripted) -> None:
        wire = scripted("""
replies:
  - match: {contains: busy}
    first: {fault: "status;code=429;retry-after=1"}
    then: at last
  - match: {contains: cut}
    reply: {text: one two three four five six, fault: "stream-end;events=3"}
  - match: {contains: slow}
    reply: {text: slow, latency: 0.1}
  - match: {contains: form}
    reply: {text: a stream, fault: json-for-stream}
""")
        body = {"model": "gpt-4o", "messages": said("busy")}
        busy = wire.post("/v1/chat/completions", body)
        assert (busy.status, busy.headers["retry-after"]) == (429, "1")
        assert text_of(wire.chat("busy")) == "at last"
        cut = wire.post("/v1/chat/completions", {"model": "gpt-4o", "messages": said("cut"), "stream": True})
        assert b"[DONE]" not in cut.data
        assert b'"one"' in cut.data and b"six" not in cut.data
        assert cut.headers["x-request-id"].startswith("req_")
        began = monotonic()
        wire.chat("slow")
        assert monotonic() - began >= 0.1
        whole = wire.post("/v1/chat/completions", {"model": "gpt-4o", "messages": said("form"), "stream": True})
        assert text_of(whole.json()) == "a stream"
        counted = wire.get("/_ceyx/counters").json()
        assert counted["faults"] == {"status": 1, "stream-end": 1, "json-for-stream": 1}
        assert (counted["requests"], counted["clean"]) == (5, {"200": 2})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "replies:\n  - mach: {}\n    reply: a",
            r"replies.yaml, line 2: replies\[1\].mach: there is no 'mach' here \(did you mean match",
        ),
        ("replies:\n - reply: a\n - reply:\n    txt: a", r"line 4: replies\[2\].reply.txt: there is no 'txt'"),
        ("replies:\n - match:\n     regex: '('\n   reply: a", r"line 3: replies\[1\].match.regex: '\(' is no regular expression"),
        ("replies:\n - reply: {text: 5}", r"line 2: replies\[1\].reply.text: text belongs here; got 5"),
        ("replies:\n - reply: {fault: stal}", "line 2: .*reply.fault: there is no fault 'stal' .did you mean stall"),
        ("replies:\n - reply: {fault: 'status;times=2'}", "times is for rules; here it is written first"),
        ("replies:\n - reply: {file: no.wav}", "line 2: .*reply.file: .*no.wav cannot be read"),
        ("replies:\n - reply: {embedding: [1, a]}", "reply.embedding: an embedding is a list of numbers"),
        ("replies:\n - reply: {finish: stop}", "reply.finish: a reply that says nothing"),
        ("replies:\n - reply: {text: a, finish: ended}", "one of stop, length"),
        ("replies:\n - reply: {}", "a reply says something"),
        ("replies:\n - match: {}", "this one has neither"),
        ("replies:\n - {reply: a, first: b}", "this one has both"),
        ("replies:\n - first: [a, 3]", r"replies\[1\].first\[2\].reply: text or a table belongs here; got 3"),
        ("replies:\n - {reply: {calls: [{arguments: {}}]}}", r"calls\[1\]: the name of the tool is missing"),
        ("replies:\n - {reply: {text: a, latency: -1}}", "first_token is -1.0"),
        ("replies:\n - {reply: {text: a, usage: {input: -1}}}", "usage.input: a whole number from 0 on belongs here; got -1"),
        ("replies: a", "replies: a list belongs here; got 'a'"),
        ("replies: [{reply: a}]\notherwise: maybe", "line 2: otherwise: local or error belongs here; got 'maybe'"),
        ("replies: [{reply: a}]\nrecordings: none", "recordings: .*none is no folder"),
        ("", "a table belongs here"),
        ("otherwise: local", "there are no replies"),
        ("replies: [", "line 1 is no YAML"),
        ("replies:\n - reply: a\n   reply: b", "line 3: 'reply' is there twice"),
    ],
)
def test_what_is_wrong_with_a_script_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "replies.yaml"
    path.write_text(text)
    with pytest.raises(EngineError, match=message) as raised:
        made({"prod": f"script:{path}"})
    assert str(raised.value).startswith(f"the engine of prod: {path}")


def test_scripts_may_be_toml_or_json(tmp_path: Path, scripted: Scripted) -> None:
    wire = scripted('[[replies]]\nmatch.text = "a"\nreply = "toml"\n', "replies.toml")
    assert text_of(wire.chat("a")) == "toml"
    wire = scripted('{"replies": [{"reply": {"json": [1]}}]}', "replies.json")
    assert text_of(wire.chat("a")) == "[1]"
    (tmp_path / "bad.toml").write_text('[[replies]]\nreply = "a"\n\n[[replies]]\nrepley = "b"\n')
    with pytest.raises(EngineError, match=r"bad.toml, line 5: replies\[2\].repley: there is no"):
        made({"*": f"script:{tmp_path / 'bad.toml'}"})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("scrpt:a.yaml", "'scrpt:a.yaml' is no engine; write one of local, script"),
        ("script", "needs a file"),
        ("local:x", "the engine local takes nothing"),
        ({"engine": "script", "file": "a", "folder": "b"}, "no option 'folder'"),
        ({"engine": "script:a", "file": "b"}, "file is given twice"),
        ({}, "None is no engine"),
        ("script:/nowhere.yaml", "/nowhere.yaml cannot be read: No such file"),
    ],
)
def test_what_is_no_engine(spec: Any, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        made({"prod": spec})
    with pytest.raises(EngineError, match="the engine of prod"):
        LocalService(Settings(engines={"prod": spec})).start()


def test_an_engine_may_be_of_the_programs_own() -> None:
    from starlette.responses import JSONResponse

    closed: list[bool] = []

    class Own:
        any_model = True

        async def answer(self, ask: Any) -> Any:
            return JSONResponse({"raw": ask.raw.decode(), "for": ask.deployment}, 201, {"x-request-id": "mine"})

        def reset(self) -> None: ...

        def close(self) -> None:
            closed.append(True)

    own = Own()
    with LocalService(Settings(engines={"*": own, "gpt-4o": "local", "x": own})) as service:
        wire = Wire(service)
        answer = wire.post("/v1/embeddings", {"model": "llama3", "input": "Hi"})
        assert (answer.status, answer.json()["for"], answer.headers["x-request-id"]) == (201, "llama3", "mine")
        assert "stand-in" in text_of(wire.chat())
        form = wire.pool.request(
            "POST", f"{service.url}/audio/transcriptions", fields={"model": "y", "file": ("a.wav", b"sound")}
        )
        assert "sound" in form.json()["raw"]
        wire.pool.clear()
    assert closed == [True]
