"""What the routes of stored objects share: the request they answer, how objects are found, listed and refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ceyx.service import clock
from ceyx.service.bodies import Metadata as Metadata, read
from ceyx.service.errors import Provider, Refusal, bad_request
from ceyx.service.gate import Endpoint, Service, Surface, content, json_response
from ceyx.service.store import Store, Stored

MOST_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that has passed the gate."""

    service: Service
    surface: Surface
    request: Request

    @property
    def store(self) -> Store:
        return self.service.store

    @property
    def query(self) -> Any:
        return self.request.query_params

    def id(self, name: str = "id") -> str:
        """An id in the path."""
        return str(self.request.path_params[name])

    async def body(self, decoder: msgspec.json.Decoder[Any]) -> Any:
        """The JSON body; none at all is an empty object."""
        return read(decoder, await content(self.request) or b"{}")

    def found(self, kind: str, id: str, noun: str, param: str | None = "id") -> Stored:
        """The object. Raises Refusal where there is none."""
        object = self.store.get(kind, id)
        if object is None:
            raise not_found(self.surface.provider, noun, id.rpartition("/")[2], param)
        return object

    def page(
        self,
        kind: str,
        *,
        parent: str = "",
        where: Callable[[Stored], bool] | None = None,
        most: int = MOST_ON_A_PAGE,
        usual: int = 20,
        scope: str = "",
        show: Callable[[Stored], Stored] | None = None,
        order: str = "desc",
    ) -> Response:
        """A page of a listing, as `limit`, `order`, `after` and `before` of the query ask.

        `scope` is put before the ids that these are; `show` makes what clients see of an object; `order` is that of a query
        which has none.
        """
        limit, order = self.limit(most, usual), self.order(order)
        cursors = {name: scope + self.query[name] if self.query.get(name) else None for name in ("after", "before")}
        try:
            data, more = self.store.page(kind, parent=parent, limit=limit, order=order, where=where, **cursors)
        except KeyError as unknown:
            name = next(name for name, id in cursors.items() if id == unknown.args[0])
            raise bad_request(f"Invalid '{name}': nothing in this list has the id '{self.query[name][:80]}'.", name) from None
        return listed([show(each) for each in data] if show else data, more)

    def limit(self, most: int = MOST_ON_A_PAGE, usual: int = 20) -> int:
        given = self.query.get("limit")
        if given is None or given == "":
            return usual
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
        if not 1 <= number <= most:
            code = "integer_above_max_value" if number > most else "invalid_value"
            raise bad_request(f"Invalid 'limit': expected a number from 1 to {most}, got {given[:40]!r}.", "limit", code)
        return number

    def page_of(self, items: list[Stored], order: str = "desc") -> Response:
        """A page of a list that is kept as one object, oldest first, as `limit`, `order` and `after` of the query ask."""
        if self.order(order) == "desc":
            items = items[::-1]
        if after := self.query.get("after"):
            place = next((i for i, item in enumerate(items, 1) if item["id"] == after), None)
            if place is None:
                raise bad_request(f"Invalid 'after': nothing in this list has the id '{after[:80]}'.", "after")
            items = items[place:]
        limit = self.limit()
        return listed(items[:limit], len(items) > limit)

    def order(self, usual: str = "desc") -> str:
        asked = self.query.get("order") or usual
        given: str = {"ascending": "asc", "descending": "desc"}.get(asked, asked)
        if given not in ("asc", "desc"):
            raise bad_request(f"Invalid value for 'order': expected 'asc' or 'desc', got {given[:40]!r}.", "order")
        return given


Handler: TypeAlias = Callable[[Visit], Awaitable[Response]]
Table: TypeAlias = Iterable[tuple[str, str, Handler]]


def routes(service: Service, surface: Surface, prefix: str, table: Table) -> list[BaseRoute]:
    """The routes of a group on a surface. `table` has a method, a path below the prefix, and who answers."""

    def endpoint(handle: Handler) -> Endpoint:
        async def answer(request: Request) -> Response:
            return await handle(Visit(service, surface, request))

        return service.guarded(surface, answer)

    return [Route(prefix + path, endpoint(handle), methods=[method]) for method, path, handle in table]


def listed(data: list[Stored], more: bool = False) -> Response:
    """Objects as one page of a list."""
    data = [shown(each) for each in data]
    ends = {"first_id": data[0].get("id"), "last_id": data[-1].get("id")} if data else {"first_id": None, "last_id": None}
    return json_response({"object": "list", "data": data, **ends, "has_more": more})


def shown(object: Stored) -> Stored:
    """An object as clients see it: less the fields that begin with _."""
    return {name: value for name, value in object.items() if not name.startswith("_")}


def deleted(id: str, kind: str) -> Response:
    return json_response({"id": id, "object": kind, "deleted": True})


def not_played(message: str) -> Response:
    """What is said where the service has no part to play; asking again would not help, and clients are told so."""
    refusal = Refusal(501, message, code="not_implemented", type="server_error")
    return json_response(refusal.body(), 501, {"x-should-retry": "false"})


def not_found(provider: Provider, noun: str, id: str, param: str | None = "id") -> Refusal:
    message = f"No {noun} found with id '{id[:100]}'."
    if provider == "azure":
        return Refusal(404, message, code="resourceNotFound", gateway=True)
    return Refusal(404, message, param=param)


def now() -> int:
    """Unix time, in seconds, as the service has it."""
    return int(clock.time())
