"""The parts of an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.uploads.upload_part import UploadPart
from ceyx.wire.call import Call, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint

if TYPE_CHECKING:
    from ceyx.types.uploads.upload_part import Create

PARAMETERS = "ceyx.types.uploads.upload_part"


class Parts(Resource[Mode]):
    plan: Parts[Plan]
    with_raw_response: Parts[Raw[Mode]]
    with_streaming_response: Parts[Streaming[Mode]]

    @endpoint
    def create(self, upload_id: str, **params: Unpack[Create]) -> Call[UploadPart]:
        """Send a part, of up to 64 MB; several may be sent at a time, as their order is told when the upload is completed."""
        complete(params, "data")
        return self._run(Call("POST", f"/uploads/{segment(upload_id)}/parts", UploadPart.wrap, params, files=("data",)))


if TYPE_CHECKING:
    AsyncParts = Parts[Async]
else:
    AsyncParts = asynchronous(Parts)
