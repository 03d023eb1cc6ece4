"""The jobs of the past, for `ceyx runs`: a small file for each in the user's folder for state, which outlives ledger and output.

It says where they are and how it went, and holds no prompt, row, answer, key or command line. A run that cannot write it goes
on without.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from ceyx.bulk.hold import holder
from ceyx.bulk.ledger import LedgerError, LedgerReader
from ceyx.bulk.outcome import kind_of
from ceyx.bulk.progress import BUDGET, Progress
from ceyx.errors import OpenAIError

BEAT = 5.0  # seconds after which a run says again that it is at work
MOST_KEPT = 1000  # jobs; the oldest are forgotten
UNKNOWN_ID = re.compile(r"[^0-9a-z-]")

Ending = Literal["running", "finished", "interrupted", "stopped", "waiting"]
"""`stopped` by an error that all rows would meet, `waiting` for the provider, who has it all."""


class UnknownJobError(LookupError):
    """There is no job of this name, or there are several."""


class PastJob(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A job, over all its runs, as it was when the last of them began or ended."""

    id: str
    model: str
    kind: str = "chat"
    engine: str = ""
    """`batch` or `ray`; empty for this machine."""
    inputs: list[str] = []
    out: str = ""
    ledger: str = ""
    began: float = 0.0
    """The first run, in seconds since 1970."""
    touched: float = 0.0
    """When the last run began or ended."""
    runs: int = 0
    seconds: float = 0.0
    """Of all runs."""
    state: Ending = "running"
    why: str = ""
    """Why it ended before its input did."""
    rows: int | None = None
    """Of the input, about; None where nobody knows."""
    done: int = 0
    failed: int = 0
    skipped: int = 0
    possibly_paid: int = 0
    """Sent by a run that ended before the answers came."""
    nanodollars: int = 0
    """What answers cost, as far as runs could tell; one that was killed could not of its last seconds."""
    at_most: int = 0
    """Nanodollars with all that may have been paid, for calls whose answers were lost as well."""
    retries: int = 0
    limited: int = 0
    pid: int = 0
    """Of the process that is at work on it."""

    @property
    def name(self) -> str:
        """That of its output; of its ledger, where nobody knows of an output."""
        return (self.out if self.out not in ("", "-") else self.ledger).replace("\\", "/").rstrip("/").rpartition("/")[2]

    @property
    def left(self) -> int | None:
        """Rows that nothing is known of yet; None where nobody knows how many rows there are."""
        return None if self.rows is None else max(self.rows - self.done - self.failed - self.skipped, 0)

    @property
    def ledger_is_there(self) -> bool:
        return bool(self.ledger) and Path(self.ledger).exists()

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON."""
        plain: dict[str, Any] = {
            name: getattr(self, name) for name in self.__struct_fields__ if name not in ("nanodollars", "at_most")
        }
        cost = {"cost": self.nanodollars / 1e9, "cost_at_most": self.at_most / 1e9}
        return {**plain, **cost, "left": self.left, "ledger_is_there": self.ledger_is_there}


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where this user's programs keep what is no setting and no document: CEYX_STATE, or else as the system has it."""
    if given := environment.get("CEYX_STATE"):
        return Path(given).expanduser()
    try:
        home = Path.home()
    except RuntimeError:  # in a container whose user is only a number: nothing can be kept there, and nothing is
        home = Path(os.devnull)
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ceyx"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "ceyx"
    given = environment.get("XDG_STATE_HOME", "")
    return (Path(given) if given.startswith("/") else home / ".local" / "state") / "ceyx"


class History:
    """The jobs that this user ran on this machine; `folder` is where it is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (state_folder() if folder is None else folder) / "runs"

    # -- while a job runs

    def begin(self, ledger: LedgerReader, inputs: Iterable[str], out: str, about: int | None = None, engine: str = "") -> Record:
        """A run over about so many rows begins. To be called by who holds the ledger, and to be ended before that is closed."""
        known = self._read(self._file(ledger.id))
        job = known or PastJob(id=ledger.id, model=str(ledger.said.get("model", "")), began=time.time())
        job.kind = str(ledger.said.get("kind") or "chat")
        job.inputs, job.out = [_place(name) for name in inputs], _place(out)
        job.ledger, job.engine = str(ledger.path.absolute()), engine
        job.rows = about if about is not None else job.rows
        job.touched, job.runs, job.state, job.why, job.pid = time.time(), job.runs + 1, "running", "", os.getpid()
        record = Record(self, job, ledger)
        record.begin()
        self._prune()
        return record

    def keep(self, job: PastJob) -> None:
        """Raises OSError where it cannot be written."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._file(job.id)
        unfinished = file.with_suffix(f".{os.getpid()}.tmp")
        try:
            unfinished.write_bytes(msgspec.json.encode(job))
            unfinished.replace(file)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    # -- afterwards

    def jobs(self) -> list[PastJob]:
        """All of them as they now stand, the latest first."""
        found = [job for file in self._files() if (job := self._read(file)) is not None]
        return sorted((self._now(job) for job in found), key=lambda job: -job.touched)

    def find(self, what: str) -> PastJob:
        """The job of this id or beginning of one, or of this output or ledger; the latest, where a file is of several.

        Raises UnknownJobError.
        """
        known = self.jobs()
        by_id = [job for job in known if what and job.id.startswith(what.lower())]
        if len(by_id) > 1:
            raise UnknownJobError(f"{what} is the beginning of {len(by_id)} ids: {', '.join(job.id for job in by_id[:5])}")
        if by_id:
            return by_id[0]
        place = _place(what)
        for job in known:
            if place in (job.out, job.ledger):
                return job
        if Path(what).is_file():
            return of_ledger(Path(what))
        raise UnknownJobError(f"there is no job {what!r}; `ceyx runs` lists those there are")

    def forget(self, id: str) -> None:
        """Its ledger and output stay where they are."""
        self._file(id).unlink(missing_ok=True)

    def _now(self, job: PastJob) -> PastJob:
        """Brings up to date what was last heard of at the beginning of a run: that may be at work still, or was killed."""
        if job.state != "running":
            return job
        ledger = Path(job.ledger)
        pid = holder(ledger)
        try:
            with LedgerReader(ledger) as reader:
                its_own = reader.id == job.id
                if its_own:
                    count(job, reader)
        except LedgerError:
            its_own = False
        if pid is None or not its_own:
            job.state, job.why, job.pid = "interrupted", "its process ended without a word", 0
        return job

    def _files(self) -> list[Path]:
        with suppress(OSError):
            return list(self.folder.glob("*.json"))
        return []

    def _file(self, id: str) -> Path:
        return self.folder / f"{UNKNOWN_ID.sub('', id)}.json"

    def _read(self, file: Path) -> PastJob | None:
        try:
            return msgspec.json.decode(file.read_bytes(), type=PastJob)
        except (OSError, msgspec.DecodeError):  # none, or of a version of ceyx that writes it otherwise
            return None

    def _prune(self) -> None:
        with suppress(OSError):
            files = sorted(self._files(), key=lambda file: -file.stat().st_mtime)
            for file in files[MOST_KEPT:]:
                file.unlink(missing_ok=True)


class Record:
    """The run that is at work, and what the history is told of it: how it stands now and then, and how it ended."""

    def __init__(self, history: History, job: PastJob, ledger: LedgerReader) -> None:
        self.job = job
        self.progress: Progress | None = None
        """To be set once there is one."""
        self._history, self._ledger = history, ledger
        self._before = msgspec.structs.replace(job)
        self._began, self._ended = time.monotonic(), threading.Event()
        self._beating = threading.Thread(target=self._beat, name="ceyx-history", daemon=True)

    def begin(self) -> None:
        self._keep()
        self._beating.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        progress = self.progress
        if error is not None:  # its message may quote what was asked, or a key
            cause = error.__cause__ if isinstance(error.__cause__, OpenAIError) else error
            self.end("stopped", kind_of(cause) if isinstance(cause, OpenAIError) else type(error).__name__)
        elif progress is not None and progress.stopped and progress.stopped != BUDGET:
            self.end("interrupted", progress.stopped)
        else:
            self.end("finished", "" if progress is None else progress.stopped)

    def end(self, state: Ending, why: str = "") -> None:
        """The run ends; leaving the `with` does the same. To be called before its ledger is closed."""
        self._ended.set()
        self._beating.join()
        job = self.job
        self._look()
        job.state, job.why, job.pid = state, why, 0
        with suppress(LedgerError):
            count(job, self._ledger)
        self._keep()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT):
            self._look()
            self._keep()

    def _look(self) -> None:
        job, before, progress = self.job, self._before, self.progress
        job.touched, job.seconds = time.time(), round(before.seconds + time.monotonic() - self._began, 3)
        if progress is not None:
            job.retries, job.limited = before.retries + progress.retries, before.limited + progress.limited
            job.nanodollars = before.nanodollars + progress.nanodollars
            job.rows = progress.read if progress.whole else job.rows

    def _keep(self) -> None:
        """That there is no place for it stops no run."""
        with suppress(OSError):
            self._history.keep(self.job)


def count(job: PastJob, ledger: LedgerReader) -> None:
    """Has a job know what its ledger does."""
    counts = ledger.counts()
    job.done, job.skipped = counts.get("done", 0), counts.get("skipped", 0)
    job.failed = counts.get("failed", 0) + counts.get("poison", 0)
    job.possibly_paid = counts.get("sent", 0) + counts.get("unknown", 0)
    job.at_most = ledger.spent()
    job.nanodollars = min(job.nanodollars, job.at_most)


def of_ledger(path: Path) -> PastJob:
    """What a ledger alone tells of its job, such as one from another machine. Raises UnknownJobError."""
    try:
        with LedgerReader(path) as ledger:
            job = PastJob(id=ledger.id, model=str(ledger.said.get("model", "")), ledger=str(path.absolute()))
            job.kind = str(ledger.said.get("kind") or "chat")
            count(job, ledger)
    except LedgerError as error:
        raise UnknownJobError(f"there is no job of {path}: {error}") from error
    job.touched = path.stat().st_mtime
    pid = holder(path)
    job.state, job.pid = ("interrupted", 0) if pid is None else ("running", pid)
    return job


def _place(name: str) -> str:
    """Where a file is, from anywhere; a URL without what may be a secret in it."""
    if name in ("", "-"):
        return name
    scheme, sign, rest = name.partition("://")
    if sign:
        rest = re.split(r"[?#]", rest, maxsplit=1)[0]
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
    return os.path.abspath(name)  # noqa: PTH100  a link stays one
