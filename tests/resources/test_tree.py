"""Every resource, by walking all of them: declarations, modes, and that each call can be built."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any, get_args, get_origin

import pytest
from memory_clients import make

from ceyx import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI, resources
from ceyx.resources.tree import Tree
from ceyx.wire.endpoint import Plan, Raw, Resource, Streaming, Written, asynchronous

for found in pkgutil.walk_packages(resources.__path__, f"{resources.__name__}."):
    importlib.import_module(found.name)


def below(kind: Any) -> list[Any]:
    return [kind, *(one for sub in kind.__subclasses__() for one in below(sub))]


RESOURCES = sorted(
    {kind for kind in below(Resource) if kind.__module__.startswith("ceyx.resources") and kind._definition is kind},
    key=lambda kind: (kind.__module__, kind.__qualname__),
)


def named(kind: Any) -> str:
    return f"{kind.__module__.removeprefix('ceyx.resources.')}.{kind.__qualname__}"


every = pytest.mark.parametrize("resource", RESOURCES, ids=named)


def endpoints(resource: Any) -> dict[str, Any]:
    return {name: made for name, made in vars(resource).items() if isinstance(getattr(made, "__wrapped__", None), Written)}


def test_there_are_resources():
    assert {"Chat", "Completions", "Embeddings", "Models", "Tree"} <= {kind.__name__ for kind in RESOURCES}


@every
@pytest.mark.parametrize(("mode", "of"), [("plan", Plan), ("with_raw_response", Raw), ("with_streaming_response", Streaming)])
def test_a_resource_repeats_its_own_name(resource, mode, of):
    annotation = inspect.get_annotations(resource).get(mode)
    assert isinstance(annotation, str), f"{named(resource)} does not annotate {mode}"
    inner = "Plan" if of is Plan else f"{of.__name__}[Mode]"
    assert annotation == f"{resource.__name__}[{inner}]"


@every
def test_a_resource_says_what_its_endpoints_do(resource):
    for name, made in endpoints(resource).items():
        assert made.__doc__, f"{named(resource)}.{name} has no docstring"
        assert not made.__doc__.startswith(("This ", "The method"))


@every
def test_signatures_can_be_worked_out(resource):
    for name, made in endpoints(resource).items():
        signature = inspect.signature(made)
        assert not any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()), name
        assert signature.return_annotation is not inspect.Signature.empty


@every
def test_the_async_face_has_the_same_endpoints(resource):
    face = asynchronous(resource)
    assert face.__name__ == f"Async{resource.__name__}"
    module = importlib.import_module(resource.__module__)
    if resource is not Tree:
        assert getattr(module, face.__name__) is face
    for name, made in endpoints(resource).items():
        assert inspect.iscoroutinefunction(getattr(face, name)) is not made.__wrapped__.lists
        assert inspect.signature(getattr(face, name)) == inspect.signature(made)


def walk(node: Any, seen: list[Any]) -> list[Any]:
    """All resource objects below a client or one of its modes."""
    for name, made in [member for base in type(node).__mro__ for member in vars(base).items()]:
        if type(made).__name__ == "child" and name not in ("plan", "with_raw_response", "with_streaming_response"):
            seen.append(getattr(node, name))
            walk(seen[-1], seen)
    return seen


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI, AzureOpenAI, AsyncAzureOpenAI])
@pytest.mark.parametrize("mode", [None, "plan", "with_raw_response", "with_streaming_response"])
def test_every_resource_is_reached_in_every_mode(kind, mode):
    client = make(kind)
    found = walk(getattr(client, mode) if mode else client, [])
    assert {type(one)._definition for one in found} == set(RESOURCES) - {Tree}
    awaited = issubclass(kind, AsyncOpenAI) and mode in (None, "with_raw_response")
    assert {one._awaits for one in found} == {awaited}


@every
def test_annotations_of_children_name_resources(resource):
    for name, made in vars(resource).items():
        if type(made).__name__ == "child" and name not in ("plan", "with_raw_response", "with_streaming_response"):
            returned = inspect.get_annotations(made.make)["return"]
            assert returned.endswith("[Mode]"), f"{named(resource)}.{name} loses the mode"
            assert get_origin(returned) is None
            assert get_args(returned) == ()
