"""Gather pictures that are no radiographs: `python -m tests.strangers OUT [FOLDER …]`.

For `xray evaluate --strangers OUT`. They come with packages: scikit-image,
scikit-learn and matplotlib where these are installed, pydicom's CT, MR, ultrasound and
nuclear medicine, and photographs below further folders. Nothing is downloaded.
"""

import argparse
import importlib.util
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image, ImageOps

PACKAGES = {
    "skimage": "data",
    "sklearn": "datasets/images",
    "matplotlib": "mpl-data/sample_data",
}
# What these packages hold beside photographs.
NO_PHOTOGRAPHS = {
    "cell", "chessboard_GRAY", "chessboard_RGB", "color", "goog", "horse", "logo",
    "logo2", "microaneurysms", "Minduka_Present_Blue_Pack", "page", "phantom", "text",
}  # fmt: skip
OTHER_IMAGING = {
    "pydicom": ["data/test_files"],
    "data_store": ["data"],
}
OTHER_NAMES = [
    "CT_small", "MR_small", "JPGExtended", "JPEG2000", "693_UNCR", "MR2_UNCR",
    "MR-SIEMENS-DICOM-WithOverlays", "OBXXXX1A", "US1_UNCR", "examples_ybr_color",
]  # fmt: skip
SMALLEST = 100  # pixels of a photograph's shorter side
LARGEST = 1024  # pixels of what is written


def gather(out: Path, folders: Iterable[Path]) -> dict[str, int]:
    """Write each kind into a sub-folder, and count them."""
    counts = {"photographs": 0, "gray_photographs": 0, "other_imaging": 0}
    for kind in counts:
        (out / kind).mkdir(parents=True, exist_ok=True)
    for number, photograph in enumerate(_photographs(folders)):
        if photograph.mode != "L":
            photograph.save(out / "photographs" / f"{number:03}.jpg", quality=92)
            counts["photographs"] += 1
        for name, gray in _gray(ImageOps.grayscale(photograph)):
            gray.save(out / "gray_photographs" / f"{number:03}_{name}.png")
            counts["gray_photographs"] += 1
    for path in _files(OTHER_IMAGING):
        if path.suffix == ".dcm" and path.stem in OTHER_NAMES:
            shutil.copyfile(path, out / "other_imaging" / path.name)
            counts["other_imaging"] += 1
    return counts


def _photographs(folders: Iterable[Path]) -> Iterator[Image.Image]:
    packaged = _files({name: [folder] for name, folder in PACKAGES.items()})
    further = (path for folder in folders for path in sorted(folder.rglob("*")))
    for path in (*packaged, *further):
        is_picture = path.suffix.lower() in (".jpg", ".jpeg", ".png")
        if not is_picture or path.stem in NO_PHOTOGRAPHS:
            continue
        picture = Image.open(path)
        if min(picture.size) >= SMALLEST:
            picture.thumbnail((LARGEST, LARGEST))
            yield picture if picture.mode == "L" else picture.convert("RGB")


def _gray(picture: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    width, height = picture.size
    middle = (width // 4, height // 4, width - width // 4, height - height // 4)
    yield "whole", picture
    yield "middle", picture.crop(middle)
    yield "negative", ImageOps.invert(picture)


def _files(packages: dict[str, list[str]]) -> Iterator[Path]:
    for package, folders in packages.items():
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            continue
        for folder in folders:
            yield from sorted((Path(found.origin).parent / folder).glob("*"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="*", help="with more photographs")
    arguments = parser.parse_args()
    print(gather(arguments.out, arguments.folders))  # noqa: T201
