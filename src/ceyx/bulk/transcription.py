"""Recordings as text: each row names a file of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ceyx.bulk.any_job import AnyJob, Request
from ceyx.bulk.template import RowError, Values, check_template, filled
from ceyx.rates import Used

if TYPE_CHECKING:
    from ceyx.bulk.any_job import Outcome, Sender
    from ceyx.client import AsyncOpenAI
    from ceyx.response import RawResponse

_OWN = ("file", "model", "stream")
_ENDINGS = (".flac", ".m4a", ".mp3", ".mp4", ".mpeg", ".mpga", ".oga", ".ogg", ".opus", ".wav", ".webm")
_OBJECTS = ("verbose_json", "diarized_json")  # of which the text is the least
BYTES_A_SECOND = 16_000  # of MP3 at 128 kbit/s, which most recordings are near
FEWEST_BYTES_A_SECOND = 1_000  # of MP3 at 8 kbit/s, the least that it knows
TOKENS_A_SECOND = 17  # of sound, as the models that are paid by the token are priced: 0.6 cents a minute at 6 dollars a million
SAID_A_SECOND = 5  # tokens that somebody who talks fast says


@dataclass(frozen=True, slots=True)
class TranscriptionJob(AnyJob):
    """What is said in a recording of each row: `TranscriptionJob(model="whisper-1", path="{path}")`."""

    endpoint: ClassVar[str] = "/v1/audio/transcriptions"
    batchable: ClassVar[bool] = False
    priced_by_tokens: ClassVar[bool] = False

    model: str
    path: str = "{path}"
    """Where the recording is, with `{column}` where the value of a column goes; from the current folder on."""
    params: Values = field(default_factory=dict)
    """Further parameters of `audio.transcriptions.create`, for all rows. With a `response_format` of `verbose_json` or
    `diarized_json` the answer is an object, with `srt` or `vtt` subtitles."""
    answer: str = "transcript"

    def __post_init__(self) -> None:
        check_template(self.path)
        self._check_params(_OWN)

    @property
    def answers(self) -> Literal["text", "json", "vector"]:
        return "json" if self.params.get("response_format") in _OBJECTS else "text"

    @property
    def longest_answer(self) -> int:
        return 0  # `most` knows better than any number

    @property
    def said(self) -> dict[str, Any]:
        asked = {"path": self.path, "params": self._said_params()}
        return {"kind": "transcription", "model": self.model, **asked, "answer": self.answer}

    def request(self, row: Values) -> Request:
        """As for JSON, with the path of the file in place of the file."""
        self._check_row(row)
        path = filled(self.path, row)
        if not path or not Path(path).is_file():
            raise RowError(f"there is no file {path or 'without a name'} (looked for from {Path.cwd()} on)")
        if not Path(path).stat().st_size:
            raise RowError(f"the file {path} is empty")
        return {"model": self.model, "file": path, **self.params}

    def tokens(self, request: Request) -> int:
        from ceyx.tokens import Count

        return Count(_size(request) * TOKENS_A_SECOND // BYTES_A_SECOND, exact=False)

    def most(self, request: Request, tokens: int, output: int) -> Sequence[Used]:
        """By the second and by the token, as if it was as long as its size allows."""
        seconds = _size(request) / FEWEST_BYTES_A_SECOND
        heard = int(seconds * TOKENS_A_SECOND) + 1
        return Used(seconds=seconds), Used(heard, int(seconds * SAID_A_SECOND) + 1, audio_input=heard)

    def sender(self, client: AsyncOpenAI) -> Sender:
        create: Any = client.audio.transcriptions.with_raw_response.create

        async def send(*, file: str, **params: Any) -> RawResponse[Any]:
            try:
                return await create(file=Path(file), **params)  # type: ignore[no-any-return]
            except OSError as error:  # it was there a moment ago
                raise RowError(f"cannot read {file}: {error.strerror}") from error

        return send

    def read(self, body: Any) -> Any:
        from ceyx.types.audio.transcription import Transcription

        return Transcription.wrap(body)

    def _outcomes(self, answer: Any, kept: Sequence[dict[str, Any]]) -> list[Outcome]:
        if isinstance(answer, str):  # text, subtitles
            said: Any = answer
        elif self.answers == "json":
            said = {name: value for name, value in answer.model_dump(exclude_none=True).items() if name != "usage"}
        else:
            said = answer.text
        return [("done", {**each, "answer": said}) for each in kept]


def is_recording(name: str) -> bool:
    """Whether a file is one to transcribe, by how its name ends."""
    return name.lower().endswith(_ENDINGS)


def _size(request: Request) -> int:
    try:
        return Path(request["file"]).stat().st_size
    except OSError:  # which sending it will say
        return 0
