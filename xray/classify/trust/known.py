"""What a model file keeps of known radiographs, and how it is stored."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from .pose import PoseGuess
from .rejection import Familiarity


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Features of known radiographs, and what their poses look like."""

    familiarity: Familiarity
    poses: PoseGuess | None = None  # None: never look at a film again

    @classmethod
    def load(cls, path: Path) -> "Known":
        """Read what `save` wrote.

        Raises:
            ModelError: The file is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name].astype(np.float32) for name in file.files}
            familiarity = Familiarity(arrays["center"], arrays["axes"], arrays["known"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"Expected features of known radiographs at {path}, could not read "
                f"them: {error}. Restore the file from the repository."
            ) from error
        if "pose_weights" not in arrays:
            return cls(familiarity)
        return cls(
            familiarity, PoseGuess(arrays["pose_weights"], arrays["pose_offsets"])
        )

    def save(self, path: Path) -> None:
        """Write to an .npz file, features in half precision."""
        half = {
            "center": self.familiarity.center,
            "axes": self.familiarity.axes,
            "known": self.familiarity.known,
        }
        stored: dict[str, NDArray[np.floating]] = {
            name: array.astype(np.float16) for name, array in half.items()
        }
        if self.poses is not None:
            stored["pose_weights"] = self.poses.weights
            stored["pose_offsets"] = self.poses.offsets
        np.savez_compressed(path, allow_pickle=False, **stored)
