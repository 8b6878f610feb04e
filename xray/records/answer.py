"""What was answered of one film, as JSON: one form for page and command line."""

from ..classify.prediction import Prediction
from .coding import coded
from .verdict import Verdict


def as_record(prediction: Prediction, verdict: Verdict | None) -> dict[str, object]:
    """Write an answer as the object that `predict --json` documents.

    Args:
        prediction: What the classifier said.
        verdict: On the header; None where there is no header.

    Returns:
        Names in English, `rejected` as its key among the messages, so that nothing
        depends on a language; the keys in the order of the documentation.
    """
    return {
        "label": prediction.part.english,
        "class": prediction.label,
        "confidence": round(prediction.confidence, 6),
        "band": prediction.band.value,
        "probabilities": [round(float(p), 6) for p in prediction.probabilities],
        "rejected": prediction.rejected,
        "parts": [part.english for part in prediction.parts],
        "pose": prediction.pose.key,
        "read_twice": prediction.read_twice,
        **coded(prediction.part),
        "verdict": verdict.value if verdict else None,
    }
