"""`GET /v1/model`: what answers, which classes it knows, how much it takes."""

from dataclasses import asdict

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from .. import __version__
from ..classify.classifier import Classifier
from ..errors import ModelError
from ..labels import BODY_PARTS
from ..limits import LIMITS
from ..network.findings.answer import PROJECTIONS
from ..network.findings.card import OperatingPoint
from ..network.findings.points import POINTS, Point
from ..records.answer import coded
from .schemas import problems
from .security import authorize
from .service import service_of

router = APIRouter(tags=["server"], dependencies=[Depends(authorize)])


class BodyPartClass(BaseModel):
    """A class of the classifier, and what the standard calls it."""

    class_: int = Field(alias="class")
    label: str
    dicom_term: str | None = Field(description="Body Part Examined (0018,0015)")
    snomed_code: str | None
    snomed_meaning: str | None


class FindingsModel(BaseModel):
    """The network that looks for findings. For research, not for diagnosis."""

    name: str
    version: str
    sha256: str
    license: str
    parts: list[str] = Field(description="Labels of the parts that it is asked about.")
    operating_points: dict[Point, OperatingPoint]
    hardware_threshold: float
    projections: list[str]


class Model(BaseModel):
    """The network that answers, and the limits of this server."""

    name: str
    version: str
    local_card: str | None = Field(description="Calibrates the answers; null: none.")
    sha256: str
    license: str
    program: str = Field(description="Version of xray.")
    classes: list[BodyPartClass]
    limits: dict[str, float]
    findings: FindingsModel | None = Field(description="null: it isn't installed.")


@router.get(
    "/v1/model",
    summary="Describe the model, its classes and the limits",
    responses=problems(),
)
def describe(request: Request) -> Model:
    """Give what a caller has to know before it sends anything."""
    service = service_of(request)
    card, local = service.classifier.card, service.classifier.local
    settings = service.settings
    own = ("places", "body_bytes", "request_files", "stored_bytes", "stored_files")
    return Model(
        name=card.name,
        version=card.release,
        local_card=None if local is None else local.name,
        sha256=card.sha256,
        license=card.license,
        program=__version__,
        classes=[
            BodyPartClass.model_validate(
                {"class": part.id, "label": part.english, **coded(part)}
            )
            for part in BODY_PARTS
        ],
        limits=asdict(LIMITS) | {name: getattr(settings, name) for name in own},
        findings=_findings(service.classifier),
    )


def _findings(classifier: Classifier) -> FindingsModel | None:
    """Describe the network of findings by its card; the network itself isn't read."""
    try:
        card = classifier.findings_card
    except ModelError:
        return None
    return FindingsModel(
        name=card.name,
        version=card.release,
        sha256=card.sha256,
        license=card.license,
        parts=list(card.parts),
        operating_points={name: card.points[name] for name in POINTS},
        hardware_threshold=card.hardware_threshold,
        projections=list(PROJECTIONS),
    )
