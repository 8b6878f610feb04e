"""Predictions and outcomes without a network, for tests of what comes after it."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from xray.classify.findings import Findings
from xray.classify.prediction import Explanation, Prediction
from xray.labels import BODY_PARTS
from xray.network.findings.answer import PROJECTIONS, FindingsAnswer
from xray.network.findings.card import FindingsCard, OperatingPoint
from xray.network.findings.points import BALANCED, POINTS, Point
from xray.network.local_card import LocalCard

IDS = {part.english: part.id for part in BODY_PARTS}


def predicts(
    part: str, confidence: float = 0.95, rejected: str | None = None
) -> Prediction:
    """Make a prediction of one part; the others share the rest."""
    probabilities = np.full(22, (1 - confidence) / 21, np.float32)
    probabilities[IDS[part]] = confidence
    return Prediction(probabilities, rejected)


def finds(
    prediction: Prediction,
    projection: str | None = "lateral",
    probability: float = 0.95,
    *,
    fracture: float = 0.1,
    hardware: float = 0.1,
    point: Point = BALANCED,
) -> Prediction:
    """Add findings to a prediction; no projection means that it couldn't be asked.

    Fractures are flagged from 0.2, 0.5 or 0.8 on, by the operating point.
    """
    points: dict[str, OperatingPoint] = {
        name: OperatingPoint(threshold, 1 - threshold, threshold)
        for name, threshold in zip(POINTS, (0.2, 0.5, 0.8), strict=True)
    }
    card = FindingsCard(Path("findings.json"), "", ("Hand",), points)
    if projection is None:
        return replace(prediction, findings=Findings(card, None, point))
    shares = np.full(4, (1 - probability) / 3, np.float32)
    shares[PROJECTIONS.index(projection)] = probability
    where = np.zeros((24, 24), np.float32)
    where[8:12, 10:14] = fracture
    answer = FindingsAnswer(fracture, where, hardware, shares)
    return replace(prediction, findings=Findings(card, answer, point))


def explains(prediction: Prediction, height: int, width: int) -> Explanation:
    """Make an explanation whose map is one warm square."""
    heat = np.zeros((8, 8), np.float32)
    heat[2:5, 3:6] = 1
    return Explanation(prediction, {prediction.label: heat}, height, width)


def a_local_card(name: str, weights_sha256: str) -> LocalCard:
    """Make a local card that changes hardly anything."""
    return LocalCard(name, weights_sha256, 1.0, 0.9, 0.01, 9, 9, "2026-11-29", {})
