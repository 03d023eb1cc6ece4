"""The same programs that complete and embed, or that fail, with `langchain_openai` and with ceyx.

They differ only in what `differences.py` says why of. Chats are in `test_langchain_chat_contract.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import langchain_openai as theirs
import pytest
import tiktoken
from differences import Case, added, completed, made, unexplained
from langchain_core import exceptions
from langchain_server import PROMPT_SAFE, SAFE, Asked, Recorder, failure

import ceyx.langchain as ours

COMPLETING = ["OpenAI", "AzureOpenAI"]
EMBEDDING = ["OpenAIEmbeddings", "AzureOpenAIEmbeddings"]
CHATTING = ["ChatOpenAI", "AzureChatOpenAI"]
CLASSES = [*CHATTING, *COMPLETING, *EMBEDDING]
USAGE = {"prompt_tokens": 4, "completion_tokens": 6, "total_tokens": 10}
HEAD = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "gpt-3.5-turbo-instruct"}


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with Recorder() as running:
        yield running


def one(text: str, index: int = 0, finish: str | None = "stop", **more: Any) -> dict[str, Any]:
    return {"index": index, "text": text, "finish_reason": finish, "logprobs": None, **more}


def completing(asked: Asked) -> Any:
    """Each prompt in capitals, as often as is asked for."""
    if asked.body.get("stream"):
        pieces = [one(" Why", finish=None), one(" not?", finish=None), one("")]
        told = [{**HEAD, "choices": [], "usage": USAGE}] if asked.body.get("stream_options") else []
        return [*({**HEAD, "choices": [piece], "usage": None} for piece in pieces), *told]
    prompts = asked.body["prompt"]
    texts = [prompt.upper() for prompt in prompts for _ in range(asked.body.get("n", 1))]
    return {**HEAD, "choices": [one(text, index) for index, text in enumerate(texts)], "usage": USAGE}


def embedding(asked: Asked) -> Any:
    """For each input a vector of its size."""
    given = asked.body["input"]
    data = [{"object": "embedding", "index": index, "embedding": [float(len(text)), 1.0]} for index, text in enumerate(given)]
    return {"object": "list", "data": data, "model": "text-embedding-3-small", "usage": {"prompt_tokens": 2, "total_tokens": 2}}


FILTERED = {**HEAD, "choices": [one("A", content_filter_results=SAFE)], "usage": USAGE, "prompt_filter_results": PROMPT_SAFE}
LIKELY = {"tokens": ["A"], "token_logprobs": [-0.1], "top_logprobs": [{"A": -0.1}], "text_offset": [0]}
Program = tuple[Any, dict[str, Any], Callable[[Any], Any]]
PARAMETERS = {
    "temperature": 0.5,
    "max_tokens": 7,
    "top_p": 0.3,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.2,
    "n": 2,
    "best_of": 3,
    "seed": 1,
    "logprobs": 2,
    "logit_bias": {"5": 1},
    "model_kwargs": {"user": "me", "suffix": "."},
    "extra_body": {"top_k": 1},
    "default_headers": {"x-own": "b"},
    "default_query": {"q": "1"},
    "organization": "org",
}
COMPLETIONS: dict[str, Program] = {
    "text": (completing, {}, lambda model: model.invoke("tell")),
    "awaited": (completing, {}, lambda model: asyncio.run(model.ainvoke("tell"))),
    "all that is told": (completing, {}, lambda model: completed(model, "tell")),
    "every parameter": (completing, PARAMETERS, lambda model: completed(model, "tell")),
    "several prompts": (completing, {}, lambda model: completed(model, "a", "b")),
    "more prompts than go at once": (completing, {"batch_size": 2}, lambda model: completed(model, "a", "b", "c")),
    "several answers": (completing, {"n": 2, "best_of": 2}, lambda model: completed(model, "a", "b")),
    "parameters of a call": (completing, {}, lambda model: model.invoke("a", stop=["x"], max_tokens=3, user="me")),
    "bound parameters": (completing, {}, lambda model: model.bind(stop=["x"]).batch(["a", "b"])),
    "logprobs": ({**HEAD, "choices": [one("A", logprobs=LIKELY)], "usage": USAGE}, {"logprobs": 1}, lambda m: completed(m, "a")),
    "what a filter found": (FILTERED, {}, lambda model: completed(model, "a")),
    "stream": (completing, {}, lambda model: "".join(model.stream("tell"))),
    "chunks": (completing, {}, lambda model: added(model._stream("tell"))),
    "streamed by invoke": (completing, {"streaming": True}, lambda model: completed(model, "tell")),
    "what identifies it": (
        None,
        {"max_tokens": 3},
        lambda model: {
            "identifying": dict(model._identifying_params),
            "tracing": model._get_ls_params(stop=["q"]),
            "rest": [model._llm_type, model.lc_attributes, model.lc_secrets, model.lc_id()],
            "shown": str(model),
            "context": [model.max_context_size, model.modelname_to_contextsize("text-davinci-003")],
        },
    ),
}
EMBEDDINGS: dict[str, Program] = {
    "documents": (embedding, {}, lambda model: model.embed_documents(["a", "bcd"])),
    "a query": (embedding, {}, lambda model: model.embed_query("abc")),
    "awaited": (embedding, {}, lambda model: asyncio.run(model.aembed_documents(["a", "bcd"]))),
    "an awaited query": (embedding, {}, lambda model: asyncio.run(model.aembed_query("abc"))),
    "texts as they are": (embedding, {"check_embedding_ctx_length": False}, lambda model: model.embed_documents(["a", "bcd"])),
    "dimensions": (embedding, {"dimensions": 2, "model_kwargs": {"user": "me"}}, lambda model: model.embed_documents(["a"])),
    "chunks": (embedding, {"chunk_size": 2}, lambda model: model.embed_documents(["a", "bc", "d"])),
    "chunks of a call": (embedding, {}, lambda model: model.embed_documents(["a", "bc", "d"], 1)),
    "headers": (
        embedding,
        {"default_headers": {"x-own": "b"}, "organization": "org"},
        lambda model: model.embed_documents(["a"]),
    ),
    "long texts": (embedding, {"embedding_ctx_length": 4}, lambda model: model.embed_documents(["abcdefghij", "k"])),
    "empty texts": (
        embedding,
        {"check_embedding_ctx_length": False, "skip_empty": True},
        lambda model: len(model.embed_documents(["a", "b"])),
    ),
}


def failed(call: Callable[..., Any], *given: Any) -> Exception:
    try:
        call(*given)
    except Exception as error:  # noqa: BLE001 - what it is, is what is compared
        return error
    raise AssertionError("it did not fail")


@pytest.mark.parametrize("kind", COMPLETING)
@pytest.mark.parametrize("name", COMPLETIONS)
def test_completions(server: Recorder, name: str, kind: str) -> None:
    assert unexplained(kind, server, Case(*COMPLETIONS[name])) == []


@pytest.fixture
def lettered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table in which each letter is a token, for both libraries; the real ones would be fetched."""

    def numbers(text: str, **_: Any) -> list[int]:
        return [ord(letter) for letter in text]

    encoding = SimpleNamespace(
        name="letters",
        encode=numbers,
        encode_ordinary=numbers,
        decode=lambda ids: "".join(map(chr, ids)),
    )
    monkeypatch.setattr(tiktoken, "encoding_for_model", lambda model: encoding)
    monkeypatch.setattr(tiktoken, "get_encoding", lambda name: encoding)
    from ceyx import tokens

    table = tokens.Tokenizer("letters", numbers, encoding.decode)
    monkeypatch.setattr(tokens, "tokenizer", lambda model: table)


@pytest.mark.usefixtures("lettered")
@pytest.mark.parametrize("kind", EMBEDDING)
@pytest.mark.parametrize("name", EMBEDDINGS)
def test_embeddings(server: Recorder, name: str, kind: str) -> None:
    assert unexplained(kind, server, Case(*EMBEDDINGS[name])) == []


# ---- failures


def told_of(error: Exception) -> dict[str, Any]:
    """What a handler sees of an error: which of langchain-core's and of openai's it is, and what it says of the answer."""
    bases = type(error).__mro__
    return {
        "core": sorted(base.__name__ for base in bases if getattr(exceptions, base.__name__, None) is base),
        "builtin": sorted(base.__name__ for base in bases if base.__module__ == "builtins"),
        "openai": sorted({base.__name__ for base in bases} & NAMES),
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None),
    }


NAMES = {
    *("APIError", "APIStatusError", "APIConnectionError", "BadRequestError", "AuthenticationError", "PermissionDeniedError"),
    *("NotFoundError", "ConflictError", "UnprocessableEntityError", "RateLimitError", "InternalServerError", "OpenAIError"),
}


def asking(model: Any) -> Any:
    return model.embed_query("x") if hasattr(model, "embed_query") else model.invoke("x")


STATUS = [400, 401, 403, 404, 409, 422, 429, 500, 503]


@pytest.mark.parametrize("kind", CHATTING)
@pytest.mark.parametrize("status", STATUS)
def test_failures_of_chats(server: Recorder, status: int, kind: str) -> None:
    case = Case(failure(status, "boom", "some_code"), {}, lambda model: told_of(failed(asking, model)))
    assert unexplained(kind, server, case) == []


@pytest.mark.parametrize("kind", [*COMPLETING, *EMBEDDING])
@pytest.mark.parametrize("status", STATUS)
def test_failures_of_others_are_those_of_chats(server: Recorder, status: int, kind: str) -> None:
    """`langchain_openai` has errors that are langchain-core's too for its chat models only."""
    server.answer = failure(status, "boom", "some_code")
    expected = told_of(failed(asking, made(theirs, "ChatOpenAI", server, {})))
    assert told_of(failed(asking, made(ours, kind, server, {}))) == expected


@pytest.mark.parametrize("kind", [*CHATTING, *COMPLETING])
def test_an_error_in_place_of_an_answer(server: Recorder, kind: str) -> None:
    server.answer = {"error": {"message": "boom", "code": "some_code"}, "choices": None}
    for library in (theirs, ours):
        error = failed(asking, made(library, kind, server, {}))
        assert isinstance(error, ValueError) and "boom" in str(error)


# ---- the surface

UNSHARED_FIELDS = {
    "root_client": "found by the same name, but no field, as it is made when it is needed",
    "root_async_client": "as root_client",
    "client": "as root_client",
    "async_client": "as root_client",
}
UNSHARED_NAMES = {
    "build_extra": "a step of its constructor",
    "validate_environment": "a step of its constructor",
    "validate_temperature": "a step of its constructor",
    "create_llm_result": "a step of its calls",
    "get_sub_prompts": "a step of its calls",
    "OpenAIDecisions": "a model of its own service, with no counterpart in the API",
}


@pytest.mark.parametrize("kind", CLASSES)
def test_fields_by_their_names_and_aliases(kind: str) -> None:
    expected, found = getattr(theirs, kind).model_fields, getattr(ours, kind).model_fields
    assert expected.keys() - found.keys() - UNSHARED_FIELDS.keys() == set()
    for name in expected.keys() & found.keys():
        assert expected[name].alias in (None, name, found[name].alias), name
        if expected[name].default_factory is None:
            assert expected[name].default == found[name].default, name


@pytest.mark.parametrize("kind", CLASSES)
def test_attributes(kind: str) -> None:
    public = {name for name in dir(getattr(theirs, kind)) if not name.startswith("_")}
    assert public - set(dir(getattr(ours, kind))) - UNSHARED_NAMES.keys() == set()


def test_names_of_the_package() -> None:
    assert set(theirs.__all__) - set(ours.__all__) - UNSHARED_NAMES.keys() == {"__version__"}
