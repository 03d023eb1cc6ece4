"""Uploads: files sent in parts, up to 8 GB."""

from __future__ import annotations

import builtins
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ceyx.resources.required import complete
from ceyx.resources.uploads.parts import Parts
from ceyx.resources.uploads.section import Section
from ceyx.types.upload import Upload
from ceyx.wire.call import Call, Flow, Omit, Options, omit, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, flow

if TYPE_CHECKING:
    from ceyx.types.file_create_params import FilePurpose
    from ceyx.types.upload_create_params import Complete, Create

PARAMETERS = "ceyx.types.file_create_params ceyx.types.upload_create_params"
DEFAULT_PART_SIZE = 64 * 1024 * 1024  # the most that the API takes


class Uploads(Resource[Mode]):
    plan: Uploads[Plan]
    with_raw_response: Uploads[Raw[Mode]]
    with_streaming_response: Uploads[Streaming[Mode]]

    @child
    def parts(self) -> Parts[Mode]:
        return self._child(Parts[Mode])

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[Upload]:
        """Begin an upload. Parameters: `ceyx.types.UploadCreateParams`."""
        complete(params, "bytes", "filename", "mime_type", "purpose")
        return self._run(Call("POST", "/uploads", Upload.wrap, params))

    @endpoint
    def cancel(self, upload_id: str, **options: Unpack[Options]) -> Call[Upload]:
        """Give an upload up."""
        return self._run(Call("POST", f"/uploads/{segment(upload_id)}/cancel", Upload.wrap, options).without_body())

    @endpoint
    def complete(self, upload_id: str, **params: Unpack[Complete]) -> Call[Upload]:
        """Make the parts one file: `.file` of the answer. Parameters: `ceyx.types.UploadCompleteParams`."""
        complete(params, "part_ids")
        return self._run(Call("POST", f"/uploads/{segment(upload_id)}/complete", Upload.wrap, params))

    @flow
    def upload_file_chunked(
        self,
        *,
        file: os.PathLike[str] | builtins.bytes,
        mime_type: str,
        purpose: FilePurpose,
        filename: str | None = None,
        bytes: int | None = None,
        part_size: int | None = None,
        md5: str | Omit = omit,
    ) -> Flow[Upload]:
        """The upload of `file`, completed: its parts are sent one after another, from the disk and in little memory.

        A path has a `filename` of its own; content needs one. `md5`, in hexadecimal, has the server check what arrived. An error
        on the way names the upload that was begun.
        """
        part_size = DEFAULT_PART_SIZE if part_size is None else part_size
        if part_size < 1:
            raise ValueError(f"part_size is {part_size}; give a positive number of bytes, or none for 64 MB")
        if isinstance(file, builtins.bytes):
            if filename is None:
                raise TypeError("filename is missing: bytes have no name of their own, as a path has")
            opened: Any = io.BytesIO(file)
        else:
            filename, opened = filename or Path(file).name, Path(file).open("rb", buffering=0)  # noqa: SIM115  # closed below
        with opened as source:
            size = source.seek(0, os.SEEK_END)
            upload = yield from self.plan.create(
                bytes=size if bytes is None else bytes, filename=filename, mime_type=mime_type, purpose=purpose
            )
            part_ids: list[str] = []
            try:
                for start in range(0, size, part_size):
                    data: Any = Section(source, start, min(part_size, size - start))
                    part = yield from self.plan.parts.create(upload.id, data=data)
                    part_ids.append(part.id)
                return (yield from self.plan.complete(upload.id, part_ids=part_ids, md5=md5))
            except Exception as error:
                error.add_note(f"upload {upload.id} has {len(part_ids)} parts; cancel it, or let it expire within the hour")
                raise


if TYPE_CHECKING:
    AsyncUploads = Uploads[Async]
else:
    AsyncUploads = asynchronous(Uploads)
