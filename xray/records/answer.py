"""What was answered of one film: one record for page, commands, HTTP and DICOM.

JSON, CSV and the audit's rows wrap `as_record`; `coded` and `code_item` are what a part
is called in DICOM.
"""

from typing import TYPE_CHECKING

from .. import __version__
from ..classify.findings import Finding, Findings
from ..classify.pipeline import Outcome
from ..classify.prediction import Prediction
from ..classify.verdict import Verdict, judge_findings
from ..header.claim import HeaderClaim
from ..labels import BodyPart, Language

if TYPE_CHECKING:
    from pydicom import Dataset

PROGRAM = f"xray {__version__}"

_OF_FINDINGS = {
    "fracture": ("probability", "flag"),
    "hardware": ("probability", "flag"),
    "projection": ("name", "probability"),
}
SCHEME = "SCT"  # Coding Scheme Designator (0008,0102) of SNOMED CT, PS3.16 8


def as_record(
    prediction: Prediction, verdict: Verdict | None, claim: HeaderClaim | None = None
) -> dict[str, object]:
    """Write an answer as the object that `predict --json` documents.

    The verdict is None where there is no header; the claim is told only beside
    findings.

    Returns:
        Names in English, `rejected` as its key among the messages, so that nothing
        depends on a language; the keys in the order of the documentation. Findings
        only where they were asked for.
    """
    return {
        "label": prediction.part.english,
        "class": prediction.label,
        "confidence": round(prediction.confidence, 6),
        "band": prediction.band.value,
        "probabilities": [round(float(p), 6) for p in prediction.probabilities],
        "rejected": prediction.rejected,
        "parts": [part.english for part in prediction.parts],
        "pose": prediction.pose.key,
        "networks": prediction.networks,
        "program": PROGRAM,
        **coded(prediction.part),
        "verdict": verdict.value if verdict else None,
        **_found(prediction, claim),
    }


def _found(prediction: Prediction, claim: HeaderClaim | None) -> dict[str, object]:
    """Write findings, and header against picture; nothing where nobody asked."""
    if prediction.findings is None:
        return {}
    verdict = judge_findings(claim, prediction)
    return {
        **claimed(claim),
        "projection_verdict": verdict.value if verdict else None,
        **as_findings(prediction.findings),
    }


def as_findings(findings: Findings) -> dict[str, object]:
    """Write findings as the keys of a record; None where there was nothing to ask."""
    projection = findings.projection
    return {
        "fracture": _finding(findings.fracture),
        "hardware": _finding(findings.hardware),
        "projection": projection
        and {
            "name": projection.name,
            "probability": round(projection.probability, 6),
        },
    }


def findings_columns(findings: Findings | None) -> dict[str, object]:
    """Write findings as columns of a table; None where there is nothing to say."""
    record = {} if findings is None else as_findings(findings)
    found = {name: value for name, value in record.items() if isinstance(value, dict)}
    return {
        f"{name}_{key}".removesuffix("_name"): found.get(name, {}).get(key)
        for name, keys in _OF_FINDINGS.items()
        for key in keys
    }


def _finding(found: Finding | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {"probability": round(found.probability, 6), "flag": found.flag}


def file_record(outcome: Outcome, language: Language = "en") -> dict[str, object]:
    """Write what came of a file: a line of `predict --json`, an answer over HTTP."""
    record: dict[str, object] = {"file": outcome.name}
    if outcome.explanation is not None and outcome.radiograph is not None:
        prediction, claim = outcome.explanation.prediction, outcome.radiograph.claim
        record |= as_record(prediction, outcome.verdict, claim)
    if outcome.error is not None:
        record["error"] = outcome.error.text(language)
    return record


def claimed(claim: HeaderClaim | None) -> dict[str, str | None]:
    """Write what a header says of projection and side, as exports do.

    Args:
        claim: None where there is no header.

    Returns:
        Projections as `frontal|lateral`, with `other` where the header leaves room for
        others; sides as L, R, B (both) or U (unpaired), those of elements and those of
        descriptions apart. None where the header says nothing.
    """
    claim = claim or HeaderClaim()
    projection, laterality = claim.projection, claim.laterality
    return {
        "header_projection": "|".join(sorted(projection.projections)) or None,
        "header_view": projection.view,
        "header_projection_source": projection.source,
        "header_laterality": laterality.side,
        "header_laterality_source": laterality.source,
        "described_laterality": laterality.described,
    }


def coded(part: BodyPart) -> dict[str, str | None]:
    """Name a part as exports do; None where the standard has no such name.

    >>> coded(BODY_PARTS[9])
    {'dicom_term': 'HAND', 'snomed_code': '85562004', 'snomed_meaning': 'Hand'}
    """
    return {
        "dicom_term": part.dicom_term or None,
        "snomed_code": part.snomed_code or None,
        "snomed_meaning": part.snomed_meaning or None,
    }


def code_item(part: BodyPart) -> "Dataset":
    """Write a part's code as an item of Anatomic Region Sequence (0008,2218).

    Raises:
        ValueError: The part has no code.
    """
    from pydicom import Dataset

    if not part.snomed_code:
        raise ValueError(f"Expected a part with a code. Received: {part.english}")
    item = Dataset()
    item.CodeValue = part.snomed_code
    item.CodingSchemeDesignator = SCHEME
    item.CodeMeaning = part.snomed_meaning
    return item
