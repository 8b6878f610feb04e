"""`POST /v1/explanations`: why a film is answered so, as a picture or an animation."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from fastapi import APIRouter, Depends, Request, Response

from ..classify.pipeline import Outcome, Source, process_all
from ..errors import XrayError
from ..explanation.animation import animate
from ..explanation.caption import add_caption, findings_lines
from ..explanation.fracture import outline_fracture
from ..explanation.render import encode_png, overlay
from ..image import require_sides
from ..labels import BODY_PARTS, Language, find_label
from ..network.findings.points import Asked
from .asking import Findings
from .predictions import REFUSALS
from .problems import RequestError
from .schemas import file_body, problems
from .security import authorize
from .service import Service, language_of, service_of
from .uploads import RAW_TYPES, receive_films

router = APIRouter(tags=["films"], dependencies=[Depends(authorize)])

GIF = "image/gif"
_PICTURE = {"schema": {"type": "string", "format": "binary"}}


@router.post(
    "/v1/explanations",
    summary="Show why: a film under its heat map",
    response_class=Response,
    responses={
        200: {
            "description": "The film under its Grad-CAM++ map, at the film's size; or, "
            "where Accept names image/gif, how attention gathers through the network. "
            "With findings, a fracture that is flagged is outlined, and a strip below "
            "says what was found and that it is no diagnosis.",
            "content": {"image/png": _PICTURE, GIF: _PICTURE},
        },
        **problems(*REFUSALS),
    },
    openapi_extra=file_body(*RAW_TYPES, several=False),
)
async def explain(
    request: Request, findings: Findings, label: str | None = None
) -> Response:
    """Map what speaks for a body part in one file.

    `label` chooses the part by its name, DICOM term or class number; the likeliest if
    left out.
    """
    service, language = service_of(request), language_of(request)
    number = None if label is None else _number(label)
    animated = GIF in request.headers.get("accept", "")
    if animated and findings:
        raise RequestError("bad_parameter", expected="no image/gif", name="findings")
    async with service.work.place() as place:
        films, _ = await receive_films(request, place, several=False)
        data = films[0].data()
        if animated:
            work = partial(_animation, service, data, number, language)
        else:
            work = partial(_overlay, service, data, number, language, findings)
        picture = await place.run(work)
    return Response(picture, media_type=GIF if animated else "image/png")


def _number(label: str) -> int:
    number = find_label(label)
    if number is None:
        known = ", ".join(part.english for part in BODY_PARTS)
        raise RequestError("bad_parameter", expected=known, name="label")
    return number


def _overlay(
    service: Service,
    data: bytes,
    label: int | None,
    language: Language,
    wanted: Asked,
) -> bytes:
    """Draw the map over the film, on one of the pipeline's threads."""

    def finish(outcome: Outcome) -> bytes:
        with _counted(service):
            return drawn(outcome)

    def drawn(outcome: Outcome) -> bytes:
        if outcome.error is not None:
            raise outcome.error
        assert outcome.radiograph is not None
        assert outcome.explanation is not None
        pixels = outcome.radiograph.pixels
        require_sides(pixels.shape, "PNG")
        picture = overlay(pixels, outcome.explanation.heatmap)
        found = outcome.explanation.prediction.findings
        if found is not None:
            picture = outline_fracture(picture, outcome.explanation)
            picture = add_caption(picture, findings_lines(found, language))
            require_sides(picture.shape, "PNG")
        return encode_png(picture)

    (picture,) = process_all(
        service.classifier,
        [Source("film", data)],
        finish,
        labels=None if label is None else [label],
        busy=service.work.inside > 1,
        findings=wanted,
    )
    return picture


def _animation(
    service: Service, data: bytes, label: int | None, language: Language
) -> bytes:
    with _counted(service):
        return animate(service.classifier, data, label, language)


@contextmanager
def _counted(service: Service) -> Iterator[None]:
    """Count a film as answered, or why it was refused."""
    try:
        yield
    except XrayError as error:
        service.metrics.film(error)
        raise
    service.metrics.film(None)
