"""What is kept of reference films, to tell what is out of distribution."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import ModelError
from .pose import PoseGuess
from .rejection import OodDetector


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Features of reference films, and what their poses look like."""

    detector: OodDetector
    poses: PoseGuess | None = None  # None: a film is viewed once

    @classmethod
    def load(cls, path: Path) -> "References":
        """Read what `lab.evaluation.references` wrote.

        Raises:
            ModelError: The file is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name].astype(np.float32) for name in file.files}
            detector = OodDetector(arrays["center"], arrays["axes"], arrays["known"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"Expected features of reference films at {path}, could not read "
                f"them: {error}. Restore the file from the repository."
            ) from error
        if "pose_weights" not in arrays:
            return cls(detector)
        return cls(detector, PoseGuess(arrays["pose_weights"], arrays["pose_offsets"]))
