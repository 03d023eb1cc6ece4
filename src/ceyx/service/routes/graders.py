"""/fine_tuning/alpha/graders: graders tried out on one answer."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response

from ceyx.service import grading
from ceyx.service.errors import bad_request
from ceyx.service.gate import json_response
from ceyx.service.visit import Visit, not_played

_ERRORS = (
    "formula_parse_error",
    "sample_parse_error",
    "truncated_observation_error",
    "unresponsive_reward_error",
    "invalid_variable_error",
    "other_error",
    "python_grader_server_error",
    "python_grader_runtime_error",
    "model_grader_server_error",
    "model_grader_refusal_error",
    "model_grader_parse_error",
)
_DETAILS = ("python_grader_server_error_type", "python_grader_runtime_error_details", "model_grader_server_error_details")


class Validate(Struct):
    """A grader."""

    grader: dict[str, Any]


class Run(Struct):
    """A grader, and what it is to judge."""

    grader: dict[str, Any]
    model_sample: str
    item: Any = {}


_validate, _run = msgspec.json.Decoder(Validate), msgspec.json.Decoder(Run)


async def validate(visit: Visit) -> Response:
    body: Validate = await visit.body(_validate)
    _parsed(body.grader)
    return json_response({"grader": body.grader})


async def run(visit: Visit) -> Response:
    body: Run = await visit.body(_run)
    grader = _parsed(body.grader)
    started = perf_counter()
    wrong = ""
    try:
        scored = await asyncio.to_thread(grading.score, grader, grading.sampled(body.model_sample), body.item)
    except grading.NotPlayed as missing:
        return not_played(str(missing))
    except ValueError as error:
        scored = grading.Scored(0, {})
        wrong = "formula_parse_error" if str(error).startswith("calculate_output") else "invalid_variable_error"
    metadata = {
        "name": grader.name,
        "type": body.grader["type"],
        "errors": {**{name: name == wrong for name in _ERRORS}, **dict.fromkeys(_DETAILS)},
        "execution_time": round(perf_counter() - started, 6),
        "scores": scored.parts,
        "token_usage": None,
        "sampled_model_name": None,
    }
    judged = {"reward": scored.reward, "sub_rewards": scored.parts}
    return json_response({**judged, "metadata": metadata, "model_grader_token_usage_per_model": {}})


def _parsed(grader: dict[str, Any]) -> grading.Grader:
    try:
        return grading.parsed(grader)
    except ValueError as error:  # msgspec.ValidationError among them
        raise bad_request(f"Invalid 'grader': {str(error)[:200]}.", "grader") from None


TABLE = (
    ("POST", "/fine_tuning/alpha/graders/run", run),
    ("POST", "/fine_tuning/alpha/graders/validate", validate),
)
