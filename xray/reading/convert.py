"""Radiographs to PNG files: whole folders, their structure kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from ..errors import ImageError, XrayError
from ..image import GrayImage, require_sides, resize
from ..threads import in_order
from .files import (
    fitting_name,
    is_folder,
    is_same,
    make_folder,
    read_file,
    walk,
    write_file,
)
from .reader import read_radiograph

Bits = Literal[8, 16]

# Endings that name a format. What follows another dot is part of the name: files
# are often called by their UID, as in 1.2.840.113619.2.5.
_FORMAT_ENDINGS = frozenset({".dcm", ".dicom", ".dic", ".png", ".jpg", ".jpeg"})


@dataclass(frozen=True, slots=True)
class Conversion:
    """One file to convert, or converted: then perhaps with an error."""

    source: Path
    target: Path
    error: XrayError | None = None


def plan(source: Path, out: Path) -> Iterator[Conversion]:
    """Decide what each file becomes; no two become the same.

    Args:
        source: A file, or a folder whose files are found below it.
        out: A folder, whose structure will be that of `source`; for a file also a
            path that ends in .png.
    """
    if not is_folder(source) and out.suffix.lower() == ".png" and not is_folder(out):
        yield Conversion(source, out)
        return
    root = source if is_folder(source) else source.parent
    folder, taken = root, set[str]()
    for path in walk([source], without=out):
        if path.parent != folder:
            folder, taken = path.parent, set()
        name = _free_name(path, taken)
        yield Conversion(path, out / path.parent.relative_to(root) / name)


def convert_all(
    conversions: Iterable[Conversion], bits: Bits = 8, size: int | None = None
) -> Iterator[Conversion]:
    """Convert files on all cores, in order; an error never stops the others."""

    def work(conversion: Conversion) -> Conversion:
        source, target = conversion.source, conversion.target
        try:
            if is_same(target, source):  # a PNG beside itself
                raise ImageError("file_exists", path=target)
            radiograph = read_radiograph(read_file(source))
            make_folder(target.parent)
            write_file(target, to_png(radiograph.pixels, bits, size))
        except XrayError as error:
            return Conversion(source, target, error)
        return conversion

    return in_order(work, conversions)


def to_png(pixels: GrayImage, bits: Bits = 8, size: int | None = None) -> bytes:
    """Encode a radiograph (H, W) in [0, 1] as a gray PNG.

    The size is that of the longer side; None and larger than it is keep the picture's.

    Raises:
        ImageError: A side is longer than a PNG's may be here.
    """
    height, width = pixels.shape
    if size is not None and size < max(height, width):
        scale = size / max(height, width)
        pixels = resize(
            pixels, max(1, round(height * scale)), max(1, round(width * scale))
        )
    require_sides(pixels.shape, "PNG")
    kind = np.uint8 if bits == 8 else np.uint16
    levels = np.rint(pixels * np.float32(np.iinfo(kind).max)).astype(kind)
    return cv2.imencode(".png", levels)[1].tobytes()


def _free_name(path: Path, taken: set[str]) -> str:
    """Name the PNG of a file; `taken` are those of its folder, and grows."""
    ends = path.suffix.lower() in _FORMAT_ENDINGS
    stem = path.stem if ends else path.name
    name, number = fitting_name(stem, ".png"), 1
    while name.casefold() in taken:
        number += 1
        name = fitting_name(stem, f"-{number}.png")
    taken.add(name.casefold())
    return name
