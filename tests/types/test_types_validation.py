"""Types under pydantic, beside those of the `openai` package: what it takes is taken, as the same kind, and dumped alike."""

from __future__ import annotations

import copy
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import openai.types
import openai.types.chat
import openai.types.responses
import pydantic
import pytest
import typing_extensions
from values import value

import ceyx.types
from ceyx.types.chat import ChatCompletion
from ceyx.types.responses import Response, ResponseInputItem, ResponseItem, ResponseOutputItem, ResponseStreamEvent, Tool
from ceyx.wire.view import View

ABSENT = ("beta", "realtime", "admin", "chatkit", "skills", "video")  # groups that ceyx does not have


def modules(package: Any) -> Iterator[str]:
    """The modules below a package of types, less its name."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not any(part.startswith(ABSENT) for part in module.name.split(".")):
            yield module.name.removeprefix(package.__name__)


def pairs() -> dict[str, tuple[type[pydantic.BaseModel], type[View]]]:
    found = {}
    for module in modules(openai.types):
        theirs = import_module(f"openai.types{module}")
        try:
            ours = import_module(f"ceyx.types{module}")
        except ModuleNotFoundError:  # which tests of paths name
            continue
        for name, model in vars(theirs).items():
            if inspect.isclass(model) and issubclass(model, pydantic.BaseModel) and model.__module__ == theirs.__name__:
                view = getattr(ours, name, None)
                if inspect.isclass(view) and issubclass(view, View):
                    found[f"{module[1:]}.{name}"] = (model, view)
    return found


PAIRS = pairs()
COUNTERPARTS = dict(PAIRS.values())

# ---- answers

# Fields that one of the two lacks: ceyx has one class for several of `openai`, and no field that has the name of a keyword.
OURS_ONLY = {"created_by", "phase", "output_tokens_details"}
THEIRS_ONLY = {"async", "stream_id"}
MERGED = {
    "evals.create_eval_completions_run_data_source.InputMessagesTemplate",
    "responses.response_input_item.Message",
    "responses.responses_client_event.ResponseCreate",  # for WebSockets
}
NARROWER = {
    "audio.transcription.Logprob": "`openai` has bytes as floats",
    "audio.transcription.Transcription": "as Logprob",
    "evals.run_cancel_response.DataSourceResponses": "`openai` takes any text as the role of a message of a template",
    "evals.run_create_response.DataSourceResponses": "as above",
    "evals.run_list_response.DataSourceResponses": "as above",
    "evals.run_retrieve_response.DataSourceResponses": "as above",
    "evals.run_cancel_response.RunCancelResponse": "as above",
    "evals.run_create_response.RunCreateResponse": "as above",
    "evals.run_list_response.RunListResponse": "as above",
    "evals.run_retrieve_response.RunRetrieveResponse": "as above",
}


def required_only(data: Any) -> Any:
    """A model as plain data, less the fields that `openai` has defaults for."""
    if isinstance(data, pydantic.BaseModel):
        fields = type(data).model_fields
        return {field.alias or name: required_only(getattr(data, name)) for name, field in fields.items() if field.is_required()}
    if isinstance(data, list):
        return [required_only(item) for item in data]
    return {name: required_only(item) for name, item in data.items()} if isinstance(data, dict) else data


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Where two dumps differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in ours.keys() | theirs.keys():
            if name not in theirs:
                if name not in OURS_ONLY:
                    yield f"{path}.{name} is ours only"
            elif name not in ours:
                if name not in THEIRS_ONLY:
                    yield f"{path}.{name} is missing"
            else:
                yield from differences(ours[name], theirs[name], f"{path}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif ours != theirs or type(ours) is not type(theirs):
        yield f"{path} is {ours!r:.60}, not {theirs!r:.60}"


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_what_openai_takes_is_taken_and_dumped_alike(name: str) -> None:
    model, view = PAIRS[name]
    taken = 0
    for turn in range(3):
        whole = model.model_validate(value(model, turn=turn))
        for theirs in (whole, model.model_validate(required_only(whole))):
            data = theirs.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
            try:
                ours = view.model_validate(copy.deepcopy(data))
            except pydantic.ValidationError:
                if name in NARROWER:
                    continue
                raise
            taken += 1
            assert ours.to_dict() == data
            assert ours == view.model_validate_json(ours.to_json())
            wrapped = view.wrap(copy.deepcopy(data))
            assert ours == wrapped or type(wrapped) is not view  # some say by more than their type what they are
            dumps = ours.model_dump(by_alias=True), theirs.model_dump(by_alias=True, warnings=False)
            assert name in MERGED or not list(differences(*dumps))
    assert taken or name in NARROWER


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("ResponseOutputItem", ResponseOutputItem),
        ("ResponseItem", ResponseItem),
        ("ResponseInputItem", ResponseInputItem),
        ("ResponseStreamEvent", ResponseStreamEvent),
        ("Tool", Tool),
    ],
)
def test_unions_choose_the_arm_that_openai_chooses(path: str, ours: Any) -> None:
    theirs = getattr(openai.types.responses, path)
    (union, *_) = typing_extensions.get_args(theirs)
    held: Any = pydantic.create_model("Held", item=(ours, ...))
    model: Any = pydantic.create_model("Model", item=(theirs, ...))
    for arm in typing_extensions.get_args(union):
        for turn in range(2):
            data = value(arm, turn=turn)
            chosen, wanted = held(item=copy.deepcopy(data)), model(item=data)
            kind = type(wanted.item)
            view = COUNTERPARTS.get(kind)  # None for a class that ceyx does not have twice
            assert isinstance(chosen.item, view) if view else type(chosen.item).__name__ == kind.__name__
            assert held.model_validate_json(chosen.model_dump_json()) == chosen
    for wrong in ({"type": "telepathy"}, {"type": "message"}, {}, 7, None):
        for union_of in (held, model):
            with pytest.raises(pydantic.ValidationError, match="item"):
                union_of(item=wrong)


def test_fields_that_only_have_certain_values_are_checked_wherever_they_are() -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "user"}}
    data = {"id": "1", "object": "list", "created": 1, "model": "m", "choices": [choice]}
    with pytest.raises(pydantic.ValidationError) as failed:
        ChatCompletion.model_validate(data)
    with pytest.raises(pydantic.ValidationError) as wanted:
        openai.types.chat.ChatCompletion.model_validate(data)
    told = [{(error["loc"], error["type"], error["msg"]) for error in each.value.errors()} for each in (failed, wanted)]
    assert told[0] == told[1] != set()


def test_a_schema_is_made_of_every_view() -> None:
    assert Response.model_json_schema()["properties"]["object"] == {"const": "response", "title": "Object", "type": "string"}
    assert set(openai.types.responses.Response.model_json_schema()["required"]) == set(Response.model_json_schema()["required"])


# ---- parameters


def parameters() -> Iterator[tuple[str, str]]:
    """The TypedDicts of ceyx, and unions of them, as (module, name)."""
    for module in modules(ceyx.types):
        for name, kind in vars(import_module(f"ceyx.types{module}")).items():
            own = typing_extensions.is_typeddict(kind) and kind.__module__ == f"ceyx.types{module}"
            if own or (name.endswith(("Params", "Param")) and not inspect.ismodule(kind)):
                yield module, name


PARAMETERS = list(parameters())


@pytest.mark.parametrize("module", sorted({module for module, _ in PARAMETERS}))
def test_parameters_are_types_for_pydantic(module: str) -> None:
    for name in [name for home, name in PARAMETERS if home == module]:
        kind = getattr(import_module(f"ceyx.types{module}"), name)
        try:
            pydantic.TypeAdapter(kind)
        except pydantic.PydanticSchemaGenerationError as error:
            assert "typing.IO[bytes]" in str(error), name  # files, which pydantic does not know of `openai`, either


def test_these_are_all_parameters() -> None:
    names = {name for _, name in PARAMETERS}
    assert len(names) > 400
    theirs = [module for module in modules(openai.types) if module.endswith("_params") and "shared_params" not in module]
    missing = [module for module in theirs if import_module(f"openai.types{module}").__all__[0] not in names]
    assert len(theirs) > 40
    for module in missing:  # a group that ceyx does not have
        with pytest.raises(ModuleNotFoundError):
            import_module(f"ceyx.types{module}")
