"""Code written for the `openai` package, and values that users do send: what a review by hostile users found."""

from __future__ import annotations

import importlib
import json
import math
import pickle
import sys
import traceback
from types import MappingProxyType
from typing import Any

import httpx
import pydantic
import pytest
from raw_server import ASK, BODY, RawServer, always, answer

import ceyx
from ceyx import AzureOpenAI, OpenAI, logs
from ceyx.transport.memory import Memory
from ceyx.types.chat import ChatCompletion
from ceyx.wire.body import encoded
from ceyx.wire.message import Request

REPLY = 200, {"content-type": "application/json"}, BODY


def client(cls: Any = OpenAI, answer: Any = REPLY, **options: Any) -> Any:
    made = cls(**{"api_key": "k", "max_retries": 0, **options})
    made._transport = Memory(lambda _: answer)
    return made


def sent(made: Any) -> Request:
    request: Request = made._transport.requests[-1]
    return request


# ---- values


class Markup(str):
    """As templating libraries, parsers and LangChain's `message.text` have it."""

    __slots__ = ()


class Count(int): ...


class Share(float): ...


@pytest.mark.parametrize(("value", "text"), [(Markup("hello"), b'"hello"'), (Count(3), b"3"), (Share(0.5), b"0.5")])
def test_subclasses_of_scalars_are_sent_as_the_scalars_they_are(value: object, text: bytes) -> None:
    assert encoded({"v": value}) == b'{"v":' + text + b"}"


@pytest.mark.parametrize("value", [math.nan, math.inf, [0.5, math.nan]])
def test_numbers_that_json_does_not_have_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"nan|inf|finite|number"):
        encoded({"temperature": value})


def test_a_mapping_as_extra_body_is_laid_over_the_parameters() -> None:
    made = client()
    made.chat.completions.create(model="m", messages=ASK, extra_body=MappingProxyType({"a": 1}))
    assert json.loads(sent(made).content or b"") == {"model": "m", "messages": ASK, "a": 1}


def test_an_omit_in_any_collection_is_left_out() -> None:
    assert encoded({"v": {"a": ceyx.omit, "b": 1}.values()}) == b'{"v":[1]}'


# ---- paths


@pytest.mark.parametrize("options", [{}, {"default_query": {"a": "1"}}])
def test_a_query_in_the_path_goes_together_with_the_others(options: dict[str, Any]) -> None:
    azure = {"azure_endpoint": "https://contoso.openai.azure.com", "api_version": "2024-10-21"}
    made = client(AzureOpenAI, **azure, **options)
    made.get("/files?purpose=batch", cast_to=object)
    assert sent(made).target.count("?") == 1
    assert {"purpose=batch", "api-version=2024-10-21"} <= set(sent(made).target.partition("?")[2].split("&"))


def test_raw_verbs_take_the_options_that_they_have_in_openai() -> None:
    made = client()
    made.get("/models", cast_to=object, options={"headers": {"x-team": "search"}, "params": {"limit": 3}})
    assert sent(made).target == "/v1/models?limit=3"
    assert sent(made).headers["x-team"] == "search"


def test_raw_verbs_refuse_options_that_there_are_not() -> None:
    with pytest.raises(TypeError, match="extra_heders"):
        client().get("/models", cast_to=object, options={"extra_heders": {"authorization": "Bearer secret"}})


def test_raw_verbs_give_the_http_response_where_that_is_asked_for() -> None:
    made = client(answer=(200, {"content-type": "application/json", "x-foo": "bar"}, b"{}"))
    assert made.post("/foo", cast_to=httpx.Response, body={"my_param": True}).headers.get("x-foo") == "bar"


def test_a_model_can_be_the_body_of_a_raw_call_on_azure() -> None:
    class Body(pydantic.BaseModel):
        model: str

    made = client(AzureOpenAI, azure_endpoint="https://contoso.openai.azure.com", api_version="2024-10-21")
    made.post("/chat/completions", cast_to=object, body=Body(model="gpt-4o"))
    assert sent(made).target.startswith("/openai/deployments/gpt-4o/")


# ---- errors


@pytest.mark.parametrize("body", [b'{"error":{"message":"caf\xe9"}}'])
def test_an_error_in_another_encoding_is_an_error_of_its_status(body: bytes) -> None:
    with pytest.raises(ceyx.BadRequestError):
        client(answer=(400, {}, body)).models.list()


def test_events_that_are_not_utf_8_are_protocol_errors() -> None:
    made = client(answer=(200, {}, [b'data: {"id":"\xff"}\n\n']))
    with pytest.raises(ceyx.ProtocolError):
        list(made.chat.completions.create(model="m", messages=ASK, stream=True))


def test_errors_can_be_made_of_httpx_messages() -> None:
    """As the tests of nearly every program that handles them do."""
    request = httpx.Request("POST", "https://api.openai.com/v1/chat/completions")
    response = httpx.Response(429, request=request, headers={"x-request-id": "req-1"})
    error: Any = ceyx.RateLimitError("slower", response=response, body=None)  # type: ignore[arg-type]
    assert (error.status_code, error.request_id, error.response.status_code) == (429, "req-1", 429)
    assert ceyx.APITimeoutError(request=request).request is not None  # type: ignore[arg-type]
    assert ceyx.APIConnectionError(request=request).request is not None  # type: ignore[arg-type]


# ---- secrets


@pytest.mark.parametrize("name", ["x-functions-key", "x-goog-api-key", "x-auth-token"])
def test_errors_hold_no_key_of_any_header(name: str) -> None:
    """Pickles of clients leave these out already."""
    with pytest.raises(ceyx.BadRequestError) as caught:
        client(answer=(400, {}, b"{}"), default_headers={name: "header-secret"}).models.list()
    assert b"header-secret" not in pickle.dumps(caught.value)


def test_lines_about_retries_are_one_line_and_show_no_more_of_the_url_than_others() -> None:
    lines: list[str] = []
    error = json.dumps({"error": {"message": "x\nresponse: forged"}}).encode()
    made = client(
        answer=(500, {"retry-after-ms": "1"}, error), max_retries=1, default_query={"tenant": "t-secret"}, http_logging="basic"
    )
    logs.set_listener(lambda event, line: lines.append(line) if event == "retry" else None)
    try:
        with pytest.raises(ceyx.InternalServerError):
            made.models.list()
    finally:
        logs.set_listener(None)
    assert "t-secret" not in lines[0]
    assert "\n" not in lines[0]


def test_a_client_that_could_not_be_made_has_a_repr() -> None:
    """Error reporters show the locals of every frame, and `self` is one."""
    try:
        OpenAI(api_key="sk-secret ☃")
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        assert "sk-secret" not in shown.replace('OpenAI(api_key="sk-secret', "")


def test_locals_of_a_failed_call_show_no_key() -> None:
    with RawServer(lambda _, connection: connection.recv(1) and None) as server:
        made = OpenAI(api_key="sk-secret-0123456789", base_url=server.url, max_retries=0, timeout=1)
        message: Any = [{"role": "user", "content": "x" * 30_000_000}]
        with pytest.raises(ceyx.APIConnectionError) as caught:
            made.chat.completions.create(model="m", messages=message)
        made.close()
    shown: list[str] = []
    error: BaseException | None = caught.value
    while error is not None:
        shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()
        error = error.__cause__
    assert "Bearer sk-secret" not in "".join(shown)


def test_a_pickled_client_keeps_its_choice_of_a_retry_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert pickle.loads(pickle.dumps(OpenAI(retry_budget=None)))._settings.budget is None


# ---- code written for openai


def test_views_wrap_what_they_are_made_of() -> None:
    assert ChatCompletion(**json.loads(BODY)).choices[0].message.content == "hi"


def test_views_are_iterated_as_models_of_pydantic_are() -> None:
    completion = ChatCompletion.model_validate_json(BODY)
    assert dict(completion)["id"] == "c"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="pydantic takes typing.TypedDict there")
def test_params_can_be_fields_of_pydantic_models() -> None:
    from ceyx.types.chat import ChatCompletionMessageParam

    adapter: Any = pydantic.TypeAdapter(list[ChatCompletionMessageParam])
    assert adapter.validate_python(ASK) == ASK


@pytest.mark.parametrize("name", ["Chat", "AsyncChat", "Completions", "AsyncCompletions", "Embeddings", "Models"])
def test_resources_are_at_their_package(name: str) -> None:
    assert hasattr(importlib.import_module("ceyx.resources"), name)


def test_the_base_url_of_a_client_can_be_set() -> None:
    made = client()
    made.base_url = "https://gateway.example/v1"
    made.models.list()
    assert sent(made).origin == "https://gateway.example"


def test_headers_of_a_raw_response_are_shown() -> None:
    with RawServer(always(answer(BODY, b"x-foo: bar"))) as server, OpenAI(api_key="k", base_url=server.url) as made:
        headers = made.chat.completions.with_raw_response.create(model="m", messages=ASK).headers
        assert "x-foo" in repr(headers)


def test_what_was_streamed_stays_readable_as_bytes_or_says_so() -> None:
    """Not an error about base_url and login pages: the body came, and the caller has read it."""
    with (
        RawServer(always(answer())) as server,
        OpenAI(api_key="k", base_url=server.url) as made,
        made.chat.completions.with_streaming_response.create(model="m", messages=ASK) as response,
    ):
        list(response.iter_bytes())
        try:
            assert response.parse().id == "c"
        except RuntimeError:
            pass
