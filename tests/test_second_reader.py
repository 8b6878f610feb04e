"""The second reader: several networks, their mean, films they are unsure of."""

from pathlib import Path

import numpy as np
import pytest

from xray.errors import ModelError
from xray.network.second_reader import SecondReader, is_second_reader
from xray.network.weights import write_weights


class Sure:
    """A network that always answers the same."""

    def __init__(self, part: int, confidence: float) -> None:
        self._row = np.full(22, (1 - confidence) / 21, np.float32)
        self._row[part] = confidence

    def run(self, pictures, _outputs) -> dict[int, np.ndarray]:
        return {0: np.repeat(self._row[None], len(pictures), axis=0)}


def test_answer_is_the_geometric_mean_of_all_networks() -> None:
    reader = SecondReader([Path("one.npz"), Path("other.npz")])
    reader._models = [(0.25, Sure(3, 0.9)), (0.75, Sure(3, 0.5))]
    found = reader.answers(np.zeros((2, 256, 256), np.float32))
    assert found.shape == (2, 22)
    assert found.dtype == np.float32
    named = 0.9**0.25 * 0.5**0.75
    other = (0.1 / 21) ** 0.25 * (0.5 / 21) ** 0.75
    np.testing.assert_allclose(found[:, 3], named / (named + 21 * other), rtol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    # A part that one of them rules out has no chance.
    reader._models = [(0.5, Sure(3, 1.0)), (0.5, Sure(5, 0.6))]
    found = reader.answers(np.zeros((1, 256, 256), np.float32))
    assert found[0].argmax() == 3


def test_unsure_answers_are_the_mean_of_three_tilts() -> None:
    asked: list[np.ndarray] = []

    class Recorder:
        def run(self, pictures, _outputs) -> dict[int, np.ndarray]:
            asked.append(pictures)
            answers = np.full((len(pictures), 22), 0.5 / 21, np.float32)
            answers[:, 3] = 0.5
            if len(asked) == 1:
                answers[0] = np.eye(22)[7]  # sure
            else:
                answers[:] = np.eye(22)[5]
            return {0: answers}

    reader = SecondReader([Path("unread.npz")])
    reader._models = [(1.0, Recorder())]
    squares = np.zeros((2, 256, 256), np.float32)
    squares[1, 118:138] = 1  # a bar across
    found = reader.answers(squares)
    assert found[0, 7] == 1
    np.testing.assert_allclose(found[1, [3, 5]], [0.5 / 3, (2 + 0.5 / 21) / 3], 1e-5)
    assert [len(pictures) for pictures in asked] == [2, 2]
    up, down = asked[1][:, 0]
    np.testing.assert_allclose(up, down[:, ::-1], atol=1e-4)  # either way
    assert up[:, -20:].argmax(axis=0).mean() < up[:, :20].argmax(axis=0).mean()


def test_another_network_does_not_read(tmp_path) -> None:
    path = tmp_path / "xception.npz"
    write_weights(path, {"conv1_conv/kernel": np.zeros((7, 7, 3, 64), np.float32)})
    square = np.zeros((1, 256, 256), np.float32)
    for expected in (None, "0" * 64):
        with pytest.raises(ModelError, match=r"xception\.npz is another file"):
            reader = SecondReader([path], None if expected is None else [expected])
            reader.answers(square)
    with pytest.raises(ModelError, match="could not read"):
        SecondReader([tmp_path / "gone.npz"]).answers(square)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("block1_conv1", True),
        ("stem_conv", True),
        ("conv1_conv", False),
        ("fc", False),
    ],
)
def test_second_readers_are_known_by_a_layer(layer, expected) -> None:
    weights = {f"{layer}/kernel": np.zeros((3, 3, 3, 32), np.float32)}
    assert is_second_reader(weights) is expected
