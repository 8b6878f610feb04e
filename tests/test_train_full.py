"""What training writes is what serving reads: the full network, one tiny epoch."""

import numpy as np
import pytest

from tests.datasets import make_kaggle
from xray.classify.classifier import Classifier
from xray.cli import main


@pytest.mark.slow
def test_weights_of_the_train_command_are_served(tmp_path) -> None:
    data = make_kaggle(tmp_path / "data", films_a_part=1)
    words = ["train", str(data), "--fold", "-1", "--weights", "none"]
    assert main([*words, "--epochs", "1", "--out", str(tmp_path / "run")]) == 0
    classifier = Classifier.load(tmp_path / "run" / "best.npz")
    (prediction,) = classifier.predict([np.zeros((40, 40), np.float32)])
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert prediction.rejected == "rejected_blank"
