"""The shapes of answers, as the OpenAPI document describes them."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from ..labels import BODY_PARTS
from .problems import MEDIA_TYPE, STATUS


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str = Field(description="Key of a message: GET it to read the message.")
    title: str
    status: int
    detail: str = Field(description="In the language of Accept-Language: en or es.")


class FindingRecord(BaseModel):
    """Whether a film shows something."""

    probability: float = Field(ge=0, le=1)
    flag: bool = Field(description="By the operating point that was asked for.")


class ProjectionRecord(BaseModel):
    """How the beam went through the part."""

    name: Literal["frontal", "lateral", "oblique", "several"]
    probability: float = Field(ge=0, le=1)


_FINDINGS = (
    "Only where findings were asked for; null: of this part, or as sure as this, "
    "nothing can be asked. Experimental, for research, not for diagnosis."
)
_HEADER = (
    "What the header says of projection and side, told beside findings; null: nothing."
)


class Record(BaseModel):
    """What was answered of one file, as `xray predict --json` writes it."""

    file: str
    label: str
    class_: int = Field(alias="class", ge=0, lt=len(BODY_PARTS))
    confidence: float
    band: str
    probabilities: list[float] = Field(
        min_length=len(BODY_PARTS), max_length=len(BODY_PARTS)
    )
    rejected: str | None = Field(description="Key of a message: why not to believe it.")
    parts: list[str]
    pose: str
    networks: int = Field(description="How many read it; 1 with `fast`, where sure.")
    program: str = Field(description="xray and its version.")
    dicom_term: str | None
    snomed_code: str | None
    snomed_meaning: str | None
    verdict: str | None = Field(description="On the header; null: there is none.")
    header_projection: str | None = Field(default=None, description=_HEADER)
    header_view: str | None = Field(default=None, description=_HEADER)
    header_projection_source: str | None = Field(default=None, description=_HEADER)
    header_laterality: str | None = Field(default=None, description=_HEADER)
    header_laterality_source: str | None = Field(default=None, description=_HEADER)
    described_laterality: str | None = Field(default=None, description=_HEADER)
    projection_verdict: str | None = Field(
        default=None, description="On the header's projection, beside findings."
    )
    fracture: FindingRecord | None = Field(default=None, description=_FINDINGS)
    hardware: FindingRecord | None = Field(default=None, description=_FINDINGS)
    projection: ProjectionRecord | None = Field(default=None, description=_FINDINGS)


class FileError(BaseModel):
    """A file of several that could not be read."""

    file: str
    error: str


def file_body(*media_types: str, several: bool = True) -> dict[str, Any]:
    """Describe a request body that is a file, or several as multipart/form-data."""
    binary = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "additionalProperties": binary,
        "minProperties": 1,
        "description": "Any number of files, whatever their fields are called.",
    }
    content: dict[str, Any] = {each: {"schema": binary} for each in media_types}
    if several:
        content["multipart/form-data"] = {"schema": form}
    return {"requestBody": {"required": True, "content": content}}


def problems(*keys: str) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals of a route, by the keys of their messages.

    Every route may refuse a token, a foreign page, and when it is stopping.
    """
    schema = {"$ref": "#/components/schemas/Problem"}
    statuses = {STATUS.get(key, 422) for key in (*keys, "no_token", "foreign_origin")}
    return {
        status: {
            "description": ", ".join(
                key for key, each in STATUS.items() if each == status
            ),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in sorted(statuses)
    }
