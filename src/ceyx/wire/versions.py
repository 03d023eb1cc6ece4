"""Which api-version of Azure knows what: one table, with the source of each row, for the client and for the local service.

Knows dated versions only, and of those the ones that were published: of any other, and of v1, it says that all is known. It
judges; that a call is refused is for `exchange` to raise, or for the service to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from ceyx.errors import UnsupportedByVersionError
from ceyx.wire.call import Call, Omit

STABLE = ("2022-12-01", "2023-05-15", "2024-02-01", "2024-06-01", "2024-10-21")
PREVIEWS = tuple(
    f"{day}-preview"
    for day in (
        *("2023-03-15", "2023-06-01", "2023-07-01", "2023-08-01", "2023-09-01", "2023-10-01", "2023-12-01"),
        *("2024-02-15", "2024-03-01", "2024-04-01", "2024-05-01", "2024-07-01", "2024-08-01", "2024-09-01", "2024-10-01"),
        *("2024-12-01", "2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"),
    )
)
PUBLISHED = frozenset((*STABLE, *PREVIEWS))

CHAT = "chat.completions"
Refused = Literal["always", "by some models", "not seen"]


class Feature(NamedTuple):
    """A row: an endpoint, a parameter of one or a value of such a parameter, or a part of answers."""

    name: str
    """`audio.speech`, `prediction`, `response_format=json_schema`."""
    since: str | None
    """The first version with it; None where no dated one has it."""
    stable: str | None
    """The first version with it that is no preview; None where there is none."""
    source: str
    of: str = ""
    """The endpoint that a parameter is of, or "answers"; empty for an endpoint."""
    refused: Refused = "always"
    """What becomes of it in versions without it. "always": Azure refuses it for the version's sake. "by some models": there are
    reports of refusals, but it is the deployed model that decides. "not seen": nobody tells of a refusal."""
    otherwise: str = ""
    """What else there is to be done."""
    words: str = ""
    """What Azure says, where that is not its usual sentence."""

    @property
    def parameter(self) -> str:
        return self.name.partition("=")[0] if self.of else ""

    @property
    def value(self) -> str:
        """The value that is meant, or the `type` of it; empty for any."""
        return self.name.partition("=")[2]

    def known_in(self, version: str) -> bool:
        """Whether this version has it; of one that is not in the table, that is assumed."""
        if version not in PUBLISHED:
            return True
        first = self.since if version.endswith("-preview") else self.stable
        return first is not None and version[:10] >= first[:10]

    @property
    def needs(self) -> str:
        """The versions that have it: `a preview api-version, 2024-02-15-preview or later`."""
        if self.since is None:
            return "the v1 API" if self.name in _OF_V1 else "OpenAI itself: Azure has none"
        if self.stable is None:
            return f"a preview api-version, {self.since} or later"
        return f"api-version {self.stable} or later" + (f", or a preview from {self.since}" if self.since != self.stable else "")

    @property
    def steps(self) -> list[str]:
        """What to do about it, the surest first."""
        newer = [] if self.since is None else [f"give api_version={PREVIEWS[-1]!r}", _V1]
        own = [self.otherwise] if self.otherwise else []
        return [*newer, *own] if self.refused == "always" else [*own, *newer]


_V1 = "give an azure_endpoint that ends in /openai/v1"
_PAGE = "Microsoft, API version lifecycle"
_SPEC = "azure-rest-api-specs"
_OF_V1 = ("containers", "conversations")
_LOGPROBS = f"{_SPEC} 2024-02-01 (lacks it), 2024-02-15-preview; Microsoft, question 1692045"
_NO_GA = "in no specification without -preview"

ENDPOINTS = (
    Feature("completions", "2022-12-01", "2022-12-01", f"{_SPEC} 2022-12-01"),
    Feature("embeddings", "2022-12-01", "2022-12-01", f"{_SPEC} 2022-12-01"),
    Feature("files", "2022-12-01", "2022-12-01", f"{_SPEC} (authoring) 2022-12-01"),
    Feature("models", "2022-12-01", "2022-12-01", f"{_SPEC} (authoring) 2022-12-01"),
    Feature(CHAT, "2023-03-15-preview", "2023-05-15", f"{_SPEC} 2022-12-01 (lacks it), 2023-05-15"),
    Feature("audio.transcriptions", "2023-09-01-preview", "2024-02-01", f"{_PAGE}; {_SPEC} 2024-02-01"),
    Feature("audio.translations", "2023-09-01-preview", "2024-02-01", f"{_PAGE}; {_SPEC} 2024-02-01"),
    Feature("fine_tuning", "2023-10-01-preview", "2024-02-01", f"{_PAGE}; {_SPEC} (authoring) 2024-02-01"),
    Feature("images.generations", "2023-12-01-preview", "2024-02-01", f"{_PAGE}; {_SPEC} 2024-02-01"),
    Feature("audio.speech", "2024-02-15-preview", None, f"{_PAGE}; {_SPEC} 2024-10-21 (lacks it)"),
    Feature("vector_stores", "2024-05-01-preview", None, f"{_PAGE}; {_SPEC} 2024-10-21 (lacks it)"),
    Feature("batches", "2024-07-01-preview", "2024-10-21", f"{_PAGE}; {_SPEC} (authoring) 2024-10-21"),
    Feature("uploads", "2024-08-01-preview", "2024-10-21", f"{_PAGE}; {_SPEC} (authoring) 2024-10-21"),
    Feature("stored chat.completions", "2025-02-01-preview", None, f"{_PAGE}; {_NO_GA}"),
    Feature(
        "responses",
        "2025-03-01-preview",
        None,
        f"{_PAGE}; Azure's own words (Aider-AI/aider#4029); {_NO_GA}",
        words="Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later",
    ),
    Feature("evals", "2025-04-01-preview", None, f"{_PAGE}; {_NO_GA}"),
    Feature(
        "images.edits",
        "2025-04-01-preview",
        None,
        f"{_PAGE}; {_SPEC} 2025-04-01-preview; openai-python#2608; programs for gpt-image-1.5 and -2 edit with 2024-02-01",
        refused="by some models",
    ),
    Feature(
        "containers",
        None,
        None,
        "specification of v1; in no dated one, though Azure names its operations in 2025-03-01-preview (azure-sdk-for-net#54068)",
        refused="not seen",
        otherwise=_V1,
    ),
    Feature("conversations", None, None, "in no dated specification", refused="not seen", otherwise=_V1),
    Feature("moderations", None, None, "in no specification, v1 included", otherwise="ask OpenAI() for it"),
    Feature("images.variations", None, None, "in no specification, v1 included", otherwise="ask OpenAI() for it"),
)


def _of_chat(name: str, since: str, stable: str | None, source: str, refused: Refused = "always", **more: str) -> Feature:
    return Feature(name, since, stable, source, CHAT, refused, **more)


PARAMETERS = (
    _of_chat("functions", "2023-07-01-preview", "2024-02-01", f"{_PAGE}; openinterpreter#103", "by some models"),
    _of_chat("function_call", "2023-07-01-preview", "2024-02-01", f"{_PAGE}; openinterpreter#103", "by some models"),
    _of_chat(
        "tools", "2023-12-01-preview", "2024-02-01", f"{_SPEC} 2023-12-01-preview; azure-sdk-for-java#38115", "by some models"
    ),
    _of_chat("tool_choice", "2023-12-01-preview", "2024-02-01", f"{_SPEC} 2023-12-01-preview", "by some models"),
    _of_chat(
        "tool_choice=required",
        "2024-06-01",
        "2024-06-01",
        f"Azure's own words; {_SPEC} 2024-06-01",
        otherwise="name the tool to be called",
        words="tool_choice value as required is enabled only for api versions 2024-06-01 and later",
    ),
    _of_chat("response_format", "2023-12-01-preview", "2024-02-01", f"{_SPEC} 2023-12-01-preview, 2024-02-01", "by some models"),
    _of_chat(
        "response_format=json_schema",
        "2024-08-01-preview",
        "2024-10-21",
        f"{_PAGE}; Azure's own words (langchain#26383); {_SPEC} 2024-10-21",
        otherwise="ask for the object by a tool",
        words="response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later",
    ),
    _of_chat("seed", "2023-12-01-preview", "2024-02-01", f"{_SPEC} 2023-12-01-preview, 2024-02-01", "not seen"),
    _of_chat("image_url in messages", "2023-12-01-preview", "2024-02-01", f"{_SPEC} 2023-12-01-preview, 2024-02-01", "not seen"),
    _of_chat("logprobs", "2024-02-15-preview", "2024-06-01", _LOGPROBS, "by some models"),
    _of_chat("top_logprobs", "2024-02-15-preview", "2024-06-01", _LOGPROBS, "by some models"),
    _of_chat("stream_options", "2024-09-01-preview", "2024-10-21", f"{_PAGE}; openai-python#1469", "by some models"),
    _of_chat(
        "max_completion_tokens",
        "2024-09-01-preview",
        "2024-10-21",
        f"{_PAGE}; openai-python#1724, litellm#8855",
        "by some models",
        otherwise="give max_tokens, unless the model reasons",
    ),
    _of_chat(
        "parallel_tool_calls",
        "2024-09-01-preview",
        "2024-10-21",
        f"{_PAGE}; azure-rest-api-specs#29545, azure-sdk-for-net#45719, griptape#1640",
        "by some models",
        otherwise="leave it out",
    ),
    _of_chat("reasoning_effort", "2024-12-01-preview", None, f"{_PAGE}; llama_index#17731", "by some models"),
    _of_chat("store", "2024-12-01-preview", None, f"{_PAGE}; {_SPEC} 2024-10-21 (lacks it)", "not seen"),
    _of_chat("metadata", "2024-12-01-preview", None, f"{_PAGE}; {_SPEC} 2024-10-21 (lacks it)", "not seen"),
    _of_chat("user_security_context", "2024-12-01-preview", None, f"{_PAGE}; {_SPEC} 2024-10-21 (lacks it)", "not seen"),
    _of_chat(
        "developer role in messages",
        "2024-12-01-preview",
        None,
        f"Microsoft, reasoning models; {_SPEC} 2024-10-21 (lacks it)",
        "not seen",
    ),
    _of_chat(
        "prediction",
        "2025-01-01-preview",
        None,
        f"{_PAGE}; Azure's own words (openai-java#662); continue#2981",
        words="Prediction is enabled only for api versions 2025-01-01-preview and later",
    ),
    _of_chat("modalities", "2025-01-01-preview", None, f"{_PAGE}; OpenAI-DotNet#382", "by some models"),
    _of_chat("audio", "2025-01-01-preview", None, f"{_PAGE}; {_SPEC} 2025-04-01-preview", "not seen"),
    Feature(
        "dimensions", "2024-03-01-preview", "2024-06-01", f"{_PAGE}; {_SPEC} 2024-02-01 (lacks it)", "embeddings", "not seen"
    ),
    Feature(
        "encoding_format",
        "2024-03-01-preview",
        "2024-06-01",
        f"{_PAGE}; {_SPEC} 2024-02-01 (lacks it); sent by the openai package to every version",
        "embeddings",
        "not seen",
    ),
)
ANSWERS = (
    Feature(
        "prompt_filter_results",
        "2023-06-01-preview",
        "2024-02-01",
        f"{_SPEC} 2023-12-01-preview; pydantic-ai#164 (streams then begin with a chunk without choices)",
        "answers",
        "not seen",
    ),
)
_ENDPOINTS = {endpoint.name: endpoint for endpoint in ENDPOINTS}
_BY_NAME = {feature.name: feature for feature in (*ENDPOINTS, *PARAMETERS, *ANSWERS)}


def knows(version: str | None, name: str) -> bool:
    """Whether an api-version knows a feature of the table, such as `max_completion_tokens` or `response_format=json_schema`.

    True of what the table cannot tell: v1 (None), a version that is not in it, and so every newer one. KeyError for a feature
    that is not in it.
    """
    return version is None or _BY_NAME[name].known_in(version)


def endpoint_at(method: str, path: str) -> Feature | None:
    """The endpoint of a path below the base, such as `/vector_stores/vs_1/files`; None where the table has none."""
    first, _, rest = path[1:].partition("/")
    if first == "chat":
        return _ENDPOINTS[CHAT if method == "POST" and rest == "completions" else "stored chat.completions"]
    return _ENDPOINTS.get(f"{first}.{rest}") or _ENDPOINTS.get(first)


def unknown_in(version: str, endpoint: Feature, body: Mapping[str, Any] | None) -> Iterator[Feature]:
    """What a request asks for that this version does not know: the endpoint itself, or else parameters and their values."""
    if not endpoint.known_in(version):
        yield endpoint
        return
    for feature in _unknown(version, endpoint.name) if body and version in PUBLISHED else ():
        given = (body or {}).get(feature.parameter)
        if given is not None and not isinstance(given, Omit) and feature.value in ("", _kind(given)):
            yield feature


@cache
def _unknown(version: str, endpoint: str) -> tuple[Feature, ...]:
    return tuple(feature for feature in PARAMETERS if feature.of == endpoint and not feature.known_in(version))


def _kind(value: Any) -> object:
    return value.get("type") if isinstance(value, Mapping) else value


# ---- what the client makes of it

_watched: dict[str, dict[str, frozenset[str]]] = {}
"""By version and path, the parameters for whose sake a call could be refused: all that most calls are asked about."""


def check(call: Call[Any], body: Any, version: str) -> None:
    """Raises UnsupportedByVersionError for a call that this api-version cannot answer, whatever the model."""
    by_path = _watched.get(version)
    if by_path is None:
        if version not in PUBLISHED:
            return
        by_path = _watched[version] = _watch(version)
    watched = by_path.get(call.path)
    if watched is None or call.method != "POST":
        endpoint = endpoint_at(call.method, call.path)
        if endpoint is not None and not endpoint.known_in(version):
            _refuse(call, None, version)
    elif watched and body and not watched.isdisjoint(body):
        _refuse(call, body, version)


def _watch(version: str) -> dict[str, frozenset[str]]:
    """`_watched` of a version: paths that it does not know are left out."""
    return {
        "/" + endpoint.name.replace(".", "/"): frozenset(
            feature.parameter for feature in _unknown(version, endpoint.name) if feature.refused == "always"
        )
        for endpoint in ENDPOINTS
        if endpoint.known_in(version)
    }


def _refuse(call: Call[Any], body: Any, version: str) -> None:
    own = {**(call.query or {}), **(call.options.get("extra_query") or {})}.get("api-version", version)
    endpoint = endpoint_at(call.method, call.path)
    given = body if isinstance(body, Mapping) else None
    for feature in unknown_in(str(own), endpoint, given) if endpoint is not None else ():
        if feature.refused == "always":
            steps = ", or ".join([*feature.steps, "send it all the same with check_api_version=False"])
            message = f"{feature.name} needs {feature.needs}; this client has {own}: {steps}"
            raise UnsupportedByVersionError(message, feature=feature.name, api_version=str(own))


def explained(version: str, method: str, path: str, body: Mapping[str, Any] | None, said: str = "") -> str | None:
    """What the table says of a request that Azure refused: which of its parts this version does not know; None for nothing.

    `said` is the sentence of the refusal, where that names parameters.
    """
    endpoint = endpoint_at(method, path)
    found = [] if endpoint is None else list(unknown_in(version, endpoint, body))
    found = [one for one in found if not (one.of and one.refused == "not seen") and (not said or one.parameter in _words(said))]
    needs = "; ".join(f"{one.name} needs {one.needs}" for one in found)
    steps = ", or ".join(dict.fromkeys(step for one in found for step in one.steps))
    return f"{needs}, and this was {version}: {steps}" if found else None


_words = re.compile(r"\w+").findall
