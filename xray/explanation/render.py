"""Heat maps over radiographs: colors, contour lines, differences, legends.

Everything here takes arrays and gives arrays, (H, W, 3) of 8 bits. Colors come
from perceptually uniform maps, never from a rainbow, and fade out where a map is
low: there the radiograph's gray values are shown exactly as they are.
"""

from collections.abc import Sequence
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from ..image import GrayImage, resize

RGB = NDArray[np.uint8]  # (H, W, 3)

LEVELS = (0.25, 0.5, 0.75)  # of a map's maximum, where contour lines run

# Below the first share of its maximum a map is invisible, above the second it
# has its full opacity.
_FADE = (0.15, 0.6)
_DIFFERENCE_FADE = (0.1, 0.6)
_FIRST_COLOR = (230, 159, 0)  # orange and sky blue of Okabe and Ito's palette,
_SECOND_COLOR = (86, 180, 233)  # told apart by every kind of color vision
_FLAT = 1e-3  # from the lowest to the highest value of a map without a place
_SMOOTH_SIDE = 128  # pixels; maps are smoothed at this size for contour lines
_SMOOTH_SIGMA = 4.0  # pixels at that size: a quarter of a cell of an 8 x 8 map


class Palette(StrEnum):
    """Perceptually uniform colors, from low to high."""

    INFERNO = "inferno"
    MAGMA = "magma"
    VIRIDIS = "viridis"
    CIVIDIS = "cividis"  # looks the same without red or green vision


_COLORMAPS = {
    Palette.INFERNO: cv2.COLORMAP_INFERNO,
    Palette.MAGMA: cv2.COLORMAP_MAGMA,
    Palette.VIRIDIS: cv2.COLORMAP_VIRIDIS,
    Palette.CIVIDIS: cv2.COLORMAP_CIVIDIS,
}


def overlay(
    picture: GrayImage,
    heatmap: GrayImage,
    opacity: float = 0.5,
    palette: Palette | str = Palette.INFERNO,
) -> RGB:
    """Lay a heat map over a radiograph, both (H, W) in [0, 1]: (H, W, 3).

    The opacity is that of the map where it is high; where it is low, what comes out
    equals the radiograph.
    """
    levels = _rounded(heatmap * np.float32(255))
    alpha = opacity * _fade(np.linspace(0, 1, 256, dtype=np.float32), _FADE)
    color = _rounded(_colors(palette) * alpha[:, None])
    rest = _rounded((1 - alpha) * np.float32(255))
    # Tables and 8-bit sums are several times as fast as blending in float: the page
    # draws 24 of these for each move of a slider.
    gray = _rounded(picture * np.float32(255))
    dimmed = cv2.multiply(gray, cv2.LUT(levels, rest), scale=1 / 255)
    colored = cv2.LUT(cv2.merge([levels] * 3), color[None])
    return np.asarray(cv2.add(cv2.merge([dimmed] * 3), colored), np.uint8)


def difference(
    picture: GrayImage,
    first: GrayImage,
    second: GrayImage,
    opacity: float = 0.6,
) -> RGB:
    """Show where two maps differ: orange speaks for the first, blue the second.

    All are (H, W), [0, 1]. Maps have their maximum at 1 each, so this compares where
    they look and not how strongly; where they agree, the radiograph is as it was.
    """
    lead = first - second
    alpha = opacity * _fade(np.abs(lead), _DIFFERENCE_FADE)
    colors = np.array([_SECOND_COLOR, _FIRST_COLOR], np.float32)
    return _blend(picture, alpha, colors[(lead > 0).astype(np.intp)])


def contours(
    picture: GrayImage, heatmap: GrayImage, levels: Sequence[float] = LEVELS
) -> RGB:
    """Draw a map as white contour lines with a black edge, thicker where higher.

    For readers who can't tell the colors apart, and for print. Levels are above 0 and
    below 1; away from the lines, the radiograph (H, W) is as it was: (H, W, 3).
    """
    height, width = picture.shape
    smooth = _smoothed(heatmap)
    unit = max(height, width) / 512  # pixels a pixel of a 512-pixel picture takes
    shown = picture * np.float32(255)
    for rank, level in enumerate(sorted(levels)):
        distance = _distance(smooth, level)
        half = max(0.5, unit * (0.5 + 0.5 * rank))
        edge = max(1.0, unit)
        for reach, white in ((half + edge, 0.0), (half, 255.0)):
            alpha = np.clip(reach + 0.5 - distance, 0, 1)
            shown = shown * (1 - alpha) + np.float32(white) * alpha
    return np.repeat(_rounded(shown)[..., None], 3, axis=-1)


def outline(picture: RGB, heatmap: GrayImage, share: float = 0.5) -> RGB:
    """Draw a blue line with a black edge around where a map is high.

    Args:
        picture: (H, W, 3), as of `overlay` or `to_rgb`.
        heatmap: (H, W), [0, 1], as `Explanation.fracture_map` gives it.
        share: From the map's lowest value to its highest, where the line runs.

    Returns:
        (H, W, 3), away from the line as it was; all of it where the map is flat.
    """
    smooth = _smoothed(heatmap)
    low, high = float(smooth.min()), float(smooth.max())
    distance = _distance(smooth, low + share * (high - low))
    unit = max(1.0, max(heatmap.shape) / 512)
    drawn = picture.astype(np.float32)
    if high - low > _FLAT:
        for reach, color in ((2 * unit, (0, 0, 0)), (unit, _SECOND_COLOR)):
            alpha = np.clip(reach + 0.5 - distance, 0, 1)[..., None]
            drawn = drawn * (1 - alpha) + np.array(color, np.float32) * alpha
    return _rounded(drawn)


def legend(
    palette: Palette | str = Palette.INFERNO,
    opacity: float = 0.5,
    width: int = 256,
    height: int = 16,
) -> RGB:
    """Draw the colors of `overlay` over gray, low to high: (height, width, 3)."""
    ramp = np.tile(np.linspace(0, 1, width, dtype=np.float32), (height, 1))
    return overlay(np.full_like(ramp, 0.4), ramp, opacity, palette)


def difference_legend(width: int = 256) -> RGB:
    """Draw the colors of `difference`, the second map's left, the first's right."""
    ramp = np.tile(np.linspace(-1, 1, width, dtype=np.float32), (16, 1))
    gray = np.full_like(ramp, 0.4)
    return difference(gray, np.maximum(ramp, 0), np.maximum(-ramp, 0))


def thumbnail(picture: GrayImage, side: int) -> NDArray[np.uint8]:
    """Shrink a radiograph to at most `side` pixels a side: (h, w), gray."""
    scale = min(1.0, side / max(picture.shape))
    height, width = (max(1, round(length * scale)) for length in picture.shape)
    return _rounded(resize(picture, height, width) * 255)


def to_rgb(picture: GrayImage) -> RGB:
    """Turn a radiograph (H, W) in [0, 1] into 8-bit color: (H, W, 3)."""
    return np.repeat(_rounded(picture * np.float32(255))[..., None], 3, axis=-1)


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """Encode a gray (H, W) or color (H, W, 3) picture without loss."""
    return _encoded(".png", picture, [])


def encode_jpeg(picture: NDArray[np.uint8], quality: int = 90) -> bytes:
    """Encode a gray (H, W) or color (H, W, 3) picture small; quality to 100."""
    return _encoded(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])


def _colors(palette: Palette | str) -> NDArray[np.float32]:
    """Sample a palette: (256, 3) RGB, [0, 255].

    Raises:
        ValueError: There is no such palette.
    """
    ramp = np.arange(256, dtype=np.uint8)[None]
    colored = cv2.applyColorMap(ramp, _COLORMAPS[Palette(palette)])
    return np.asarray(colored[0, :, ::-1], np.float32)


def _fade(
    values: NDArray[np.float32], between: tuple[float, float]
) -> NDArray[np.float32]:
    """Rise smoothly from 0 at the first value to 1 at the second."""
    low, high = between
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _blend(
    picture: GrayImage, alpha: NDArray[np.float32], colors: NDArray[np.float32]
) -> RGB:
    alpha = alpha[..., None]
    return _rounded(_gray(picture) * (1 - alpha) + colors * alpha)


def _smoothed(heatmap: GrayImage) -> GrayImage:
    """Take the corners of the coarse grid out of a map; its maximum stays."""
    height, width = heatmap.shape
    scale = _SMOOTH_SIDE / max(height, width)
    size = max(2, round(width * scale)), max(2, round(height * scale))
    small = cv2.resize(heatmap, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), _SMOOTH_SIGMA)
    smooth = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    peak = float(smooth.max())
    if peak <= 0:
        return np.zeros_like(heatmap)
    return np.asarray(smooth * (float(heatmap.max()) / peak), np.float32)


def _distance(smooth: GrayImage, level: float) -> GrayImage:
    """Distance of every place from a contour line, pixels, to first order."""
    slope = np.maximum(np.hypot(_step(smooth, 0), _step(smooth, 1)), 1e-6)
    return np.asarray(np.abs(smooth - np.float32(level)) / slope, np.float32)


def _step(values: GrayImage, axis: int) -> GrayImage:
    """Slope along an axis, a pixel; 0 along an axis of one pixel."""
    if values.shape[axis] == 1:
        return np.zeros_like(values)
    return np.asarray(np.gradient(values, axis=axis), np.float32)


def _gray(picture: GrayImage) -> NDArray[np.float32]:
    """Spread a radiograph over three channels: (H, W, 3), [0, 255]."""
    return np.repeat((picture * np.float32(255))[..., None], 3, axis=-1)


def _rounded(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(values + 0.5, 0, 255), np.uint8)


def _encoded(kind: str, picture: NDArray[np.uint8], options: list[int]) -> bytes:
    if picture.ndim == 3:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8)
    done, encoded = cv2.imencode(kind, picture, options)
    if not done:
        raise ValueError(f"Expected an 8-bit picture. Received: {picture.dtype}")
    return encoded.tobytes()
