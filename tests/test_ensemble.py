"""The ensemble: several networks, their mean, films they are unsure of."""

from pathlib import Path

import numpy as np
import pytest

from xray.errors import ModelError
from xray.network.backbones import find_backbone
from xray.network.ensemble import Ensemble
from xray.network.weights import write_weights


def test_unsure_answers_are_the_mean_of_six_views() -> None:
    asked: list[np.ndarray] = []
    modes: list[bool] = []

    class Recorder:
        def when(self, busy) -> "Recorder":
            modes.append(busy)
            return self

        def run(self, pictures, _outputs) -> dict[int, np.ndarray]:
            asked.append(pictures)
            answers = np.full((len(pictures), 22), 0.5 / 21, np.float32)
            answers[:, 3] = 0.5
            if len(asked) == 1:
                answers[0] = np.eye(22)[7]  # sure
            else:
                answers[:] = np.eye(22)[5]
            return {0: answers}

    reader = Ensemble([Path("unread.npz")])
    reader._models = Recorder()
    squares = np.zeros((2, 256, 256), np.float32)
    squares[1, 118:138, :128] = 1  # a bar from the left to the middle
    closer = np.zeros((256, 256), np.float32)
    closer[:64] = 1
    numbers: list[int] = []
    found = reader.answers(
        squares, lambda number: numbers.append(number) or closer, busy=True
    )
    assert modes == [True]
    assert numbers == [1]  # nobody looks closer at what is sure
    assert found[0, 7] == 1
    np.testing.assert_allclose(found[1, [3, 5]], [0.5 / 6, (5 + 0.5 / 21) / 6], 1e-5)
    assert [len(pictures) for pictures in asked] == [2, 1, 1, 1, 1, 1]
    _, mirrored, up, down, near, near_mirrored = (each[-1, 0] for each in asked)
    np.testing.assert_array_equal(mirrored, asked[0][1, 0][:, ::-1])
    np.testing.assert_allclose(up, down[::-1], atol=1e-4)  # either way
    assert abs(up[:, :20].argmax(axis=0).mean() - 95) > 5
    assert near[:40].min() == 1
    assert near[60:].max() == -1
    np.testing.assert_array_equal(near_mirrored, near[:, ::-1])


def test_another_network_does_not_read(tmp_path) -> None:
    path = tmp_path / "second.npz"
    write_weights(path, {"conv1_conv/kernel": np.zeros((7, 7, 3, 64), np.float32)})
    square = np.zeros((1, 256, 256), np.float32)
    for expected in (None, "0" * 64):
        with pytest.raises(ModelError, match=r"second\.npz is another file"):
            reader = Ensemble([path], None if expected is None else [expected])
            reader.answers(square, square.__getitem__)
    with pytest.raises(ModelError, match="could not read"):
        Ensemble([tmp_path / "gone.npz"]).answers(square, square.__getitem__)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("stem_conv", "efficientnet_lite2"),
        ("conv1_conv", "densenet201"),
        ("fc", "densenet201"),
    ],
)
def test_weights_without_a_card_are_known_by_a_layer(layer, expected) -> None:
    weights = {f"{layer}/kernel": np.zeros((3, 3, 3, 32), np.float32)}
    assert find_backbone(weights) == expected
