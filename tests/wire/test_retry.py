"""When to try again: answers are sent into the flow, and it says what it would do."""

from __future__ import annotations

import json
from email.utils import formatdate

import pytest

from ceyx.errors import APIConnectionError, APIStatusError, APITimeoutError, DeadlineExceededError, RateLimitError
from ceyx.wire.call import Pause
from ceyx.wire.message import Headers, Policy, Request
from ceyx.wire.retry import RetryBudget, attempts, backoff, wait_asked_for

NOW = 1_700_000_000.0


class Answer:
    def __init__(self, status, headers=(), body=None):
        self.status, self.headers = status, Headers(dict(headers).items())
        self.content = json.dumps({"error": body or {"message": "boom"}}).encode()


def request(until=None):
    return Request("POST", "https://host", "/v1/x", {}, b"{}", until=until)


def flow(*answers, max_retries=2, until=None, budget=None, jitter=0.0, on_retry=None, asked=None):
    """Sends these answers in, throws those that are exceptions; the pauses it asked for, and its end."""
    clock = [100.0]
    made = attempts(
        asked or request(until),
        max_retries,
        budget=budget,
        now=lambda: clock[0],
        wall=lambda: NOW,
        jitter=lambda: jitter,
        on_retry=on_retry,
    )
    pauses, left = [], list(answers)
    step = next(made)
    while True:
        try:
            if isinstance(step, Pause):
                pauses.append(step.seconds)
                clock[0] += step.seconds
                step = next(made)
            else:
                answer = left.pop(0)
                step = made.throw(answer) if isinstance(answer, Exception) else made.send(answer)
        except StopIteration as end:
            return pauses, end.value, left
        except Exception as error:  # noqa: BLE001  # whatever it raises is what is asked about
            return pauses, error, left


OK = Answer(200)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 524, 529, 599])
def test_what_may_pass_is_tried_again(status):
    pauses, end, _ = flow(Answer(status), Answer(status), OK)
    assert pauses == [0.5, 1.0]
    assert end == (OK, 2)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 402, 403, 404, 413, 418, 422])
def test_what_stays_wrong_is_not(status):
    pauses, end, left = flow(Answer(status), OK)
    assert (pauses, left) == ([], [OK])
    assert isinstance(end, APIStatusError)
    assert end.status_code == status


@pytest.mark.parametrize("failure", [APIConnectionError(), APITimeoutError()])
def test_a_failed_connection_is_tried_again(failure):
    assert flow(failure, OK) == ([0.5], (OK, 1), [])


def test_after_the_last_retry_the_last_error_is_raised_and_says_how_often():
    pauses, end, _ = flow(Answer(500), Answer(503), Answer(429), OK)
    assert pauses == [0.5, 1.0]
    assert isinstance(end, RateLimitError)
    assert "tried 3 times" in str(end)
    assert end.message == str(end)


def test_no_retries_mean_one_try():
    pauses, end, left = flow(Answer(500), OK, max_retries=0)
    assert (pauses, left, end.status_code) == ([], [OK], 500)
    assert "tried" not in str(end)


def test_backoff_doubles_up_to_eight_seconds():
    assert flow(*[Answer(500)] * 7, OK, max_retries=7)[0] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


@pytest.mark.parametrize(("jitter", "wanted"), [(0.0, 0.5), (0.5, 0.4375), (0.999999, 0.375)])
def test_jitter_takes_up_to_a_quarter(jitter, wanted):
    assert backoff(0, lambda: jitter) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("retries", [0, 5, 100, 1000])
def test_backoff_of_any_try_is_finite(retries):
    assert 0 < backoff(retries, lambda: 0.3) <= 8


# ---- what the server asks for


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"Retry-After": "0.25"}, 0.25),
        ({"retry-after": "120"}, 120),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": formatdate(NOW + 7, usegmt=True)}, 7),
        ({"retry-after": formatdate(NOW - 7, usegmt=True)}, None),
        ({"retry-after": formatdate(NOW + 7, usegmt=True), "date": formatdate(NOW + 2, usegmt=True)}, 5),
        ({"retry-after": formatdate(NOW + 7, usegmt=True), "date": "garbage"}, 7),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "100", "x-ms-retry-after-ms": "200", "retry-after": "3"}, 0.1),
        ({"x-ms-retry-after-ms": "200", "retry-after": "3"}, 0.2),
        ({"retry-after-ms": "0", "retry-after": "3"}, 3),
        ({"x-ratelimit-reset-tokens": "6m0s"}, None),  # says nothing where the answer is no 429
    ],
)
def test_headers(headers, wanted):
    assert wait_asked_for(Headers(headers.items()), lambda: NOW) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("headers", "text", "wanted"),
    [
        ({"x-ratelimit-reset-requests": "1s"}, "x", 1),
        ({"x-ratelimit-reset-tokens": "6m0s"}, "x", 360),
        ({"x-ratelimit-reset-tokens": "12ms"}, "x", 0.012),
        ({"x-ratelimit-reset-tokens": "1h2m3.5s"}, "x", 3723.5),
        ({"x-ratelimit-reset-tokens": "9"}, "x", 9),
        ({"x-ratelimit-reset-tokens": "later"}, "x", None),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "3s"}, "x", 3),
        (
            {
                "x-ratelimit-reset-requests": "60s",
                "x-ratelimit-remaining-requests": "7",
                "x-ratelimit-reset-tokens": "3s",
                "x-ratelimit-remaining-tokens": "0",
            },
            "x",
            3,
        ),
        ({"retry-after": "2", "x-ratelimit-reset-tokens": "9s"}, "x", 2),
        ({}, "Requests have exceeded call rate limit. Please retry after 26 seconds.", 26),
        ({}, "Please retry after 1 second. Contact support", 1),
        ({}, "Rate limit reached. Please try again in 1.2s.", 1.2),
        ({}, "Please try again later.", None),
    ],
)
def test_what_a_429_says_of_its_limits(headers, text, wanted):
    assert wait_asked_for(Headers(headers.items()), lambda: NOW, text) == pytest.approx(wanted)


def test_azures_sentence_is_waited_for():
    said = {"code": "429", "message": "… exceeded token rate limit … Please retry after 17 seconds. …"}
    assert flow(Answer(429, body=said), OK)[0] == [17]


@pytest.mark.parametrize(
    "headers", [{"retry-after": "121"}, {"retry-after-ms": "120001"}, {"x-should-retry": "true", "retry-after": "500"}]
)
def test_a_wait_of_more_than_two_minutes_is_refused_and_said(headers):
    pauses, end, left = flow(Answer(429, headers), OK)
    assert (pauses, left) == ([], [OK])
    assert "asks to wait" in str(end)


def test_a_wait_of_exactly_two_minutes_is_taken():
    assert flow(Answer(503, {"retry-after": "120"}), OK)[0] == [120]


# ---- who has the last word


@pytest.mark.parametrize(
    ("status", "said", "again"),
    [(400, "true", True), (500, "false", False), (429, "false", False), (400, "maybe", False), (500, "x", True)],
)
def test_x_should_retry_has_the_last_word(status, said, again):
    pauses, _, _ = flow(Answer(status, {"x-should-retry": said}), OK)
    assert bool(pauses) is again


def test_an_empty_account_is_not_asked_again():
    pauses, end, left = flow(Answer(429, body={"message": "quota", "code": "insufficient_quota"}), OK)
    assert (pauses, left, end.code) == ([], [OK], "insufficient_quota")
    assert "billing" in str(end)


def test_a_wait_past_the_deadline_is_not_begun():
    pauses, end, left = flow(Answer(429, {"retry-after": "60"}), OK, until=110.0)
    assert (pauses, left) == ([], [OK])
    assert isinstance(end, RateLimitError)
    assert "deadline" in str(end)


def test_a_wait_before_the_deadline_is_taken():
    assert flow(Answer(429, {"retry-after": "5"}), OK, until=110.0)[0] == [5]


def test_a_passed_deadline_ends_it():
    pauses, end, left = flow(DeadlineExceededError(), OK)
    assert (pauses, left) == ([], [OK])
    assert isinstance(end, DeadlineExceededError)


def test_the_cause_of_a_failed_connection_stays_its_cause():
    failure, cause = APIConnectionError(), OSError("refused")
    failure.__cause__ = cause
    _, end, _ = flow(failure, failure, failure)
    assert end.__cause__ is cause


def test_every_retry_is_reported():
    told = []
    flow(Answer(500), Answer(429, {"retry-after": "3"}), OK, on_retry=lambda *what: told.append(what))
    assert [(retries, wait, error.status_code) for _, retries, wait, error in told] == [(1, 0.5, 500), (2, 3, 429)]


# ---- the budget


def test_the_budget_ends_a_storm():
    budget = RetryBudget(20)
    pauses, end, _ = flow(*[Answer(500)] * 5, max_retries=4, budget=budget)
    assert len(pauses) == 1  # 14 of 20; half a second gains 5, and 11 do not pay the next
    assert "budget" in str(end)


def test_a_throttled_retry_is_cheaper():
    budget = RetryBudget(500)
    flow(Answer(429, {"retry-after": "0.001"}), APIConnectionError(), OK, budget=budget)
    assert budget.left == pytest.approx(500 - 5 + 0.01 - 14 + 1, abs=0.02)


def test_the_budget_fills_with_time_and_never_runs_over():
    budget = RetryBudget(50)
    assert budget.spend(50, 0.0)
    assert not budget.spend(1, 0.0)
    assert budget.spend(20, 2.0)
    assert not budget.spend(1, 2.0)
    assert budget.spend(50, 1e6)
    budget.regain()
    assert budget.left == 1


def test_answers_alone_do_not_overfill_it():
    budget = RetryBudget(10)
    for _ in range(5):
        budget.regain()
    assert budget.left == 10


# ---- answers that had begun


def broken(answered):
    error = APIConnectionError(message="cut")
    error.answered = answered
    return error


def test_a_call_that_may_have_been_billed_is_not_sent_again():
    pauses, error, left = flow(broken(True), OK)
    assert (pauses, len(left)) == ([], 1)
    assert "may have been billed; retry_answered=True" in str(error)
    assert error.retryable
    assert flow(broken(False), OK)[1][1] == 1


@pytest.mark.parametrize(("method", "policy"), [("GET", Policy()), ("POST", Policy(retry_answered=True))])
def test_unless_that_does_no_harm_or_was_asked_for(method, policy):
    asked = request()
    asked.method, asked.policy = method, policy
    assert flow(broken(True), OK, asked=asked)[1][1] == 1


def test_an_upload_that_cannot_be_read_again_is_not_sent_again():
    class Once:
        replayable = False

    asked = request()
    asked.content = Once()
    pauses, error, _ = flow(Answer(503), OK, asked=asked)
    assert pauses == []
    assert "cannot be read again; give one that can seek, or a path" in str(error)
    Once.replayable = True
    assert flow(Answer(503), OK, asked=asked)[1][1] == 1
