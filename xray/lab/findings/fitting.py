"""What is fitted to the logits of the network of findings: scaling, temperature."""

import numpy as np
from numpy.typing import NDArray

from ...classify.trust.confidence import softmax
from ...network.findings.card import Scaling
from .measure import FilmLogits


def fit_scaling(logits: NDArray[np.float32], truth: NDArray[np.bool_]) -> Scaling:
    """Fit Platt scaling by Newton's steps on the cross-entropy.

    Labels are softened as Platt 1999, section 2.2, has it, so that logits that part
    the films wholly have a fit too.

    Args:
        logits: (N,).
        truth: (N,).
    """
    inputs = np.column_stack([logits, np.ones(len(logits))]).astype(np.float64)
    positive = int(truth.sum())
    negative = len(truth) - positive
    target = np.where(truth, (positive + 1) / (positive + 2), 1 / (negative + 2))
    fitted = np.zeros(2)
    for _ in range(100):
        probability = Scaling(*fitted).probability(logits)
        weighted = inputs * (probability * (1 - probability) + 1e-9)[:, None]
        step = np.linalg.solve(
            inputs.T @ weighted + 1e-6 * np.eye(2), inputs.T @ (probability - target)
        )
        fitted = fitted - np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    return Scaling(float(fitted[0]), float(fitted[1]))


def fit_temperature(answers: FilmLogits) -> float:
    """Find the temperature of the projections with the least cross-entropy."""
    truth = answers.projections
    rows = np.arange(len(truth))

    def loss(temperature: float) -> float:
        chosen = softmax(answers.film[:, 2:], temperature)[rows, truth]
        return float(-np.log(np.maximum(chosen, 1e-9)).mean())

    return float(min(np.geomspace(0.3, 3, 60), key=loss))
