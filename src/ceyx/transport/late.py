"""The blocking network, imported by the first request: a client that is only made costs no HTTP library."""

from __future__ import annotations

from ceyx.transport.base import BlockingReply, Connecting
from ceyx.wire.message import Request


class LatePools:
    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting
        self._closed = False

    def send(self, request: Request) -> BlockingReply:
        from ceyx.transport.blocking import Pools

        pools = Pools(self._connecting)
        pools.closed = self._closed
        self.__dict__["pools"] = pools
        self.send = pools.send  # type: ignore[method-assign]
        return pools.send(request)

    def close(self) -> None:
        self._closed = True
        if (pools := self.__dict__.get("pools")) is not None:
            pools.close()

    @property
    def closed(self) -> bool:
        return self._closed
