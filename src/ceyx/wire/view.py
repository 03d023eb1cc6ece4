"""Typed views over decoded JSON: the decoded dict becomes the instance's `__dict__`.

Annotations are the schema. Scalar fields are plain attribute reads, fields the schema has never heard of are kept, and a
server that breaks its own schema does not break the reader. Which fields hold views is for `wrapping.py` to find out, once for
each class. The methods of pydantic's `BaseModel` are offered; what those need to know that check (`model_validate`), or that
tell of fields, is in `validation.py`, which only they import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Self,
    TypeVar,
    dataclass_transform,
    get_type_hints,
)

import msgspec

T = TypeVar("T")
new = object.__new__
Wrap = Callable[[Any], Any]
Names = set[str] | set[int] | Mapping[str, Any] | Mapping[int, Any] | None

IF_SENT, PROMISED = object(), object()
IfSent = Annotated[T, IF_SENT]
"""`IfSent[T]` is a T that only some servers send, and that the `openai` package does not know: dumps never add it."""
Promised = Annotated[T, PROMISED]
"""`Promised[T]` is a T by the documents; what callers wrote lacks it, or servers send null. Validation takes that, too."""


class _Slim(type):
    """Classes whose instances have no more slots than they name: a view that cannot be weakly referenced is 8 bytes smaller."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **how: Any) -> _Slim:
        namespace.setdefault("__slots__", ())
        return super().__new__(cls, name, bases, namespace, **how)


if TYPE_CHECKING:
    _Object = object
else:
    _Object = _Slim("_Object", (), {})


class _ModelFields:
    """`model_fields` of a class or of an instance: pydantic's description of each field, by name."""

    def __get__(self, view: Any, owner: Any) -> dict[str, Any]:
        try:
            fields: dict[str, Any] = _validation(owner, "model_fields").fields_of(owner)
        except ModuleNotFoundError as error:  # what goes through all attributes of an object shall not break
            raise AttributeError(str(error)) from None
        return fields


@dataclass_transform(kw_only_default=True)
class View(_Object):
    """Base of every response type."""

    if not TYPE_CHECKING:
        __slots__ = ("__dict__",)
    _nested: ClassVar[tuple[tuple[str, Wrap], ...] | None] = None
    _blank: ClassVar[Mapping[str, Any] | None] = None  # `dict` is a method here
    _spelled: ClassVar[Mapping[str, str]] = {}
    """Names that fields have on the wire, where those are others: for validation, as `wrap` has its own way."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__ = type(self).wrap(_copied(fields)).__dict__

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._nested = cls._blank = None  # resolved on first use: imports stay fast, forward references work

    @classmethod
    def wrap(cls, data: Any) -> Self:
        """View `data`, which the view now owns; anything but an object is passed through."""
        if type(data) is not dict:
            return data  # type: ignore[no-any-return]
        nested = cls._nested
        if nested is None:
            from ceyx.wire.wrapping import nested_fields

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

    @classmethod
    def _unsent(cls) -> Mapping[str, Any]:
        """What the fields hold that a server does not send: their defaults, and None where they have none."""
        blank = cls._blank
        if blank is None:
            blank = cls._blank = blank_of(cls)
        return blank

    def _whole(self) -> dict[str, Any]:
        """The store, completed by what was not sent: in the order of the class, and then what it does not know."""
        return {**type(self)._unsent(), **self._fields()}

    # -- reading, as pydantic spells it

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Names = None,
        exclude: Names = None,
        context: Any = None,
        by_alias: bool | None = None,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        exclude_computed_fields: bool = False,
        round_trip: bool = False,
        warnings: Any = True,
        fallback: Any = None,
        serialize_as_any: bool = False,
    ) -> dict[str, Any]:
        """Plain dicts and lists: what was sent, unknown fields included, and the fields that were not, as None or their default.

        `exclude_unset` leaves those out. Arguments are those of pydantic; what has no meaning for views changes nothing.
        """
        kept: Any
        if include is None and exclude is None and not exclude_defaults:
            kept = dumped(self, exclude_unset, exclude_none)
        else:
            from ceyx.wire.pruning import Pruning

            kept = Pruning(exclude_unset, exclude_none, exclude_defaults).of(self, include, exclude)
        return msgspec.to_builtins(kept, enc_hook=as_json) if mode == "json" else kept  # type: ignore[no-any-return]

    def model_dump_json(self, *, indent: int | None = None, ensure_ascii: bool = False, **how: Any) -> str:
        """`model_dump` as JSON text."""
        return written(self.model_dump(**how) if how else self, indent, ensure_ascii)

    def to_dict(
        self,
        *,
        mode: str = "python",
        use_api_names: bool = True,
        exclude_unset: bool = True,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        warnings: bool = True,
    ) -> dict[str, Any]:
        """What was sent, and nothing else: `model_dump` with the names of the wire, less the fields that were not sent."""
        return self.model_dump(
            mode=mode,
            by_alias=use_api_names,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )

    def to_json(self, *, indent: int | None = 2, **how: Any) -> str:
        """`to_dict` as JSON text, indented."""
        return written(self.to_dict(**how), indent)

    @property
    def model_fields_set(self) -> set[str]:
        """The fields the server sent."""
        return set(self._fields())

    @property
    def model_extra(self) -> dict[str, Any]:
        """The fields that were sent and are none of the API of OpenAI, as this version of the library knows it."""
        known = type(self)._unsent()
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
    def model_validate(cls, data: Any, **how: Any) -> Self:
        """View a mapping (copied) or give a view back. pydantic's ValidationError names what is missing or of another type."""
        view: Self = _validation(cls, "model_validate").adapter(cls).validate_python(data, **how)
        return view

    @classmethod
    def model_validate_json(cls, text: str | bytes | bytearray, **how: Any) -> Self:
        """As `model_validate`, from JSON text."""
        view: Self = _validation(cls, "model_validate_json").adapter(cls).validate_json(text, **how)
        return view

    @classmethod
    def model_json_schema(cls, **how: Any) -> dict[str, Any]:
        """The JSON schema of these fields, as pydantic makes it."""
        schema: dict[str, Any] = _validation(cls, "model_json_schema").adapter(cls).json_schema(**how)
        return schema

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **fields: Any) -> Self:
        """A view of these fields, unchecked."""
        return cls.wrap(plain(fields))

    construct = model_construct
    copy = model_copy
    if TYPE_CHECKING:
        model_fields: ClassVar[Mapping[str, Any]]
    else:  # pydantic's deprecated spellings, for old callers; typed, `dict` would shadow the builtin
        dict = model_dump
        json = model_dump_json
        parse_obj = model_validate
        parse_raw = model_validate_json
        model_fields = _ModelFields()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Lets a view be a pydantic field; pydantic is imported only if it asks."""
        from ceyx.wire.validation import schema

        return schema(source, handler)

    # -- being a value

    if not TYPE_CHECKING:  # to type checkers, a loop over a whole answer is what it mostly is: a forgotten `stream=True`

        def __iter__(self):
            """Pairs of name and value, as models of pydantic give them: what was not sent, too."""
            yield from self._whole().items()

    def __eq__(self, other: object) -> bool:
        """Whether all fields are equal. One that was not sent is equal to one that was sent as what it is then."""
        if not (isinstance(other, View) and type(self) is type(other)):
            return NotImplemented
        return self._fields() == other._fields() or self._whole() == other._whole()

    if not TYPE_CHECKING:
        __hash__ = None  # equality is by value, and values change

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._fields().items())})"

    def __getstate__(self) -> Any:
        return self._fields()


class Answer(View):
    """Base of what endpoints answer: knows the id of the request, for support; None where the server gave none."""

    if not TYPE_CHECKING:
        __slots__ = ("__weakref__", "_by", "_id")  # no field: outside ==, dump and pickle
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

    @property
    def _deployment(self) -> str | None:
        """The name of the deployment that answered, where the client has several."""
        return getattr(self, "_by", None)

    @_deployment.setter
    def _deployment(self, value: str | None) -> None:
        object.__setattr__(self, "_by", value)


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


PLAIN = frozenset({str, int, float, bool, type(None)})  # what most fields hold, and what needs no second look


def blank_of(view: type[View]) -> dict[str, Any]:
    blank = {}
    for name, hint in get_type_hints(view, include_extras=True).items():
        if not name.startswith("_") and IF_SENT not in getattr(hint, "__metadata__", ()):
            blank[name] = getattr(view, name, None) if has_default(view, name) else None
    return blank


def has_default(view: type[View], name: str) -> bool:
    """Whether a field may be missing: the class that declares it last says what it is then."""
    for base in view.__mro__:
        if name in vars(base):
            return not hasattr(vars(base)[name], "__get__")  # of one that is read late, it is what reads it
        if name in vars(base).get("__annotations__", ()):
            return False
    return False


def dumped(value: Any, unset: bool, nones: bool) -> Any:
    """Fresh plain dicts and lists; of views without the fields that were not sent (`unset`), or that are None (`nones`)."""
    kind = type(value)
    if kind is list:
        return [item if type(item) in PLAIN else dumped(item, unset, nones) for item in value]
    if kind is not dict:
        if not isinstance(value, View):
            # What was read of an answer may be a model of the caller's.
            return value.model_dump(exclude_unset=unset, exclude_none=nones) if hasattr(kind, "model_dump") else value
        value = value._fields() if unset else value._whole()
        if nones:
            value = {name: inner for name, inner in value.items() if inner is not None}
    return {name: inner if type(inner) in PLAIN else dumped(inner, unset, nones) for name, inner in value.items()}


# ---- text


def as_json(value: Any) -> Any:
    """What is no plain data, for JSON encoders: views whole, and models of pydantic, of either generation."""
    if isinstance(value, View):
        return value._whole()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "dict"):
        return value.dict()
    raise TypeError(f"cannot encode {type(value).__name__} as JSON")


_encode = msgspec.json.Encoder(enc_hook=as_json).encode


def written(value: Any, indent: int | None, ascii_only: bool = False) -> str:
    """`value` as JSON text. Text with half a surrogate pair, for which UTF-8 has no place, is escaped."""
    if not ascii_only:
        try:
            text = _encode(value)
            return (text if indent is None else msgspec.json.format(text, indent=indent)).decode()
        except UnicodeEncodeError:
            pass
    import json

    return json.dumps(value, default=as_json, indent=indent, separators=(",", ":" if indent is None else ": "))


# ---- validation


def _validation(view: type[View], asked: str) -> Any:
    """The module that asks pydantic. ModuleNotFoundError where there is none."""
    try:
        from ceyx.wire import validation
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pydantic", "pydantic_core"):
            raise
        why = f"{view.__name__}.{asked} needs pydantic: pip install pydantic, or take fields unchecked with model_construct"
        raise ModuleNotFoundError(why, name=error.name) from None
    return validation
