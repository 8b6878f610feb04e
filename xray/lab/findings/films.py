"""Films with marked fractures, metal and projection: FracAtlas as a table.

Abedeen et al. 2023, doi 10.6084/m9.figshare.22363012, CC BY 4.0.
"""

import csv
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import DatasetError
from ...image import GrayImage
from ...network.findings.answer import PROJECTIONS
from ..training.dataset import read_dataset

_NEEDED = ("file", "group", "fold", "fractured", "boxes", "hardware", *PROJECTIONS[:3])

# Sources of films without fractures, and whether they show hardware: Stark and Urban
# 2020 (UCI), Chen 2018 (doi 10.17632/56rmx5bjcr.1), both CC BY 4.0.
UNBROKEN = {"shoimp": True, "kneeoa": False}

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class MarkedFilm:
    """A film, and what experts say of it."""

    path: Path
    group: str  # films of one patient are in one group
    fold: int
    fractured: bool
    boxes: tuple[Box, ...]
    hardware: bool
    projection: str  # one of `PROJECTIONS`
    region: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        from PIL import Image

        with Image.open(self.path) as image:
            return image.height, image.width

    def marks(self, height: int, width: int) -> GrayImage:
        """Draw the boxes: (height, width), 1 inside them, else 0."""
        drawn = np.zeros((height, width), np.float32)
        for left, top, right, bottom in self.boxes:
            rows = slice(int(top), max(int(np.ceil(bottom)), int(top) + 1))
            drawn[rows, int(left) : max(int(np.ceil(right)), int(left) + 1)] = 1
        return drawn


def read_films(folder: Path) -> list[MarkedFilm]:
    """Read a folder with manifest.csv.

    Args:
        folder: Its table has the columns file, group, fold, fractured, boxes (JSON
            lists of left, top, right, bottom in pixels), hardware, frontal, lateral,
            oblique.

    Raises:
        DatasetError: The table is missing, or lacks columns.
    """
    table = folder / "manifest.csv"
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            return [*_films(folder, csv.DictReader(file))]
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(
            f"Expected films with marks in {table}, with the columns "
            f"{', '.join(_NEEDED)}; could not read them: {error}"
        ) from error


def read_unbroken(folder: Path) -> list[MarkedFilm]:
    """Read films without fractures out of the data set of body parts.

    Nobody marked them: prostheses of the shoulder, and knees of a study of arthritis.
    In FracAtlas nearly all films with hardware are of fractures.

    Args:
        folder: As for `training.dataset.read_dataset`.

    Returns:
        The films, in two folds.

    Raises:
        DatasetError: It has none of these films.
    """
    films = [
        MarkedFilm(
            film.path,
            film.group,
            zlib.crc32(film.group.encode()) % 2,
            fractured=False,
            boxes=(),
            hardware=UNBROKEN[film.source],
            projection="frontal",
            region=film.source,
        )
        for film in read_dataset(folder)
        if film.source in UNBROKEN
    ]
    if not films:
        raise DatasetError(
            f"Expected films of {', '.join(UNBROKEN)}, {folder} has none."
        )
    return films


def split(
    films: Sequence[MarkedFilm], fold: int
) -> tuple[list[MarkedFilm], list[MarkedFilm]]:
    """Split films into those outside a fold, to learn from, and those in it."""
    kept = [film for film in films if film.fold == fold]
    return [film for film in films if film.fold != fold], kept


def _films(folder: Path, rows: "csv.DictReader[str]") -> Iterator[MarkedFilm]:
    for row in rows:
        boxes = tuple(
            (float(left), float(top), float(right), float(bottom))
            for left, top, right, bottom in json.loads(row["boxes"])
        )
        yield MarkedFilm(
            folder / row["file"],
            row["group"],
            int(row["fold"]),
            row["fractured"] == "1",
            boxes,
            row["hardware"] == "1",
            _projection(row),
            row.get("region", ""),
        )


def _projection(row: Mapping[str, str]) -> str:
    shown = [name for name in PROJECTIONS[:3] if row[name] == "1"]
    return shown[0] if len(shown) == 1 else PROJECTIONS[3]
