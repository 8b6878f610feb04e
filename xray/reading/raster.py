"""PNG and JPEG bytes to a gray picture."""

import io

import numpy as np
from PIL import Image, ImageChops, ImageOps

from ..errors import ImageError
from ..limits import LIMITS
from ..radiograph import Facts
from ..samples import Decoded, Samples
from .color import is_colored

MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
FORMATS = ("PNG", "JPEG")


def looks_like_raster(data: bytes) -> bool:
    """Say whether bytes begin as a PNG or a JPEG file does."""
    return data.startswith(MAGIC)


def decode_raster(data: bytes) -> Decoded:
    """Decode a PNG or JPEG of any bit depth and color into gray.

    Transparency is laid over black; EXIF orientation is applied.

    Args:
        data: The whole file, with the magic number of one of the two.

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
        upright = ImageOps.exif_transpose(picture)
        samples, colored = _to_gray(upright), is_colored(upright)
    except Image.DecompressionBombError as error:
        raise _too_large(f"> {LIMITS.pixels:,}") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError("damaged", kind=kind) from error
    height, width = samples.shape
    facts = Facts(kind, len(data), width, height, colored=colored)
    return Decoded(samples, facts)


def _too_large(received: str) -> ImageError:
    return ImageError("too_many_pixels", limit=f"{LIMITS.pixels:,}", received=received)


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
