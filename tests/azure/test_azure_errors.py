"""What Azure refuses, over HTTP: the class of each error, the URL that was built, and what to do next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import ceyx
from ceyx import AsyncAzureOpenAI, AzureOpenAI, OpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.errors import OF_AZURE

KEY = "0123456789abcdef0123456789abcdef"
NEWER = "2025-04-01-preview"
"""An api-version that has responses."""
HELLO: Any = [{"role": "user", "content": "Hello"}]


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


def made(service: LocalService, fault: str = "", **options: Any) -> AzureOpenAI:
    given: dict[str, Any] = {"azure_endpoint": service.azure_endpoint, "api_key": KEY, "api_version": "2024-10-21", **options}
    headers = {"x-ceyx-fault": fault} if fault else {}
    return AzureOpenAI(max_retries=0, default_headers=headers, **given)


def refused(client: OpenAI, model: str = "gpt-4o", **options: Any) -> ceyx.APIStatusError:
    with pytest.raises(ceyx.APIStatusError) as refusal:
        client.chat.completions.create(model=model, messages=HELLO, **options)
    assert KEY not in str(refusal.value)
    return refusal.value


REFUSALS = {
    "wrong-key": (ceyx.AuthenticationError, "401", "Keys and Endpoint"),
    "bad-token": (ceyx.AuthenticationError, None, "https://cognitiveservices.azure.com/.default"),
    "no-role": (ceyx.AuthenticationError, "PermissionDenied", "'Cognitive Services OpenAI User'"),
    "no-access": (ceyx.AuthenticationError, "PermissionDenied", "'Cognitive Services OpenAI User'"),
    "wrong-tenant": (ceyx.BadRequestError, "Tenant provided in token does not match resource token", "tenant_id="),
    "no-subdomain": (ceyx.BadRequestError, "BadRequest", "https://<name>.openai.azure.com"),
    "keys-disabled": (ceyx.PermissionDeniedError, "AuthenticationTypeDisabled", "credential=DefaultAzureCredential()"),
    "firewall": (ceyx.PermissionDeniedError, "403", "Networking"),
    "private": (ceyx.PermissionDeniedError, "403", "private address"),
    "blocked": (ceyx.PermissionDeniedError, "Forbidden", "support"),
    "path": (ceyx.NotFoundError, "404", "see that the endpoint, deployment and api-version"),
    "deployment": (
        ceyx.NotFoundError,
        "DeploymentNotFound",
        "no deployment is named 'gpt-4o' at 127.0.0.1: pass azure_deployment=",
    ),
    "operation": (ceyx.BadRequestError, "OperationNotSupported", "ask a deployment whose model"),
    "rate": (ceyx.RateLimitError, "RateLimitReached", "tokens per minute"),
    "capacity": (ceyx.RateLimitError, "NoCapacity", "provisioned"),
}


def test_every_refusal_of_the_service_is_tested() -> None:
    assert REFUSALS.keys() == OF_AZURE.keys()


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_is_typed_shows_the_url_and_ends_with_the_next_step(service: LocalService, kind: str) -> None:
    error = refused(made(service, f"azure;kind={kind}"))
    expected, code, step = REFUSALS[kind]
    assert (type(error), error.code) == (expected, code)
    before, url, after = str(error).partition(
        f"{service.azure_endpoint}/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    )
    assert before.startswith(f"Error code: {error.status_code} - {OF_AZURE[kind][2]} (") and url
    assert error.request_id and error.request_id in after
    assert step in after.partition("); ")[2]


def test_the_same_awaited_and_in_streams(service: LocalService) -> None:
    async def ask() -> None:
        async with AsyncAzureOpenAI(
            azure_endpoint=service.azure_endpoint,
            api_key=KEY,
            api_version="2024-10-21",
            default_headers={"x-ceyx-fault": "azure;kind=deployment"},
        ) as client:
            await client.chat.completions.create(model="mine", messages=HELLO, stream=True)

    with pytest.raises(ceyx.NotFoundError, match="no deployment is named 'mine'"):
        asyncio.run(ask())


# ---- by natural use


def test_a_wrong_key_and_a_wrong_token() -> None:
    with LocalService(Settings(keys=frozenset({"right"}))) as service:
        assert "keys are of one resource in one region" in str(refused(made(service)))
        assert "the key is one of OpenAI's own" in str(refused(made(service, api_key="sk-of-the-other-provider")))
        error = refused(made(service, api_key=None, azure_ad_token="stale"))
        assert (error.status_code, error.code) == (401, None)
        assert "take it for https://cognitiveservices.azure.com/.default" in str(error)
        assert "stale" not in str(error)


@pytest.mark.parametrize("path", ["", "/openai/v1"])
def test_a_deployment_that_is_not_there_is_named(service: LocalService, path: str) -> None:
    error = refused(made(service, azure_endpoint=service.azure_endpoint + path), "gpt-40")
    assert error.code == "DeploymentNotFound"
    assert "no deployment is named 'gpt-40' at 127.0.0.1" in str(error)


def test_a_deployment_of_another_kind(service: LocalService) -> None:
    error = refused(made(service), "text-embedding-3-large")
    assert (error.status_code, error.code) == (400, "OperationNotSupported")
    assert str(error).endswith("ask a deployment whose model serves this operation")


@pytest.mark.parametrize(
    ("path", "query", "step"),
    [
        ("/openai", {}, "the api-version is missing: use AzureOpenAI(api_version=…)"),
        ("/openai", {"api-version": "2024-10-21"}, "the deployment is missing: use AzureOpenAI with model="),
        ("/openai/openai", {"api-version": "2024-10-21"}, "/openai stands in it twice"),
        ("/api/projects/p", {}, "it is of a Foundry project"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_looks_wrong_with_it(
    service: LocalService, path: str, query: dict[str, str], step: str
) -> None:
    error = refused(OpenAI(base_url=service.azure_endpoint + path, api_key=KEY, max_retries=0, default_query=query))
    assert error.status_code == 404
    assert f"POST {service.azure_endpoint}{path}/chat/completions" in str(error)
    assert step in str(error)


# ---- the content filter: prompts

DEGREES = [("violence", "high"), ("hate", "medium"), ("self_harm", "low"), ("sexual", "high")]
DETECTED = ["jailbreak", "indirect_attack", "custom_blocklists"]


@pytest.mark.parametrize(("category", "severity"), [*DEGREES, *((name, "detected") for name in DETECTED)])
@pytest.mark.parametrize("stream", [False, True])
def test_a_blocked_prompt(service: LocalService, category: str, severity: str, stream: bool) -> None:
    degree = f";severity={severity}" if severity != "detected" else ""
    error = refused(made(service, f"prompt-filtered;category={category}{degree}"), stream=stream)
    assert isinstance(error, ceyx.ContentFilterError)
    assert isinstance(error, ceyx.BadRequestError) and isinstance(error, ValueError)
    assert (error.source, error.categories, error.code) == ("prompt", {category: severity}, "content_filter")
    assert error.results["hate"]["filtered"] is (category == "hate")
    assert f"blocked for {category}: {severity}" in str(error)
    assert str(error).endswith("change the prompt, or the content filter of the deployment")
    assert error.retryable is False


def test_a_blocked_prompt_of_a_response(service: LocalService) -> None:
    with pytest.raises(ceyx.ContentFilterError) as block:
        made(service, "prompt-filtered;category=jailbreak", api_version=NEWER).responses.create(model="gpt-4o", input="Hello")
    assert (block.value.source, block.value.categories) == ("prompt", {"jailbreak": "detected"})


def test_a_blocked_prompt_of_an_image(service: LocalService) -> None:
    with pytest.raises(ceyx.ContentFilterError) as block:
        made(service, "prompt-filtered;category=sexual").images.generate(model="dall-e-3", prompt="…")
    assert (block.value.code, block.value.categories) == ("content_policy_violation", {"sexual": "high"})


# ---- the content filter: answers

HELD = {
    "violence": "high",
    "protected_material_text": "detected",
    "protected_material_code": "detected",
    "ungrounded_material": "detected",
    "profanity": "detected",
    "custom_blocklists": "detected",
}


@pytest.mark.parametrize("category", HELD)
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_was_stopped(service: LocalService, category: str, stream: bool) -> None:
    client = made(service, f"content-filtered;category={category}", content_filter="raise")
    with pytest.raises(ceyx.ContentFilterError) as block:
        answer: Any = client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=stream)
        for _ in answer:
            pass
    error = block.value
    assert (error.source, error.categories, error.status_code) == ("completion", {category: HELD[category]}, 200)
    assert error.partial.choices[0].finish_reason == "content_filter"
    assert error.partial.model == "gpt-4o-2024-08-06"


@pytest.mark.parametrize("stream", [False, True])
def test_a_completion_and_a_response_that_were_stopped(service: LocalService, stream: bool) -> None:
    client = made(service, "content-filtered", content_filter="raise", api_version=NEWER)
    calls = [
        lambda: client.completions.create(model="gpt-35-turbo-instruct", prompt="Hello", stream=stream),
        lambda: client.responses.create(model="gpt-4o", input="Hello", stream=stream),
    ]
    for call in calls:
        with pytest.raises(ceyx.ContentFilterError) as block:
            for _ in call():
                pass
        assert (block.value.source, block.value.categories) == ("completion", {"violence": "high"})
        assert block.value.partial.model.startswith("gpt-")


def test_findings_that_come_late_in_chunks_without_a_delta(service: LocalService) -> None:
    chunks = list(made(service, "late-filter").chat.completions.create(model="gpt-4o", messages=HELLO, stream=True))
    assert all(choice.delta.content is None or choice.delta.content for chunk in chunks[2:] for choice in chunk.choices)
    (late,) = chunks[-1].choices
    assert (late.delta.content, late.finish_reason, chunks[-1].model) == (None, None, "")
    assert late.content_filter_results and late.content_filter_results.hate
    assert late.content_filter_results.hate.severity == late.content_filter_results["hate"]["severity"] == "safe"
    assert late.content_filter_offsets and late.content_filter_offsets.end_offset == late.content_filter_offsets.check_offset > 0
    assert late.to_dict()["content_filter_raw"] == []


def test_a_stream_that_the_late_filter_stops(service: LocalService) -> None:
    client = made(service, "late-filter;stops=yes;category=ungrounded_material", content_filter="raise")
    with client.chat.completions.stream(model="gpt-4o", messages=HELLO) as stream:
        with pytest.raises(ceyx.ContentFilterError) as block:
            stream.until_done()
        assert block.value.categories == {"ungrounded_material": "detected"}
        assert block.value.partial.model == "gpt-4o-2024-08-06"
        assert block.value.partial.choices[0].message.content


# ---- what the filter found, typed


def test_findings_beside_an_answer(service: LocalService) -> None:
    completion = made(service).chat.completions.create(model="gpt-4o", messages=HELLO)
    (prompt,) = completion.prompt_filter_results or []
    assert prompt.prompt_index == 0 and prompt.content_filter_results is not None
    assert prompt.content_filter_results.jailbreak is not None
    assert prompt.content_filter_results.jailbreak.detected is prompt["content_filter_results"]["jailbreak"]["detected"] is False
    found = completion.choices[0].content_filter_results
    assert found is not None and found.violence is not None
    assert (found.violence.filtered, found.violence.severity) == (False, "safe")
    assert dict(found["violence"].items()) == {"filtered": False, "severity": "safe"}


def test_findings_of_a_response(service: LocalService) -> None:
    client = made(service, api_version=NEWER)
    response = client.responses.create(model="gpt-4o", input="Hello")
    prompt, answer = response.content_filters or []
    assert (prompt.source_type, prompt.blocked, answer.source_type, answer["blocked"]) == ("prompt", False, "completion", False)
    assert prompt.content_filter_results and prompt.content_filter_results.jailbreak
    assert answer.content_filter_results and answer.content_filter_results["hate"].severity == "safe"
    assert answer.content_filter_offsets and answer.content_filter_offsets.check_offset == 0
    with client.responses.stream(model="gpt-4o", input="Hello") as stream:
        final = stream.get_final_response()
    assert [one.source_type for one in final.content_filters or []] == ["prompt", "completion"]


@pytest.mark.parametrize("category", ["protected_material_code", "ungrounded_material", "custom_blocklists"])
def test_findings_with_details(service: LocalService, category: str) -> None:
    completion = made(service, f"content-filtered;category={category}").chat.completions.create(model="gpt-4o", messages=HELLO)
    found = completion.choices[0].content_filter_results
    assert found is not None
    if category == "protected_material_code":
        assert found.protected_material_code and found.protected_material_code.citation
        assert found.protected_material_code.citation.license == found[category]["citation"]["license"] == "MIT"
    elif category == "ungrounded_material":
        assert found.ungrounded_material and found.ungrounded_material.details
        assert found.ungrounded_material.details[0].completion_end_offset == 4
    else:
        assert found.custom_blocklists and found.custom_blocklists.details
        assert found.custom_blocklists.details[0].id == "blocklist-1"


# ---- the model that answered

MODEL = "gpt-4o-2024-08-06"
"""What is behind the deployment gpt-4o-deployment."""


def test_the_model_that_answered_travels_through_chats(service: LocalService) -> None:
    client = made(service)
    whole = client.chat.completions.create(model="gpt-4o-deployment", messages=HELLO)
    assert whole.model == MODEL and whole.system_fingerprint
    chunks = list(client.chat.completions.create(model="gpt-4o-deployment", messages=HELLO, stream=True))
    assert {chunk.model for chunk in chunks[1:]} == {MODEL}
    assert {chunk.system_fingerprint for chunk in chunks[1:]} == {whole.system_fingerprint}
    with client.chat.completions.stream(model="gpt-4o-deployment", messages=HELLO) as stream:
        for event in stream:
            if event.type == "chunk" and event.chunk.choices:
                assert event.snapshot.model == MODEL
        final = stream.get_final_completion()
    assert (final.model, final.system_fingerprint) == (MODEL, whole.system_fingerprint)


def test_chunks_of_the_late_filter_name_no_model_and_take_none_away(service: LocalService) -> None:
    with made(service, "late-filter").chat.completions.stream(model="gpt-4o-deployment", messages=HELLO) as stream:
        final = stream.get_final_completion()
    assert (final.model, final.choices[0].finish_reason) == (MODEL, "stop")
    assert final.id.startswith("chatcmpl-") and final.created > 0
    assert final.choices[0].content_filter_results and final.prompt_filter_results


def test_the_model_that_answered_travels_through_the_rest(service: LocalService) -> None:
    client = made(service, api_version=NEWER)
    legacy = client.completions.create(model="gpt-35-turbo-instruct-prod", prompt="Hello")
    assert legacy.model == "gpt-35-turbo-instruct"
    pieces = list(client.completions.create(model="gpt-35-turbo-instruct-prod", prompt="Hello", stream=True))
    assert {piece.model for piece in pieces if piece.choices} == {"gpt-35-turbo-instruct"}
    assert client.embeddings.create(model="text-embedding-3-large", input="x").model == "text-embedding-3-large"
    assert client.responses.create(model="gpt-4o-deployment", input="Hello").model == MODEL
    with client.responses.stream(model="gpt-4o-deployment", input="Hello") as stream:
        assert stream.get_final_response().model == MODEL


@pytest.mark.parametrize("fault", ["stream-end", "late-filter;stops=yes", "reset"])
def test_the_model_that_answered_is_in_what_came(service: LocalService, fault: str) -> None:
    client = made(service, fault, content_filter="raise", stream_end="strict")
    with pytest.raises(ceyx.APIError) as broken:
        list(client.chat.completions.create(model="gpt-4o-deployment", messages=HELLO, stream=True))
    assert broken.value.partial.model == MODEL and broken.value.partial.system_fingerprint


def test_the_model_that_answered_is_in_the_error_of_a_cut_answer(service: LocalService) -> None:
    from pydantic import BaseModel

    class City(BaseModel):
        name: str

    with pytest.raises(ceyx.LengthFinishReasonError) as cut:
        made(service).chat.completions.parse(model="gpt-4o-deployment", messages=HELLO, response_format=City, max_tokens=1)
    assert cut.value.completion.model == MODEL
