"""The table of api-versions: what a version knows, what of a request it does not, and what is never held against one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from memory_clients import make

from ceyx.errors import UnsupportedByVersionError
from ceyx.wire.call import Call, omit
from ceyx.wire.versions import (
    ANSWERS,
    CHAT,
    ENDPOINTS,
    PARAMETERS,
    PREVIEWS,
    PUBLISHED,
    STABLE,
    check,
    endpoint_at,
    explained,
    knows,
    unknown_in,
)

ROWS = (*ENDPOINTS, *PARAMETERS, *ANSWERS)
CALLS = make().plan
ASK: Any = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_names_versions_that_were_published_and_where_that_is_said(row: Any) -> None:
    assert row.source
    assert row.since is None or row.since in PUBLISHED
    assert row.stable is None or (row.stable in STABLE and row.since is not None and row.since[:10] <= row.stable)
    assert not row.of or row.of in {endpoint.name for endpoint in ENDPOINTS} | {"answers"}
    assert row.words == "" or str(row.since) in row.words


def test_rows_have_names_of_their_own_and_endpoints_stand_in_the_order_in_which_they_came() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    came = [endpoint.since or "9" for endpoint in ENDPOINTS]
    assert came == sorted(came)
    assert list(STABLE) == sorted(STABLE) and list(PREVIEWS) == sorted(PREVIEWS)


@pytest.mark.parametrize(
    ("version", "name", "known"),
    [
        # a preview feature that never left preview is in no stable version, however late
        ("2024-10-21", "audio.speech", False),
        ("2024-02-15-preview", "audio.speech", True),
        ("2024-02-01", "audio.speech", False),
        ("2023-12-01-preview", "audio.speech", False),
        ("2025-04-01-preview", "audio.speech", True),
        # one that did is in later stable versions, and in those alone
        ("2024-06-01", "response_format=json_schema", False),
        ("2024-08-01-preview", "response_format=json_schema", True),
        ("2024-07-01-preview", "response_format=json_schema", False),
        ("2024-10-21", "response_format=json_schema", True),
        # what began in a stable version is in later previews
        ("2024-06-01", "tool_choice=required", True),
        ("2024-05-01-preview", "tool_choice=required", False),
        ("2024-07-01-preview", "tool_choice=required", True),
        # what callers choose by
        ("2024-06-01", "max_completion_tokens", False),
        ("2024-10-21", "max_completion_tokens", True),
        ("2024-08-01-preview", "parallel_tool_calls", False),
        ("2024-09-01-preview", "parallel_tool_calls", True),
        ("2023-05-15", "prompt_filter_results", False),
        ("2023-06-01-preview", "prompt_filter_results", True),
        # nothing is held against what the table cannot tell
        (None, "audio.speech", True),
        ("2031-01-01", "audio.speech", True),
        ("2025-05-01-preview", "moderations", True),
        ("2024-10-22", "audio.speech", True),
        ("v1", "containers", True),
        ("preview", "responses", True),
        ("2024-10-21-beta", "audio.speech", True),
        ("", "audio.speech", True),
    ],
)
def test_what_a_version_knows(version: str | None, name: str, known: bool) -> None:
    assert knows(version, name) is known


def test_what_the_table_does_not_have_is_no_answer() -> None:
    with pytest.raises(KeyError):
        knows("2024-10-21", "max_completion_token")


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "/chat/completions", CHAT),
        ("GET", "/chat/completions", "stored chat.completions"),
        ("POST", "/chat/completions/chatcmpl-1", "stored chat.completions"),
        ("GET", "/chat/completions/chatcmpl-1/messages", "stored chat.completions"),
        ("POST", "/audio/speech", "audio.speech"),
        ("POST", "/images/edits", "images.edits"),
        ("GET", "/responses/resp_1/input_items", "responses"),
        ("POST", "/fine_tuning/jobs/ft-1/cancel", "fine_tuning"),
        ("GET", "/files/file-1/content", "files"),
        ("DELETE", "/vector_stores/vs_1/files/file-1", "vector_stores"),
        ("GET", "/something/new", None),
        ("POST", "/audio/voices", None),
    ],
)
def test_the_endpoint_of_a_path(method: str, path: str, name: str | None) -> None:
    endpoint = endpoint_at(method, path)
    assert (endpoint and endpoint.name) == name


def test_every_endpoint_of_a_client_is_in_the_table_but_those_that_are_openais_own() -> None:
    from calls import ALL, CLIENT

    paths = {(call.method, call.path) for endpoint in ALL for call in [_first(endpoint, CLIENT)] if call is not None}
    assert len(paths) > 80
    without = {path.split("/")[1] for method, path in paths if endpoint_at(method, path) is None}
    assert without == {"audio", "webhook_endpoints", "webhook_event_types"}  # of audio, voices


def _first(endpoint: Any, client: Any) -> Call[Any] | None:
    return endpoint.call(client) if re.match(r"(Call|Pages)\[(?!Parsed)", endpoint.written) else None


@pytest.mark.parametrize(
    ("version", "body", "names"),
    [
        ("2024-06-01", {"max_completion_tokens": 5, "temperature": 0}, ["max_completion_tokens"]),
        ("2024-06-01", {"max_completion_tokens": None, "prediction": omit}, []),
        ("2024-06-01", {"response_format": {"type": "json_object"}}, []),
        ("2024-06-01", {"response_format": {"type": "json_schema", "json_schema": {}}}, ["response_format=json_schema"]),
        ("2024-02-01", {"tools": [], "tool_choice": "required"}, ["tool_choice=required"]),
        ("2024-02-01", {"tool_choice": {"type": "function", "function": {"name": "required"}}}, []),
        ("2024-10-21", {"prediction": {"type": "content"}, "metadata": {}}, ["metadata", "prediction"]),
        ("2025-04-01-preview", {"prediction": {}, "metadata": {}, "verbosity": "low"}, []),
        ("2031-01-01", {"prediction": {}}, []),
    ],
)
def test_what_of_a_chat_a_version_does_not_know(version: str, body: dict[str, Any], names: list[str]) -> None:
    endpoint = endpoint_at("POST", "/chat/completions")
    assert endpoint is not None
    assert [feature.name for feature in unknown_in(version, endpoint, body)] == names


def refused(call: Call[Any], version: str) -> str:
    with pytest.raises(UnsupportedByVersionError) as raised:
        check(call, call.body, version)
    return str(raised.value)


def test_a_refusal_names_the_feature_what_it_needs_what_there_is_and_what_to_do() -> None:
    assert refused(CALLS.audio.speech.create(model="m", input="x", voice="alloy"), "2024-10-21") == (
        "audio.speech needs a preview api-version, 2024-02-15-preview or later; this client has 2024-10-21: give "
        "api_version='2025-04-01-preview', or give an azure_endpoint that ends in /openai/v1, or send it all the same with "
        "check_api_version=False"
    )
    json_schema: Any = {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}
    assert refused(CALLS.chat.completions.create(**ASK, response_format=json_schema), "2024-06-01").startswith(
        "response_format=json_schema needs api-version 2024-10-21 or later, or a preview from 2024-08-01-preview; this client "
        "has 2024-06-01: give api_version='2025-04-01-preview', or give an azure_endpoint that ends in /openai/v1, or ask for "
        "the object by a tool, or send it all the same"
    )
    assert "Azure has none" in refused(CALLS.moderations.create(input="x"), "2024-10-21")


def test_an_endpoint_is_refused_only_where_azure_is_known_to_refuse_it() -> None:
    """Programs for gpt-image-2 edit with 2024-02-01; of containers and conversations no refusal is known."""
    edit = CALLS.images.edit(model="gpt-image-2", image=b"png", prompt="x")
    for call, version in [(edit, "2024-02-01"), (edit, "2024-10-21"), (edit, "2024-12-01-preview")]:
        check(call, call.body, version)
    for call in (CALLS.containers.list(), CALLS.conversations.create()):
        check(call, call.body, "2025-04-01-preview")
        said = explained("2025-04-01-preview", call.method, call.path, None)  # should it be a 404 all the same
        assert said is not None and said.endswith(
            "needs the v1 API, and this was 2025-04-01-preview: give an azure_endpoint that ends in /openai/v1"
        )
        assert explained("2025-04-01-preview", call.method, call.path, None, "Unrecognized request argument: x") is None


@pytest.mark.parametrize("version", sorted(PUBLISHED))
def test_what_some_models_take_is_sent_whatever_the_version(version: str) -> None:
    if not knows(version, CHAT):
        return
    taken = {row.name: "x" for row in PARAMETERS if row.of == CHAT and row.refused != "always"}
    assert {"max_completion_tokens", "parallel_tool_calls", "reasoning_effort"} <= taken.keys()
    call = Call("POST", "/chat/completions", dict, {**ASK, **taken})
    check(call, call.body, version)


@pytest.mark.parametrize("version", ["2031-01-01", "2024-10-22", "v1", "preview", "latest", "", "2024-10-21-beta"])
def test_a_version_that_is_not_in_the_table_is_never_in_the_way(version: str) -> None:
    for call in (CALLS.moderations.create(input="x"), CALLS.responses.create(model="m", input="x"), CALLS.containers.list()):
        check(call, call.body, version)


def test_the_version_of_a_single_call_counts() -> None:
    """It is in `extra_query`, as some programs have it to try a preview."""
    call = CALLS.audio.speech.create(model="m", input="x", voice="alloy", extra_query={"api-version": "2025-03-01-preview"})
    check(call, call.body, "2024-10-21")
    call = CALLS.audio.speech.create(model="m", input="x", voice="alloy", extra_query={"api-version": "2024-06-01"})
    assert "this client has 2024-06-01" in refused(call, "2024-10-21")


@pytest.mark.parametrize(
    ("version", "path", "body", "said"),
    [
        (
            "2024-06-01",
            "/chat/completions",
            {"max_completion_tokens": 5},
            "max_completion_tokens needs api-version 2024-10-21 or later, or a preview from 2024-09-01-preview, and this was "
            "2024-06-01: give max_tokens, unless the model reasons, or give api_version='2025-04-01-preview', or give an "
            "azure_endpoint that ends in /openai/v1",
        ),
        ("2024-06-01", "/chat/completions", {"seed": 5}, None),
        ("2024-10-21", "/chat/completions", {"max_completion_tokens": 5}, None),
        ("2024-02-01", "/embeddings", {"dimensions": 5}, None),
        ("2024-10-21", "/nothing", None, None),
        (
            "2024-10-21",
            "/moderations",
            {},
            "moderations needs OpenAI itself: Azure has none, and this was 2024-10-21: ask OpenAI() for it",
        ),
    ],
)
def test_what_a_refusal_of_azure_is_explained_by(version: str, path: str, body: Any, said: str | None) -> None:
    assert explained(version, "POST", path, body) == said


def test_a_refusal_that_names_a_parameter_is_explained_by_that_one() -> None:
    body = {"parallel_tool_calls": True, "max_completion_tokens": 5, "verbosity": "low"}
    said = "Unrecognized request argument supplied: max_completion_tokens"
    found = explained("2024-06-01", "POST", "/chat/completions", body, said)
    assert found is not None and "max_completion_tokens needs" in found and "parallel" not in found
    assert explained("2024-06-01", "POST", "/chat/completions", body, "Unknown parameter: 'verbosity'.") is None
