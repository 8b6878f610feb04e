"""Overlays as a GIF that loops, within a size."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .render import RGB

LARGEST = 2_000_000  # bytes

_GRAYISH = 16  # below this range between red, green and blue a pixel counts as gray
# Grays, colors, and every how many pixels: tried until the file is small enough.
_ATTEMPTS = ((72, 184, 1), (48, 96, 1), (32, 48, 1), (32, 48, 2))


def encode_gif(
    frames: Sequence[RGB], durations: Sequence[int], keys: Sequence[int]
) -> bytes:
    """Encode with as many grays and colors as `LARGEST` allows.

    Args:
        frames: (H, W, 3) each.
        durations: Milliseconds of each frame.
        keys: Numbers of the frames that the colors are chosen for.
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
