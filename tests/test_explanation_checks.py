"""Deletion, insertion, drop and randomization: on made-up scores and on films."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.lab.evaluation.explanation_checks import (
    RIVALS,
    CheckedFilm,
    areas,
    check_explanations,
    curves,
)
from xray.lab.evaluation.randomization import PARTS, rank_correlation, untrained
from xray.network.weights import without_ranges
from xray.reading.reader import read_radiograph


def checkered(height: int = 256, width: int = 256) -> np.ndarray:
    """A film with fine detail everywhere, which blurring takes away."""
    y, x = np.mgrid[:height, :width]
    return ((y // 4 + x // 4) % 2).astype(np.float32)


def spread_in_corner(squares: np.ndarray) -> np.ndarray:
    """A network that is as sure of class 0 as its upper left quarter has detail."""
    corner = squares[:, :128, :128].std(axis=(1, 2), keepdims=True)[:, 0]
    return corner / 0.5


def corner_map(row: int, column: int) -> np.ndarray:
    heat = np.zeros((256, 256), np.float32)
    heat[row : row + 128, column : column + 128] = 1
    return heat


def test_curves_the_true_map_deletes_fastest_and_inserts_fastest() -> None:
    maps = np.stack([corner_map(0, 0), np.ones((256, 256)), corner_map(128, 128)])
    deletion, insertion = curves(
        spread_in_corner, CheckedFilm.of(checkered()), maps.astype(np.float32), 0
    )
    true, blind, false = areas(deletion)
    assert true < blind < false
    true, blind, false = areas(insertion)
    assert true > blind > false


def test_curves_delete_the_map_s_quarter_first() -> None:
    maps = corner_map(0, 0)[None]
    film = CheckedFilm.of(checkered())
    (deletion,), (insertion,) = curves(spread_in_corner, film, maps, 0, steps=4)
    assert deletion[0] == pytest.approx(1, abs=0.01)
    assert deletion[1:].max() < 0.15  # a quarter of the pixels is all it takes
    assert insertion[0] < 0.15
    assert insertion[1:].min() > 0.99


def test_curves_share_their_ends() -> None:
    rng = np.random.default_rng(0)
    maps = rng.random((3, 256, 256), np.float32)
    deletion, insertion = curves(spread_in_corner, CheckedFilm.of(checkered()), maps, 0)
    assert len(set(deletion[:, 0])) == len(set(deletion[:, -1])) == 1
    assert np.array_equal(deletion[:, 0], insertion[:, -1])
    assert np.array_equal(deletion[:, -1], insertion[:, 0])


def test_curves_never_touch_the_padding() -> None:
    film = CheckedFilm.of(np.random.default_rng(0).random((256, 100), np.float32))
    seen = []

    def scores(squares: np.ndarray) -> np.ndarray:
        seen.append(squares)
        return np.zeros((len(squares), 22), np.float32)

    curves(scores, film, np.ones((1, 256, 256), np.float32), 0)
    outside = np.concatenate(seen)[:, ~film.inside]
    assert (outside == film.square[~film.inside]).all()


def test_curves_of_a_map_and_its_double_are_the_same() -> None:
    heat = np.random.default_rng(1).random((1, 256, 256), np.float32)
    film = CheckedFilm.of(checkered(200, 256))
    once = curves(spread_in_corner, film, heat, 0)
    twice = curves(spread_in_corner, film, heat * 2, 0)
    assert np.array_equal(once[0], twice[0])


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9))
def test_areas_lie_between_the_ends_and_join(points) -> None:
    curve = np.array(points).astype(np.float32)
    assert min(points) - 1e-9 <= areas(curve) <= max(points) + 1e-9
    assert areas(curve) == pytest.approx(np.trapezoid(curve, dx=1 / (len(curve) - 1)))


def test_bump_has_its_top_in_the_middle_of_the_film() -> None:
    film = CheckedFilm.of(checkered(256, 100))
    bump = film.bump()
    top = np.unravel_index(bump.argmax(), bump.shape)
    assert tuple(map(int, top)) in {(127, 127), (128, 128)}
    assert bump[film.inside].min() > bump.min()


@given(
    st.lists(st.integers(0, 5), min_size=4, max_size=4),
    st.lists(st.integers(0, 5), min_size=4, max_size=4),
)
def test_rank_correlation_is_symmetric_and_between_minus_one_and_one(a, b) -> None:
    one, two = (np.array(each, np.float32).reshape(2, 2) for each in (a, b))
    found = rank_correlation(one, two)
    assert -1 - 1e-9 <= found <= 1 + 1e-9
    assert found == pytest.approx(rank_correlation(two, one))
    assert rank_correlation(one, one) == pytest.approx(float(len(set(a)) > 1))


@pytest.mark.parametrize("part", PARTS)
def test_untrained_forgets_its_part_and_nothing_else(weights, part) -> None:
    forgetful = untrained(weights, part, np.random.default_rng(0))
    weights = without_ranges(weights)  # these fit trained kernels only
    assert forgetful.keys() == weights.keys()
    changed = {n for n in weights if not np.array_equal(weights[n], forgetful[n])}
    assert changed
    assert all(name.startswith(PARTS[part]) for name in changed)
    kernels = {n for n in weights if n.endswith("kernel") and n.startswith(PARTS[part])}
    assert kernels <= changed
    spread = forgetful["dense_1024/kernel"].std()
    assert spread == pytest.approx(np.sqrt(2 / 1920), rel=0.01)


def test_untrained_is_the_same_for_the_same_seed(weights) -> None:
    head, again, other = (
        untrained(weights, "head", np.random.default_rng(seed))["logits/kernel"]
        for seed in (0, 0, 1)
    )
    assert np.array_equal(head, again)
    assert not np.array_equal(head, other)


@pytest.fixture(scope="module")
def figures(classifier, weights, films) -> dict:
    pictures = [read_radiograph(films[name]) for name in ("chest", "hand")]
    return check_explanations(classifier, weights, pictures, steps=2)


def test_figures_are_json_and_complete(figures) -> None:
    assert json.loads(json.dumps(figures)) == figures
    assert figures["films"] == 2
    for kind in ("deletion", "insertion"):
        assert {*RIVALS, "better_than_random", "better_than_gaussian"} < {
            *figures[kind]
        }
        assert [len(each) for each in figures[kind]["curves"].values()] == [3, 3, 3]
    for value in figures["average_drop"].values():
        assert 0 <= value <= 1
    assert set(figures["randomization"]) == set(PARTS)


def test_figures_random_weights_change_the_map(figures) -> None:
    assert figures["randomization"]["all"]["rank_correlation"] < 0.6
