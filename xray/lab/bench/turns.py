"""What the rows of the benchmark share: turns, the row itself, its files.

Contenders take turns within a row, and the median of several turns counts: other
work on the machine then slows all of them, and ratios stay what they are.
"""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ...classify.pipeline import Source
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


def to_sources(paths: Iterable[Path]) -> Iterable[Source]:
    """Name files as the pipeline takes them."""
    return (Source(path.name, path) for path in paths)


def to_channel(pixels: GrayImage) -> GrayImage:
    """Preprocess into one channel: (256, 256), [-1, 1]."""
    return to_square(pixels) * 2 - 1
