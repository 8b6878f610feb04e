"""A film made ready to be shown: decoded, answered, mapped, compressed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..classify.classifier import Classifier
from ..classify.pipeline import Source, classify_all
from ..errors import XrayError
from ..explanation.render import encode_jpeg, overlay, thumbnail, to_rgb
from ..image import GrayImage
from ..reading.radiograph import Notice
from .audited import AuditedFilm, Report, digest

SIDE = 1000  # pixels, the longer side of what is shown
LIKELIEST = 9  # parts that have a key of their own
_QUALITY = 88  # of JPEG


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A film ready to be shown, or what is wrong with it."""

    film: AuditedFilm
    picture: bytes = b""  # JPEG
    mapped: bytes = b""  # the same under the map of what the network answered
    likeliest: Sequence[tuple[int, float]] = ()  # class numbers, probabilities
    notices: Sequence[Notice] = ()
    sha256: str = ""  # of the file
    error: XrayError | None = None


def prepare(report: Report, classifier: Classifier, film: AuditedFilm) -> Prepared:
    """Read a film, ask the network again, and draw what the page shows."""
    try:
        data = report.read(film)
    except XrayError as error:
        return Prepared(film, error=error)
    (outcome,) = classify_all(classifier, [Source(film.name, data)])
    radiograph, explanation = outcome.radiograph, outcome.explanation
    if radiograph is None or explanation is None:
        return Prepared(film, error=outcome.error)
    prediction = explanation.prediction
    if film.answer not in explanation.maps:  # another network had answered
        explanation = classifier.explain(radiograph, film.answer)
    pixels = _shrink(radiograph.pixels)
    heatmap = explanation.heatmap_of(film.answer, *pixels.shape)
    return Prepared(
        film,
        encode_jpeg(to_rgb(pixels), _QUALITY),
        encode_jpeg(overlay(pixels, heatmap), _QUALITY),
        [(part.id, share) for part, share in prediction.top(LIKELIEST)],
        (*radiograph.notices, *prediction.notices),
        digest(data),
    )


def _shrink(pixels: GrayImage) -> GrayImage:
    small = thumbnail(pixels, SIDE)
    return small.astype(np.float32) / np.float32(255)
