"""An endpoint is written once; the mode of its resource decides what becomes of the call it builds.

All typing machinery of the library is here. At run time the decorators cost nothing: an endpoint is the function as
written, and `self._run` is the client's way of sending in this mode (or, in Plan mode, of not sending).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import cache, partial, wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, NoReturn, ParamSpec, Protocol, TypeVar, get_origin, overload

from ceyx.wire.call import OPTIONS, Call, Flow, Pages

if TYPE_CHECKING:
    from functools import cached_property

    from typing_extensions import TypeVar as DefaultTypeVar

    from ceyx.pagination import AsyncCursorPage, AsyncPaginator, SyncCursorPage
    from ceyx.response import APIResponse, AsyncAPIResponse, RawResponse
    from ceyx.streaming import AsyncStream, Stream

P = ParamSpec("P")
Q = ParamSpec("Q")
B = ParamSpec("B")
C = TypeVar("C")
E = TypeVar("E")
R = TypeVar("R")
X = TypeVar("X")
E_co = TypeVar("E_co", covariant=True)
R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")
A = TypeVar("A")
RS = TypeVar("RS")
RA = TypeVar("RA")
SS = TypeVar("SS")
SA = TypeVar("SA")
N = TypeVar("N")


if TYPE_CHECKING:
    child = cached_property
    Mode = DefaultTypeVar("Mode", covariant=True, default="Sync")  # bare `Completions` means what it means in `openai`
else:
    Mode = TypeVar("Mode", covariant=True)

    class child:
        """A cached property without the lock that 3.11 takes: making a resource twice does no harm."""

        def __init__(self, make):
            self.make, self.__doc__ = make, make.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, obj, owner=None):
            if obj is None:
                return self
            value = obj.__dict__[self.name] = self.make(obj)
            return value


class Sync:
    "Calls block."


class Async:
    "Calls are awaited."


class Plan:
    "Calls are not sent: the endpoint gives the Call."


class Raw(Generic[Mode]):
    "As `Mode`, but gives the response with its headers, read but not decoded."


class Streaming(Generic[Mode]):
    "As `Mode`, but gives a context manager whose response has an unread body."


class Run(Protocol):
    """What becomes of a call. Typed as in Plan mode, where it stays a call; for the rest see the descriptors below."""

    def __call__(self, call: C, /) -> C: ...


class Resource(Generic[Mode]):
    """A group of endpoints. A concrete one repeats its own name in three annotations (a test checks them)."""

    _run: Run
    _awaits = False
    _definition: type[Resource[Any]]

    def __init__(self, client: Any, run: Callable[[Any], Any]) -> None:
        self._client, self._run = client, run

    def __init_subclass__(cls, **how: Any) -> None:
        super().__init_subclass__(**how)
        if "_definition" not in cls.__dict__:
            cls._definition = cls

    def _child(self, of: type[X]) -> X:
        """A resource below this one, in the same mode."""
        plain: Any = get_origin(of)
        resource: X = (asynchronous(plain) if self._awaits else plain)(self._client, self._run)
        return resource

    def _follow(self, work: Flow[Any]) -> Any:
        """What becomes of a flow in this mode."""
        run: Any = self._run
        if run is planned:
            return work
        if run != self._client._send:
            raise TypeError("this sends several requests, so there is no one response; call it without with_raw_response")
        return self._client._follow(work)

    def _opened(self, managers: Any, call: Call[Any], state: Callable[..., Any]) -> Any:
        """The one of `managers` that fits this mode; it sends the call when it is entered."""
        if self._run != self._client._send:
            raise TypeError("this gives a stream of its own; call it without plan, with_raw_response and with_streaming_response")
        return managers[self._awaits](partial(self._run, call), state)

    @property
    def _fixed_model(self) -> bool:
        """Whether the client has a deployment, so that its calls need not name a model."""
        return getattr(self._client._settings.dialect, "deployment", None) is not None

    if not TYPE_CHECKING:
        plan = child(lambda self: self._definition(self._client, planned))
        with_raw_response = child(lambda self: type(self)(self._client, self._client._raw))
        with_streaming_response = child(lambda self: self._definition(self._client, self._client._streaming))


def planned(work: Any) -> Any:
    return work.without_omitted()


@cache
def asynchronous(resource: Any) -> Any:
    """The async face of a resource: a class beside it, whose endpoints are coroutine functions.

    Tools that patch both `Completions.create` and `AsyncCompletions.create`, ask `inspect.iscoroutinefunction`, or choose by
    `isinstance`, find here what they find in `openai`. Listings stay as they are: they are awaitable and iterable; so do
    methods that open streams, whose context managers are asynchronous.
    """

    def face(build: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(build)
        async def method(self: Any, /, *args: Any, **params: Any) -> Any:
            return await build(self, *args, **params)

        return method

    own = {name: value for name, value in vars(resource).items() if name not in ("__dict__", "__weakref__")}
    endpoints = {
        name: face(build)
        for name, build in own.items()
        if isinstance(getattr(build, "__wrapped__", None), Written) and not build.__wrapped__.lists
    }
    names = {"__qualname__": f"Async{resource.__name__}", "_awaits": True, "_definition": resource}
    return type(f"Async{resource.__name__}", resource.__bases__, {**own, **names, **endpoints})


# ---- declarations: an endpoint is written once, and typed once per mode


class Opens(Generic[S, A]):
    """What `opening` makes of a method: one context manager where calls block, another where they are awaited."""


class Written:
    """The function as written. `inspect` stops here for the signature, which is worked out when asked for."""

    def __init__(self, build: Any, accepts: Any, lists: bool = False) -> None:
        self.build, self.accepts, self.lists = build, accepts, lists
        self._known: frozenset[str] | None = None

    @property
    def __wrapped__(self) -> Any:  # a copy, as inspect refuses to go in circles
        return FunctionType(self.build.__code__, self.build.__globals__)

    @property
    def __signature__(self) -> Any:
        from ceyx.wire.signature import spelled_out

        return spelled_out(self.build, self.accepts)

    @property
    def known(self) -> frozenset[str]:
        """The names of all parameters; types are imported for them only where there are more than options."""
        if self._known is None:
            code = self.build.__code__
            named = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
            only_options = takes_options(self.build)
            self._known = frozenset((*named, *OPTIONS)) if only_options else frozenset(self.__signature__.parameters)
        return self._known

    def refuse(self, unknown: set[str]) -> NoReturn:
        from difflib import get_close_matches

        name = min(unknown)
        near = get_close_matches(name, self.known, 1)
        hint = (
            f"did you mean {near[0]!r}?" if near else f"give what the server knows beside them as extra_query={{{name!r}: ...}}"
        )
        raise TypeError(f"{self.build.__qualname__}() got an unexpected keyword argument {name!r}; {hint}")


def takes_options(build: Any) -> bool:
    """Whether `build` has no parameters but those that it names, and options."""
    return bool(build.__annotations__.get("options") == "Unpack[Options]")


def refusing(build: Any) -> Any:
    """`build`, with a TypeError for a name that it does not have: what a server does not know in a query, it ignores."""
    written: Written = build.__wrapped__

    @wraps(build)
    def method(self: Any, /, *args: Any, **params: Any) -> Any:
        if params and (unknown := params.keys() - written.known):
            written.refuse(unknown)
        return build(self, *args, **params)

    anything: Any = method
    anything.__wrapped__ = written
    return method


def shown(build: X) -> X:
    """Have `inspect` and `help` show the parameters of `build` by name, where it takes `**options: Unpack[...]`."""
    anything: Any = build
    anything.__wrapped__ = Written(build, build)
    return build


if TYPE_CHECKING:

    class _ByMode(Generic[S, A, RS, RA, SS, SA, N]):
        @overload
        def __get__(self, obj: Resource[Sync], owner: Any = ...) -> S: ...
        @overload
        def __get__(self, obj: Resource[Async], owner: Any = ...) -> A: ...
        @overload
        def __get__(self, obj: Resource[Raw[Sync]], owner: Any = ...) -> RS: ...
        @overload
        def __get__(self, obj: Resource[Raw[Async]], owner: Any = ...) -> RA: ...
        @overload
        def __get__(self, obj: Resource[Streaming[Sync]], owner: Any = ...) -> SS: ...
        @overload
        def __get__(self, obj: Resource[Streaming[Async]], owner: Any = ...) -> SA: ...
        @overload
        def __get__(self, obj: Resource[Plan], owner: Any = ...) -> N: ...
        def __get__(self, obj: Any, owner: Any = ...) -> Any: ...

    class endpoint(
        _ByMode[
            Callable[P, R],
            Callable[P, Coroutine[None, None, R]],
            Callable[P, RawResponse[R]],
            Callable[P, Coroutine[None, None, RawResponse[R]]],
            Callable[P, AbstractContextManager[APIResponse[R]]],
            Callable[P, AbstractAsyncContextManager[AsyncAPIResponse[R]]],
            Callable[P, Call[R]],
        ],
        Generic[P, R],
    ):
        """Declare an endpoint."""

        def __init__(self, build: Callable[Concatenate[Any, P], Call[R]]) -> None: ...

    class paginated(
        _ByMode[
            Callable[P, SyncCursorPage[R]],
            Callable[P, AsyncPaginator[R, AsyncCursorPage[R]]],
            Callable[P, RawResponse[SyncCursorPage[R]]],
            Callable[P, Coroutine[None, None, RawResponse[AsyncCursorPage[R]]]],
            Callable[P, AbstractContextManager[APIResponse[SyncCursorPage[R]]]],
            Callable[P, AbstractAsyncContextManager[AsyncAPIResponse[AsyncCursorPage[R]]]],
            Callable[P, Pages[R]],
        ],
        Generic[P, R],
    ):
        """Declare an endpoint that lists."""

        def __init__(self, build: Callable[Concatenate[Any, P], Pages[R]]) -> None: ...

    class flow(
        _ByMode[
            Callable[P, R],
            Callable[P, Coroutine[None, None, R]],
            NoReturn,
            NoReturn,
            NoReturn,
            NoReturn,
            Callable[P, Flow[R]],
        ],
        Generic[P, R],
    ):
        """Declare a method of several calls, written as a flow."""

        def __init__(self, build: Callable[Concatenate[Any, P], Flow[R]]) -> None: ...

    class opening(
        _ByMode[Callable[P, S], Callable[P, A], NoReturn, NoReturn, NoReturn, NoReturn, NoReturn],
        Generic[P, S, A],
    ):
        """Declare a method that gives a context manager, in which the call is sent."""

        def __init__(self, build: Callable[Concatenate[Any, P], Opens[S, A]]) -> None: ...

    class Either(Protocol[P, R_co, Q, E_co, B]):
        """Answers in parts with `stream=True`, whole without it."""

        @overload
        def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
        @overload
        def __call__(self, *args: Q.args, **kwargs: Q.kwargs) -> E_co: ...
        @overload
        def __call__(self, *args: B.args, **kwargs: B.kwargs) -> R_co | E_co: ...

    class _Streamable(
        _ByMode[
            Either[P, R, Q, Stream[E], B],
            Either[P, Coroutine[None, None, R], Q, Coroutine[None, None, AsyncStream[E]], B],
            Either[P, RawResponse[R], Q, RawResponse[Stream[E]], B],
            Either[P, Coroutine[None, None, RawResponse[R]], Q, Coroutine[None, None, RawResponse[AsyncStream[E]]], B],
            Either[P, AbstractContextManager[APIResponse[R]], Q, AbstractContextManager[APIResponse[Stream[E]]], B],
            Either[
                P,
                AbstractAsyncContextManager[AsyncAPIResponse[R]],
                Q,
                AbstractAsyncContextManager[AsyncAPIResponse[AsyncStream[E]]],
                B,
            ],
            Either[P, Call[R], Q, Call[E], B],
        ],
        Generic[P, R, Q, E, B],
    ): ...

    class streamable(Generic[Q, B, E]):
        """Declare an endpoint that answers in the parts that `streamed` gives when called like it."""

        def __init__(self, streamed: Callable[Concatenate[Any, Q], E], either: Callable[Concatenate[Any, B], Any]) -> None: ...
        def __call__(self, build: Callable[Concatenate[Any, P], Call[R]]) -> _Streamable[P, R, Q, E, B]: ...
else:

    def endpoint(build, accepts=None):
        """Costs nothing per call where there are parameters: the function stays itself and only learns to show them."""
        build.__wrapped__ = Written(build, accepts or build)
        return refusing(build) if takes_options(build) else build

    def paginated(build):
        build.__wrapped__ = Written(build, build, lists=True)
        return refusing(build)

    def opening(build):
        build.__wrapped__ = Written(build, build, lists=True)
        return build

    def streamable(streamed, either):
        return lambda build: endpoint(build, either)

    def flow(build):
        def method(self, /, *args, **params):
            return self._follow(build(self, *args, **params))

        method.__name__, method.__qualname__, method.__module__ = build.__name__, build.__qualname__, build.__module__
        method.__doc__, method.__wrapped__ = build.__doc__, Written(build, build)
        return method
