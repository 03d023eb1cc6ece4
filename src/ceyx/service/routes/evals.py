"""/evals: not played, and said so on each of its paths."""

from __future__ import annotations

from starlette.responses import Response

from ceyx.service.visit import Table, Visit, not_played


async def answer(_: Visit) -> Response:
    return not_played("The local service does not play evals; try graders one by one at /fine_tuning/alpha/graders/run.")


_PATHS = {
    "/evals": "GET POST",
    "/evals/{eval}": "GET POST DELETE",
    "/evals/{eval}/runs": "GET POST",
    "/evals/{eval}/runs/{run}": "GET POST DELETE",
    "/evals/{eval}/runs/{run}/output_items": "GET",
    "/evals/{eval}/runs/{run}/output_items/{item}": "GET",
}
TABLE: Table = [(method, path, answer) for path, methods in _PATHS.items() for method in methods.split()]
