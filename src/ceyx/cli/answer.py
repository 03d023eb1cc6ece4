"""One answer, whole or as it streams: its text, and what it took."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ceyx.client import OpenAI
    from ceyx.errors import APIStatusError


class Answer:
    """An answer as far as it has come: reading `pieces` fills it in, and what was there before an interruption stays."""

    def __init__(self) -> None:
        self.text = ""
        self.model: str | None = None
        self.finish_reason: str | None = None
        self.refused = False
        self.request_id: str | None = None
        self.tokens_in: int | None = None
        self.tokens_out: int | None = None
        self.first_token: float | None = None
        self.seconds = 0.0

    def pieces(self, client: OpenAI, params: dict[str, Any], streamed: bool) -> Generator[str, None, None]:
        """The text as it comes. `params` lose or change what the server refuses, so that the next question is right at once."""
        started = monotonic()
        try:
            for piece in self._streamed(client, params, started) if streamed else self._whole(client, params):
                self.text += piece
                yield piece
        finally:
            self.seconds = monotonic() - started

    def _streamed(self, client: OpenAI, params: dict[str, Any], started: float) -> Iterator[str]:
        from ceyx.errors import ProtocolError

        with accepted(client.chat.completions.create, params, stream=True) as stream:
            self.request_id = stream.response.request_id
            for chunk in stream:
                self.model = getattr(chunk, "model", None) or self.model  # servers that leave it out are answered by, too
                self._count(chunk.usage)
                for choice in getattr(chunk, "choices", None) or ():
                    self.finish_reason = choice.finish_reason or self.finish_reason
                    self.refused |= bool(choice.delta.refusal)
                    if piece := (choice.delta.content or "") + (choice.delta.refusal or ""):
                        if self.first_token is None:
                            self.first_token = monotonic() - started
                        yield piece
        if self.finish_reason is None:
            raise ProtocolError("the stream ended before the answer did (no finish_reason); what came may be incomplete")

    def _whole(self, client: OpenAI, params: dict[str, Any]) -> Iterator[str]:
        response = accepted(client.chat.completions.with_raw_response.create, params)
        completion = response.parse()
        self.request_id, self.model = response.request_id, getattr(completion, "model", None)
        self._count(completion.usage)
        for choice in getattr(completion, "choices", None) or ():
            self.finish_reason, self.refused = choice.finish_reason, bool(choice.message.refusal)
            yield (choice.message.content or "") + (choice.message.refusal or "")

    def _count(self, usage: Any) -> None:
        if usage is not None:
            self.tokens_in = getattr(usage, "prompt_tokens", None)
            self.tokens_out = getattr(usage, "completion_tokens", None)

    # -- what to say of it

    def warnings(self) -> list[str]:
        """What the reader of this answer must know of it."""
        said = []
        if self.finish_reason == "length":
            said.append("the answer was cut at the token limit (finish_reason length); raise --max-tokens, or ask for less")
        if self.finish_reason == "content_filter":
            said.append("the content filter ended the answer (finish_reason content_filter); change the question")
        if self.refused:
            said.append("the model refused to answer")
        return said

    def summary(self, provider: str) -> str:
        """One line: model, tokens, times, request id; what the server did not tell is left out."""
        model = f"local stand-in for {self.model}" if provider == "local" else self.model
        counted = self.tokens_in is not None and self.tokens_out is not None
        facts = [
            model or "",
            f"{self.tokens_in:,} tokens in, {self.tokens_out:,} out" if counted else "",
            f"{self.seconds:.2f} s" + ("" if self.first_token is None else f", first token {self.first_token:.2f} s"),
            self.request_id or "",
        ]
        return " · ".join(filter(None, facts))

    def as_dict(self, provider: str) -> dict[str, Any]:
        """For programs."""
        counted = self.tokens_in is not None or self.tokens_out is not None
        return {
            "answer": self.text,
            "provider": provider,
            "model": self.model,
            "usage": {"prompt_tokens": self.tokens_in, "completion_tokens": self.tokens_out} if counted else None,
            "ttft": self.first_token and round(self.first_token, 4),
            "seconds": round(self.seconds, 4),
            "request_id": self.request_id,
            "finish_reason": self.finish_reason,
            "refused": self.refused,
        }


def accepted(create: Callable[..., Any], params: dict[str, Any], **more: Any) -> Any:
    """What `create` gives for `params`, asked again without what the server refuses. Raises its error where that is not it."""
    from ceyx.errors import APIStatusError

    while True:
        try:
            return create(**params, **more)
        except APIStatusError as error:
            if not adapt(params, error):
                raise


def adapt(params: dict[str, Any], error: APIStatusError) -> bool:
    """Whether `params` could be changed to what a server that refused them takes; they then are."""
    said = f"{error.message} {error.body}"
    if error.status_code not in (400, 422):
        return False
    if "stream_options" in params and "stream_options" in said:
        del params["stream_options"]
        return True
    # Every server but OpenAI's own, with its reasoning models, knows max_tokens; those name what they want instead.
    if "max_tokens" in params and "max_completion_tokens" in said:
        params["max_completion_tokens"] = params.pop("max_tokens")
        return True
    return False
