"""Fine-tuning, graders, vector stores, containers, evaluations, webhooks: the names and fields of `openai`, and what is read."""

from __future__ import annotations

import copy
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, cast, get_args, get_origin, get_type_hints

import pytest
import test_types as comparison
from test_types import required

from ceyx.types import EvalCreateResponse, VectorStore, VectorStoreSearchResponse, webhooks
from ceyx.types.evals import RunRetrieveResponse
from ceyx.types.evals.runs import OutputItemRetrieveResponse
from ceyx.types.fine_tuning import FineTuningJob
from ceyx.types.fine_tuning.alpha import GraderRunResponse
from ceyx.types.graders import LabelModelGrader
from ceyx.types.responses import ResponseInputText
from ceyx.types.vector_stores import VectorStoreFile
from ceyx.types.webhooks import WebhookEndpointWithSecret
from ceyx.wire.call import Omit
from ceyx.wire.view import View
from ceyx.wire.wrapping import nested_fields, wrapper

PACKAGES = [
    "containers",
    "evals",
    "evals.runs",
    "fine_tuning",
    "fine_tuning.alpha",
    "fine_tuning.checkpoints",
    "fine_tuning.jobs",
    "graders",
    "vector_stores",
    "webhooks",
]
TOP = ("AutoFile", "Container", "Eval", "FileChunking", "OtherFile", "StaticFile", "VectorStore")
# Shapes that `openai` spells out once more below another name; ours have the one name of that shape.
ONE_NAME = {"Input", "InputContent", "InputContentInputImage", "InputContentOutputText"}


def names() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        yield from ((package, name) for name in dir(import_module(f"openai.types.{package}")) if name[0].isupper())
    yield from (("", name) for name in dir(import_module("openai.types")) if name.startswith(TOP))


def deep_names() -> Iterator[tuple[str, str]]:
    """What modules of ours hold that have the name of one of `openai`'s, less what has one name here."""
    for package in ("", *PACKAGES):
        ours = import_module(f"ceyx.types.{package}".rstrip("."))
        for module in pkgutil.iter_modules(ours.__path__):
            path = f"{package}.{module.name}".lstrip(".")
            if not package and not module.name.startswith(("container", "eval", "file_chunking", "vector_store")):
                continue
            if module.ispkg or path == "page_params":
                continue
            theirs = import_module(f"openai.types.{path}")
            yield from ((path, name) for name in theirs.__all__ if not is_twin(name))


def is_twin(name: str) -> bool:
    """Whether `openai` names a shape by the path to it, such as InputMessagesTemplateTemplateEvalItemContentOutputText."""
    return name in ONE_NAME or len(name) > 45 or name.startswith(("DataSourceResponses", "SourceFile", "InputMessages"))


@pytest.mark.parametrize(("path", "name"), sorted({*names(), *deep_names()}))
def test_names_and_fields_are_those_of_openai(path: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = getattr(import_module(f"openai.types.{path}".rstrip(".")), name)
    if name.endswith("WebhookEvent") and (fields := getattr(theirs, "model_fields", None)):
        monkeypatch.setattr(fields["object"], "default", None)  # some of its events never come without it; ours may
    comparison.test_names_and_fields_are_those_of_openai(path, name)


def endpoints() -> list[Any]:
    """The parameters of calls: what `openai` offers as `...Params`."""
    found = [(path, name) for path, name in names() if name.endswith("Params")]
    return [getattr(import_module(f"ceyx.types.{path}".rstrip(".")), name) for path, name in found]


@pytest.mark.parametrize("params", endpoints(), ids=lambda params: f"{params.__module__}.{params.__name__}")
def test_every_optional_parameter_can_be_omitted(params: Any) -> None:
    hints = get_type_hints(params, include_extras=True)
    for key in hints.keys() - required(params, hints):
        assert Omit in get_args(hints[key]), key


def test_each_event_is_told_by_its_type() -> None:
    """Every class of an event is in the union, and comes out of it."""
    read = cast(Any, wrapper(webhooks.UnwrapWebhookEvent))
    events = [
        getattr(webhooks, name) for name in webhooks.__all__ if name.endswith("WebhookEvent") and name != "UnwrapWebhookEvent"
    ]
    assert len(events) > 30
    for event in events:
        (tag,) = get_args(get_type_hints(event)["type"])
        data: dict[str, Any] = {"id": "evt_1", "type": tag, "object": "event", "created_at": 1, "data": {"id": "x"}}
        seen = read(copy.deepcopy(data))
        assert type(seen) is event and isinstance(seen.data, View)
        assert seen.to_dict() == data
    unheard_of = read({"type": "video.completed", "data": {"id": "video_1"}})
    assert type(unheard_of) is View and unheard_of.data == {"id": "video_1"}


def test_calls_that_come_in_have_their_headers() -> None:
    data = {"call_id": "rtc_1", "sip_headers": [{"name": "From", "value": "sip:+1"}]}
    event = cast(Any, wrapper(webhooks.UnwrapWebhookEvent))({"type": "realtime.call.incoming", "data": data})
    assert event.data.sip_headers[0].name == "From" and event.data.sip_media_security is None


def test_the_prompt_of_a_grader_is_text_one_part_or_many() -> None:
    parts = [{"type": "input_text", "text": "Is it polite?"}, "{{sample.output_text}}", {"type": "telepathy"}]
    messages = [{"role": "user", "content": content} for content in ("text", dict(cast(Any, parts[0])), parts)]
    grader = LabelModelGrader.wrap({"type": "label_model", "input": messages, "labels": ["yes", "no"], "passing_labels": ["yes"]})
    text, one, many = (message.content for message in grader.input)
    assert text == "text"
    assert isinstance(one, ResponseInputText) and one.text == "Is it polite?"
    assert isinstance(many, list)
    assert isinstance(many[0], ResponseInputText) and many[1] == "{{sample.output_text}}" and type(many[2]) is View


def test_a_fine_tuning_job_with_a_grader_of_graders() -> None:
    inner = {"type": "string_check", "name": "same", "input": "a", "reference": "b", "operation": "eq"}
    method = {
        "type": "reinforcement",
        "reinforcement": {
            "grader": {"type": "multi", "name": "all", "calculate_output": "same", "graders": inner},
            "hyperparameters": {"n_epochs": "auto", "eval_samples": 3},
        },
    }
    job = FineTuningJob.wrap({"id": "ftjob-1", "status": "running", "method": method, "hyperparameters": {"n_epochs": 3}})
    reinforcement = cast(Any, job.method).reinforcement
    assert reinforcement.grader.graders.operation == "eq"
    assert reinforcement.hyperparameters.eval_samples == 3 and reinforcement.hyperparameters.batch_size is None
    assert (job.hyperparameters.n_epochs, job.error, job.fine_tuned_model) == (3, None, None)


def test_evaluations_tell_sources_and_graders_apart() -> None:
    evaluation = EvalCreateResponse.wrap(
        {
            "id": "eval_1",
            "data_source_config": {"type": "custom", "schema": {"type": "object"}},
            "testing_criteria": [
                {"type": "text_similarity", "evaluation_metric": "bleu", "pass_threshold": 0.5},
                {"type": "python", "source": "def grade(sample, item): return 1"},
            ],
        }
    )
    config, (similar, python) = cast(Any, evaluation.data_source_config), cast(Any, evaluation.testing_criteria)
    assert config.schema_ == config.schema == {"type": "object"}
    assert similar.pass_threshold == 0.5 and python.pass_threshold is None and python.source.startswith("def")
    assert config.model_dump() == {"type": "custom", "schema": {"type": "object"}}


def test_runs_and_their_rows() -> None:
    template = {"type": "template", "template": [{"role": "user", "content": "{{item.q}}"}]}
    run = RunRetrieveResponse.wrap(
        {
            "id": "evalrun_1",
            "data_source": {
                "type": "responses",
                "source": {"type": "file_content", "content": [{"item": {"q": "2+2"}}]},
                "input_messages": template,
                "sampling_params": {"text": {"format": {"type": "text"}}, "tools": [{"type": "web_search"}]},
            },
            "per_model_usage": [{"model_name": "gpt-4o", "total_tokens": 3}],
            "result_counts": {"total": 1, "passed": 1},
        }
    )
    source = cast(Any, run.data_source)
    assert source.source.content[0].item == {"q": "2+2"} and source.source.content[0].sample is None
    assert source.input_messages.template[0].content == "{{item.q}}"
    assert source.sampling_params.text.format.type == "text" and isinstance(source.sampling_params.tools[0], View)
    assert run.per_model_usage[0].run_model_name == run.per_model_usage[0].model_name == "gpt-4o"
    row = OutputItemRetrieveResponse.wrap({"results": [{"name": "g", "passed": True, "score": 1.0, "why": "exact"}]})
    assert row.results[0].why == "exact" and row.results[0].sample is None


def test_names_that_pydantic_keeps_for_itself_have_those_of_openai_too() -> None:
    run = GraderRunResponse.wrap(
        {"model_grader_token_usage_per_model": {"m": 1}, "metadata": {"errors": {"model_grader_parse_error": True}}}
    )
    assert run.api_model_grader_token_usage_per_model == {"m": 1}
    assert run.metadata.errors.api_model_grader_parse_error is True
    assert run.metadata.errors.api_model_grader_server_error_details is None


def test_vector_stores_and_their_files() -> None:
    store = VectorStore.wrap({"id": "vs_1", "file_counts": {"completed": 2, "total": 3}, "expires_after": {"days": 7}})
    assert store.file_counts.completed == 2 and cast(Any, store.expires_after).days == 7 and store.metadata is None
    strategy = {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}}
    file = VectorStoreFile.wrap({"id": "file-1", "status": "completed", "chunking_strategy": strategy})
    assert cast(Any, file.chunking_strategy).static.max_chunk_size_tokens == 800
    found = VectorStoreSearchResponse.wrap({"score": 0.5, "content": [{"type": "text", "text": "Oslo"}]})
    assert found.content[0].text == "Oslo" and found.attributes is None


def test_the_secret_of_an_endpoint_is_not_shown() -> None:
    made = WebhookEndpointWithSecret.wrap({"id": "we_1", "signing_secret": "whsec_very-secret", "url": "https://a.test"})
    assert "very-secret" not in repr(made) and "we_1" in repr(made)
    assert made.signing_secret == "whsec_very-secret" and made.model_dump()["signing_secret"] == "whsec_very-secret"


def test_every_view_within_a_view_is_wrapped() -> None:
    for package in ("", *PACKAGES):
        home = import_module(f"ceyx.types.{package}".rstrip("."))
        for name in home.__all__:
            view = getattr(home, name)
            if isinstance(view, type) and issubclass(view, View):
                nested = {field for field, _ in nested_fields(view)}
                for field, hint in get_type_hints(view).items():
                    if holds_a_view(hint):
                        assert field in nested, (name, field)


def holds_a_view(hint: Any) -> bool:
    hint = hint if get_args(hint) else (get_origin(hint) or hint)
    return any(map(holds_a_view, get_args(hint))) or (isinstance(hint, type) and issubclass(hint, View))
