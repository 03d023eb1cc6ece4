"""Every resource, written once for all clients and modes; imported when first touched. And the verbs for all other paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ceyx.wire.call import Call, Options
from ceyx.wire.endpoint import Mode, Plan, Raw, Resource, Streaming, child, endpoint

if TYPE_CHECKING:
    from ceyx.resources.chat import Chat
    from ceyx.resources.completions import Completions
    from ceyx.resources.embeddings import Embeddings
    from ceyx.resources.models import Models

T = TypeVar("T")


class Tree(Resource[Mode]):
    """The resources below a client."""

    plan: Tree[Plan]
    with_raw_response: Tree[Raw[Mode]]
    with_streaming_response: Tree[Streaming[Mode]]

    @child
    def chat(self) -> Chat[Mode]:
        from ceyx.resources.chat import Chat

        return self._child(Chat[Mode])

    @child
    def completions(self) -> Completions[Mode]:
        from ceyx.resources.completions import Completions

        return self._child(Completions[Mode])

    @child
    def embeddings(self) -> Embeddings[Mode]:
        from ceyx.resources.embeddings import Embeddings

        return self._child(Embeddings[Mode])

    @child
    def models(self) -> Models[Mode]:
        from ceyx.resources.models import Models

        return self._child(Models[Mode])

    # -- any path, with everything that endpoints have: keys, retries, errors, modes

    @endpoint
    def get(self, path: str, *, cast_to: type[T], options: Options | None = None) -> Call[T]:
        """Ask for `path`, such as "/models", as a `cast_to`: a view, a model of pydantic, `dict`, `str`, `bytes`, ..."""
        return self._run(reading(cast_to, "GET", path, None, options))

    @endpoint
    def post(self, path: str, *, cast_to: type[T], body: object = None, options: Options | None = None) -> Call[T]:
        """Send `body` as JSON to `path`; see `get` for `cast_to`."""
        return self._run(reading(cast_to, "POST", path, body, options))

    @endpoint
    def put(self, path: str, *, cast_to: type[T], body: object = None, options: Options | None = None) -> Call[T]:
        """As `post`, by PUT."""
        return self._run(reading(cast_to, "PUT", path, body, options))

    @endpoint
    def patch(self, path: str, *, cast_to: type[T], body: object = None, options: Options | None = None) -> Call[T]:
        """As `post`, by PATCH."""
        return self._run(reading(cast_to, "PATCH", path, body, options))

    @endpoint
    def delete(self, path: str, *, cast_to: type[T], body: object = None, options: Options | None = None) -> Call[T]:
        """As `post`, by DELETE."""
        return self._run(reading(cast_to, "DELETE", path, body, options))

    @endpoint
    def request(
        self,
        method: str,
        path: str,
        *,
        cast_to: Any = object,
        body: object = None,
        options: Options | None = None,
        stream: bool = False,
    ) -> Call[Any]:
        """Any method; with `stream=True`, gives a stream whose events are read as `cast_to`."""
        return self._run(reading(cast_to, method, path, body, options, stream))


def reading(*call: Any) -> Call[Any]:
    from ceyx.wire import cast

    return cast.reading(*call)
