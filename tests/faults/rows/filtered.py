"""What Azure's content filter blocked or stopped."""

from __future__ import annotations

from typing import Any

from cases import Case, gives, raises, stream, whole
from drives import Drive, Outcome


def blocked(outcome: Outcome, drive: Drive) -> None:
    raises("ContentFilterError", "violence: high", retryable=False)(outcome, drive)
    error: Any = outcome.error
    assert (error.source, error.categories, error.status_code) == ("prompt", {"violence": "high"}, 400)
    assert error.results["hate"]["filtered"] is False


def stopped(outcome: Outcome, drive: Drive) -> None:
    raises("ContentFilterError", "violence: high")(outcome, drive)
    error: Any = outcome.error
    assert (error.source, error.categories) == ("completion", {"violence": "high"})
    assert error.partial.choices[0].finish_reason == "content_filter"


def stays(outcome: Outcome, drive: Drive) -> None:
    """The answer that the filter stopped is given, its findings readable: nobody asked for an error."""
    gives("This")(outcome, drive)
    parts = outcome.value if isinstance(outcome.value, list) else [outcome.value]
    choices = [choice for part in parts for choice in part.choices]
    assert [choice.finish_reason for choice in choices if choice.finish_reason] == ["content_filter"]
    found = [choice.content_filter_results for choice in choices if choice.finish_reason]
    assert (found[0].violence.filtered, found[0].violence.severity) == (True, "high")


def later(outcome: Outcome, drive: Drive) -> None:
    """All of the text, and what was looked for in it in a chunk that says nothing, which has a delta all the same."""
    gives("Say hello")(outcome, drive)
    (choice,) = outcome.value[-1].choices
    assert (choice.delta.content, choice.content_filter_results.violence.severity) == (None, "safe")


FILTERED = (
    Case(
        "38",
        "400, Azure's content filter blocked the prompt",
        "ContentFilterError (a BadRequestError) with categories and severities",
        whole("prompt-filtered", azure=True, max_retries=2),
        blocked,
    ),
    Case(
        "38b",
        "Azure's content filter stopped the answer",
        "given as it is, with its `finish_reason` and what was found",
        whole("content-filtered", azure=True),
        stays,
    ),
    Case(
        "38c",
        "stream: the same",
        "given as it is, with its `finish_reason` and what was found",
        stream("content-filtered", azure=True),
        stays,
    ),
    Case(
        "38d",
        'Azure\'s content filter stopped the answer; `content_filter="raise"`',
        "ContentFilterError, with the answer and what was found",
        whole("content-filtered", azure=True, content_filter="raise"),
        stopped,
    ),
    Case(
        "38e",
        "stream: the same",
        "ContentFilterError at its end, with what came and what was found",
        stream("content-filtered", azure=True, content_filter="raise"),
        stopped,
    ),
    Case(
        "38f",
        "stream: Azure's asynchronous filter comes after the text, in a chunk without a `delta`",
        "given as it is, with an empty `delta`",
        stream("late-filter", azure=True),
        later,
    ),
    Case(
        "38g",
        "stream: the same, and it found something, which stops the answer",
        "given as it is, with its `finish_reason` and what was found",
        stream("late-filter;stops=yes", azure=True),
        stays,
    ),
    Case(
        "38h",
        'stream: the same; `content_filter="raise"`',
        "ContentFilterError at its end, with what came and what was found",
        stream("late-filter;stops=yes", azure=True, content_filter="raise"),
        stopped,
    ),
)
