"""What the rows of the benchmark share: turns, the row itself, its files.

Contenders take turns within a row, and the median of several turns counts: other
work on the machine then slows all of them, and ratios stay what they are.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ...classify.classifier import Classifier
from ...classify.pipeline import Outcome, Source, classify_all
from ...image import GrayImage, to_square

TURNS = 5
FEW_TURNS = 3  # of what takes long


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the table."""

    what: str
    target: str
    value: float | None  # None: could not be measured here
    met: bool | None
    details: dict[str, float | str]


def take_turns(
    contenders: dict[str, Callable[[], object]], turns: int = TURNS
) -> dict[str, float]:
    """Median seconds of each contender, each turn running all of them once."""
    for contender in contenders.values():
        contender()  # whatever is compiled or opened on first use
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(turns):
        for name, contender in contenders.items():
            begun = time.perf_counter()
            contender()
            seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(each) for name, each in seconds.items()}


def at_most(
    what: str, most: float, value: float, digits: int, **details: float | str
) -> Measurement:
    """Make the row of a value that should not be higher; shown with so many digits."""
    return Measurement(
        what, f"≤ {most:g}", round(value, digits), value <= most, details
    )


def at_least(
    what: str, least: float, value: float, **details: float | str
) -> Measurement:
    """Make the row of a value that should not be lower."""
    return Measurement(what, f"≥ {least:g}", round(value, 3), value >= least, details)


def faster_row(
    what: str, least: float, theirs: float, ours: float, pictures: int
) -> Measurement:
    """Make the row of a race, from the seconds that both took."""
    ratio = theirs / ours
    return Measurement(
        what,
        f"≥ {least:g}×",
        round(ratio, 1),
        ratio >= least,
        {
            "ours, ms a picture": round(1000 * ours / pictures, 1),
            "theirs, ms a picture": round(1000 * theirs / pictures, 1),
        },
    )


def missing_row(what: str, target: str, package: str) -> Measurement:
    """Make the row of a race without a rival."""
    return Measurement(
        what, target, None, None, {"left out": f"{package} is not installed"}
    )


def to_png(pixels: GrayImage) -> bytes:
    """Encode a radiograph as 8-bit PNG."""
    return cv2.imencode(".png", np.rint(pixels * 255).astype(np.uint8))[1].tobytes()


def predict_files(
    classifier: Classifier,
    paths: Iterable[Path],
    *,
    fast: bool = False,
    findings: bool = False,
) -> Iterator[Outcome]:
    """Answer files as `xray predict` does."""
    sources = (Source(path.name, path) for path in paths)
    return classify_all(classifier, sources, top=0, fast=fast, findings=findings)


def to_channel(pixels: GrayImage) -> GrayImage:
    """Preprocess into one channel: (256, 256), [-1, 1]."""
    return to_square(pixels) * 2 - 1
