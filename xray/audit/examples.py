"""The most confident disagreements of an audit, as pictures beside its rows.

One JPEG each: the radiograph, and the same under its heat map. The file's name
holds probability and key, so that a continued audit knows what it has.
"""

from pathlib import Path

import numpy as np

from ..classify.pipeline import Outcome
from ..classify.verdict import Verdict
from ..explanation.render import encode_jpeg, overlay, thumbnail, to_rgb
from ..image import resize
from ..reading.files import make_folder, write_file
from .table import Row

FOLDER_NAME = "examples"
KEPT = 24
SIDE = 200  # pixels, the longer side of one picture


class Examples:
    """Keeps the pictures of the surest disagreements in a folder.

    Args:
        folder: The report's; pictures of earlier runs in it count.
        kept: How many to keep.
    """

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self.folder = folder / FOLDER_NAME
        make_folder(self.folder)
        self._kept = kept
        self._names = sorted(path.name for path in self.folder.glob("*.jpg"))

    def offer(self, row: Row, outcome: Outcome) -> None:
        """Keep a row's picture if it is among the surest disagreements.

        Pictures whose header says that text is burned in are left out.
        """
        radiograph, explanation = outcome.radiograph, outcome.explanation
        if row.verdict != Verdict.DISAGREE.value or radiograph is None:
            return
        if explanation is None or any(n.key == "burned_in" for n in radiograph.notices):
            return
        name = f"{row.probability:.6f}-{row.key}.jpg"
        if name in self._names or (self._full and name < self._names[0]):
            return
        small = thumbnail(radiograph.pixels, SIDE).astype(np.float32) / np.float32(255)
        map_ = resize(explanation.heatmap, *small.shape)
        pair = np.hstack([to_rgb(small), overlay(small, map_)])
        write_file(self.folder / name, encode_jpeg(pair, 80))
        self._names = sorted([*self._names, name])
        self._trim()

    def take(self, *others: Path) -> None:
        """Copy the surest pictures of other folders of examples."""
        offered = {path.name: path for each in others for path in each.glob("*.jpg")}
        for name in sorted({*self._names, *offered})[-self._kept :]:
            if name not in self._names:
                write_file(self.folder / name, offered[name].read_bytes())
                self._names.append(name)
        self._names.sort()
        self._trim()

    def files(self) -> list[Path]:
        """The JPEGs' paths."""
        return [self.folder / name for name in self._names]

    def pictures(self) -> dict[str, bytes]:
        """The JPEGs by the key of their row, the surest first."""
        return {
            name.removesuffix(".jpg").split("-")[1]: (self.folder / name).read_bytes()
            for name in reversed(self._names)
        }

    @property
    def _full(self) -> bool:
        return len(self._names) >= self._kept

    def _trim(self) -> None:
        while len(self._names) > self._kept:
            (self.folder / self._names.pop(0)).unlink()
