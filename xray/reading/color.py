"""Telling color pictures from gray ones, and from gray ones with a tint."""

import numpy as np
from PIL import Image

SIDE = 96  # pixels; a thumbnail is enough, and forgets compression's color noise
COLORFUL = 8.0  # of 255: how far a pixel's color lies from the tint
SHARE = 0.1  # of such pixels; a colored marker or a few lines of text cover less


def is_colored(picture: Image.Image) -> bool:
    """Say whether a picture shows colors that are more than a tint of its gray.

    A scan of a bluish film has one color for each brightness; in a photograph
    equal brightness comes in different colors.
    """
    if len(picture.getbands()) < 3 and picture.mode != "P":
        return False
    thumbnail = picture.convert("RGB").convert("YCbCr")
    thumbnail.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.asarray(thumbnail, np.float64).reshape(-1, 3)
    brightness = pixels[:, 0] / 255
    # What a quadratic in brightness doesn't explain of each color difference,
    # fitted twice so that a bright marker doesn't bend it.
    terms = np.stack([np.ones_like(brightness), brightness, brightness**2], axis=1)
    left = np.zeros(len(pixels))
    for _ in range(2):
        kept = left <= np.median(left)
        fit, *_ = np.linalg.lstsq(terms[kept], pixels[kept, 1:], rcond=None)
        left = np.abs(pixels[:, 1:] - terms @ fit).max(axis=1)
    return bool(np.mean(left > COLORFUL) > SHARE)
