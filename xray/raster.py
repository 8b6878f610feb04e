"""PNG and JPEG bytes to a gray picture."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import ImageError, UnsupportedImageError
from .image import GrayImage
from .limits import LIMITS

FORMATS = ("PNG", "JPEG")


def decode_raster(data: bytes) -> tuple[GrayImage, str]:
    """Decode a PNG or JPEG of any bit depth and color into gray.

    Transparency is laid over black; EXIF orientation is applied.

    Args:
        data: The whole file.

    Returns:
        The picture, (H, W) in [0, 1], and the format's name.

    Raises:
        UnsupportedImageError: The bytes are of no format read here.
        ImageError: The file is damaged or larger than the limits.
    """
    kind = "PNG / JPEG"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            kind = str(picture.format)
            width, height = picture.size
            if width * height > LIMITS.pixels:
                raise _too_large(f"{width:,} × {height:,}")
            picture.load()
        return _to_gray(ImageOps.exif_transpose(picture)), kind
    except UnidentifiedImageError as error:
        raise UnsupportedImageError("unsupported") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(f"> {LIMITS.pixels:,}") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError("damaged", kind=kind) from error


def _too_large(received: str) -> ImageError:
    return ImageError("too_many_pixels", limit=f"{LIMITS.pixels:,}", received=received)


def _to_gray(picture: Image.Image) -> GrayImage:
    if picture.mode.startswith("I;16"):
        return np.asarray(picture, np.uint16).astype(np.float32) / np.float32(65535)
    if picture.mode in ("I", "F"):
        # Pillow opens some 16-bit PNGs as 32-bit integers with 16-bit values.
        return np.clip(np.asarray(picture, np.float32) / np.float32(65535), 0, 1)
    if "A" in picture.getbands() or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        black = Image.new("RGBA", rgba.size, (0, 0, 0, 255))
        picture = Image.alpha_composite(black, rgba)
    return np.asarray(picture.convert("L"), np.float32) / np.float32(255)
