"""`POST /dicom-web/studies`: instances into the node's queue (STOW-RS, PS3.18 10.5).

Nothing is stored for others: an instance waits in the queue until the node has
answered it, and can't be retrieved from here.
"""

import logging
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from ..errors import ImageError, SpoolFullError
from ..limits import LIMITS
from ..spool.folder import Spool
from ..spool.instances import Identity, put_instance, read_identity
from .incoming import Incoming, StoredFile, incoming, receive_files
from .problems import RequestError
from .schemas import problems
from .security import authorize
from .service import service_of, spool_of
from .uploads import MediaType

router = APIRouter(tags=["DICOMweb"], dependencies=[Depends(authorize)])

_log = logging.getLogger(__name__)
_RELATED = "multipart/related"
_DICOM = "application/dicom"
_JSON = "application/dicom+json"

# Failure Reason (0008,1197), PS3.18 table I.2-2, by key of the message.
_CANNOT_UNDERSTAND = 0xC000
_OUT_OF_RESOURCES = 0xA700
_REASONS = {
    "no_pixels": 0x0122,  # SOP class not supported
    "needs_tag": 0xA900,  # data set does not match SOP class
}


@dataclass(frozen=True, slots=True)
class _Stored:
    """What became of one instance."""

    identity: Identity | None
    failure: int | None = None  # Failure Reason; None: it is in the queue


@router.post(
    "/dicom-web/studies",
    summary="Store DICOM instances, to be answered by the node",
    response_class=JSONResponse,
    responses={
        status: {
            "description": said,
            "content": {_JSON: {"schema": {"type": "object"}}},
        }
        for status, said in (
            (200, "All instances are in the queue."),
            (202, "Some are; the Failed SOP Sequence (0008,1198) names the others."),
        )
    }
    | problems(
        *("bad_multipart", "body_too_slow", "request_too_large", "media_type"),
        *("bad_parameter", "queue_full", "stopping", "disk_full"),
    )
    | {
        409: {
            "description": "None is; the Failed SOP Sequence (0008,1198) says why.",
            "content": {_JSON: {"schema": {"type": "object"}}},
        }
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                'multipart/related; type="application/dicom"': {
                    "schema": {"type": "string", "format": "binary"}
                }
            },
        }
    },
)
async def store(request: Request) -> JSONResponse:
    """Take the instances of a multipart/related body into the durable queue."""
    service, spool = service_of(request), spool_of(request)
    kind = MediaType.of(request.headers.get("content-type"))
    if kind.name != _RELATED or kind.parameters.get("type", _DICOM).lower() != _DICOM:
        raise RequestError("media_type", expected=f'{_RELATED}; type="{_DICOM}"')
    async with service.work.place() as place:
        with incoming(spool.store) as files:
            await receive_files(request, files, service.settings, _RELATED)
            source = {"via": "stow"}
            found = await place.run(partial(_put_all, spool, files, source))
    for each in found:
        if each.failure is not None:
            service.metrics.refused(f"stow_{each.failure:04x}")
    failed = [each for each in found if each.failure is not None]
    status = 200 if not failed else 202 if len(failed) < len(found) else 409
    if failed and all(each.failure == _OUT_OF_RESOURCES for each in found):
        status = 507
    return JSONResponse(_response(found), status, media_type=_JSON)


def _put_all(spool: Spool, files: Incoming, source: dict[str, str]) -> list[_Stored]:
    return [_put(spool, each, source) for each in files.files]


def _put(spool: Spool, file: StoredFile, source: dict[str, str]) -> _Stored:
    identity = None
    try:
        _check(file)
        identity = read_identity(file.path)
        added = put_instance(spool, file.path, source, identity)
    except ImageError as error:
        return _Stored(identity, _REASONS.get(error.key, _CANNOT_UNDERSTAND))
    except SpoolFullError:
        return _Stored(identity, _OUT_OF_RESOURCES)
    if added.is_conflict and added.is_new:
        _log.error(
            "ALARM: other bytes came under the SOP Instance UID of an earlier film "
            "(item %d, by STOW-RS); both are kept",
            added.id,
        )
    return _Stored(identity)


def _check(file: StoredFile) -> None:
    if file.media_type not in ("", _DICOM):
        raise ImageError("needs_dicom")
    if file.is_too_large:
        limit = f"{LIMITS.file_bytes:,} bytes"
        raise ImageError("file_too_large", limit=limit, received=f"{file.bytes:,}")


def _response(found: list[_Stored]) -> dict[str, Any]:
    """Write the Store Instances Response Module (PS3.18 table I.2-1)."""
    answer: dict[str, Any] = {"00081190": {"vr": "UR"}}  # nothing is retrieved here
    stored = [_referenced(each) for each in found if each.failure is None]
    failed = [_referenced(each) for each in found if each.failure is not None]
    if stored:
        answer["00081199"] = {"vr": "SQ", "Value": stored}
    if failed:
        answer["00081198"] = {"vr": "SQ", "Value": failed}
    return answer


def _referenced(each: _Stored) -> dict[str, Any]:
    known = each.identity
    item: dict[str, Any] = {
        "00081150": _uid(known.sop_class if known else ""),
        "00081155": _uid(known.sop_instance if known else ""),
    }
    if each.failure is not None:
        item["00081197"] = {"vr": "US", "Value": [each.failure]}
    return item


def _uid(value: str) -> dict[str, Any]:
    return {"vr": "UI", "Value": [value]} if value else {"vr": "UI"}
