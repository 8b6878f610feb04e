"""`POST /v1/predictions`: what the films of a request show."""

from functools import partial

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from ..classify.pipeline import Outcome, Source, process_all
from ..labels import Language
from ..network.findings.points import Asked
from ..records.answer import file_record
from .asking import Fast, Findings
from .schemas import FileError, Record, file_body, problems
from .security import authorize
from .service import Service, language_of, service_of
from .uploads import RAW_TYPES, Upload, receive_films

router = APIRouter(tags=["films"], dependencies=[Depends(authorize)])

REFUSALS = (
    *("bad_multipart", "body_too_slow", "request_too_large", "media_type"),
    *("bad_parameter", "queue_full", "stopping"),
)


@router.post(
    "/v1/predictions",
    summary="Say which body part each film shows",
    response_model=Record | list[Record | FileError],
    responses=problems(*REFUSALS),
    openapi_extra=file_body(*RAW_TYPES),
)
async def predict(request: Request, findings: Findings, fast: Fast) -> JSONResponse:
    """Classify a file, or several.

    The body is one DICOM, PNG or JPEG file, whatever its type is called: the content
    decides. Then the answer is its record, as `xray predict --json` writes it.
    Several come as multipart/form-data: then it is a list in their order, in which a
    file that can't be read is an object of `file` and `error`.
    """
    service, language = service_of(request), language_of(request)
    async with service.work.place() as place:
        films, is_list = await receive_films(request, place)
        work = partial(
            _answer,
            service,
            films,
            language,
            is_list=is_list,
            findings=findings,
            fast=fast,
        )
        answers = await place.run(work)
    return JSONResponse(answers if is_list else answers[0])


def _answer(
    service: Service,
    films: list[Upload],
    language: Language,
    *,
    is_list: bool,
    findings: Asked,
    fast: bool,
) -> list[dict[str, object]]:
    """Classify films on a thread; a film that comes alone raises its error."""

    def finish(outcome: Outcome) -> dict[str, object]:
        # Here, so that no picture waits for the others.
        service.metrics.film(outcome.error)
        if outcome.error is not None and not is_list:
            raise outcome.error
        return file_record(outcome, language)

    busy = service.work.inside > 1
    sources = (Source(film.name, film.data()) for film in films)
    return list(
        process_all(
            service.classifier,
            sources,
            finish,
            top=0,
            busy=busy,
            findings=findings,
            fast=fast,
        )
    )
