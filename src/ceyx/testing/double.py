"""The service of a test: what it is told to say and to do wrong, what it was asked, the clients that talk to it.

One server listens for all tests of a process; each test has an app of its own behind it, so nothing is left over.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from starlette.types import Receive, Scope, Send

from ceyx.rates import Used
from ceyx.service import LocalService, Settings
from ceyx.service.app import create_app
from ceyx.service.faults.middleware import OWN
from ceyx.service.faults.triggers import rule
from ceyx.service.gate import json_response
from ceyx.testing.received import Received, Recorder
from ceyx.testing.scripted import Expected, Function, Wanted, expected

if TYPE_CHECKING:
    import pytest

    from ceyx import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI

KEY = "ceyx-service-key"
API_VERSION = "2024-10-21"
_PREFIXES = ("OPENAI_", "AZURE_", "CEYX_")


class Stage:
    """A server on a loopback port, and the one service of a test that answers on it."""

    def __init__(self) -> None:
        self._server = LocalService(app=self)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._playing: Recorder | None = None

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        playing = self._playing
        if playing is not None:
            return await playing(scope, receive, send)
        message = "No test uses the fixture ceyx_service now: this request was made too late, or by another test."
        await json_response({"error": {"message": message, "type": "invalid_request_error"}}, 410)(scope, receive, send)

    @contextmanager
    def service(self, settings: Settings | None = None) -> Iterator[CeyxService]:
        """A service of these settings, until the block is left."""
        if self._playing is not None:
            raise RuntimeError("another test's ceyx_service is in use; a test has one")
        settings = settings or Settings()
        if settings.tls:
            raise ValueError("ceyx_service speaks plain HTTP; for TLS use LocalService(Settings(tls=True)) in a fixture of yours")
        wanted = Wanted()
        app = create_app(replace(settings, engines={"*": wanted, **settings.engines}))
        self._playing = recorder = Recorder(app, OWN)
        service = CeyxService(self._server.azure_endpoint, app.state, wanted, recorder, next(iter(sorted(settings.keys)), KEY))
        try:
            yield service
        finally:
            self._playing = None
            service.close_clients()
            self._close(app.state.service)

    def _close(self, service: Any) -> None:
        """Ends the work of a service, in its loop, and gives free what it holds."""

        async def close() -> None:
            service.work.close()
            service.close()

        if self._loop is None:  # nothing was ever asked, so nothing works
            service.close()
        else:
            asyncio.run_coroutine_threadsafe(close(), self._loop).result(5)


class CeyxService:
    """What the fixture `ceyx_service` gives: both providers, who say what they are told, and record what they are asked."""

    def __init__(self, address: str, state: Any, wanted: Wanted, recorder: Recorder, key: str) -> None:
        self._state, self._wanted, self._recorder = state, wanted, recorder
        self.azure_endpoint = address
        """What AzureOpenAI takes as `azure_endpoint`."""
        self.url = f"{address}/v1"
        """What OpenAI takes as `base_url`."""
        self.api_key = key
        """A key that it accepts."""

    # Clients.

    @cached_property
    def client(self) -> OpenAI:
        """A client of it; closed after the test, as all of these are."""
        from ceyx import OpenAI

        return OpenAI(base_url=self.url, api_key=self.api_key)

    @cached_property
    def async_client(self) -> AsyncOpenAI:
        """A client to be awaited."""
        from ceyx import AsyncOpenAI

        return AsyncOpenAI(base_url=self.url, api_key=self.api_key)

    @cached_property
    def azure(self) -> AzureOpenAI:
        """A client that speaks Azure's protocol."""
        from ceyx import AzureOpenAI

        return AzureOpenAI(azure_endpoint=self.azure_endpoint, api_key=self.api_key, api_version=API_VERSION)

    @cached_property
    def async_azure(self) -> AsyncAzureOpenAI:
        """A client that speaks Azure's protocol, to be awaited."""
        from ceyx import AsyncAzureOpenAI

        return AsyncAzureOpenAI(azure_endpoint=self.azure_endpoint, api_key=self.api_key, api_version=API_VERSION)

    def close_clients(self) -> None:
        made: dict[str, Any] = vars(self)
        for name in ("client", "azure"):
            if name in made:
                made.pop(name).close()
        for name in ("async_client", "async_azure"):
            if name in made:
                # Its connections end with the loop of the test, which may have ended already.
                with suppress(RuntimeError), warnings.catch_warnings():
                    asyncio.run(made.pop(name).close())

    @property
    def environment(self) -> dict[str, str]:
        """What makes OpenAI(), AzureOpenAI() and the like talk to it: for programs in processes of their own, too."""
        proxies = {
            name: ",".join(filter(None, (os.environ.get(name), "127.0.0.1,localhost"))) for name in ("NO_PROXY", "no_proxy")
        }
        return {
            "OPENAI_BASE_URL": self.url,
            "OPENAI_API_BASE": self.url,
            "OPENAI_API_KEY": self.api_key,
            "OPENAI_API_VERSION": API_VERSION,
            "AZURE_OPENAI_ENDPOINT": self.azure_endpoint,
            "AZURE_OPENAI_API_KEY": self.api_key,
            **proxies,
        }

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Makes this the environment of the test, and no other variable of the providers."""
        for name in [name for name in os.environ if name.startswith(_PREFIXES)]:
            monkeypatch.delenv(name)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    # What it says, and does wrong.

    def reply(self, text: str | Function | None = None, *, times: int | None = None, **said: Any) -> Expected:
        """From now on answers so, whole or in a stream; `.then(...)` says what comes after.

        A text, or `json=`, `tool_calls=[("get_weather", {"city": "Paris"})]`, `refusal=`, `embedding=[...]`, `transcript=`,
        `file=` (bytes), with `finish=`, `usage={"input": 10}`, `latency=`, `fault=`; `body=` and `status=` are sent as they are.
        A function is called with the request, and returns a text, or a mapping of these.
        """
        return self.when().reply(text, times=times, **said)

    def when(self, **conditions: Any) -> When:
        """Which requests the `.reply(...)` or `.fault(...)` behind it is for.

        `contains`, `text`, `regex` (of what the user said last), `model`, `deployment`, `endpoint`, `tool` (one that is
        offered), `result` (of a tool, which came last), `stream`, `headers`, `file`.
        """
        return When(self._wanted, expected(conditions))

    def fault(self, fault: str, *, times: int | None = None, **where: Any) -> None:
        """Requests go wrong from now on, the next `times` of them or all: `fault("status;code=429", times=2)`.

        `where`: `path`, `deployment` and `model` with * and ?, `stream`, `every`, `probability`, `seed`.
        """
        made = rule({"fault": fault, **where, **({} if times is None else {"first": times})}, where.get("seed", 0))
        self._state.triggers.replace((made, *self._state.triggers.rules))

    @property
    def strict(self) -> bool:
        """Whether a request that no reply is for is refused; else the local service answers it."""
        return self._wanted.strict

    @strict.setter
    def strict(self, strict: bool) -> None:
        self._wanted.strict = strict

    def advance(self, seconds: float) -> None:
        """Puts the service's clock forward: what expires, expires, and limits have room again."""
        if seconds < 0:
            raise ValueError(f"a clock is put forward only; got {seconds}")
        self._state.service.clock.ahead += seconds

    def reset(self) -> None:
        """Forgets replies, faults and requests, as before each test."""
        self._wanted.reset()
        self._state.triggers.replace(self._state.service.settings.rules)
        self._recorder.requests.clear()

    # What it was asked.

    @property
    def requests(self) -> list[Received]:
        """The requests so far, in the order they came, those of retries too."""
        return list(self._recorder.requests)

    def calls(self, endpoint: str | None = None, **conditions: Any) -> list[Received]:
        """The requests that are like this; the conditions are those of `Received.is_like`."""
        return [each for each in self.requests if each.is_like(endpoint, **conditions)]

    def assert_called(self, endpoint: str | None = None, *, times: int | None = None, **conditions: Any) -> Received:
        """There was such a request (with `times`, so many); gives the last. Raises AssertionError, which shows all there were."""
        __tracebackhide__ = True
        found = self.calls(endpoint, **conditions)
        if (not found) if times is None else len(found) != times or times < 1:
            wanted = "a request" if times is None else "1 request" if times == 1 else f"{times} requests"
            raise AssertionError(f"expected {wanted}{_like(endpoint, conditions)}, got {len(found)}\n{self.told()}")
        return found[-1]

    def assert_called_once(self, endpoint: str | None = None, **conditions: Any) -> Received:
        """There was one such request, which this gives."""
        __tracebackhide__ = True
        return self.assert_called(endpoint, times=1, **conditions)

    def assert_not_called(self, endpoint: str | None = None, **conditions: Any) -> None:
        """There was no such request."""
        __tracebackhide__ = True
        if found := self.calls(endpoint, **conditions):
            raise AssertionError(f"expected no request{_like(endpoint, conditions)}, got {len(found)}\n{self.told()}")

    def assert_replies_used(self) -> None:
        """Every reply was asked for."""
        __tracebackhide__ = True
        if left := [f"  {each.unused} for {each.conditions}" for each in self._wanted.expected if each.unused]:
            raise AssertionError("\n".join(("these replies were not asked for:", *left, self.told())))

    def told(self, most: int = 20) -> str:
        """The last requests, a line for each."""
        requests = self.requests
        lines = [f"  {number}. {each!r}" for number, each in enumerate(requests, 1)][-most:]
        earlier = [f"  ... {len(requests) - most} earlier"] if len(requests) > most else []
        return "\n".join(("requests received:", *earlier, *lines)) if requests else "no requests were received"

    @property
    def usage(self) -> Used:
        """The tokens of all answers that say how many they took."""
        used = [each.tokens for each in self.requests]
        return Used(*(sum(each) for each in zip(*used, strict=True))) if used else Used()

    @property
    def cost(self) -> Decimal:
        """What all of it would have cost, in dollars, where a price is known."""
        return sum((each.cost or Decimal(0) for each in self.requests), Decimal(0))

    def __repr__(self) -> str:
        return f"<CeyxService {self.azure_endpoint}, {len(self.requests)} requests>"


class When:
    """Some requests, to be answered or to go wrong."""

    def __init__(self, wanted: Wanted, expected: Expected) -> None:
        self._wanted, self._expected = wanted, expected

    def reply(self, text: str | Function | None = None, *, times: int | None = None, **said: Any) -> Expected:
        """Takes what `CeyxService.reply` takes."""
        self._expected.then(text, times=times, **said)
        self._wanted.add(self._expected)
        return self._expected

    def fault(self, fault: str, *, times: int | None = None) -> Expected:
        """Such requests go wrong, the next `times` of them or all; `.then("...")` says what comes after."""
        return self.reply(times=times, fault=fault)


def _like(endpoint: str | None, conditions: Mapping[str, Any]) -> str:
    told = ([f"to {endpoint}"] if endpoint else []) + [f"{name}={each!r}" for name, each in conditions.items()]
    return f" {', '.join(told)}" if told else ""
