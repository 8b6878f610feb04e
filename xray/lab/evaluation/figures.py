"""The pictures of an evaluation: confusion matrix and reliability diagram."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...classify.trust.confidence import HIGH_ABOVE, MEDIUM_FROM

DPI = 110


def draw_confusion(
    counts: NDArray[np.int64], names: Sequence[str], picture: Path
) -> None:
    """Draw a confusion matrix (true parts in rows), shaded by share of each part."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(9.5, 9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(counts), strict=True):
        color = "white" if shares[row, column] > 0.5 else "black"
        text = str(counts[row, column])
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("answer")
    axes.set_ylabel("label")
    figure.savefig(picture, dpi=DPI)


def draw_reliability(bins: Sequence[tuple[float, float, int]], picture: Path) -> None:
    """Draw how often each confidence was right, the bands' borders marked.

    Bins are mean confidence, accuracy and number of films, as `metrics.reliability`.
    """
    confidence, accuracy, counts = (
        np.array(column) for column in zip(*bins, strict=True)
    )
    figure = Figure(figsize=(5, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="gray", linestyle=":", label="perfect")
    axes.plot(confidence, accuracy, color="C0", alpha=0.5)
    size = 15 + 300 * counts / counts.sum()
    axes.scatter(confidence, accuracy, s=size, label="bin, area by films")
    for edge in (MEDIUM_FROM, HIGH_ABOVE):
        axes.axvline(edge, color="gray", linewidth=0.8)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("mean confidence")
    axes.set_ylabel("share that was right")
    axes.legend(loc="upper left")
    figure.savefig(picture, dpi=DPI)
