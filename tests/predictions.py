"""Predictions and outcomes without a network, for tests of what comes after it."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from xray.classify.findings import Findings
from xray.classify.prediction import Explanation, Prediction
from xray.labels import BODY_PARTS
from xray.network.findings.answer import PROJECTIONS, FindingsAnswer
from xray.network.findings.card import FindingsCard, OperatingPoint
from xray.network.findings.points import POINTS

IDS = {part.english: part.id for part in BODY_PARTS}


def predicts(
    part: str, confidence: float = 0.95, rejected: str | None = None
) -> Prediction:
    """Make a prediction of one part; the others share the rest."""
    probabilities = np.full(22, (1 - confidence) / 21, np.float32)
    probabilities[IDS[part]] = confidence
    return Prediction(probabilities, rejected)


def finds(
    prediction: Prediction, projection: str | None, probability: float = 0.95
) -> Prediction:
    """Add findings to a prediction; no projection means that it couldn't be asked."""
    points = {str(name): OperatingPoint(0.5, 0.9, 0.9) for name in POINTS}
    card = FindingsCard(Path("findings.json"), "", ("Hand",), points)
    if projection is None:
        return replace(prediction, findings=Findings(card, None))
    shares = np.full(4, (1 - probability) / 3, np.float32)
    shares[PROJECTIONS.index(projection)] = probability
    answer = FindingsAnswer(0.1, np.zeros((24, 24), np.float32), 0.1, shares)
    return replace(prediction, findings=Findings(card, answer))


def explains(prediction: Prediction, height: int, width: int) -> Explanation:
    """Make an explanation whose map is one warm square."""
    heat = np.zeros((8, 8), np.float32)
    heat[2:5, 3:6] = 1
    return Explanation(prediction, {prediction.label: heat}, height, width)
