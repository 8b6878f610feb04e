"""How attention gathers through the network, as an animated GIF.

One pass through the trunk to the end of the first dense block, then one forward
and backward in NumPy that stops at every layer shown. Layers before the explained
one are mapped by LayerCAM, which weighs every place by its own gradient: on fine
grids a channel means different things in different places, and Grad-CAM++, which
weighs whole channels, smears the map out. The last map is the Grad-CAM++ map that
xray shows everywhere.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..classify.classifier import Classifier
from ..classify.prepared import Picture, to_pixels
from ..classify.trust.pose import UPRIGHT, Pose
from ..image import INPUT_SIZE, GrayImage, crop_square, resize, to_square
from ..labels import BODY_PARTS, Language
from ..network.densenet.architecture import EXPLAINED_LAYER
from ..network.densenet.gradcam import grad_cam_plus_plus, layer_cam
from ..network.densenet.tail import Tail
from ..network.openvino.engine import OpenVinoEngine
from ..network.weights import read_weights
from ..threads import keep_products_single
from .caption import PAPER, write
from .render import RGB, Palette, overlay

LAYERS = (
    "conv2_block6_concat",
    "conv3_block12_concat",
    "conv4_block48_concat",
    "conv5_block8_concat",
    "conv5_block16_concat",
    "conv5_block24_concat",
    EXPLAINED_LAYER,
)
LARGEST = 2_000_000  # bytes of the GIF
SIDE = 512  # pixels, the longer side of the radiograph in the GIF

_GRAYISH = 16  # below this range between red, green and blue a pixel counts as gray
# Grays, colors, and every how many pixels: tried until the file is small enough.
_ATTEMPTS = ((72, 184, 1), (48, 96, 1), (32, 48, 1), (32, 48, 2))
_BETWEEN = 3  # frames from one layer to the next
_HOLD = 500  # milliseconds on a layer
_STEP = 80  # milliseconds on a frame in between
_REST = 1800  # milliseconds on the last map, which the GIF begins with
_OPACITY = 0.6
_STRIP = 54  # pixels below the radiograph
_NARROWEST = 300  # pixels, so that the caption has room
_BAR = (242, 178, 62)
_TRACK = (58, 64, 72)
_PEAK = 0.995  # share of a map's places below what is shown as its maximum
_SIGMA = 5.0  # pixels of the square; takes the corners out of coarse grids


def animate(
    classifier: Classifier,
    picture: Picture,
    label: int | None = None,
    language: Language = "en",
    palette: Palette | str = Palette.INFERNO,
) -> bytes:
    """Show how attention gathers, layer by layer, as a GIF that loops.

    Its first frame is the last layer's map, its longer side 512 pixels and a caption.

    Args:
        classifier: Whose weights to look into.
        picture: As for `Classifier.predict`.
        label: Class number to explain; None is the likeliest.
        language: Of the body part's name.
        palette: Colors of the maps.

    Raises:
        ImageError: The picture can't be read.
        ModelError: The weights are gone since the classifier was loaded.
    """
    pixels = to_pixels(picture)
    (prediction,) = classifier.predict([pixels])
    label = prediction.label if label is None else label
    maps = attention(classifier, pixels, label, prediction.pose)
    scale = SIDE / max(pixels.shape)
    height, width = (max(1, round(length * scale)) for length in pixels.shape)
    base = resize(pixels, height, width)
    shown = [_shown(each, pixels, (height, width)) for each in maps.values()]
    name = BODY_PARTS[label].name(language)
    script = _script()
    frames = [
        _frame(overlay(base, _mixed(shown, moment), _OPACITY, palette), moment, name)
        for moment in script
    ]
    durations = [moment.milliseconds for moment in script]
    on_layers = [n for n, moment in enumerate(script) if moment.position % 1 == 0]
    return _encode_gif(frames, durations, on_layers)


def attention(
    classifier: Classifier, picture: GrayImage, label: int, pose: Pose = UPRIGHT
) -> dict[str, NDArray[np.float32]]:
    """Map what speaks for a body part in each of `LAYERS`, in a picture (H, W).

    The pose is how the film lies; it is looked at with that undone.

    Returns:
        By layer a map (S, S) on the letterboxed square of the film as it came,
        [0, 1]: Grad-CAM++ for the explained layer, LayerCAM before it.
    """
    keep_products_single()
    engine, tail = _network(classifier.card.weights)
    square = pose.undo(picture, to_square(picture))
    activations = engine.activations(square[None] * 2 - 1)
    _, found = tail.gradients_at(LAYERS, activations, [label])
    maps = {}
    for layer in LAYERS:
        draw = grad_cam_plus_plus if layer == EXPLAINED_LAYER else layer_cam
        maps[layer] = pose.redo(draw(*found[layer])[0])
    return maps


_building = Lock()


def _network(weights: Path) -> tuple[OpenVinoEngine, Tail]:
    """Build the network once, also where several GIFs ask at once."""
    with _building:
        return _build(weights)


@lru_cache(maxsize=1)
def _build(weights: Path) -> tuple[OpenVinoEngine, Tail]:
    arrays = read_weights(weights)
    return OpenVinoEngine(arrays, LAYERS[0]), Tail(arrays, LAYERS[0])


@dataclass(frozen=True, slots=True)
class _Moment:
    position: float  # on the way through LAYERS, from 0
    milliseconds: int


def _script() -> list[_Moment]:
    """List the frames: the last layer first, then from the first one on."""
    last = len(LAYERS) - 1
    moments = [_Moment(last, _REST)]
    for layer in range(last):
        moments.append(_Moment(layer, _HOLD))
        moments += [
            _Moment(layer + (step + 1) / (_BETWEEN + 1), _STEP)
            for step in range(_BETWEEN)
        ]
    return moments


def _shown(
    coarse: NDArray[np.float32], picture: GrayImage, size: tuple[int, int]
) -> GrayImage:
    """Bring a layer's map onto the radiograph: rows and columns of `size`, [0, 1]."""
    square = resize(coarse, INPUT_SIZE, INPUT_SIZE)
    # Fine grids have single hot places that would leave all others dark.
    square = np.minimum(square, np.float32(np.quantile(square, _PEAK)))
    square = np.asarray(cv2.GaussianBlur(square, (0, 0), _SIGMA), np.float32)
    peak = square.max()
    if peak > 0:
        square /= peak
    return resize(crop_square(square, *picture.shape), *size)


def _mixed(maps: list[GrayImage], moment: _Moment) -> GrayImage:
    before = int(moment.position)
    share = np.float32(moment.position - before)
    if share == 0:
        return maps[before]
    return maps[before] * (1 - share) + maps[before + 1] * share


def _frame(picture: RGB, moment: _Moment, name: str) -> RGB:
    """Put the caption and the progress bar below one picture."""
    width = picture.shape[1]
    strip = np.full((_STRIP, max(width, _NARROWEST), 3), PAPER, np.uint8)
    layer = LAYERS[round(moment.position)]
    write(strip, f"{name} · {layer}", (12, 24), 17)
    right = strip.shape[1] - 12
    here = 12 + round((right - 12) * moment.position / (len(LAYERS) - 1))
    cv2.rectangle(strip, (12, 38), (right, 43), _TRACK, cv2.FILLED)
    cv2.rectangle(strip, (12, 38), (here, 43), _BAR, cv2.FILLED)
    left = (strip.shape[1] - width) // 2
    sides = ((0, 0), (left, strip.shape[1] - width - left), (0, 0))
    return np.concatenate([np.pad(picture, sides), strip])


def _encode_gif(
    frames: Sequence[RGB], durations: Sequence[int], keys: Sequence[int]
) -> bytes:
    """Encode with as many grays and colors as `LARGEST` allows.

    They are chosen for the frames whose numbers are in `keys`; durations are in
    milliseconds.
    """
    samples = np.concatenate([frames[n][::3, ::3].reshape(-1, 3) for n in keys])
    for grays, colors, every in _ATTEMPTS:
        chosen = _colors(samples, grays, colors)
        small = [each[::every, ::every] for each in frames]
        encoded = _encoded(small, durations, chosen)
        if len(encoded) <= LARGEST:
            break
    return encoded


def _colors(samples: NDArray[np.uint8], grays: int, colors: int) -> Image.Image:
    """Choose the GIF's colors: even grays for the radiograph, the rest for maps.

    One set for all frames: places that don't change then have equal pixels, which
    the format stores for next to nothing.
    """
    ramp = np.linspace(0, 255, grays).round().astype(np.uint8)
    palette = [int(gray) for gray in ramp for _ in range(3)]
    colored = samples[np.ptp(samples, axis=1) > _GRAYISH]
    if len(colored):
        found = Image.fromarray(colored[None]).quantize(
            colors, Image.Quantize.MEDIANCUT
        )
        palette += found.getpalette() or []
    chosen = Image.new("P", (1, 1))
    chosen.putpalette(palette)
    return chosen


def _encoded(
    frames: Sequence[RGB], durations: Sequence[int], colors: Image.Image
) -> bytes:
    images = [
        Image.fromarray(each).quantize(palette=colors, dither=Image.Dither.NONE)
        for each in frames
    ]
    file = io.BytesIO()
    images[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=images[1:],
        duration=list(durations),
        loop=0,
        optimize=False,
    )
    return file.getvalue()
