"""Who says what when: a text spread over the time of its recording, letter by letter, and written down in every format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_sentence = re.compile(r"\s*(.+?(?:[.!?\u3002\uff01\uff1f]+(?=\s|$)|$))", re.DOTALL)
_word = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence or a word, and its seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recording says."""

    text: str
    seconds: float

    @property
    def sentences(self) -> list[Stretch]:
        return self._stretches(_sentence, 1)

    @property
    def words(self) -> list[Stretch]:
        return self._stretches(_word, 0)

    def _stretches(self, pattern: re.Pattern[str], group: int) -> list[Stretch]:
        a_letter = self.seconds / max(len(self.text), 1)
        found = (match for match in pattern.finditer(self.text) if match[group].strip())
        return [Stretch(m[group], round(m.start(group) * a_letter, 3), round(m.end(group) * a_letter, 3)) for m in found]

    def srt(self) -> str:
        """SubRip subtitles."""
        cues = (f"{i}\n{_span(each, ',')}\n{each.text}\n\n" for i, each in enumerate(self.sentences, 1))
        return "".join(cues)

    def vtt(self) -> str:
        """WebVTT subtitles."""
        return "WEBVTT\n\n" + "".join(f"{_span(each, '.')}\n{each.text}\n\n" for each in self.sentences)

    def segments(self) -> list[dict[str, Any]]:
        """The sentences as the segments of verbose JSON, with the tokens and scores of nobody in doubt."""
        certain = {"temperature": 0.0, "avg_logprob": -0.1, "compression_ratio": 1.0, "no_speech_prob": 0.01}
        return [
            {"id": i, "seek": 0, "start": each.start, "end": each.end, "text": each.text, "tokens": _tokens(each.text), **certain}
            for i, each in enumerate(self.sentences)
        ]

    def spoken_by(self, speakers: Iterable[str]) -> list[dict[str, Any]]:
        """The sentences as segments of diarized JSON: of one speaker after the other, of A where none is known."""
        names = list(speakers) or ["A"]
        return [
            {
                "type": "transcript.text.segment",
                "id": f"seg_{i:03}",
                "start": each.start,
                "end": each.end,
                "text": each.text,
                "speaker": names[i % len(names)],
            }
            for i, each in enumerate(self.sentences)
        ]


def _span(each: Stretch, point: str) -> str:
    return f"{_clock(each.start, point)} --> {_clock(each.end, point)}"


def _clock(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"


def _tokens(text: str) -> list[int]:
    """Numbers in place of tokens: one for each word, the same for the same word."""
    return [50_364 + sum(word.encode()) for word in text.split()]
