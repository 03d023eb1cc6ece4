"""What streamed choices amount to, of chats and of legacy completions: which have ended, and the answer so far.

Text is the hot path: of a chunk that only brings some, no more is kept than that text.
"""

from __future__ import annotations

from typing import Any, TypeVar

from ceyx.types.chat.chat_completion import ChatCompletion
from ceyx.types.chat.chat_completion_chunk import ChatCompletionChunk, Choice, ChoiceDelta
from ceyx.types.chat.content_filter import ContentFilterResults
from ceyx.types.completion import Completion
from ceyx.wire.collecting import Collector, ErrorEvent
from ceyx.wire.view import new, plain

E = TypeVar("E")
Fields = dict[str, Any]


class _Choices(Collector[E]):
    """What the two kinds share. The state is plain data of its own: chunks belong to who reads them."""

    max_event_bytes = 8 * 1024 * 1024

    def __init__(self) -> None:
        self._whole: Fields = {}
        self.choices: dict[int, Fields] = {}
        """What came of each choice but for its text, as plain data, to be read only."""
        self.texts: dict[int, list[str]] = {}
        """The text of each, in pieces, of which there will be more at the end."""

    def unfinished(self) -> str | None:
        if not self.choices:
            return "no choice"
        open_ones = [str(index) for index, choice in self.choices.items() if choice["finish_reason"] is None]
        return f"no finish_reason of choice {', '.join(open_ones)}" if open_ones else None

    def filtered(self) -> Fields | None:
        for choice in self.choices.values():
            if choice["finish_reason"] == "content_filter":
                return choice
        return None

    def _remember(self, data: Any) -> None:
        """Take over what `data`, a chunk not yet wrapped, says."""
        if type(data) is not dict:
            return
        for name, value in data.items():
            if value and name not in ("choices", "object", "obfuscation"):
                self._whole[name] = value
        choices = data.get("choices")
        for choice in choices if type(choices) is list else ():
            if type(choice) is not dict:
                continue
            index = choice["index"] if type(choice.get("index")) is int else 0
            known = self.choices.get(index)
            if known is None:
                known = self.choices[index] = {"index": index, "finish_reason": None}
                self.texts[index] = []
            self._take(known, choice)

    def _take(self, known: Fields, choice: Fields) -> None:
        """Take over what one choice of a chunk says, but for its text."""
        known["finish_reason"] = choice.get("finish_reason") or known["finish_reason"]
        if type(findings := choice.get("content_filter_results")) is dict:
            self._find(known, findings)
        if logprobs := choice.get("logprobs"):
            known["logprobs"] = joined(known.get("logprobs") or {}, logprobs)

    def _find(self, known: Fields, findings: Fields) -> None:
        """Findings of later pieces replace earlier ones, unless those are why text was withheld."""
        before: Any = known.get("content_filter_results") or {}
        held = {name: found for name, found in before.items() if isinstance(found, dict) and found.get("filtered")}
        known["content_filter_results"] = {**before, **findings, **held}

    def _sorted(self) -> list[Fields]:
        return [plain(self.choices[index]) for index in sorted(self.choices)]


class ChatCollector(_Choices[ChatCompletionChunk]):
    """Reads the chunks of a chat completion. Tool calls are merged by their index."""

    def read(self, data: Any) -> ChatCompletionChunk:
        """The view of a chunk. Nearly every one is one choice with some text, and that one is unrolled here: half the cost."""
        try:
            (choice,) = choices = data["choices"]
            delta, texts = choice["delta"], self.texts[choice["index"]]
            if (
                len(delta) == 1
                and type(text := delta["content"]) is str
                and choice.get("finish_reason") is None
                and choice.get("logprobs") is None
                and choice.get("content_filter_offsets") is None
                and data.get("usage") is None
                and data.get("moderation") is None
                and data.get("prompt_filter_results") is None
            ):
                if (found := choice.get("content_filter_results")) is not None:  # Azure sends them with every piece of text
                    for finding in found.values():
                        if finding.get("filtered") or finding.get("detected"):
                            self._find(self.choices[choice["index"]], found)
                            break
                texts.append(text)
            else:
                return self._any(data)
        except (KeyError, TypeError, ValueError, AttributeError):  # there is more to it, or it is no chunk at all
            return self._any(data)
        if found is not None:
            choice["content_filter_results"] = ContentFilterResults.wrap(found)
        choice["delta"] = piece = new(ChoiceDelta)
        piece.__dict__ = delta
        choices[0] = only = new(Choice)
        only.__dict__ = choice
        chunk = new(ChatCompletionChunk)
        chunk.__dict__ = data
        return chunk

    def _any(self, data: Any) -> ChatCompletionChunk:
        if type(data) is dict and not data.get("choices") and (data.get("object") == "error" or "error_code" in data):
            raise ErrorEvent(data)  # as FastChat and what is made from it say it
        self._remember(data)
        if type(data) is dict and data.get("choices") is None:
            data["choices"] = []  # so that a loop over them never fails
        return ChatCompletionChunk.wrap(data)

    def _take(self, known: Fields, choice: Fields) -> None:
        super()._take(known, choice)
        delta = choice.get("delta")
        if type(delta) is not dict:
            return
        if type(text := delta.get("content")) is str:
            self.texts[known["index"]].append(text)
        rest = {name: value for name, value in delta.items() if name != "content"}
        known["message"] = joined(known.get("message") or {}, rest)

    def partial(self) -> ChatCompletion:
        """The completion so far. A choice that has not ended has no `finish_reason`; its content and arguments may be cut."""
        return ChatCompletion.wrap(self.so_far())

    def so_far(self) -> Fields:
        """As `partial`, as plain data, the caller's own."""
        choices = self._sorted()
        for choice in choices:
            pieces = self.texts[choice["index"]]
            message = choice.pop("message", {})
            calls = message.get("tool_calls")
            for call in calls if type(calls) is list else ():
                if type(call) is dict:
                    call.pop("index", None)
            choice["message"] = {"role": "assistant", "content": "".join(pieces) if pieces else None, "refusal": None, **message}
        return {"id": "", **plain(self._whole), "object": "chat.completion", "choices": choices}


class CompletionCollector(_Choices[Completion]):
    """Reads the pieces of a legacy completion."""

    def read(self, data: Any) -> Completion:
        self._remember(data)
        return Completion.wrap(data)

    def _take(self, known: Fields, choice: Fields) -> None:
        super()._take(known, choice)
        if type(text := choice.get("text")) is str:
            self.texts[known["index"]].append(text)

    def partial(self) -> Completion:
        """The completion so far. A choice that has not ended has no `finish_reason`."""
        choices = [{**choice, "text": "".join(self.texts[choice["index"]])} for choice in self._sorted()]
        return Completion.wrap({"id": "", **plain(self._whole), "object": "text_completion", "choices": choices})


FIRST_STANDS = frozenset({"id", "index", "type", "role", "name", "expires_at"})  # some servers repeat them in every piece


def joined(so_far: Any, more: Any) -> Any:
    """`so_far` and the piece after it: text goes on, lists grow or are merged by the `index` of their items, dicts by name."""
    if so_far is None or more is None:
        return so_far if more is None else _own(more)
    if type(so_far) is dict and type(more) is dict:
        for name, value in more.items():
            known = so_far.get(name)
            if name in FIRST_STANDS and known not in (None, ""):
                continue
            so_far[name] = joined(known, value)
        return so_far
    if type(so_far) is list and type(more) is list:
        for item in more:
            same = _same(so_far, item) if type(item) is dict else None
            if same is None:
                so_far.append(_own(item))
            else:
                joined(same, item)
        return so_far
    return so_far + more if type(so_far) is str and type(more) is str else more


def _same(so_far: list[Any], item: Fields) -> Any:
    """The one of these that `item` is a piece of: by its index, or without one by its id. Another id is another one."""
    place, id_ = item.get("index"), item.get("id")
    if place is None and not id_:
        return None
    for old in reversed(so_far):
        if type(old) is dict and (old.get("id") == id_ if place is None else old.get("index") == place):
            return None if id_ and old.get("id") not in (None, "", id_) else old
    return None


def _own(value: Any) -> Any:
    """A copy of `value`, whose views and pieces belong to somebody else."""
    if type(value) is dict:
        return joined({}, value)
    return joined([], value) if type(value) is list else plain(value)
