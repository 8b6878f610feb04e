"""Tiny made-up data sets in both layouts."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

PARTS = (3, 9, 11, 15)  # chest, hand, knee, pelvis
SIDE = 48  # pixels


def draw_film(part: int, number: int) -> np.ndarray:
    """Draw a gray picture that tells its part apart: (48, 40), uint8."""
    random = np.random.default_rng((part, number))
    rows, columns = np.indices((SIDE, SIDE - 8))
    waves = np.sin(rows * (PARTS.index(part) + 1) / 6) + np.cos(columns / 5)
    noise = random.normal(0, 0.1, waves.shape)
    return np.clip((waves + noise + 2) * 60, 0, 255).astype(np.uint8)


def make_manifest(folder: Path, films_a_part: int = 6) -> Path:
    """Write films with `manifest.csv`: two folds at home, and another source."""
    rows = []
    for part in PARTS:
        for number in range(films_a_part):
            name = f"{part}_{number}.png"
            Image.fromarray(draw_film(part, number)).save(folder / name)
            patient = number // 2
            home = patient < 2
            rows.append(
                {
                    "file": name,
                    "target": str(part) if number else f"{part} 21",
                    "group": f"patient {part} {patient}",
                    "fold": str(patient) if home else "",
                    "source": "unifesp" if home else "fracatlas",
                    "suspect_label": "",
                    "licence": "CC BY-NC-SA 4.0" if home else "CC BY 4.0",
                }
            )
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def make_kaggle(folder: Path, films_a_part: int = 3) -> Path:
    """Write films with Kaggle's `train.csv`, in sub-folders as Kaggle has them."""
    lines = ["SOPInstanceUID,Target"]
    for part in PARTS:
        for number in range(films_a_part):
            below = folder / "train" / f"study{part}{number}" / "series"
            below.mkdir(parents=True)
            uid = f"1.2.{part}.{number}"
            Image.fromarray(draw_film(part, number)).save(below / f"{uid}-c.png")
            lines.append(f"{uid},{part} ")
    (folder / "train.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
