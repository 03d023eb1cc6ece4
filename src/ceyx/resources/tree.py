"""Every resource, written once for all clients and modes; imported when first touched. And the verbs for all other paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, Unpack

from ceyx.wire.call import Call, Options
from ceyx.wire.endpoint import Mode, Plan, Raw, Resource, Streaming, child, endpoint, streamable
from ceyx.wire.typed_dict import TypedDict

if TYPE_CHECKING:
    from ceyx.resources.audio import Audio
    from ceyx.resources.batches import Batches
    from ceyx.resources.beta import Beta
    from ceyx.resources.chat import Chat
    from ceyx.resources.completions import Completions
    from ceyx.resources.containers import Containers
    from ceyx.resources.conversations import Conversations
    from ceyx.resources.embeddings import Embeddings
    from ceyx.resources.evals import Evals
    from ceyx.resources.files import Files
    from ceyx.resources.fine_tuning import FineTuning
    from ceyx.resources.images import Images
    from ceyx.resources.models import Models
    from ceyx.resources.moderations import Moderations
    from ceyx.resources.responses import Responses
    from ceyx.resources.uploads import Uploads
    from ceyx.resources.vector_stores import VectorStores
    from ceyx.resources.webhooks import Webhooks
    from ceyx.streaming import AsyncStream, Stream
    from ceyx.types.file_types import RequestFiles

PARAMETERS = "ceyx.types.file_types"
E = TypeVar("E")
T = TypeVar("T")
if TYPE_CHECKING:
    Events: TypeAlias = type[Stream[E]] | type[AsyncStream[E]]
else:
    Events = type  # to which `inspect` comes


class Sent(TypedDict, total=False):
    """What calls by hand may send."""

    body: object
    options: Options | None
    files: RequestFiles | None
    """Sent as a form, with `body` as its fields. Several of one name are pairs: `[("image[]", one), ("image[]", other)]`."""


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

    @child
    def audio(self) -> Audio[Mode]:
        from ceyx.resources.audio import Audio

        return self._child(Audio[Mode])

    @child
    def batches(self) -> Batches[Mode]:
        from ceyx.resources.batches import Batches

        return self._child(Batches[Mode])

    @child
    def beta(self) -> Beta[Mode]:
        from ceyx.resources.beta import Beta

        return self._child(Beta[Mode])

    @child
    def files(self) -> Files[Mode]:
        from ceyx.resources.files import Files

        return self._child(Files[Mode])

    @child
    def images(self) -> Images[Mode]:
        from ceyx.resources.images import Images

        return self._child(Images[Mode])

    @child
    def moderations(self) -> Moderations[Mode]:
        from ceyx.resources.moderations import Moderations

        return self._child(Moderations[Mode])

    @child
    def uploads(self) -> Uploads[Mode]:
        from ceyx.resources.uploads import Uploads

        return self._child(Uploads[Mode])

    @child
    def containers(self) -> Containers[Mode]:
        from ceyx.resources.containers import Containers

        return self._child(Containers[Mode])

    @child
    def evals(self) -> Evals[Mode]:
        from ceyx.resources.evals import Evals

        return self._child(Evals[Mode])

    @child
    def fine_tuning(self) -> FineTuning[Mode]:
        from ceyx.resources.fine_tuning import FineTuning

        return self._child(FineTuning[Mode])

    @child
    def vector_stores(self) -> VectorStores[Mode]:
        from ceyx.resources.vector_stores import VectorStores

        return self._child(VectorStores[Mode])

    @child
    def webhooks(self) -> Webhooks[Mode]:
        from ceyx.resources.webhooks import Webhooks

        return self._child(Webhooks[Mode])

    @child
    def conversations(self) -> Conversations[Mode]:
        from ceyx.resources.conversations import Conversations

        return self._child(Conversations[Mode])

    @child
    def responses(self) -> Responses[Mode]:
        from ceyx.resources.responses import Responses

        return self._child(Responses[Mode])

    # -- any path, with everything that endpoints have: keys, retries, errors, modes

    def _got(  # type: ignore[empty-body]
        self, path: str, *, cast_to: object, stream: Literal[True], stream_cls: Events[E], options: Options | None = None
    ) -> E: ...
    def _get(
        self,
        path: str,
        *,
        cast_to: Any,
        stream: bool = False,
        stream_cls: Events[Any] | None = None,
        options: Options | None = None,
    ) -> Any: ...

    @streamable(_got, _get)
    def get(
        self,
        path: str,
        *,
        cast_to: type[T],
        stream: Literal[False] = False,
        stream_cls: None = None,
        options: Options | None = None,
    ) -> Call[T]:
        """Ask for `path`, such as "/models", as a `cast_to`: a view, a model of pydantic, `dict`, `str`, `bytes`, ...

        With `stream=True`, a stream, whose events are what `stream_cls` says, such as `Stream[ChatCompletionChunk]`.
        """
        return self._run(reading(cast_to, "GET", path, None, options, stream, stream_cls))

    def _posted(  # type: ignore[empty-body]
        self, path: str, *, cast_to: object, stream: Literal[True], stream_cls: Events[E], **sent: Unpack[Sent]
    ) -> E: ...
    def _post(
        self, path: str, *, cast_to: Any, stream: bool = False, stream_cls: Events[Any] | None = None, **sent: Unpack[Sent]
    ) -> Any: ...

    @streamable(_posted, _post)
    def post(
        self, path: str, *, cast_to: type[T], stream: Literal[False] = False, stream_cls: None = None, **sent: Unpack[Sent]
    ) -> Call[T]:
        """Send `body` as JSON to `path`, or with `files` as a form. See `get` for `cast_to` and streams."""
        return self._run(reading(cast_to, "POST", path, stream=stream, stream_cls=stream_cls, **sent))

    @endpoint
    def put(self, path: str, *, cast_to: type[T], **sent: Unpack[Sent]) -> Call[T]:
        """As `post`, by PUT."""
        return self._run(reading(cast_to, "PUT", path, **sent))

    @endpoint
    def patch(self, path: str, *, cast_to: type[T], **sent: Unpack[Sent]) -> Call[T]:
        """As `post`, by PATCH."""
        return self._run(reading(cast_to, "PATCH", path, **sent))

    @endpoint
    def delete(self, path: str, *, cast_to: type[T], body: object = None, options: Options | None = None) -> Call[T]:
        """As `post`, by DELETE."""
        return self._run(reading(cast_to, "DELETE", path, body, options))

    @endpoint
    def request(
        self, method: str, path: str, *, cast_to: Any = object, stream: bool = False, stream_cls: Any = None, **sent: Unpack[Sent]
    ) -> Call[Any]:
        """Any method; with `stream=True`, gives a stream whose events are read as `stream_cls` says, or else as `cast_to`."""
        return self._run(reading(cast_to, method, path, stream=stream, stream_cls=stream_cls, **sent))


def reading(*call: Any, **more: Any) -> Call[Any]:
    from ceyx.wire import cast

    return cast.reading(*call, **more)
