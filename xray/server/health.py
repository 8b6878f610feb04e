"""Whether the server lives, whether it is ready, and what it has counted."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from ..messages import MESSAGES
from .problems import RequestError
from .schemas import problems
from .security import authorize
from .service import service_of

router = APIRouter(tags=["server"])


class Readiness(BaseModel):
    """Whether requests should be sent here, and if not, why.

    The model is always there: a server listens once it is loaded.
    """

    ready: bool
    model: bool
    disk: bool
    running: bool


class Explained(BaseModel):
    """A message of the catalog, with its {placeholders}."""

    key: str
    english: str
    spanish: str


@router.get(
    "/livez", summary="Say that the process lives", response_class=PlainTextResponse
)
async def livez() -> PlainTextResponse:
    """Answer at once, whatever there is to do."""
    return PlainTextResponse("ok\n")


@router.get(
    "/readyz",
    summary="Say whether requests should be sent here",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Send none."}},
)
async def readyz(request: Request) -> JSONResponse:
    """Model loaded, disk above the mark, not stopping."""
    service = service_of(request)
    running = not service.stopping
    disk = service.spool is None or service.spool.store.enough_room()
    ready = running and disk
    found = Readiness(ready=ready, model=True, disk=disk, running=running)
    return JSONResponse(found.model_dump(), 200 if ready else 503)


@router.get(
    "/metrics",
    summary="Count requests, seconds, films and refusals for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **problems()},
    dependencies=[Depends(authorize)],
)
async def metrics(request: Request) -> Response:
    """No name, identifier or address is among the counts."""
    text = service_of(request).metrics.text()
    return Response(text, media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/problems/{key}",
    summary="Read what a problem's type means",
    responses=problems("unknown_path"),
)
async def explain_problem(key: str) -> Explained:
    """Give the message behind `type` in both languages."""
    message = MESSAGES.get(key)
    if message is None:
        raise RequestError("unknown_path")
    return Explained(key=key, english=message.english, spanish=message.spanish)
