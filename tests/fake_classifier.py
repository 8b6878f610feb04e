"""A classifier without a network: answers at once, or when a test lets it."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event, Lock

from tests.predictions import explains, predicts
from xray.classify.prediction import Explanation
from xray.network.card import Card
from xray.reading.radiograph import Radiograph


class FakeClassifier:
    """Every film shows a knee.

    Args:
        free: Films that are answered; the next ones wait until `go` is set.
    """

    def __init__(self, free: int = 10**9) -> None:
        self.card = Card(Path("fake.json"), "fake", "0" * 64, "densenet201")
        self.go = Event()
        self.asked = 0
        self._free = free
        self._lock = Lock()

    def explain_all(
        self,
        images: Sequence[Radiograph],
        labels: Sequence[int] | None = None,
        top: int = 1,
        busy: bool = False,
    ) -> list[Explanation]:
        with self._lock:
            self.asked += len(images)
            waits = self.asked > self._free
        if waits:
            self.go.wait(60)
        return [explains(predicts("Knee"), *each.pixels.shape) for each in images]
