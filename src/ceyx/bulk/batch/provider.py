"""What a job asks of a provider's Batch API: files up and down, batches made, looked for, cancelled. Remembers nothing.

Nothing that makes something is tried again here: who asked looks first whether it was made.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from ceyx.client import OpenAI
from ceyx.dialect import AzureV1
from ceyx.errors import APIStatusError, OpenAIError
from ceyx.types import Batch

JOB, PART = "ceyx_job", "ceyx_part"
"""What a batch is told to remember, for who looks at it."""
_NONE_HERE = (404, 405, 501)
_CLOCKS = 600  # seconds that the provider's clock may be behind ours


class BatchAPIError(OpenAIError):
    """The server has no Batch API, or not the file or batch that it should have."""


class Provider:
    """The Batch API that a client talks to, for one endpoint such as `/v1/chat/completions`."""

    def __init__(self, client: OpenAI, endpoint: str) -> None:
        dialect = client._settings.dialect
        self.azure = isinstance(dialect, AzureV1)
        self.host = dialect.origin
        self.url = endpoint.removeprefix("/v1") if self.azure else endpoint
        """How lines and batches name the endpoint: Azure leaves the version out."""
        self._client, self._once = client, client.with_options(max_retries=0)

    def upload(self, path: Path, name: str) -> str:
        """The id of a file that now holds these requests."""
        with _supported(self, "POST /files"), path.open("rb") as file:
            return self._once.files.create(file=(name, file, "application/jsonl"), purpose="batch").id

    def uploaded(self, name: str, size: int) -> str | None:
        """The id of the file that was uploaded under this name, if it was, whole."""
        with _supported(self, "GET /files"):
            for file in self._client.files.list(purpose="batch"):
                if file.filename == name and file.bytes == size:
                    return file.id
        return None

    def is_ready(self, file: str) -> bool:
        """Whether the provider is done with looking at a file, as Azure first does. Raises BatchAPIError where it refuses it."""
        if not self.azure:
            return True
        found = self._client.files.retrieve(file)
        if found.status == "error":
            why = getattr(found, "status_details", None) or "it does not say why"
            raise BatchAPIError(f"{self.host} refuses the file {file}: {why}")
        return found.status not in ("uploaded", "pending", "running")

    def create(self, file: str, about: Mapping[str, str], key: str) -> Batch:
        """A new batch of the requests in a file."""
        endpoint: Any = self.url
        with _supported(self, "POST /batches"):
            return self._once.batches.create(
                input_file_id=file,
                endpoint=endpoint,
                completion_window="24h",
                metadata=dict(about),
                extra_headers={"idempotency-key": key},
            )

    def created(self, file: str, but: Container[str], since: float) -> Batch | None:
        """The batch that was made of a file, if one was: since then, and none of those."""
        for batch in self._client.batches.list(limit=100):
            if batch.input_file_id == file and batch.id not in but:
                return batch
            if (getattr(batch, "created_at", None) or since) < since - _CLOCKS:  # they come newest first
                return None
        return None

    def look(self, batch: str) -> Batch:
        """How far a batch is."""
        return self._client.batches.retrieve(batch)

    def cancel(self, batch: str) -> None:
        """Ask for its end. One that has ended stays as it is."""
        try:
            self._client.batches.cancel(batch)
        except APIStatusError as error:
            if error.status_code not in (400, 404, 409):
                raise

    def download(self, file: str, path: Path) -> None:
        """Write what is in a file to a path, whole or not at all."""
        unfinished = path.with_name(f"{path.name}.tmp")
        try:
            with self._client.files.with_streaming_response.content(file) as answer:
                answer.stream_to_file(unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def delete(self, file: str) -> None:
        """One that is gone already is fine."""
        try:
            self._client.files.delete(file)
        except APIStatusError as error:
            if error.status_code != 404:
                raise


class _supported:
    """Says of a path that is not there what that means."""

    def __init__(self, provider: Provider, what: str) -> None:
        self._provider, self._what = provider, what

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, APIStatusError) and error.status_code in _NONE_HERE and not _names_an_object(error):
            where = self._provider.host
            azure = "; on Azure it takes a region with batch deployments" if self._provider.azure else ""
            raise BatchAPIError(
                f"{where} has no Batch API, it answers {error.status_code} to {self._what}; run the job without --batch{azure}"
            ) from error


def _names_an_object(error: APIStatusError) -> bool:
    """Whether it is a file or model that is not there, rather than the path."""
    return error.param in ("input_file_id", "id", "model") or error.code == "model_not_found"
