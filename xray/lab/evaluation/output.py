"""An evaluation on disk: tables, pictures, and every film's answer."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...labels import BODY_PARTS
from . import metrics
from .answers import Answers
from .figures import draw_confusion, draw_reliability
from .protocols import Figures, confusion

NAMES = [part.english for part in BODY_PARTS]


def write_output(out: Path, answers: Answers, figures: Figures) -> None:
    """Write an evaluation's files, replacing those of an earlier one."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    (out / "figures.json").write_text(text + "\n", encoding="utf-8")
    rows = [each.values() for each in figures["accuracy"]["classes"]]
    _write(out / "classes.csv", ("class", "films", "recall", "precision"), rows)
    counts = confusion(answers)
    named = [[name, *row] for name, row in zip(NAMES, counts.tolist(), strict=True)]
    _write(out / "confusion.csv", ("label", *NAMES), named)
    _write(out / "films.csv", _FILM_COLUMNS, _film_rows(answers))
    draw_pictures(out, answers)


def draw_pictures(out: Path, answers: Answers) -> None:
    """Draw the confusion matrix and the reliability diagram as PNG."""
    right = metrics.is_right(answers.probabilities, answers.targets)
    bins = metrics.reliability(answers.confidences, right)
    draw_confusion(confusion(answers), NAMES, out / "confusion.png")
    draw_reliability(bins, out / "reliability.png")


_FILM_COLUMNS = ("file", "labels", "answer", "confidence", "band", "rejected", "parts")


def _film_rows(answers: Answers) -> Iterable[Sequence[object]]:
    for film, each in zip(answers.films, answers.predictions, strict=True):
        yield (
            film.path.name,
            "|".join(NAMES[part] for part in film.targets),
            each.part.english,
            f"{each.confidence:.4f}",
            each.band.value,
            each.rejected or "",
            "|".join(part.english for part in each.parts),
        )


def _write(
    path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
