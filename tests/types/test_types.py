"""Views over what OpenAI and Azure really send, and the names and fields of the `openai` package."""

from __future__ import annotations

import ast
import base64
import copy
import json
import pickle
import pkgutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, cast, get_args, get_type_hints

import msgspec
import pydantic
import pytest
from fields import differences, required

import ceyx.types
import ceyx.types.chat
from ceyx.types import Completion, CreateEmbeddingResponse, Embedding, shared
from ceyx.types.chat import ChatCompletion, ChatCompletionChunk, ParsedChatCompletion
from ceyx.types.chat.chat_completion_chunk import Choice as ChunkChoice, ChoiceDelta
from ceyx.types.chat.content_filter import ContentFilterResults, ContentFilterSeverity
from ceyx.wire.call import Omit
from ceyx.wire.view import Answer, View
from ceyx.wire.wrapping import nested_fields

SAFE = {"filtered": False, "severity": "safe"}
FILTERED = {"hate": SAFE, "self_harm": SAFE, "sexual": SAFE, "violence": {"filtered": True, "severity": "high"}}


def whole(**fields: Any) -> dict[str, Any]:
    """A completion as OpenAI sends it; fresh, since a view owns what it views."""
    message: dict[str, Any] = {"role": "assistant", "content": "Hallo", "refusal": None, "annotations": []}
    completion = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1741570283,
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 19,
            "completion_tokens": 10,
            "total_tokens": 29,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_1",
        **fields,
    }
    return copy.deepcopy(completion)


def answered(**message: Any) -> dict[str, Any]:
    """A completion with this in its message."""
    completion = whole()
    completion["choices"][0]["message"].update(message)
    return completion


def chunk(*choices: Any, **fields: Any) -> dict[str, Any]:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1741570283, "model": "gpt-4o"}
    return copy.deepcopy({**head, "choices": list(choices), **fields})


# ---- chat, whole


def test_a_whole_completion() -> None:
    completion = ChatCompletion.wrap(whole())
    choice = completion.choices[0]
    assert (choice.message.content, choice.message.role, choice.finish_reason) == ("Hallo", "assistant", "stop")
    assert completion.usage is not None and completion.usage.prompt_tokens_details is not None
    assert completion.usage.prompt_tokens_details.cached_tokens == 0
    assert (choice.logprobs, choice.message.tool_calls, choice.message.reasoning_content) == (None, None, None)
    assert completion.moderation is None
    with pytest.raises(AttributeError):
        ChatCompletion.wrap({}).id  # noqa: B018  # a required field that was not sent has no value to make up


def test_what_azure_adds() -> None:
    data = whole(
        prompt_filter_results=[
            {"prompt_index": 0, "content_filter_results": {**FILTERED, "jailbreak": {"filtered": False, "detected": True}}}
        ]
    )
    data["choices"][0]["content_filter_results"] = {
        **FILTERED,
        "protected_material_code": {"filtered": False, "detected": True, "citation": {"URL": "https://a.test", "license": "MIT"}},
        "custom_blocklists": {"filtered": True, "details": [{"filtered": True, "id": "names"}]},
        "error": {"code": "content_filter_error", "message": "The contents are not filtered"},
    }
    completion = ChatCompletion.wrap(data)
    prompt = cast(Any, completion.prompt_filter_results)[0].content_filter_results
    answer = cast(ContentFilterResults, completion.choices[0].content_filter_results)
    assert prompt.jailbreak.detected and prompt.violence.severity == "high" and prompt.profanity is None
    assert isinstance(answer.violence, ContentFilterSeverity) and answer.violence.filtered
    assert cast(Any, answer.protected_material_code).citation.license == "MIT"
    assert cast(Any, answer.custom_blocklists).details[0].id == "names"
    assert cast(Any, answer.error).code == "content_filter_error"


def test_an_empty_object_is_an_empty_view() -> None:
    data = whole()
    data["choices"][0]["content_filter_results"] = {}
    assert cast(Any, ChatCompletion.wrap(data).choices[0].content_filter_results).hate is None


def test_tool_calls_are_told_apart_by_their_type() -> None:
    calls = [
        {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}},
        {"id": "call_2", "type": "custom", "custom": {"name": "shell", "input": "ls"}},
        {"id": "call_3", "type": "telepathy", "thought": {"of": "you"}},
    ]
    function, custom, unheard_of = cast(Any, ChatCompletion.wrap(answered(tool_calls=calls)).choices[0].message.tool_calls)
    assert json.loads(function.function.arguments) == {"city": "Oslo"}
    assert type(function) is ceyx.types.chat.ChatCompletionMessageToolCall
    assert custom.custom.input == "ls"
    assert (type(unheard_of), unheard_of.thought) == (View, {"of": "you"})


def test_logprobs_refusals_audio_citations_and_thoughts() -> None:
    top = {"token": "Hallo", "logprob": -0.1, "bytes": [72, 97]}
    data = answered(
        refusal="No.",
        reasoning_content="Hm.",
        audio={"id": "audio_1", "data": "AA==", "expires_at": 1, "transcript": "Hallo"},
        annotations=[
            {"type": "url_citation", "url_citation": {"start_index": 0, "end_index": 5, "title": "T", "url": "https://a.test"}}
        ],
    )
    data["choices"][0]["logprobs"] = {"content": [{**top, "top_logprobs": [top]}], "refusal": None}
    choice = ChatCompletion.wrap(data).choices[0]
    assert cast(Any, choice.logprobs).content[0].top_logprobs[0].bytes == [72, 97]
    assert (choice.message.refusal, choice.message.reasoning_content) == ("No.", "Hm.")
    assert cast(Any, choice.message.audio).transcript == "Hallo"
    assert cast(Any, choice.message.annotations)[0].url_citation.title == "T"


def test_moderation_is_findings_or_an_error() -> None:
    result = {"type": "moderation_result", "model": "omni", "flagged": True, "categories": {"hate/threatening": True}}
    findings = {"type": "moderation_results", "model": "omni", "results": [result]}
    failed = {"type": "error", "code": "server_error", "message": "Try again."}
    moderation: Any = ChatCompletion.wrap(whole(moderation={"input": findings, "output": failed})).moderation
    assert moderation.input.results[0].categories["hate/threatening"]
    assert moderation.output.message == "Try again."


def test_unknown_fields_survive() -> None:
    completion = ChatCompletion.wrap(whole(provider={"name": "x"}))
    assert cast(Any, completion).provider == {"name": "x"}
    assert completion.model_extra == {"provider": {"name": "x"}}
    assert completion.model_dump()["provider"] == {"name": "x"}


@pytest.mark.parametrize("broken", [None, "x", [1], [None], 7, {}, {"a": 1}, [[{}]], [{"message": "x"}], [{"delta": "x"}]])
@pytest.mark.parametrize("view", [ChatCompletion, ChatCompletionChunk, Completion])
def test_a_server_that_breaks_its_schema_does_not_break_the_reader(view: type[View], broken: Any) -> None:
    read: Any = view.wrap({"id": "1", "choices": copy.deepcopy(broken), "usage": broken})
    assert read.id == "1"
    dumped = read.to_dict()["choices"]
    assert dumped == broken or dumped == [{**broken[0], "delta": {}}]  # a chunk's choice always has a delta
    assert json.loads(read.model_dump_json())["id"] == read.model_dump()["id"] == "1"


@pytest.mark.parametrize("nothing", [None, "text", 3, [1]])
def test_what_is_no_object_passes_through(nothing: Any) -> None:
    for view in (ChatCompletion, ChatCompletionChunk, ChunkChoice, CreateEmbeddingResponse):
        assert cast(Any, view.wrap(nothing)) is nothing


# ---- chat, streamed


def test_a_streamed_answer() -> None:
    pieces = [
        chunk({"index": 0, "delta": {"role": "assistant", "content": "", "refusal": None}, "finish_reason": None}),
        chunk({"index": 0, "delta": {"content": "Hal"}, "logprobs": None, "finish_reason": None}, usage=None),
        chunk({"index": 0, "delta": {"content": "lo"}, "finish_reason": None}, obfuscation="aB"),
        chunk({"index": 0, "delta": {}, "finish_reason": "stop"}),
        chunk(usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}),
    ]
    chunks = [ChatCompletionChunk.wrap(copy.deepcopy(piece)) for piece in pieces]
    assert "".join(choice.delta.content or "" for piece in chunks for choice in piece.choices) == "Hallo"
    assert [choice.finish_reason for piece in chunks for choice in piece.choices] == [None, None, None, "stop"]
    assert cast(Any, chunks[-1].usage).total_tokens == 3
    assert chunks[2].obfuscation == "aB"
    assert [chunk.to_dict() for chunk in chunks] == pieces


def test_the_first_chunk_of_azure_has_no_choices() -> None:
    first = ChatCompletionChunk.wrap(
        chunk(id="", model="", prompt_filter_results=[{"prompt_index": 0, "content_filter_results": FILTERED}])
    )
    assert first.choices == []
    assert cast(Any, first.prompt_filter_results)[0].content_filter_results.hate.severity == "safe"


@pytest.mark.parametrize("delta", [{}, {"delta": None}, {"delta": {}}])
def test_a_chunk_without_a_delta_has_an_empty_one(delta: dict[str, Any]) -> None:
    offsets = {"check_offset": 44, "start_offset": 44, "end_offset": 198}
    data = chunk({"index": 0, "content_filter_offsets": offsets, "content_filter_results": FILTERED, **delta})
    choice = ChatCompletionChunk.wrap(data).choices[0]
    assert type(choice.delta) is ChoiceDelta
    assert (choice.delta.content, choice.delta.tool_calls, choice.finish_reason) == (None, None, None)
    assert cast(Any, choice.content_filter_offsets).end_offset == 198
    assert cast(Any, choice.content_filter_results).violence.filtered


def test_pieces_of_tool_calls() -> None:
    call = {"index": 1, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    piece = {"index": 1, "function": {"arguments": '{"ci'}}
    data = chunk({"index": 0, "delta": {"tool_calls": [call, piece]}}, {"index": 1, "delta": {"content": "x"}})
    begun, other = ChatCompletionChunk.wrap(data).choices
    first, second = cast(Any, begun.delta.tool_calls)
    assert (first.function.name, second.function.arguments, second.id, second.index) == ("weather", '{"ci', None, 1)
    assert (other.index, other.delta.content) == (1, "x")


def test_the_short_way_for_chunks_of_text_gives_what_the_long_way_gives() -> None:
    """Every field that holds a view, on the chunk and on its choice, is either wrapped by both or not there to be wrapped."""
    probe = {"type": "moderation_results"}
    for name, _ in nested_fields(ChatCompletionChunk):
        if name != "choices":
            long = [probe] if name == "prompt_filter_results" else probe
            read: Any = getattr(ChatCompletionChunk.wrap(chunk({"index": 0, "delta": {"content": "x"}}, **{name: long})), name)
            assert isinstance(read[0] if isinstance(read, list) else read, View), name
    for name, _ in nested_fields(ChunkChoice):
        choice = {"index": 0, "delta": {"content": "x"}, **({} if name == "delta" else {name: dict(probe)})}
        data = chunk(choice)
        short, long_way = ChatCompletionChunk.wrap(data).choices[0], ChunkChoice.wrap(copy.deepcopy(choice))
        assert short == long_way and isinstance(getattr(short, name), View), name
    text = ChatCompletionChunk.wrap(chunk({"index": 0, "delta": {"content": "x"}}))
    assert [type(text), type(text.choices[0]), type(text.choices[0].delta)] == [ChatCompletionChunk, ChunkChoice, ChoiceDelta]


def test_a_subclass_of_a_chunk_stays_one() -> None:
    class Mine(ChatCompletionChunk):
        pass

    assert type(Mine.wrap(chunk({"index": 0, "delta": {"content": "x"}}))) is Mine


# ---- as a value


def packed(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def embeddings(*vectors: Any) -> dict[str, Any]:
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}


LEGACY = {"id": "1", "object": "text_completion", "created": 1, "model": "m"}


def views() -> list[View]:
    return [
        ChatCompletion.wrap(whole()),
        ChatCompletionChunk.wrap(chunk({"index": 0, "delta": {"content": "x"}, "finish_reason": None})),
        Completion.wrap({**LEGACY, "choices": [{"index": 0, "finish_reason": "stop", "text": "x", "logprobs": {"tokens": []}}]}),
        CreateEmbeddingResponse.unpacking(embeddings(packed(0.5, -1))),
    ]


@pytest.mark.parametrize("view", views(), ids=lambda view: type(view).__name__)
def test_views_copy_pickle_compare_and_print(view: View) -> None:
    kind = type(view)
    for make in (
        lambda: kind.model_validate(view.to_dict()),
        lambda: kind.model_validate_json(view.to_json()),
        lambda: pickle.loads(pickle.dumps(view)),
        lambda: copy.copy(view),
        lambda: copy.deepcopy(view),
        lambda: view.model_copy(),
        lambda: view.model_copy(deep=True),
    ):
        other = make()
        assert other == view and type(other) is kind and other.to_dict() == view.to_dict()
    assert kind.model_validate(view.model_dump()) == kind.model_validate_json(view.model_dump_json(indent=2)) == view
    assert view != view.model_copy(update={"model": "another"})
    assert view.model_dump_json(indent=2).startswith('{\n  "')
    assert repr(view).startswith(f"{kind.__name__}(")


def test_dumps_can_be_narrowed() -> None:
    completion = ChatCompletion.wrap(whole())
    assert completion.to_dict() == whole()
    assert completion.model_dump(include={"id": True, "choices": {0: {"message": {"content"}}}}) == {
        "id": "chatcmpl-1",
        "choices": [{"message": {"content": "Hallo"}}],
    }
    rest = completion.model_dump(exclude={"usage": True, "choices": {"__all__": {"message", "logprobs"}}}, exclude_none=True)
    assert rest["choices"] == [{"index": 0, "finish_reason": "stop"}] and "usage" not in rest and rest["id"] == "chatcmpl-1"
    assert "refusal" not in completion.model_dump(exclude_none=True)["choices"][0]["message"]


def test_a_view_can_be_a_pydantic_field() -> None:
    class City(pydantic.BaseModel):
        name: str

    class Log(pydantic.BaseModel):
        answer: ChatCompletion
        read: ParsedChatCompletion[City] | None = None
        vectors: CreateEmbeddingResponse | None = None

    answer = ChatCompletion.wrap(whole())
    assert Log(answer=answer).answer is answer
    again = Log.model_validate_json(Log(answer=answer, vectors=cast(Any, views()[3])).model_dump_json())
    assert again.answer == answer and cast(Any, again.vectors).data[0].embedding == [0.5, -1.0]
    with pytest.raises(pydantic.ValidationError, match="answer\n"):
        Log.model_validate({"answer": "text"})


def test_what_was_parsed_stands_beside_the_message() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}", "parsed_arguments": {"a": 1}}}
    assert issubclass(ParsedChatCompletion, ChatCompletion)
    message: Any = ParsedChatCompletion.wrap(answered(parsed={"name": "Oslo"}, tool_calls=[call])).choices[0].message
    assert message.parsed == {"name": "Oslo"}
    assert message.tool_calls[0].function.parsed_arguments == {"a": 1}
    assert ParsedChatCompletion[int].wrap(whole()).choices[0].message.parsed is None


# ---- embeddings


def test_vectors_are_unpacked_when_first_read_and_then_kept() -> None:
    response = CreateEmbeddingResponse.unpacking(embeddings(packed(0.5, -2), packed(1, 3)))
    first = response.data[0]
    assert "embedding" not in vars(first)
    assert first.embedding == [0.5, -2.0]
    assert first.embedding is first.embedding
    assert "embedding" not in vars(response.data[1])  # each on its own
    first.embedding[0] = 9.0
    assert first.model_dump()["embedding"] == [9.0, -2.0] and first.to_numpy().tolist() == [9.0, -2.0]
    assert response.usage.total_tokens == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda vector: vector.model_dump(),
        lambda vector: json.loads(vector.model_dump_json()),
        lambda vector: vector.to_dict(),
        lambda vector: vector.model_dump(include={"index", "object", "embedding"}),
        lambda vector: vars(pickle.loads(pickle.dumps(vector))),
        lambda vector: vars(copy.copy(vector)),
        lambda vector: vars(copy.deepcopy(vector)),
        lambda vector: vars(vector.model_copy()),
        lambda vector: vars(vector.copy()),
        lambda vector: vars(vector.model_copy(deep=True)),
        lambda vector: vars(vector.model_copy(update={"index": 0})),
        lambda vector: msgspec.json.decode(msgspec.json.encode(vector, enc_hook=lambda view: view._fields())),
    ],
)
def test_whoever_reads_all_of_a_packed_vector_reads_a_list(read: Any) -> None:
    vector = CreateEmbeddingResponse.unpacking(embeddings(packed(0.5))).data[0]
    assert read(vector) == {"object": "embedding", "index": 0, "embedding": [0.5]}


def test_packed_vectors_compare_and_print_as_lists() -> None:
    one, two = (CreateEmbeddingResponse.unpacking(embeddings(packed(0.5))).data[0] for _ in range(2))
    assert one == two and one == Embedding.wrap({"object": "embedding", "index": 0, "embedding": [0.5]})
    assert repr(CreateEmbeddingResponse.unpacking(embeddings(packed(0.5))).data[0]).endswith("embedding=[0.5])")


def test_floats_although_base64_was_asked_for() -> None:
    response = CreateEmbeddingResponse.unpacking(embeddings([0.5, 1], packed(2, 3)))
    assert [vector.embedding for vector in response.data] == [[0.5, 1], [2.0, 3.0]]
    assert response.to_numpy().tolist() == [[0.5, 1], [2, 3]]


def test_vectors_asked_for_explicitly_stay_as_sent() -> None:
    response = CreateEmbeddingResponse.wrap(embeddings(packed(0.5), [1.0]))
    assert [vector.embedding for vector in response.data] == [packed(0.5), [1.0]]
    assert response.to_numpy().tolist() == [[0.5], [1]]


def test_arrays() -> None:
    response = CreateEmbeddingResponse.unpacking(embeddings(packed(1, 2, 3), packed(4, 5, 6)))
    response.data.reverse()
    array = response.to_numpy()
    assert (array.dtype.name, array.shape, array.tolist()) == ("float32", (2, 3), [[1, 2, 3], [4, 5, 6]])
    vector = response.data[0].to_numpy()
    assert (vector.dtype.name, vector.tolist(), vector.flags.writeable) == ("float32", [4, 5, 6], True)
    vector[:] = 0
    assert not any("embedding" in vars(item) for item in response.data)  # no list was made on the way
    assert response.data[0].embedding == [4, 5, 6]
    ragged = CreateEmbeddingResponse.unpacking(embeddings(packed(1), packed(1, 2)))
    with pytest.raises(ValueError, match="1 to 2 dimensions"):
        ragged.to_numpy()


def test_without_numpy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    response = CreateEmbeddingResponse.unpacking(embeddings(packed(0.5)))
    for view in (response, response.data[0]):
        with pytest.raises(ModuleNotFoundError, match=r"pip install 'ceyx\[numpy\]'"):
            view.to_numpy()
    assert response.data[0].embedding == [0.5]


@pytest.mark.parametrize("data", [[], None, "x", {"index": 0}])
def test_no_vectors_at_all_is_an_error(data: Any) -> None:
    with pytest.raises(ValueError, match=r"no embeddings.*'m'"):
        CreateEmbeddingResponse.unpacking({"data": data, "model": "m"})
    with pytest.raises(ValueError, match="no embeddings"):
        CreateEmbeddingResponse.unpacking({})


@pytest.mark.parametrize("text", ["not base64!", "AAA=", "AAAA"])
def test_text_that_is_no_vector_is_named(text: str) -> None:
    vector = CreateEmbeddingResponse.unpacking(embeddings(text)).data[0]
    with pytest.raises(ValueError, match="base64 of float32"):
        vector.embedding  # noqa: B018
    with pytest.raises(ValueError, match="base64 of float32"):
        vector.to_numpy()


@pytest.mark.parametrize("data", [[1], [None], [{"index": 0}]])
def test_vectors_that_break_the_schema(data: Any) -> None:
    response = CreateEmbeddingResponse.unpacking({"data": deepcopy(data), "model": "m"})
    assert response.to_dict()["data"] == data
    assert "data" in repr(response)


def test_a_vector_that_was_not_sent_is_missing() -> None:
    with pytest.raises(AttributeError, match="'embedding'"):
        Embedding.wrap({"index": 0}).embedding  # noqa: B018
    with pytest.raises(AttributeError, match="'embedding'"):
        Embedding.wrap({"index": 0}).to_numpy()


# ---- names and fields, compared with the `openai` package

PACKAGES = ["chat", "shared", "shared_params"]
# Groups that are not here yet; a name leaves the list when its group arrives.
LATER = {
    "DecisionInputJSON",
    "DecisionQuestionInputImage",
    "DecisionQuestionInputPart",
    "DecisionQuestionInputText",
    "OAuthErrorCode",
}
TOP = ["completion", "completion_choice", "completion_create_params", "completion_usage", "create_embedding_response"]
TOP += ["embedding", "embedding_create_params", "model"]
OURS_TOO = {"data_sources", "engine", "input_type", "user_security_context"}  # parameters `openai` does not know


def shared_names() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        theirs = import_module(f"openai.types.{package}")
        for name in dir(theirs):
            if name[0].isupper() and name not in LATER:
                yield package, name
        for module in pkgutil.iter_modules(theirs.__path__):
            deep = import_module(f"{theirs.__name__}.{module.name}")
            names = set(getattr(deep, "__all__", ()))
            if len(names) > 1 and not names & LATER:
                yield from ((f"{package}.{module.name}", name) for name in sorted(names))
    for module_name in TOP:
        yield from ((module_name, name) for name in import_module(f"openai.types.{module_name}").__all__)
        yield from (("", name) for name in import_module(f"ceyx.types.{module_name}").__all__)
    yield "chat.completions", "MessageListParams"
    yield "chat.chat_completion_message_tool_call", "ChatCompletionMessageToolCall"
    yield "chat.chat_completion_tool_param", "ChatCompletionToolParam"


@pytest.mark.parametrize(("path", "name"), sorted(set(shared_names())))
def test_names_and_fields_are_those_of_openai(path: str, name: str) -> None:
    assert list(differences(path, name, OURS_TOO)) == []


def test_every_optional_parameter_can_be_omitted() -> None:
    chat, legacy = (import_module(f"ceyx.types.{package}completion_create_params") for package in ("chat.", ""))
    stored = import_module("ceyx.types.chat.completions")
    endpoints = [home.CompletionCreateParamsNonStreaming for home in (chat, legacy)]
    endpoints += [stored.MessageListParams, stored.CompletionListParams, ceyx.types.EmbeddingCreateParams]
    for params in endpoints:
        hints = get_type_hints(params, include_extras=True)
        for key in hints.keys() - required(params, hints):
            assert Omit in get_args(hints[key]), (params, key)
    for home in (chat, legacy):
        streams = {name: get_type_hints(getattr(home, name), localns={"Timeout": object})["stream"] for name in LEAVES}
        assert list(streams.values()) == [Literal[False] | Omit | None, Literal[True], bool | Omit | None]
        assert all("timeout" in getattr(home, name).__annotations__ for name in LEAVES)


LEAVES = ["CreateWhole", "CreateStreamed", "CreateEither"]


LAZY = [path for path in sorted(Path(str(ceyx.types.__file__)).parent.rglob("__init__.py")) if "lazily" in path.read_text()]


@pytest.mark.parametrize("path", LAZY, ids=lambda path: path.parent.name)
def test_checkers_and_the_running_program_see_one_list_of_names(path: Path) -> None:
    name = ".".join(path.parent.relative_to(Path(str(ceyx.__file__)).parent.parent).parts)
    package = import_module(name)
    block = next(node for node in ast.parse(path.read_text()).body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    assert len(imports) == len(block.body)
    whole = [str(node.module) for node in imports if node.names[0].name == "*"]
    named = {alias.name for node in imports if node.names[0].name != "*" for alias in node.names}
    (call,) = (node for node in ast.walk(block) if isinstance(node, ast.Call) and ast.unparse(node.func) == "lazily")
    assert [f"{name}.{ast.literal_eval(module)}" for module in call.args[1:]] == whole
    packages = {one for keyword in call.keywords for one in ast.literal_eval(keyword.value)}
    homes = [import_module(module) for module in whole]
    assert packages <= named
    assert all(isinstance(getattr(package, one), ModuleType) for one in named)
    assert set(package.__all__) == {one for home in homes for one in home.__all__}
    assert all(getattr(package, one) is getattr(home, one) for home in homes for one in home.__all__)


def test_names_of_deep_modules_stay_there() -> None:
    assert not hasattr(ceyx.types.chat, "Choice")
    assert not hasattr(ceyx.types, "ChatCompletion")
    package: Any = ceyx.types.chat
    assert package.chat_completion.Choice is not package.chat_completion_chunk.Choice
    assert ceyx.types.shared is shared
    with pytest.raises(AttributeError, match=r"'ceyx\.types\.chat' has no attribute 'Nonsense'"):
        package.Nonsense  # noqa: B018


def test_importing_costs_only_what_is_used() -> None:
    program = """
import sys, ceyx.types.chat
assert not [name for name in sys.modules if name.startswith("ceyx.types.chat.")]
from ceyx.types.chat import ChatCompletionChunk
assert "ceyx.types.chat.completion_create_params" not in sys.modules
import ceyx.types
ceyx.types.Model
assert "ceyx.types.completion_create_params" not in sys.modules
ceyx.types.CreateEmbeddingResponse
assert not {"numpy", "pydantic"} & set(sys.modules)
assert ChatCompletionChunk.wrap({"choices": []}).choices == []
from ceyx.types.chat import *
assert ChatCompletionUserMessageParam
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def every_view() -> list[type[View]]:
    for package in (ceyx.types, *(import_module(f"ceyx.types.{name}") for name in PACKAGES)):
        for module in pkgutil.iter_modules(package.__path__):
            import_module(f"{package.__name__}.{module.name}")
    found, kinds = [], [View]
    while kinds:
        found += (below := kinds.pop().__subclasses__())
        kinds += below
    return [view for view in found if view.__module__.startswith("ceyx.types")]


def test_no_field_hides_a_method() -> None:
    methods = {*dir(View), *dir(Embedding), *dir(CreateEmbeddingResponse)} - {"embedding"}
    own = get_type_hints(Answer).keys()
    hidden = {f"{view.__name__}.{name}" for view in every_view() for name in get_type_hints(view).keys() - own if name in methods}
    assert not hidden
    assert len(every_view()) > 50


def test_every_field_that_may_be_absent_is_none_then() -> None:
    own = get_type_hints(Answer).keys()
    for view in every_view():
        empty: Any = view.wrap({})
        for name, hint in get_type_hints(view).items():
            if name not in own and type(None) in get_args(hint):
                assert getattr(empty, name) is None, (view, name)


def test_findings_of_the_filter_read_like_dicts_too() -> None:
    severity = {"filtered": False, "severity": "safe"}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant"}, "content_filter_results": {"hate": severity}}
    completion = ChatCompletion.wrap({"choices": [deepcopy(choice)]})
    results = completion.choices[0].content_filter_results
    assert results is not None and results.hate is not None
    assert results["hate"]["filtered"] is results.hate.filtered is False
    assert dict(results.items()) == {"hate": results["hate"]}
    assert dict(results["hate"]) == severity
    assert "violence" not in results and results.get("violence") is None and len(results) == 1
    assert [*results] == [*results.keys()] == ["hate"] and [*results.values()] == [results.hate]


def test_what_an_answer_rests_on_reads_like_a_dict_too() -> None:
    cited = {"content": "Opened in 2008.", "title": "Opera", "url": None, "filepath": "opera.md", "chunk_id": "0"}
    found = {**cited, "search_queries": ["opera oslo"], "data_source_index": 0, "original_search_score": 0.9}
    context = {"citations": [cited], "intent": '["opera oslo"]', "all_retrieved_documents": [found]}
    whole_way = ChatCompletion.wrap(answered(context=copy.deepcopy(context))).choices[0].message
    piece = chunk({"index": 0, "delta": {"role": "assistant", "context": copy.deepcopy(context)}, "finish_reason": None})
    for read in (whole_way.context, ChatCompletionChunk.wrap(piece).choices[0].delta.context):
        assert read is not None and read.citations is not None and read.all_retrieved_documents is not None
        assert read.citations[0].title == read["citations"][0]["title"] == "Opera"
        assert read.all_retrieved_documents[0].data_source_index == 0
        assert read.all_retrieved_documents[0].filter_reason is None
        assert read.model_dump() == context
