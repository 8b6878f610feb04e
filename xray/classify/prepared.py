"""What the classifier takes: a picture of any kind, and how the network gets it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from ..errors import ImageError
from ..image import GrayImage, to_square
from ..limits import LIMITS
from ..reading.files import read_file
from ..reading.radiograph import Radiograph
from ..reading.reader import read_radiograph
from .trust.pose import UPRIGHT, Pose
from .trust.rejection import fault

_ROUNDING = 1e-3  # by which values may lie beside [0, 1]


@runtime_checkable
class _Readable(Protocol):
    """A file that is open for reading."""

    def read(self, size: int, /) -> bytes: ...


Whole = bytes | bytearray | memoryview | _Readable  # a file's content
Picture = GrayImage | Radiograph | Whole | str | Path


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPicture:
    """A picture on its way to the network."""

    pixels: GrayImage  # (H, W), [0, 1]
    square: GrayImage  # (256, 256), [0, 1], letterboxed and stretched
    fault: str | None  # key of a message: why it is no radiograph

    @classmethod
    def of(cls, picture: Picture) -> "PreparedPicture":
        """Read a picture, letterbox it and test whether it can be a radiograph.

        Raises:
            ImageError: It can't be read.
        """
        read = _read(picture)
        if isinstance(read, Radiograph):
            pixels, colored = read.pixels, read.facts.colored
        else:
            pixels, colored = read, False
        square = to_square(pixels)
        return cls(pixels, square, fault(pixels, square, colored))

    def without(self, pose: Pose) -> GrayImage:
        """Lay the square (256, 256) as it would be without a pose."""
        return self.square if pose is UPRIGHT else pose.undo(self.pixels, self.square)


def to_pixels(picture: Picture) -> GrayImage:
    """Read whatever `Classifier.predict` takes into a gray picture (H, W).

    Raises:
        ImageError: It can't be read.
    """
    read = _read(picture)
    return read.pixels if isinstance(read, Radiograph) else read


def _read(picture: Picture) -> Radiograph | GrayImage:
    if isinstance(picture, Radiograph):
        return picture
    if isinstance(picture, str | Path):
        return read_radiograph(read_file(Path(picture)))
    if isinstance(picture, bytes | bytearray | memoryview):
        return read_radiograph(bytes(picture))
    if isinstance(picture, _Readable):
        return read_radiograph(_content(picture))
    return _checked(picture)


def _content(file: _Readable) -> bytes:
    """Read what is left of an opened file, no more than may be."""
    try:
        data = file.read(LIMITS.file_bytes + 1)
    except (OSError, ValueError) as error:  # closed, or not for reading
        raise ImageError("unreadable", reason=type(error).__name__) from error
    if not isinstance(data, bytes):
        raise ImageError("unreadable", reason="Opened as text")
    return data


def _checked(pixels: GrayImage) -> GrayImage:
    """Make sure that what a caller gives as gray pixels is that.

    Raises:
        ImageError: It has other axes, no pixels, or other values than [0, 1].
    """
    try:
        pixels = np.asarray(pixels, np.float32)
    except (TypeError, ValueError) as error:  # no numbers
        received = f"a {type(pixels).__name__}"
        raise ImageError("bad_array", received=received) from error
    if pixels.ndim != 2 or not pixels.size:
        raise ImageError("bad_array", received=f"shape {pixels.shape}")
    low, high = float(pixels.min()), float(pixels.max())
    if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # true of NaN too
        raise ImageError("bad_array", received=f"values from {low:g} to {high:g}")
    return pixels
