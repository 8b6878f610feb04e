"""Pictures for the page: compressed for the session, drawn with their maps."""

from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import RLock
from typing import TypeVar

import cv2
import numpy as np

from ..explanation.fracture import outline_fracture
from ..explanation.render import (
    RGB,
    Palette,
    contours,
    encode_jpeg,
    overlay,
    thumbnail,
    to_rgb,
)
from ..image import GrayImage
from .history import Entry

THUMBNAIL_SIDE = 288  # pixels, of a card
LARGE_SIDE = 1200  # of the single view: what a screen shows at once
Key = TypeVar("Key")
Value = TypeVar("Value")
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


class DrawnPictures:
    """What was drawn and unpacked for one session: a redraw finds it, it ends with it.

    A click starts a new run of the script while the old one may still draw.

    Args:
        cards: Drawn cards to keep, about 15 KB each.
        layers: Films to keep unpacked for drawing, 0.7 MB each: a page of cards.
    """

    def __init__(self, cards: int = 256, layers: int = 24) -> None:
        self._lock = RLock()
        self._most_cards, self._most_layers = cards, layers
        self._drawn: OrderedDict[tuple[str, MapStyle | None, bool], str] = OrderedDict()
        self._layers: OrderedDict[str, tuple[GrayImage, GrayImage]] = OrderedDict()
        self._large: OrderedDict[bytes, GrayImage] = OrderedDict()

    def large(self, data: bytes) -> GrayImage:
        """Unpack what the single view shows; the same one again costs nothing."""
        with self._lock:
            return _recall(self._large, data, 1, lambda: decompress(data, LARGE_SIDE))

    def card(self, entry: Entry, map_style: MapStyle | None) -> str:
        """Draw an entry's card, a square JPEG; with a style, its map too.

        Where a fracture is flagged, it is outlined.
        """
        key = entry.key, map_style, entry.fractured
        with self._lock:
            return _recall(
                self._drawn,
                key,
                self._most_cards,
                lambda: self._draw(entry, map_style),
            )

    def forget(self, key: str) -> None:
        """Drop what was drawn of a film."""
        with self._lock:
            self._layers.pop(key, None)
            self._large.clear()
            for drawn in [each for each in self._drawn if each[0] == key]:
                del self._drawn[drawn]

    def forget_all(self) -> None:
        """Drop everything."""
        with self._lock:
            self._layers.clear()
            self._large.clear()
            self._drawn.clear()

    def _draw(self, entry: Entry, map_style: MapStyle | None) -> str:
        picture, heatmap = _recall(
            self._layers, entry.key, self._most_layers, lambda: _unpack(entry)
        )
        if map_style is None:
            shown = to_rgb(picture)
        else:
            shown = draw(picture, heatmap, map_style)
        return address(encode_jpeg(_square(outline_fracture(shown, entry.explanation))))


def _recall(
    store: OrderedDict[Key, Value], key: Key, most: int, make: Callable[[], Value]
) -> Value:
    """Find a value or make it, and let go of what was not asked for longest."""
    if key not in store:
        store[key] = make()
    store.move_to_end(key)
    while len(store) > most:
        store.popitem(last=False)
    return store[key]


def _unpack(entry: Entry) -> tuple[GrayImage, GrayImage]:
    """Unpack what every style of a card is drawn from: thumbnail and map, (H, W)."""
    picture = decompress(entry.thumbnail)
    explanation = entry.explanation
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
