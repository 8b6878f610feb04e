"""PNG and JPEG bytes to a gray picture; color told from gray, and from a tint."""

import io
import struct

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageOps

from ..errors import ImageError
from ..limits import LIMITS
from .radiograph import Decoded, Facts, Samples

MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
FORMATS = ("PNG", "JPEG")
# Bit depth and color type in IHDR (PNG 11.2.1): 16 bits of RGB, gray + A, RGB + A.
_DEEP_COLOR = (b"\x10\x02", b"\x10\x04", b"\x10\x06")
_COLOR_SIDE = 96  # pixels; a thumbnail is enough, and forgets compression's noise
_COLORFUL = 8.0  # of 255: how far a pixel's color lies from the tint
_COLORED = 0.1  # share of such pixels; a marker or a few lines of text cover less
_MOST_DEEP_PIXELS = 40_000_000  # of them; above, decoding twice would take too long


def looks_like_raster(data: bytes) -> bool:
    """Say whether bytes begin as a PNG or a JPEG file does."""
    return data.startswith(MAGIC)


def decode_raster(data: bytes) -> Decoded:
    """Decode a PNG or JPEG of any bit depth and color into gray.

    Transparency is laid over black; EXIF orientation is applied.

    Raises:
        ImageError: The file is damaged or larger than the limits.
    """
    kind = "PNG" if data.startswith(MAGIC[0]) else "JPEG"
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > LIMITS.pixels:
            raise _too_large(f"{width:,} × {height:,}")
        picture.load()
        upright = _turn_upright(picture)
        colored = is_colored(upright)
        deep = _read_deep_color(data, picture) if kind == "PNG" else None
        samples = _to_gray(upright if deep is None else _turn_upright(deep))
    except Image.DecompressionBombError as error:
        raise _too_large(f"> {LIMITS.pixels:,}") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError("damaged", kind=kind) from error
    height, width = samples.shape
    facts = Facts(kind, len(data), width, height, colored=colored)
    return Decoded(samples, facts)


def is_colored(picture: Image.Image) -> bool:
    """Say whether a picture shows colors that are more than a tint of its gray.

    A scan of a bluish film has one color for each brightness; in a photograph
    equal brightness comes in different colors.
    """
    if len(picture.getbands()) < 3 and picture.mode != "P":
        return False
    thumbnail = picture.convert("RGB").convert("YCbCr")
    thumbnail.thumbnail((_COLOR_SIDE, _COLOR_SIDE), Image.Resampling.BOX)
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
    return bool(np.mean(left > _COLORFUL) > _COLORED)


def _too_large(received: str) -> ImageError:
    return ImageError("too_many_pixels", limit=f"{LIMITS.pixels:,}", received=received)


def _turn_upright(picture: Image.Image) -> Image.Image:
    """Apply EXIF's orientation; one that can't be read counts as absent."""
    try:
        return ImageOps.exif_transpose(picture)
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, struct.error):
        return picture


def _read_deep_color(data: bytes, picture: Image.Image) -> Image.Image | None:
    """Decode a color PNG of 16 bits to gray of 16 bits; Pillow keeps 8 of them.

    The file is known to be sound and within the limits.

    Returns:
        None where it is another kind of PNG, very large, or OpenCV can't read it.
    """
    is_large = picture.width * picture.height > _MOST_DEEP_PIXELS
    if data[24:26] not in _DEEP_COLOR or is_large:
        return None
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if decoded is None or decoded.shape[1::-1] != picture.size:
        return None
    deep = Image.fromarray(_luma(np.asarray(decoded, np.uint16)))
    deep.info = dict(picture.info)  # the orientation among it
    return deep


def _luma(color: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Turn (H, W, 3 or 4) blue, green, red of 16 bits gray, laid over black."""
    gray = cv2.cvtColor(color[..., :3], cv2.COLOR_BGR2GRAY)
    if color.shape[2] == 4:
        cv2.multiply(gray, color[..., 3], dst=gray, scale=1 / 65535)
    return np.asarray(gray, np.uint16)


def _to_gray(picture: Image.Image) -> Samples:
    if picture.mode.startswith("I;16"):
        return np.asarray(picture, np.uint16)
    if picture.mode in ("I", "F"):
        # Pillow opens some 16-bit PNGs as 32-bit integers with 16-bit values.
        return np.asarray(np.clip(np.asarray(picture), 0, 65535), np.uint16)
    if "A" in picture.getbands() or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        gray = ImageChops.multiply(rgba.convert("L"), rgba.getchannel("A"))
        return np.asarray(gray, np.uint8)
    return np.asarray(picture.convert("L"), np.uint8)
