"""8 bits: what the file holds then, when it is served so."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.archives import FILMS
from xray.classify.classifier import Classifier
from xray.errors import ModelError
from xray.lab.cards import make_card
from xray.lab.reference import TensorFlowEngine
from xray.lab.training import quantize as quantize_module
from xray.lab.training.agreement import Agreement, ExplainedAgreement
from xray.lab.training.dataset import Film
from xray.lab.training.quantize import is_as_good, quantize
from xray.lab.writing import write_card, write_weights
from xray.network.card import Training, read_card
from xray.network.densenet.tail import Tail
from xray.network.openvino.engine import OpenVinoEngine
from xray.network.weights import (
    DEFAULT_WEIGHTS,
    Weights,
    has_ranges,
    read_weights,
    without_ranges,
)


def film(name: str, part: int) -> Film:
    return Film(FILMS / f"{name}.jpg", (part,), name, 0, "test")


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """The shipped weights without what lets them compute in 8 bits."""
    path = tmp_path / "full.npz"
    write_weights(path, without_ranges(read_weights(DEFAULT_WEIGHTS)), small=True)
    write_card(make_card(path))
    return path


@pytest.mark.slow
def test_quantize_adds_ranges_and_keeps_the_kernels(full: Path) -> None:
    before = read_weights(full)
    full.with_name("log.csv").write_text("epoch,loss\n1,0.5\n", encoding="utf-8")
    found = quantize([full], [film("hand", 9)], [film("knee", 11)], full)
    assert found.same_answer == 1
    assert isinstance(found, ExplainedAgreement)
    assert found.map_correlation > 0.98
    after = read_weights(full)
    assert len(after) == len(before) + 200 - 1  # every convolution but the first
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)
    card = read_card(full)  # its sha256 is checked
    assert card.figures["in_8_bits"]["qualifies"] is True
    assert card.figures["in_8_bits"]["calibration_films"] == 1
    assert card.training.log == "full_log.csv"  # of the run it lay in
    assert "1,0.5" in full.with_name("full_log.csv").read_text(encoding="utf-8")
    picture = FILMS / "hand.jpg"
    ours = Classifier.load(full).predict([picture])[0]
    reference = Classifier(TensorFlowEngine(after), Tail(after), card)
    theirs = reference.predict([picture])[0]
    assert np.allclose(ours.probabilities, theirs.probabilities, atol=0.02)
    # Another card for the same weights keeps what is true of them.
    assert make_card(full).figures == card.figures


@pytest.mark.slow
def test_quantize_weights_that_lose_too_much_compute_in_full(
    full: Path, monkeypatch
) -> None:
    kernels = read_weights(full)
    narrow = {
        name: ends / 20
        for name, ends in read_weights(DEFAULT_WEIGHTS).items()
        if name not in kernels
    }
    monkeypatch.setattr(quantize_module, "measure_ranges", lambda *_: narrow)
    found = quantize([full], [], [film("knee", 11), film("hand", 9)], full)
    assert found.same_answer < 0.99
    assert not has_ranges(read_weights(full))
    assert read_card(full).figures["in_8_bits"]["qualifies"] is False


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """Two runs of the small network, of other seeds: one weight differs."""
    small = read_card(DEFAULT_WEIGHTS).second()
    weights = without_ranges(read_weights(small.weights))
    paths = [tmp_path / run / "average.npz" for run in ("one", "two")]
    for number, path in enumerate(paths):
        changed = {**weights, "logits/bias": weights["logits/bias"] + 2 * number}
        write_weights(path, changed, small=True)
        card = make_card(path, small.backbone)
        made = Training(protocol=small.training.protocol, how={"seed": number})
        write_card(replace(card, training=made))
    return paths


def test_quantize_averages_runs_that_were_trained_alike(runs, tmp_path) -> None:
    out = tmp_path / "out.npz"
    quantize(runs, [film("hand", 9)], [film("hand", 9), film("knee", 11)], out)
    one, mean = (read_weights(path) for path in (runs[0], out))
    np.testing.assert_allclose(mean["logits/bias"], one["logits/bias"] + 1, atol=2e-3)
    assert read_card(out).training.how["average of"] == "2 runs, seeds 0, 1"


def test_quantize_runs_that_were_kept_from_other_films_are_refused(
    runs, tmp_path
) -> None:
    card = read_card(runs[1])
    write_card(replace(card, training=replace(card.training, protocol="without feet")))
    with pytest.raises(ModelError, match="trained alike"):
        quantize(runs, [], [], tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize(
    ("same", "accuracy", "expected"),
    [(0.99, 0.93, True), (0.99, 0.924, False), (0.98, 0.93, False)],
)
def test_is_as_good_by_accuracy_and_answers(same, accuracy, expected) -> None:
    assert is_as_good(Agreement(100, same, accuracy, 0.93, 0.01)) is expected


def test_exact_engine_leaves_the_ranges_out() -> None:
    weights: Weights = read_weights(DEFAULT_WEIGHTS)
    assert has_ranges(weights)
    square = np.random.default_rng(0).uniform(-1, 1, (1, 256, 256)).astype(np.float32)
    exact = OpenVinoEngine(weights, exact=True).forward(square).features
    full = OpenVinoEngine(without_ranges(weights), exact=True).forward(square).features
    eight = OpenVinoEngine(weights).forward(square).features
    np.testing.assert_array_equal(exact, full)
    assert np.abs(eight - full).max() > 0


def test_shipped_weights_are_small_enough_to_clone() -> None:
    files = DEFAULT_WEIGHTS.parent.rglob("*.*")
    sizes = [path.stat().st_size for path in files if path.is_file()]
    assert max(sizes) <= 45e6
    assert sum(sizes) < 60e6
