"""A classifier without a network that answers at once, or when a test lets it.

As a program it is `xray` with one that stops for good after so many films:
`fake_classifier.py 3 serve …`.
"""

import sys
from collections.abc import Sequence
from threading import Event, Lock
from typing import Any

from tests.servers.quick_classifier import QuickClassifier
from xray.classify.classifier import Classifier
from xray.classify.prediction import Explanation


class FakeClassifier(QuickClassifier):
    """Every film shows a knee.

    Args:
        free: Films that are answered; the next ones wait until `go` is set.
    """

    def __init__(self, free: int = 10**9) -> None:
        super().__init__("Knee")
        self.go = Event()
        self.asked = 0
        self._free = free
        self._lock = Lock()

    def explain_all(
        self, images: Sequence[Any], *words: Any, **named: Any
    ) -> list[Explanation]:
        with self._lock:
            self.asked += len(images)
            waits = self.asked > self._free
        if waits:
            self.go.wait(600)
        return super().explain_all(images, *words, **named)


if __name__ == "__main__":
    fake = FakeClassifier(int(sys.argv[1]))
    Classifier.load = lambda *_: fake  # type: ignore[method-assign]
    from xray.cli import main

    sys.exit(main(sys.argv[2:]))
