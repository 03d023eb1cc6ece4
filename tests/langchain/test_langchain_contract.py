"""The same programs that complete and embed, or that fail, with `langchain_openai` and with ceyx.

They differ only in what `langchain_differences.py` says why of. Chats are in `test_langchain_chat_contract.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import langchain_openai as theirs
import openai
import pytest
import tiktoken
from langchain_core import exceptions
from langchain_core.callbacks import BaseCallbackHandler
from langchain_differences import HEADERS, Case, added, awaited, completed, made, seen, unexplained
from langchain_server import PROMPT_SAFE, SAFE, Asked, Recorder, completion, failure
from pydantic import SecretStr

import ceyx
import ceyx.langchain as ours

OPENAI_ERRORS = (openai.OpenAIError, ceyx.OpenAIError)

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
    "awaited": (completing, {}, awaited(lambda model: model.invoke("tell"), lambda model: model.ainvoke("tell"))),
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
    "awaited": (
        embedding,
        {},
        awaited(lambda model: model.embed_documents(["a", "b"]), lambda model: model.aembed_documents(["a", "b"])),
    ),
    "an awaited query": (embedding, {}, awaited(lambda model: model.embed_query("abc"), lambda model: model.aembed_query("abc"))),
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

    table = tokens.Tokenizer("letters", numbers, encoding.decode, lambda ids: [chr(one).encode() for one in ids])
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


# ---- the environment

KEY = {"OPENAI_API_KEY": "k"}
RESOURCE = {"AZURE_OPENAI_ENDPOINT": "ORIGIN", "OPENAI_API_VERSION": "2024-10-21"}
OPENAI_ENVIRONMENTS = {
    "OPENAI_API_BASE": {**KEY, "OPENAI_API_BASE": "ORIGIN/v1"},
    "OPENAI_BASE_URL": {**KEY, "OPENAI_BASE_URL": "ORIGIN/v1/"},
    "the former wins": {**KEY, "OPENAI_API_BASE": "ORIGIN/v1", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
    "OPENAI_ORG_ID": {**KEY, "OPENAI_BASE_URL": "ORIGIN/v1", "OPENAI_ORG_ID": "org"},
    "OPENAI_ORGANIZATION": {**KEY, "OPENAI_BASE_URL": "ORIGIN/v1", "OPENAI_ORGANIZATION": "org"},
    "OPENAI_PROJECT_ID": {**KEY, "OPENAI_BASE_URL": "ORIGIN/v1", "OPENAI_PROJECT_ID": "project"},
    "OPENAI_CUSTOM_HEADERS": {**KEY, "OPENAI_BASE_URL": "ORIGIN/v1", "OPENAI_CUSTOM_HEADERS": "x-own: 1"},
    "no key": {"OPENAI_BASE_URL": "ORIGIN/v1"},
}
AZURE_ENVIRONMENTS = {
    "AZURE_OPENAI_API_KEY": {**RESOURCE, "AZURE_OPENAI_API_KEY": "a"},
    "a slash": {**RESOURCE, "AZURE_OPENAI_ENDPOINT": "ORIGIN/", "AZURE_OPENAI_API_KEY": "a"},
    "OPENAI_API_KEY": {**RESOURCE, **KEY},
    "two keys": {**RESOURCE, **KEY, "AZURE_OPENAI_API_KEY": "a"},
    "AZURE_OPENAI_AD_TOKEN": {**RESOURCE, "AZURE_OPENAI_AD_TOKEN": "t"},
    "a token and a key": {**RESOURCE, "AZURE_OPENAI_AD_TOKEN": "t", "AZURE_OPENAI_API_KEY": "a"},
    "a key beside OPENAI_API_TYPE": {**RESOURCE, "AZURE_OPENAI_API_KEY": "a", "OPENAI_API_TYPE": "azure_ad"},
    "OPENAI_BASE_URL is OpenAI's": {**RESOURCE, "AZURE_OPENAI_API_KEY": "a", "OPENAI_BASE_URL": "http://127.0.0.1:9"},
    "OPENAI_ORG_ID": {**RESOURCE, "AZURE_OPENAI_API_KEY": "a", "OPENAI_ORG_ID": "org"},
}


def answering(asked: Asked) -> Any:
    return completion() if "messages" in asked.body else completing(asked) if "prompt" in asked.body else embedding(asked)


@pytest.mark.parametrize("kind", CLASSES)
def test_environments(kind: str, server: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """To whom a class goes, and as whom, by the environment alone."""
    server.answer = answering
    azure = kind.startswith("Azure")
    fields: dict[str, Any] = {"azure_deployment": "gpt"} if azure else {}
    if kind in EMBEDDING:
        fields["check_embedding_ctx_length"] = False

    def outcome(library: Any, variables: dict[str, str]) -> Any:
        server.asked.clear()
        with monkeypatch.context() as environment:
            for name, value in variables.items():
                environment.setenv(name, value.replace("ORIGIN", server.origin))
            try:
                asking(getattr(library, kind)(**fields))
            except OPENAI_ERRORS:
                return "refused"
        [asked] = server.asked
        return asked.path, {name: asked.headers.get(name) for name in (*HEADERS, "openai-project")}

    environments = AZURE_ENVIRONMENTS if azure else OPENAI_ENVIRONMENTS
    expected = {name: outcome(theirs, variables) for name, variables in environments.items()}
    assert {name: outcome(ours, variables) for name, variables in environments.items()} == expected


# ---- what is refused

CONSTRUCTIONS: list[dict[str, Any]] = [
    {"api_key": None},
    {"api_key": SecretStr("k")},
    {"temperature": "warm"},
    {"n": 0},
    {"n": 2, "streaming": True},
    {"best_of": 2, "streaming": True},
    {"max_retries": -1},
    {"timeout": (1, 2)},
    {"stop_sequences": ["x"]},
    {"model_kwargs": {"temperature": 0.5}},
    {"model_kwargs": {"temperature": 0.5}, "temperature": 1},
    {"openai_api_type": "azure"},
    {"logit_bias": {"5": 1}},
    {"base_url": "https://gateway.example"},
    {"anything": 1},
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", CLASSES)
def test_what_is_refused(kind: str) -> None:
    def outcome(library: Any, given: dict[str, Any]) -> str:
        azure = {"azure_endpoint": "https://a.openai.azure.com", "azure_deployment": "gpt", "api_version": "2024-10-21"}
        fields = {"api_key": "k", **(azure if kind.startswith("Azure") else {}), **deepcopy(given)}
        if "base_url" in given:
            fields.pop("azure_endpoint", None)
        try:
            getattr(library, kind)(**fields)
        except (ValueError, *OPENAI_ERRORS) as error:
            return "ValueError" if isinstance(error, ValueError) else "OpenAIError"
        return "made"

    expected = [(str(given), outcome(theirs, given)) for given in CONSTRUCTIONS]
    assert [(str(given), outcome(ours, given)) for given in CONSTRUCTIONS] == expected


# ---- what callbacks hear


class Hearing(BaseCallbackHandler):
    """Keeps what a handler is told, as far as it is of the call."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def _begun(self, serialized: dict[str, Any] | None, prompts: Any, more: dict[str, Any]) -> None:
        told = {name: value for name, value in more["invocation_params"].items() if value is not None}
        of = {name: value for name, value in (more["metadata"] or {}).items() if name.startswith("ls_")}
        self.heard.append({"begun": (serialized or {})["id"], "prompts": seen(prompts), "called": told, "metadata": of})

    def on_chat_model_start(self, serialized: Any, messages: Any, **more: Any) -> None:
        self._begun(serialized, messages, more)

    def on_llm_start(self, serialized: Any, prompts: Any, **more: Any) -> None:
        self._begun(serialized, prompts, more)

    def on_llm_new_token(self, token: str, **more: Any) -> None:
        self.heard.append(token)

    def on_llm_end(self, response: Any, **more: Any) -> None:
        self.heard.append({"ended": [[one.text for one in generations] for generations in response.generations]})

    def on_llm_error(self, error: BaseException, **more: Any) -> None:
        self.heard.append("failed")


def heard(act: Callable[[Any, dict[str, Any]], Any]) -> Callable[[Any], Any]:
    """A program of which is seen what a callback hears."""

    def listened(model: Any) -> Any:
        hearing = Hearing()
        with suppress(*OPENAI_ERRORS):
            act(model, {"callbacks": [hearing], "tags": ["a"], "metadata": {"ls_own": 1}})
        return {"heard": [one for one in hearing.heard if one]}

    return listened


@pytest.mark.parametrize("kind", [*CHATTING, *COMPLETING])
@pytest.mark.parametrize(
    ("answer", "fields", "act"),
    [
        (answering, {"temperature": 0.5}, lambda model, config: model.invoke("hi", config, stop=["x"])),
        (answering, {}, lambda model, config: model.batch(["a", "b"], {**config, "max_concurrency": 1})),
        (failure(400), {}, lambda model, config: model.invoke("hi", config)),
        (failure(400), {}, lambda model, config: list(model.stream("hi", config))),
    ],
    ids=["invoke", "batch", "failure", "failed stream"],
)
def test_callbacks(kind: str, server: Recorder, answer: Any, fields: dict[str, Any], act: Any) -> None:
    assert unexplained(kind, server, Case(answer, fields, heard(act))) == []


@pytest.mark.parametrize("kind", CHATTING)
@pytest.mark.parametrize("awaits", [False, True], ids=["sync", "async"])
def test_callbacks_of_streams(kind: str, server: Recorder, awaits: bool) -> None:
    async def streamed(model: Any, config: Any) -> list[Any]:
        return [chunk async for chunk in model.astream("hi", config)]

    def act(model: Any, config: Any) -> Any:
        blocking = lambda model: list(model.stream("hi", config))  # noqa: E731
        return (awaited(blocking, lambda model: streamed(model, config)) if awaits else blocking)(model)

    assert unexplained(kind, server, Case(None, {"stream_usage": True}, heard(act))) == []


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
