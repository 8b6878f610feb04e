"""`/v1/jobs`: many films at once, answered later, also after a restart."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from ..errors import ImageError
from ..messages import MESSAGES
from ..network.findings.points import Asked
from ..reading.archive import expand_all
from ..spool.folder import Spool
from ..spool.item import Item, New, State
from ..spool.jobs import StoredJob
from ..spool.store import Staged
from .asking import Findings
from .incoming import Incoming, incoming, receive_files
from .job_worker import KIND, as_source
from .problems import RequestError
from .schemas import file_body, problems
from .security import authorize
from .service import service_of, spool_of
from .uploads import FORM, RAW_TYPES, MediaType

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

_ZIP = "application/zip"
_LINES = "application/jsonl"
_QUEUE = ("spool_failed", "disk_full")  # what the queue itself may say

Owner = Annotated[str, Depends(authorize)]


class Job(BaseModel):
    """A job, and how far it has come."""

    id: str
    state: Literal["waiting", "running", "done"]
    created: datetime
    files: int
    done: int = Field(description="Files that were answered, or could not be read.")
    results: str = Field(description="Where to GET the answers.")


@router.post(
    "",
    status_code=202,
    summary="Hand in many films, as a zip or several files",
    response_model=Job,
    responses={
        202: {
            "headers": {
                "Location": {
                    "description": "Where to ask for the job.",
                    "schema": {"type": "string"},
                }
            }
        },
        **problems(
            *("bad_multipart", "body_too_slow", "key_reused", "request_too_large"),
            *("media_type", "bad_parameter", "queue_full", "stopping", *_QUEUE),
        ),
    },
    openapi_extra=file_body(_ZIP, *RAW_TYPES),
)
async def hand_in(
    request: Request,
    owner: Owner,
    findings: Findings,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="The same key and body give the same job, however often sent.",
        ),
    ] = None,
) -> JSONResponse:
    """Take files into the queue; they are on the disk when this answers."""
    service, spool = service_of(request), spool_of(request)
    kind = MediaType.of(request.headers.get("content-type")).name
    if kind not in ("", FORM, _ZIP, *RAW_TYPES):
        expected = ", ".join((_ZIP, FORM, *RAW_TYPES))
        raise RequestError("media_type", expected=expected)
    if spool.items.depth(KIND) >= service.settings.waiting_files:
        raise RequestError("queue_full")
    async with service.work.place() as place:
        with incoming(spool.store) as files:
            await receive_files(request, files, service.settings, FORM)
            # An owner's jobs are those whose key begins with its name.
            key = f"{owner}:{idempotency_key or uuid4()}"
            job = await place.run(partial(_add, spool, files, key, findings))
    service.jobs_came()
    location = f"/v1/jobs/{job.id}"
    found = _describe(spool, job).model_dump(mode="json")
    return JSONResponse(found, 202, {"Location": location})


@router.get(
    "/{number}",
    summary="Ask how far a job has come",
    responses=problems("unknown_path", *_QUEUE),
)
def ask(request: Request, number: str, owner: Owner) -> Job:
    """Describe a job."""
    spool = spool_of(request)
    return _describe(spool, _find(spool, number, owner))


@router.get(
    "/{number}/results",
    summary="Read a job's answers, page by page",
    response_class=Response,
    responses={
        200: {
            "description": "JSON Lines, a record or an error a file, in the order of "
            "the files; as many as are there. Link names the next page until all are.",
            "content": {_LINES: {"schema": {"type": "string"}}},
        },
        **problems("unknown_path", "bad_parameter", *_QUEUE),
    },
)
def read(
    request: Request,
    number: str,
    owner: Owner,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:
    """Give the answers after the one that `after` names, as Link does."""
    spool = spool_of(request)
    job = _find(spool, number, owner)
    items = spool.items.list(KIND, job.id, after=after, count=limit + 1)
    page = _answered(items[:limit])
    text = "".join(f"{json.dumps(_record(item))}\n" for item in page)
    headers = {}
    if len(page) < len(items):
        last = page[-1].id if page else after
        url = f"/v1/jobs/{job.id}/results?after={last}&limit={limit}"
        headers["Link"] = f'<{url}>; rel="next"'
    return Response(text, headers=headers, media_type=_LINES)


@router.delete(
    "/{number}",
    status_code=204,
    summary="Forget a job, its files and its answers",
    responses=problems("unknown_path", *_QUEUE),
)
def forget(request: Request, number: str, owner: Owner) -> None:
    """Remove a job, done or not."""
    spool = spool_of(request)
    spool.jobs.delete(_find(spool, number, owner).id)


def _add(spool: Spool, files: Incoming, key: str, findings: Asked) -> StoredJob:
    """Unpack the files into the queue, unless the key has brought them before."""
    if not any(each.bytes for each in files.files):
        raise ImageError("empty")
    fingerprint = _fingerprint(files, findings)
    if known := spool.jobs.find(key, fingerprint):
        return known
    staged: list[tuple[str, Staged, dict[str, str]]] = []
    # One file at a time is in memory, and one member of it.
    uploads = ((each.name, each.path.read_bytes()) for each in files.files)
    try:
        for name, content in expand_all(uploads):
            source = _source(content)
            data = b"" if source else content
            assert isinstance(data, bytes)
            source |= as_source(findings)
            staged.append((name, spool.store.stage([data]), source))

        def make(number: str) -> Sequence[New]:
            return [
                New(each, KIND, number, name, source=source)
                for name, each, source in staged
            ]

        job = spool.jobs.add(key, fingerprint, make)
    except BaseException:
        spool.store.remove(*(each.file for _, each, _ in staged))
        raise
    if not job.is_new:  # another request with the key was faster
        spool.store.remove(*(each.file for _, each, _ in staged))
    return job


def _source(content: bytes | ImageError) -> dict[str, str]:
    """Keep what is wrong with a member of a zip, to be said in its place."""
    if isinstance(content, bytes):
        return {}
    return {"error": content.key, "values": json.dumps(content.values, default=str)}


def _fingerprint(files: Incoming, findings: Asked) -> str:
    """Name a body by its files, not its bytes: a boundary is new each time."""
    whole = hashlib.sha256((findings or "").encode())
    for each in files.files:
        whole.update(json.dumps([each.name, each.digest.hexdigest()]).encode())
    return whole.hexdigest()


def _find(spool: Spool, number: str, owner: str) -> StoredJob:
    job = spool.jobs.get(number)
    if job is None or not (job.key or "").startswith(f"{owner}:"):
        raise RequestError("unknown_path")
    return job


def _describe(spool: Spool, job: StoredJob) -> Job:
    counts = spool.items.count(KIND, job.id)
    files, left = sum(counts.values()), counts[State.RECEIVED]
    done = files - left
    return Job(
        id=job.id,
        state="running" if done and left else "waiting" if left else "done",
        created=datetime.fromtimestamp(job.created, UTC),
        files=files,
        done=done,
        results=f"/v1/jobs/{job.id}/results",
    )


def _answered(items: Sequence[Item]) -> list[Item]:
    """Take items up to the first that isn't answered."""
    page = []
    for item in items:
        if item.state is State.RECEIVED:
            break
        page.append(item)
    return page


def _record(item: Item) -> dict[str, object]:
    if item.result is not None:
        return item.result
    return {"file": item.name, "error": MESSAGES["decoder_died"].text()}
