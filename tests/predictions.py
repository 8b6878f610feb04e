"""Predictions and outcomes without a network, for tests of what comes after it."""

import numpy as np

from xray.classify.prediction import Explanation, Prediction
from xray.labels import BODY_PARTS

IDS = {part.english: part.id for part in BODY_PARTS}


def predicts(
    part: str, confidence: float = 0.95, rejected: str | None = None
) -> Prediction:
    """Make a prediction of one part; the others share the rest."""
    probabilities = np.full(22, (1 - confidence) / 21, np.float32)
    probabilities[IDS[part]] = confidence
    return Prediction(probabilities, rejected)


def explains(prediction: Prediction, height: int, width: int) -> Explanation:
    """Make an explanation whose map is one warm square."""
    heat = np.zeros((8, 8), np.float32)
    heat[2:5, 3:6] = 1
    return Explanation(prediction, {prediction.label: heat}, height, width)
