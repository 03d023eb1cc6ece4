"""Limits of a deployment: whom they let in, by each provider's way of counting, and what they say to the others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from plain_http import AZURE, Wire, said

from ceyx import OpenAI, RateLimitError
from ceyx.service import LocalService, Settings
from ceyx.service.limits import Limit, Meter, spelled

CHAT = "/v1/chat/completions"


class TestOpenAI:
    def test_is_a_bucket_that_fills_all_the_time(self) -> None:
        meter = Meter(Limit(60, 600), "openai", 0.0)
        assert all(meter.admit(1, 0.0) is None for _ in range(60))
        refused = meter.admit(1, 0.0)
        assert refused is not None
        assert (refused.dimension, refused.limit, refused.used, refused.requested) == ("requests", 60, 60, 1)
        assert refused.seconds == pytest.approx(1)
        assert meter.admit(1, 1.001) is None
        assert meter.admit(1, 1.5) is not None

    def test_counts_what_an_answer_took_in_place_of_what_it_might_have(self) -> None:
        meter = Meter(Limit(None, 1000), "openai", 0.0)
        assert meter.admit(800, 0.0) is None
        refused = meter.admit(800, 0.0)
        assert refused is not None
        assert (refused.dimension, refused.seconds) == ("tokens", pytest.approx(36))
        meter.settle(800, 100)
        assert meter.admit(800, 0.0) is None
        too_large = meter.admit(1001, 100.0)
        assert too_large is not None
        assert too_large.seconds is None

    def test_says_so_as_openai_does(self) -> None:
        settings = Settings({"prod": "gpt-4o"}, limits={"prod": Limit(2)})
        with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
            wire = Wire(service)
            first = wire.post(CHAT, {"model": "prod", "messages": said("Hi")})
            assert (first.headers["x-ratelimit-limit-requests"], first.headers["x-ratelimit-remaining-requests"]) == ("2", "1")
            assert first.headers["x-ratelimit-reset-requests"].endswith("s")
            wire.chat(model="prod")
            with pytest.raises(RateLimitError) as raised:
                client.chat.completions.create(model="prod", messages=[{"role": "user", "content": "Hi"}])
            error: Any = raised.value.body
            assert (error["type"], error["code"]) == ("requests", "rate_limit_exceeded")
            assert "Rate limit reached for prod" in error["message"]
            assert "requests per min (RPM): Limit 2, Used 2, Requested 1. Please try again in" in error["message"]
            headers = raised.value.response.headers
            assert 20_000 < int(headers["retry-after-ms"]) <= 30_000
            assert headers["retry-after"] == "30"
            assert headers["x-ratelimit-remaining-requests"] == "0"
            wire.chat(model="gpt-4o")  # which has no limits
            # The clock is put forward by less than a bucket takes to be full: there is room for one.
            assert wire.post("/_ceyx/clock", {"advance": 31}).status == 200
            assert [wire.post(CHAT, {"model": "prod", "messages": said("Hi")}).status for _ in range(2)] == [200, 429]
            wire.pool.clear()

    def test_a_request_that_never_fits_is_not_to_be_sent_again(self) -> None:
        with LocalService(Settings(limits={"*": Limit(tokens_per_minute=100)})) as service:
            wire = Wire(service)
            answer = wire.post(CHAT, {"model": "gpt-4o", "messages": said("Hi"), "max_tokens": 500})
            assert answer.status == 429
            assert answer.headers["x-should-retry"] == "false"
            assert "Request too large for gpt-4o" in answer.json()["error"]["message"]
            assert "Limit 100, Requested 500" in answer.json()["error"]["message"]
            wire.pool.clear()


class TestAzure:
    def test_looks_at_windows_of_ten_seconds_and_at_minutes(self) -> None:
        meter = Meter(Limit(60), "azure", 0.0)
        assert [meter.admit(1, 0.0) is None for _ in range(11)] == [True] * 10 + [False]
        refused = meter.admit(1, 4.0)
        assert refused is not None
        assert (refused.dimension, refused.seconds) == ("requests", 6.0)
        assert meter.admit(1, 10.0) is None
        few = Meter(Limit(2), "azure", 0.0)
        assert [few.admit(1, at) is None for at in (0.0, 10.0, 20.0, 61.0)] == [True, True, False, True]

    def test_lets_in_while_tokens_are_left_and_gives_none_back(self) -> None:
        meter = Meter(Limit(None, 1000), "azure", 0.0)
        assert meter.admit(900, 0.0) is None
        meter.settle(900, 10)
        assert meter.admit(900, 1.0) is None  # 100 are left
        refused = meter.admit(1, 2.0)
        assert refused is not None
        assert (refused.dimension, refused.seconds) == ("tokens", 58.0)
        assert meter.left(2.0).tokens == 0
        assert meter.admit(1, 60.0) is None

    def test_says_so_as_azure_does(self) -> None:
        with LocalService(Settings(limits={"gpt-4o": Limit(1)})) as service:
            wire = Wire(service)
            path = AZURE.format("gpt-4o", "chat/completions")
            assert wire.post(path, {"messages": said("Hi")}).headers["x-ratelimit-remaining-requests"] == "0"
            answer = wire.post(path, {"messages": said("Hi")})
            assert answer.status == 429
            assert answer.json()["error"] == {
                "code": "429",
                "message": "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2025-04-01-preview "
                "have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 10 seconds.",
            }
            assert (answer.headers["retry-after"], answer.headers["retry-after-ms"]) == ("10", "10000")
            assert answer.headers["x-ratelimit-reset-requests"] == "60"
            assert "apim-request-id" in answer.headers
            wire.pool.clear()


def test_batches_are_not_counted() -> None:
    """Their lines have limits of their own at the providers."""
    with LocalService(Settings(limits={"*": Limit(1)})) as service:
        wire = Wire(service)
        with OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
            line = b'{"custom_id": "%d", "method": "POST", "url": "/v1/embeddings", "body": {"model": "text-embedding-3-small", '
            line += b'"input": "a"}}\n'
            file = client.files.create(file=("a.jsonl", b"".join(line % i for i in range(3))), purpose="batch")
            batch = client.batches.create(input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h")
            for _ in range(200):
                batch = client.batches.retrieve(batch.id)
                if batch.status == "completed":
                    break
            assert batch.request_counts is not None
            assert (batch.request_counts.completed, batch.request_counts.failed) == (3, 0)
        wire.pool.clear()


@given(
    st.sampled_from(["openai", "azure"]),
    st.integers(1, 100),
    st.integers(1, 5000),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3000)), max_size=60),
)
def test_a_wait_that_was_told_is_long_enough(provider: Any, requests: int, tokens: int, asked: list[tuple[float, int]]) -> None:
    meter, now = Meter(Limit(requests, tokens), provider, 0.0), 0.0
    for seconds, cost in asked:
        now += seconds
        exceeded = meter.admit(cost, now)
        left = meter.left(now)
        assert 0 <= left.requests <= requests
        assert 0 <= left.tokens <= tokens
        for _ in range(3):  # a minute's window may still be shut when that of ten seconds opens
            if exceeded is None or exceeded.seconds is None:
                break
            now += exceeded.seconds + 1e-6
            exceeded = meter.admit(cost, now)
        assert exceeded is None or exceeded.seconds is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0121, "13ms"), (0.5, "500ms"), (1, "1s"), (7.66, "7.66s"), (60, "1m0s"), (360, "6m0s"), (90.5, "1m30.5s")],
)
def test_durations_are_spelled_as_openai_does(seconds: float, text: str) -> None:
    assert spelled(seconds) == text
