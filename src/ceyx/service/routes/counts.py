"""/_ceyx/counters: what the service counted, for tests that compare it with what their client counted."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ceyx.service.faults.triggers import Triggers
from ceyx.service.gate import Endpoint, Service, json_response


def read(service: Service) -> Endpoint:
    """GET: the counts; with ?calls=all, how often each `x-ceyx-request` arrived."""

    async def answer(request: Request) -> Response:
        return json_response(service.counters.said(request.query_params.get("calls") == "all"))

    return answer


def reset(service: Service, triggers: Triggers) -> Endpoint:
    """POST: everything from zero, the rules of faults too, so that the same requests meet the same faults again."""

    async def answer(_: Request) -> Response:
        service.counters.reset()
        triggers.reset()
        return json_response(service.counters.said())

    return answer
