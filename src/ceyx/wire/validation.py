"""What pydantic is told of views: which fields they have, of what types, and which of them are required.

Imported where pydantic asks, or where a view is asked to check something: reading what a server sent never comes here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

from ceyx.wire.view import PROMISED, View, has_default

_described: ContextVar[set[Any] | None] = ContextVar("_described", default=None)
"""The views of the schema that is being made. Another mention of one refers to it: views may hold themselves."""


def schema(source: Any, handler: Any) -> Any:
    """How pydantic checks and dumps `source`, a view or a generic one of something.

    Its fields are checked as those of a TypedDict are. What was found becomes the store of the view: pydantic makes it as it
    makes a dataclass, which has nothing else, either.
    """
    view = get_origin(source) or source
    ref = f"{view.__module__}.{view.__qualname__}:{hash(source)}"
    described = _described.get()
    if described is not None and source in described:
        return core_schema.definition_reference_schema(ref)
    reset = None
    if described is None:
        described = set()
        reset = _described.set(described)
    described.add(source)
    try:
        fields = {
            name: core_schema.typed_dict_field(
                handler.generate_schema(hint), required=required, validation_alias=spelled(view, name)
            )
            for name, hint, required in declared(source)
        }
    finally:
        if reset is not None:
            _described.reset(reset)

    def stored(fields: dict[str, Any]) -> tuple[dict[str, Any], None]:
        return view.wrap(fields).__dict__, None

    # A configuration of its own: that of a model which has the view as a field is not for it.
    config = core_schema.CoreConfig(title=view.__name__)
    return core_schema.dataclass_schema(
        view,
        core_schema.no_info_after_validator_function(
            stored, core_schema.typed_dict_schema(fields, extra_behavior="allow", config=config)
        ),
        [],
        config=config,
        ref=ref,
        serialization=core_schema.plain_serializer_function_ser_schema(dump, info_arg=True),
    )


def dump(view: Any, info: Any) -> Any:
    """A field of a model, dumped as the model is."""
    if not isinstance(view, View):  # the model was made unchecked
        return view
    return view.model_dump(
        mode=info.mode,
        include=info.include,
        exclude=info.exclude,
        by_alias=info.by_alias,
        exclude_unset=info.exclude_unset,
        exclude_defaults=info.exclude_defaults,
        exclude_none=info.exclude_none,
    )


@lru_cache(maxsize=512)
def adapter(view: type[View]) -> TypeAdapter[Any]:
    """What checks and describes this view."""
    return TypeAdapter(view)


def spelled(view: type[View], name: str) -> Any:
    """The names that a field may have where it is checked, that of the wire first; None where there is one."""
    return [[view._spelled[name]], [name]] if name in view._spelled else None


def declared(source: Any) -> Iterator[tuple[str, Any, bool]]:
    """The fields of a view: name, type, and whether it is required."""
    view = get_origin(source) or source
    given = dict(zip(getattr(view, "__parameters__", ()), get_args(source), strict=False))
    for name, hint in get_type_hints(view, include_extras=True).items():
        if not name.startswith("_"):
            hint, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
            hint = substituted(hint, given)
            if PROMISED in marks:
                yield name, hint | None, False
            else:
                yield name, hint, not has_default(view, name)


def substituted(hint: Any, given: dict[Any, Any]) -> Any:
    """`hint` with types for its variables: `list[T]` as `list[City]`. One of which nobody says what it is may be anything."""
    if isinstance(hint, TypeVar):
        return given.get(hint, Any)
    parameters = getattr(hint, "__parameters__", ())
    if isinstance(hint, type) or not parameters:
        return hint
    generic: Any = hint
    return generic[tuple(given.get(variable, Any) for variable in parameters)]


def fields_of(view: type[View]) -> dict[str, FieldInfo]:
    """The fields of a view, as pydantic describes those of its models."""
    fields = {}
    for name, hint, required in declared(view):
        default = getattr(view, name, None)
        fields[name] = FieldInfo.from_annotation(hint) if required else FieldInfo.from_annotated_attribute(hint, default)
    return fields
