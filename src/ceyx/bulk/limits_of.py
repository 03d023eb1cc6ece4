"""Which limits a run keeps to: those it was given, those of its client's deployments, those shared through Redis, or its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from ceyx.bulk.deployment_limits import DeploymentLimits
from ceyx.bulk.limiter import Limiter, Limits
from ceyx.bulk.redis_address import connectable
from ceyx.client import AsyncOpenAI


class Wanted(NamedTuple):
    """What was asked for."""

    given: Limits | str | None
    """Limits, or the address of a Redis through which they are shared."""
    requests_per_minute: float | None
    tokens_per_minute: float | None
    calls: int
    azure: bool

    def before(self, client: AsyncOpenAI | None) -> Limits:
        """What is kept to as long as nothing was opened. Raises ValueError for what cannot be."""
        if isinstance(self.given, str):
            connectable(self.given)
        elif self.given is not None:
            return self.given
        elif client is not None and (deployments := _of_deployments(client)) is not None:
            if self.requests_per_minute or self.tokens_per_minute:
                raise ValueError("the limits of several deployments are said of each: Deployment(requests_per_minute=...)")
            return deployments
        return Limiter(self.requests_per_minute, self.tokens_per_minute, self.calls, azure=self.azure)

    @asynccontextmanager
    async def opened(self, client: AsyncOpenAI, model: str) -> AsyncIterator[Limits]:
        """What is kept to, while it lasts. Raises LimitsError where limits cannot be shared."""
        limits = self.before(client)
        if isinstance(self.given, str):
            from ceyx.bulk.redis_limits import SharedLimiter

            rates = self.requests_per_minute, self.tokens_per_minute
            async with SharedLimiter(self.given, scope_of(client, model), *rates, self.calls, azure=self.azure) as shared:
                yield shared
        elif self.given is None and isinstance(limits, DeploymentLimits):
            async with limits:
                yield limits
        else:
            yield limits


def _of_deployments(client: AsyncOpenAI) -> DeploymentLimits | None:
    limiter = getattr(getattr(client, "router", None), "limiter", None)
    return limiter if isinstance(limiter, DeploymentLimits) else None


def scope_of(client: AsyncOpenAI, model: str) -> str:
    """Whose limits they are, unless told otherwise: those of a model at an address."""
    return f"{client.base_url.host}/{model}"
