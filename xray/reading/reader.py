"""Bytes to radiograph: looks at the content, never at the file's name."""

from pathlib import Path

from ..errors import ImageError
from ..image import GrayImage
from ..limits import LIMITS
from .files import read_file, too_large
from .radiograph import Radiograph
from .sandbox import decode_in_process


def read_radiograph(data: bytes) -> Radiograph:
    """Read a DICOM, PNG or JPEG file into a gray picture with its facts.

    Raises:
        UnsupportedImageError: The bytes are of no kind read here.
        ImageError: The file is empty, damaged, without pixels or over a limit.
    """
    if not data:
        raise ImageError("empty")
    if len(data) > LIMITS.file_bytes:
        raise too_large(len(data))
    return decode_in_process(data).to_radiograph()


def read_image(path: Path) -> GrayImage:
    """Read just the gray picture of a file: (H, W), [0, 1], bone bright.

    Raises:
        ImageError: As `read_file` and `read_radiograph`.
    """
    return read_radiograph(read_file(path)).pixels
