"""Pages of listings: iterate one to go through all that follow, too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ceyx.wire.call import Pages
from ceyx.wire.view import Answer, IfSent

T = TypeVar("T")
A = TypeVar("A")


class _Page(Answer, Generic[T]):
    """One page of a listing: `data` holds its items."""

    if not TYPE_CHECKING:
        __slots__ = ("_pages", "_send")
    _pages: Pages[T]
    _send: Callable[[Any], Any]
    data: list[T]
    object: IfSent[str | None] = None
    has_more: bool | None = None
    first_id: IfSent[str | None] = None
    last_id: IfSent[str | None] = None

    @classmethod
    def of(cls, pages: Pages[T], send: Callable[[Any], Any], reply: Any) -> Self:
        """The page that `reply` holds; `send` gets the next ones."""
        page = cls.wrap({"data": reply} if type(reply) is list else reply)  # a bare list is what some servers answer
        page.data = [pages.item(item) for item in page.__dict__.get("data") or ()]
        page._pages, page._send = pages, send
        return page

    def has_next_page(self) -> bool:
        """Whether the server has more than this page."""
        return self.has_more is not False and self.next_page_info() is not None

    def next_page_info(self) -> Pages[T] | None:
        """The call for the next page, not sent; None where this one is the last."""
        if not (self._pages.cursor and self.data):
            return None
        after = self.__dict__.get("last_id") or getattr(self.data[-1], "id", None)
        return self._pages.after(after) if after else None

    def _next(self) -> Pages[T]:
        if following := self.next_page_info():
            return following
        raise RuntimeError("this is the last page; ask has_next_page() first")


class SyncCursorPage(_Page[T]):
    """A page; iterating goes on to the next ones."""

    def __iter__(self) -> Iterator[T]:
        for page in self.iter_pages():
            yield from page.data

    def iter_pages(self) -> Iterator[Self]:
        """This page and those that follow."""
        page = self
        yield page
        while page.has_next_page():
            page = page.get_next_page()
            yield page

    def get_next_page(self) -> Self:
        """The page after this one. RuntimeError where there is none."""
        return self._send(self._next())  # type: ignore[no-any-return]


class AsyncCursorPage(_Page[T]):
    """As `SyncCursorPage`, awaited."""

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.iter_pages():
            for item in page.data:
                yield item

    async def iter_pages(self) -> AsyncIterator[Self]:
        """This page and those that follow."""
        page = self
        yield page
        while page.has_next_page():
            page = await page.get_next_page()
            yield page

    async def get_next_page(self) -> Self:
        """The page after this one. RuntimeError where there is none."""
        return await self._send(self._next())  # type: ignore[no-any-return]


SyncPage = SyncCursorPage  # whether there is more is told by the page, not by its class
AsyncPage = AsyncCursorPage
SyncConversationCursorPage = SyncCursorPage
AsyncConversationCursorPage = AsyncCursorPage


class AsyncPaginator(Generic[T, A]):
    """A listing not asked for yet: await it for the first page, iterate it for every item."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Callable[[], Any]) -> None:
        self._ask = ask

    def __await__(self) -> Generator[Any, None, A]:
        return self._ask().__await__()  # type: ignore[no-any-return]

    async def __aiter__(self) -> AsyncIterator[T]:
        async for item in await self._ask():
            yield item
