"""Pictures for the page: compressed for the session, drawn with their maps."""

from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import cv2
import numpy as np

from ..explanation.render import (
    RGB,
    Palette,
    contours,
    encode_jpeg,
    overlay,
    thumbnail,
    to_rgb,
)
from ..history import Entry
from ..image import GrayImage

THUMBNAIL_SIDE = 288  # pixels, of a card
LARGE_SIDE = 1200  # of the single view: what a screen shows at once
MAXIMUM_SIDE = 16384  # of a picture that the session keeps: any film, whole


class Drawing(StrEnum):
    """How a map is drawn."""

    COLOR = "color"
    CONTOUR = "contour"


@dataclass(frozen=True, slots=True)
class MapStyle:
    """How pictures are drawn: what the sidebar says about maps."""

    opacity: float = 0.5  # [0, 1]
    palette: Palette = Palette.INFERNO
    drawing: Drawing = Drawing.COLOR


def compress(pixels: GrayImage, side: int = MAXIMUM_SIDE) -> bytes:
    """Compress a radiograph (H, W) to a gray JPEG of at most `side` pixels a side."""
    return encode_jpeg(thumbnail(pixels, side))


def decompress(data: bytes, side: int | None = None) -> GrayImage:
    """Undo `compress`, at most `side` pixels a side: (H, W), [0, 1]."""
    gray = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    pixels = np.asarray(gray, np.float32) / np.float32(255)
    if side is not None and max(pixels.shape) > side:
        pixels = thumbnail(pixels, side).astype(np.float32) / np.float32(255)
    return pixels


def card_picture(entry: Entry, map_style: MapStyle | None) -> str:
    """Draw an entry's card, a square JPEG; with a style, its map too."""
    return _card(_Same(entry), map_style)


def address(jpeg: bytes) -> str:
    """Write a JPEG as an address that holds it.

    Streamlit sends an address as it is. Bytes it would open twice at each redraw, keep
    for itself, and serve in an answer of their own.
    """
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"


def draw(picture: GrayImage, heatmap: GrayImage, map_style: MapStyle) -> RGB:
    """Lay a map over a radiograph of the same size, as the sidebar says."""
    if map_style.drawing is Drawing.CONTOUR:
        return contours(picture, heatmap)
    return overlay(picture, heatmap, map_style.opacity, map_style.palette)


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """An entry that equals itself by its key, for the cache."""

    entry: Entry

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.entry.key == self.entry.key

    def __hash__(self) -> int:
        return hash(self.entry.key)


@lru_cache(maxsize=256)
def _card(same: _Same, map_style: MapStyle | None) -> str:
    picture, heatmap = _layers(same)
    shown = to_rgb(picture) if map_style is None else draw(picture, heatmap, map_style)
    return address(encode_jpeg(_square(shown)))


@lru_cache(maxsize=48)  # 0.7 MB each: two pages of cards
def _layers(same: _Same) -> tuple[GrayImage, GrayImage]:
    """Unpack what every style of a card is drawn from: thumbnail and map, (H, W)."""
    explanation = same.entry.explanation
    picture = decompress(same.entry.thumbnail)
    label = explanation.prediction.label
    return picture, explanation.heatmap_of(label, *picture.shape)


def _square(picture: RGB) -> RGB:
    """Put a picture on a black square, so that the cards of a grid line up."""
    height, width = picture.shape[:2]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    framed = np.zeros((side, side, 3), np.uint8)
    framed[top : top + height, left : left + width] = picture
    return framed
