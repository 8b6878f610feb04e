"""The map of fractures over a picture that is drawn already."""

from ..classify.prediction import Explanation
from .render import RGB, outline


def outline_fracture(drawn: RGB, explanation: Explanation) -> RGB:
    """Outline where a film that is flagged may be fractured; else leave it as it is.

    Whoever shows this must say beside it that it is no diagnosis, as the caption does.
    """
    findings = explanation.prediction.findings
    fracture = findings and findings.fracture
    where = explanation.fracture_map(*drawn.shape[:2])
    if not fracture or not fracture.flag or where is None:
        return drawn
    return outline(drawn, where)
