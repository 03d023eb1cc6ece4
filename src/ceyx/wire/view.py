"""Typed views over decoded JSON: the decoded dict becomes the instance's `__dict__`.

Annotations are the schema. Scalar fields are plain attribute reads, fields the schema has never heard of are kept, and a
server that breaks its own schema does not break the reader. The methods of pydantic's `BaseModel` that read one store are
offered; those that need a compiled schema are not.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from functools import partial
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    Self,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

new = object.__new__
Wrap = Callable[[Any], Any]
Names = set[str] | Mapping[str, Any] | None


class _Slim(type):
    """Classes whose instances have no more slots than they name: a view that cannot be weakly referenced is 8 bytes smaller."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **how: Any) -> _Slim:
        namespace.setdefault("__slots__", ())
        return super().__new__(cls, name, bases, namespace, **how)


if TYPE_CHECKING:
    _Object = object
else:
    _Object = _Slim("_Object", (), {})


@dataclass_transform(kw_only_default=True)
class View(_Object):
    """Base of every response type."""

    if not TYPE_CHECKING:
        __slots__ = ("__dict__",)
    _nested: ClassVar[tuple[tuple[str, Wrap], ...] | None] = None
    _known: ClassVar[frozenset[str] | None] = None

    def __init__(self, **fields: Any) -> None:
        self.__dict__ = type(self).wrap(_copied(fields)).__dict__

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._nested = cls._known = None  # resolved on first use: imports stay fast, forward references work

    @classmethod
    def wrap(cls, data: Any) -> Self:
        """View `data`, which the view now owns; anything but an object is passed through."""
        if type(data) is not dict:
            return data  # type: ignore[no-any-return]
        nested = cls._nested
        if nested is None:
            nested = cls._nested = nested_fields(cls)
        for name, wrap in nested:
            if (value := data.get(name)) is not None:
                data[name] = wrap(value)
        self = new(cls)
        self.__dict__ = data
        return self

    def _fields(self) -> dict[str, Any]:
        """The store, for what reads all of it; a view that decodes a field late does so here."""
        return self.__dict__

    def _sent(self) -> dict[str, Any]:
        """The store as it goes into a request: a view that also holds what was made of its fields leaves that out."""
        return self._fields()

    # -- reading, as pydantic spells it

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Names = None,
        exclude: Names = None,
        by_alias: bool | None = None,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        """Plain dicts and lists, unknown fields included. A field the server did not send is never invented."""
        if include is None and not exclude and not exclude_defaults:
            whole: dict[str, Any] = given(self) if exclude_none else plain(self)
            return whole
        kept: dict[str, Any] = pruned(self, include, exclude, exclude_none, exclude_defaults)
        return kept

    def model_dump_json(self, *, indent: int | None = None, **how: Any) -> str:
        """`model_dump` as JSON text."""
        text = encode(self.model_dump(**how) if how else self)
        return (text if indent is None else msgspec.json.format(text, indent=indent)).decode()

    def to_dict(self, *, exclude_none: bool = False, **_: Any) -> dict[str, Any]:
        """As `model_dump`."""
        return self.model_dump(exclude_none=exclude_none)

    def to_json(self, *, indent: int | None = 2, exclude_none: bool = False, **_: Any) -> str:
        """As `model_dump_json`, indented."""
        return self.model_dump_json(indent=indent, **({"exclude_none": True} if exclude_none else {}))

    @property
    def model_fields_set(self) -> set[str]:
        """The fields the server sent."""
        return set(self._fields())

    @property
    def model_extra(self) -> dict[str, Any]:
        """The fields this version of the library has never heard of."""
        known = type(self)._known
        if known is None:
            import inspect

            known = frozenset().union(*(inspect.get_annotations(base) for base in type(self).__mro__))
            type(self)._known = known
        return {name: value for name, value in self._fields().items() if name not in known}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Another view of the same data, or with `deep` of a copy of it, less what `update` replaces."""
        data = plain(self) if deep else dict(self._fields())
        data.update(update or ())
        if deep:
            return type(self).wrap(data)
        other = new(type(self))
        other.__dict__ = data
        return other

    # -- making

    @classmethod
    def model_validate(cls, data: Any, **_: Any) -> Self:
        """View a mapping (copied) or give a view back. ValueError for anything else; types of fields are not checked."""
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            raise ValueError(f"{cls.__name__} expects an object, got {type(data).__name__}")
        return cls.wrap(plain(dict(data)))

    @classmethod
    def model_validate_json(cls, text: str | bytes, **_: Any) -> Self:
        """As `model_validate`, from JSON text."""
        return cls.model_validate(msgspec.json.decode(text))

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **fields: Any) -> Self:
        """A view of these fields, unchecked."""
        return cls.wrap(plain(fields))

    construct = model_construct
    copy = model_copy
    if not TYPE_CHECKING:  # pydantic's deprecated spellings, for old callers; typed, `dict` would shadow the builtin
        dict = to_dict
        json = model_dump_json

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Lets a view be a pydantic field; pydantic is imported only if it asks."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            (get_origin(source) or source).model_validate,
            serialization=core_schema.plain_serializer_function_ser_schema(plain),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return {"type": "object", "title": cls.__name__, "additionalProperties": True}

    # -- being a value

    if not TYPE_CHECKING:  # to type checkers, a loop over a whole answer is what it mostly is: a forgotten `stream=True`

        def __iter__(self):
            """Pairs of name and value, as models of pydantic give them."""
            yield from self._fields().items()

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, View) and type(self) is type(other) else NotImplemented

    if not TYPE_CHECKING:
        __hash__ = None  # equality is by value, and values change

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._fields().items())})"

    def __getstate__(self) -> Any:
        return self._fields()


class Answer(View):
    """Base of what endpoints answer: knows the id of the request, for support; None where the server gave none."""

    if not TYPE_CHECKING:
        __slots__ = ("__weakref__", "_id")  # no field: outside ==, dump and pickle
    _id: ClassVar[Any]  # in bytes, which are smaller; nearly nobody asks
    _essential: ClassVar[tuple[str, ...]] = ()
    """The fields without which this is no answer at all, whatever the status says."""

    @property
    def _request_id(self) -> str | None:
        try:
            return self._id.decode() or None
        except AttributeError:  # of an answer that was made by hand, copied or unpickled
            return None

    @_request_id.setter
    def _request_id(self, value: str | None) -> None:
        object.__setattr__(self, "_id", (value or "").encode())


# ---- schema: which fields hold views


def nested_fields(view: type[View]) -> tuple[tuple[str, Wrap], ...]:
    hints = get_type_hints(view)
    return tuple((name, wrap) for name, hint in hints.items() if get_origin(hint) is not ClassVar and (wrap := wrapper(hint)))


def wrapper(hint: Any) -> Wrap | None:
    """How to wrap a raw value of this annotation; None when it holds no view."""
    origin = get_origin(hint)
    if origin is Annotated:
        return wrapper(get_args(hint)[0])
    if origin in (Union, types.UnionType):
        arms = [arm for arm in get_args(hint) if arm is not type(None)]
        views = [arm for arm in arms if isinstance(arm, type) and issubclass(arm, View)]
        others = [wrap for arm in arms if arm not in views and (wrap := wrapper(arm))]
        if not views:
            return others[0] if others else None
        one = by_type(views) if len(views) > 1 else views[0].wrap
        return partial(one_or_many, one, others[0]) if others else one
    if origin is list and (inner := wrapper(get_args(hint)[0])):
        return partial(wrap_each, inner)
    if origin is dict and (inner := wrapper(get_args(hint)[1])):
        return partial(wrap_values, inner)
    hint = origin or hint  # ParsedMessage[M] is a ParsedMessage
    if isinstance(hint, type) and issubclass(hint, View):
        return hint.wrap
    return None


def wrap_each(wrap: Wrap, values: Any) -> Any:
    """`values` with each of them wrapped, in place: the list is the view's own, and a new one would be larger."""
    if type(values) is list:
        for place, value in enumerate(values):
            values[place] = wrap(value)
    return values


def wrap_values(wrap: Wrap, values: Any) -> Any:
    """As `wrap_each`, of an object whose keys are free."""
    if type(values) is dict:
        for name, value in values.items():
            values[name] = wrap(value)
    return values


def one_or_many(one: Wrap, many: Wrap, value: Any) -> Any:
    """A field that holds an object, or a list of them."""
    return (many if type(value) is list else one)(value)


def by_type(views: list[type[View]]) -> Wrap:
    """Choose the first view whose `type` literal matches: the first of all where none is, a plain View for an unknown one."""
    table = {tag: view for view in reversed(views) for tag in tags_of(view)}

    def wrap(data: Any) -> Any:
        if type(data) is not dict:
            return data
        tag = data.get("type")
        return (table.get(tag, View) if isinstance(tag, str) else views[0]).wrap(data)

    return wrap


def tags_of(view: type[View]) -> tuple[Any, ...]:
    """The literals that `type` may be. Of all annotations only this one is evaluated, as unions have up to thirty members."""
    home = next(base for base in view.__mro__ if "type" in vars(base).get("__annotations__", ()))
    hint = home.__annotations__["type"]
    return _literals(eval(hint, vars(sys.modules[home.__module__])) if isinstance(hint, str) else hint)


def _literals(hint: Any) -> tuple[Any, ...]:
    inner = get_args(hint)
    return inner if get_origin(hint) is Literal else tuple(tag for arm in inner for tag in _literals(arm))


# ---- plain data


def _copied(value: Any) -> Any:
    """`value` with its own dicts and lists, down to the views in them, which stay."""
    if type(value) is dict:
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(item) for item in value] if type(value) is list else value


def plain(value: Any) -> Any:
    """`value` without views: fresh dicts and lists, safe to change or to wrap."""
    if type(value) is list:
        return [plain(item) for item in value]
    if type(value) is not dict:
        if not isinstance(value, View):
            return value
        value = value._fields()
    return {name: plain(inner) for name, inner in value.items()}


def given(value: Any) -> Any:
    """`plain`, less every None."""
    if type(value) is list:
        return [given(item) for item in value]
    if type(value) is not dict:
        if not isinstance(value, View):
            return value
        value = value._fields()
    return {name: given(inner) for name, inner in value.items() if inner is not None}


def pruned(value: Any, include: Any, exclude: Any, nones: bool, defaults: bool) -> Any:
    """`plain`, less what is not wanted; `include` and `exclude` may nest, as in pydantic."""
    if type(value) is list:
        return [
            pruned(item, _named(include, i, "__all__"), _named(exclude, i, "__all__"), nones, defaults)
            for i, item in enumerate(value)
        ]
    if not isinstance(value, View):
        return plain(value)
    kept: dict[str, Any] = {}
    for name, inner in value._fields().items():
        within = True if include is None or include is True else _named(include, name)
        without = _named(exclude, name)
        if without is True or without is ... or not within or (nones and inner is None):
            continue
        if defaults and name in type(value).__dict__ and type(value).__dict__[name] == inner:
            continue
        kept[name] = pruned(inner, None if within is True else within, without, nones, defaults)
    return kept


def _named(names: Any, *keys: Any) -> Any:
    """What `names` (a set, or a mapping to more names) says of the first of `keys` it has; None if of none."""
    for key in keys:
        if isinstance(names, Mapping):
            if key in names:
                return names[key]
        elif isinstance(names, set) and key in names:
            return True
    return None


def fields_of(value: object) -> Any:
    """A view's fields, for JSON encoders."""
    if isinstance(value, View):
        return value._sent()
    raise TypeError(f"cannot encode {type(value).__name__} as JSON")


encode = msgspec.json.Encoder(enc_hook=fields_of).encode
