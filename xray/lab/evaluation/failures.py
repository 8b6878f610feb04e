"""Pictures of failures for the model card."""

import shutil
from pathlib import Path

import numpy as np

from ...classify.trust.confidence import softmax
from .fitting import Measured
from .metrics import is_near
from .protocols import Figures

FAILURES = 4  # pictures of them in the card
FREE = "CC BY 4.0"  # the license of films that may be shown in it


def copy_failures(
    references: Measured, temperature: float, folder: Path
) -> list[Figures]:
    """Copy the surest wrong answers among freely licensed films, a film a label.

    Earlier copies in the folder go.

    Returns:
        File, source, label, answer and confidence of each.
    """
    targets = [film.targets for film in references.films]
    probabilities = softmax(references.logits, temperature)
    confidences = probabilities.max(axis=1)
    wrong = ~is_near(probabilities, targets)
    shutil.rmtree(folder, ignore_errors=True)
    chosen: list[Figures] = []
    seen_labels: set[int] = set()
    for index in np.argsort(-confidences):
        film = references.films[index]
        if not wrong[index] or film.license != FREE or film.targets[0] in seen_labels:
            continue
        seen_labels.add(film.targets[0])
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{film.source}_{film.path.name}"
        shutil.copyfile(film.path, folder / name)
        chosen.append(
            {
                "file": f"{folder.name}/{name}",
                "source": film.source,
                "label": film.targets[0],
                "answer": int(probabilities[index].argmax()),
                "confidence": round(float(confidences[index]), 3),
            }
        )
        if len(chosen) == FAILURES:
            break
    return chosen
