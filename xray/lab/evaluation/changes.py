"""Ways a film may reach the classifier other than it should, to measure the loss."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ...image import GrayImage, crop_square, fit_square
from ..training.metal import add_metal

Change = Callable[[GrayImage], GrayImage]  # (H, W) to (H', W'), [0, 1]


def unchanged(image: GrayImage) -> GrayImage:
    """Leave the film as it is."""
    return image


def turn(image: GrayImage, times: int) -> GrayImage:
    """Turn by 90 degrees against the clock, some times."""
    return np.ascontiguousarray(np.rot90(image, times))


turn_90: Change = partial(turn, times=1)
turn_180: Change = partial(turn, times=2)
turn_270: Change = partial(turn, times=3)


def mirror(image: GrayImage) -> GrayImage:
    """Swap left and right."""
    return np.ascontiguousarray(np.fliplr(image))


def invert(image: GrayImage) -> GrayImage:
    """Swap black and white: a MONOCHROME1 film exported wrongly."""
    return 1 - image


def halve_contrast(image: GrayImage) -> GrayImage:
    """Squeeze the gray levels into half their range, around the middle."""
    return image * np.float32(0.5) + np.float32(0.25)


def crop(image: GrayImage) -> GrayImage:
    """Keep the middle 70 % of each side, half of the area."""
    height, width = image.shape
    top, left = round(0.15 * height), round(0.15 * width)
    return np.ascontiguousarray(image[top : height - top, left : width - left])


def border(image: GrayImage) -> GrayImage:
    """Lay white at either side: collimated, and exported without a shutter."""
    width = image.shape[1] // 3
    return np.pad(image, ((0, 0), (width, width)), constant_values=1)


def metal(image: GrayImage) -> GrayImage:
    """Lay metal over it, the same each time: a plate, a nail, a prosthesis."""
    height, width = image.shape
    random = np.random.default_rng(int(image.sum(dtype=np.float64)))
    square = add_metal(fit_square(image, max(height, width)), random)
    return crop_square(square, height, width)


CHANGES: dict[str, Change] = {
    "turned 90°": turn_90,
    "turned 180°": turn_180,
    "turned 270°": turn_270,
    "mirrored": mirror,
    "inverted": invert,
    "half contrast": halve_contrast,
    "cropped to half": crop,
    "bordered": border,
    "metal": metal,
}
