"""Words below a picture, burnt in, so that an export says what it is.

The strip goes below the picture and never over it. OpenCV's own sans font has the
letters of every language of the app, whatever fonts the machine has.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from ..classify.findings import Findings
from ..classify.prediction import Prediction
from ..labels import BODY_PARTS, Language
from ..messages import MESSAGES
from ..text import sureness
from .render import RGB

PAPER = (17, 20, 24)  # color of the strip

_INK = (235, 235, 235)
_REGULAR = 400
_SMALLEST = 9  # pixels; below it letters can't be read
_NARROWEST = 240  # pixels, so that the lines have room


def caption_lines(
    prediction: Prediction, label: int, version: str, language: Language = "en"
) -> list[str]:
    """Say what an exported picture shows: body part, confidence, model's version.

    A rejected picture has its reason in place of a confidence. Findings, where they
    were asked for, say beside them what they are not for.
    """
    part = BODY_PARTS[label].name(language)
    found = prediction.findings
    said = [] if found is None else findings_lines(found, language)
    model = f"Grad-CAM++ · {version}"
    if prediction.rejected is not None:
        return [f"{part}?", MESSAGES[prediction.rejected].text(language), *said, model]
    return [f"{part} · {sureness(prediction.probabilities[label])}", *said, model]


def findings_lines(found: Findings, language: Language = "en") -> list[str]:
    """Say what was found, what it is not for, and which network said it."""
    return [*found.lines(language), f"{found.card.version}, {found.point}"]


def add_caption(picture: RGB, lines: Sequence[str]) -> RGB:
    """Put lines of text on a strip below a picture (H, W, 3), which stays untouched.

    Letters grow with the picture; a line too long for it is set smaller. A picture
    narrower than the text gets margins.
    """
    height, width = picture.shape[:2]
    if width < _NARROWEST:
        left = (_NARROWEST - width) // 2
        sides = ((0, 0), (left, _NARROWEST - width - left), (0, 0))
        picture, width = np.pad(picture, sides), _NARROWEST
    size = max(14, round(max(height, width) / 32))
    row = round(size * 1.5)
    margin = round(size * 0.6)
    strip = np.full((row * len(lines) + margin, width, 3), PAPER, np.uint8)
    for number, line in enumerate(lines):
        baseline = margin // 2 + row * number + round(row * 0.75)
        write(strip, line, (margin, baseline), size)
    return np.concatenate([picture, strip])


def write(picture: RGB, text: str, start: tuple[int, int], size: int) -> None:
    """Write one line into a picture (H, W, 3), smaller where it would not fit.

    It starts at this column and row, on its baseline; size is that of the letters. All
    in pixels.
    """
    face = cv2.FontFace("sans")
    room = picture.shape[1] - 2 * start[0]
    while size > _SMALLEST and _length(text, face, size) > room:
        size -= 1
    cv2.putText(picture, text, start, _INK, face, size, _REGULAR)


def _length(text: str, face: cv2.FontFace, size: int) -> int:
    box = cv2.getTextSize((0, 0), text, (0, 0), face, size, _REGULAR)
    return int(box[2])
