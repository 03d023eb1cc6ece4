"""What errors mean for their row and for the job."""

from __future__ import annotations

import pytest

from ceyx.bulk.outcome import of_error, verdict
from ceyx.errors import APIError


@pytest.mark.parametrize(
    ("code", "param", "meant"),
    [
        ("unsupported_parameter", "max_tokens", "fatal"),
        ("unsupported_value", "temperature", "fatal"),
        ("unknown_parameter", "response_format.json_schema", "fatal"),
        ("unknown_parameter", "messages[0].nmae", "poison"),
        ("unsupported_value", "input", "poison"),
        ("unsupported_value", None, "poison"),
        ("context_length_exceeded", "max_tokens", "poison"),
        ("invalid_value", "seed", "poison"),
    ],
)
def test_a_parameter_that_no_row_could_have_ends_the_job(code, param, meant):
    assert verdict(APIError("no", body={"code": code, "param": param})) == meant


@pytest.mark.parametrize(
    ("key", "said"), [("sk-secret", "no [key] here"), ("", "no sk-secret here"), ("no", "no sk-secret here")]
)
def test_the_key_is_not_kept(key, said):
    assert of_error(APIError("no sk-secret here"), key)["error"] == said
