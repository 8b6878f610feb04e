"""Films that lie turned or inverted: guessed, undone, and looked at again."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.predictions import predicts
from xray.classify.trust.pose import BORDERED, POSES, UPRIGHT, PoseGuess
from xray.classify.trust.references import References
from xray.classify.trust.views import View, combine, further_poses, stays_ood
from xray.errors import ModelError
from xray.image import fit_square, stretch_contrast
from xray.lab.evaluation.changes import invert, turn_90, turn_180, turn_270
from xray.lab.evaluation.references import fit_detector, fit_poses, save_references
from xray.messages import MESSAGES
from xray.network.card import Views
from xray.reading.reader import read_radiograph

TURNED, INVERTED = POSES[1], POSES[4]
SETTINGS = Views()
LAID = dict(zip(POSES[1:], (turn_90, turn_180, turn_270, invert), strict=True))


def film() -> np.ndarray:
    random = np.random.default_rng(0)
    return fit_square(random.random((90, 60), np.float32), 64)[:, 10:54]


def square_of(pixels: np.ndarray) -> np.ndarray:
    return stretch_contrast(fit_square(pixels, 64))


def view(part: int, confidence: float, **facts: Any) -> View:
    probabilities = np.full(22, (1 - confidence) / 21, np.float32)
    probabilities[part] = confidence
    return replace(View(UPRIGHT, probabilities, ood=False), **facts)


@pytest.mark.parametrize("pose", POSES[1:], ids=lambda pose: pose.key)
def test_undoing_a_pose_gives_the_upright_square(pose) -> None:
    laid = LAID[pose](film())
    found = pose.undo(laid, square_of(laid))
    assert np.abs(found - square_of(film())).mean() < 0.02


def test_upright_leaves_everything_as_it_is() -> None:
    square = square_of(film())
    assert np.array_equal(UPRIGHT.undo(film(), square), square)
    assert np.array_equal(UPRIGHT.redo(square), square)


@pytest.mark.parametrize("pose", POSES[1:4], ids=lambda pose: pose.key)
def test_map_of_the_undone_film_is_turned_with_it(pose) -> None:
    heat = np.zeros((8, 8), np.float32)
    heat[1, 2] = 1
    assert np.array_equal(pose.redo(heat), LAID[pose](heat))


def test_poses_are_guessed_from_features() -> None:
    random = np.random.default_rng(0)
    centers = random.random((5, 40))
    films = [
        (center + random.normal(0, 0.05, (60, 40))).clip(0).astype(np.float32)
        for center in centers
    ]
    guess = fit_poses([each[:40] for each in films])
    for number, each in enumerate(films):
        likely = guess.probabilities(each[40:])
        assert np.allclose(likely.sum(axis=1), 1, atol=1e-5)
        assert (likely.argmax(axis=1) == number).mean() > 0.9


def test_sure_films_get_one_look_only() -> None:
    poses = np.array([0.1, 0.9, 0, 0, 0], np.float32)
    assert further_poses(view(3, 0.95, poses=poses), SETTINGS) == []
    assert further_poses(view(3, 0.5), SETTINGS) == []


def test_unsure_or_unfamiliar_films_are_looked_at_in_the_likeliest_poses() -> None:
    poses = np.array([0.3, 0.15, 0.05, 0.2, 0.3], np.float32)
    expected = [INVERTED]
    assert further_poses(view(3, 0.5, poses=poses), SETTINGS) == expected
    assert further_poses(view(3, 0.95, poses=poses, ood=True), SETTINGS) == expected


def test_one_look_stays_as_it_is() -> None:
    first = view(3, 0.6)
    probabilities, chosen = combine([first], SETTINGS)
    assert probabilities is first.probabilities
    assert chosen is first


def test_surer_look_decides_and_its_pose_is_named() -> None:
    first, second = view(9, 0.4), view(3, 0.9, pose=TURNED)
    probabilities, chosen = combine([first, second], SETTINGS)
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert probabilities.argmax() == 3
    assert probabilities[3] < 0.9
    assert chosen is second


def test_first_look_counts_more_than_an_equal_one() -> None:
    first, second = view(9, 0.6), view(3, 0.6, pose=TURNED)
    probabilities, chosen = combine([first, second], SETTINGS)
    assert probabilities.argmax() == 9
    assert chosen is first


def test_familiar_look_outweighs_an_unfamiliar_one() -> None:
    first, second = view(9, 0.7, ood=True), view(3, 0.6, pose=INVERTED)
    assert combine([first, second], SETTINGS)[1] is second


@pytest.mark.parametrize(
    ("confidence", "unfamiliar", "expected"),
    [(0.9, False, False), (0.5, False, True), (0.9, True, True)],
)
def test_second_look_saves_an_unfamiliar_film_only_where_it_is_surer(
    confidence, unfamiliar, expected
) -> None:
    first = view(9, 0.2, ood=True)
    views = [first, view(3, confidence, ood=unfamiliar, pose=TURNED)]
    probabilities, chosen = combine(views, SETTINGS)
    assert chosen is views[1]
    assert stays_ood(views, chosen, probabilities) == expected


def test_what_is_known_survives_its_file(tmp_path) -> None:
    random = np.random.default_rng(0)
    known, other = random.random((2, 20, 30)).astype(np.float32)
    poses = PoseGuess(random.random((30, 5), np.float32), np.ones(5, np.float32))
    kept = References(fit_detector(known, axes=8), poses)
    save_references(kept, tmp_path / "known.npz")
    again = References.load(tmp_path / "known.npz")
    distances = [each.detector.distances(other) for each in (again, kept)]
    assert np.array_equal(distances[0], distances[1])
    assert again.poses is not None
    assert np.array_equal(again.poses.probabilities(other), poses.probabilities(other))


def test_files_without_poses_are_read(tmp_path) -> None:
    known = np.random.default_rng(0).random((20, 30), np.float32)
    plain = References(fit_detector(known, axes=8))
    save_references(plain, tmp_path / "known.npz")
    assert References.load(tmp_path / "known.npz").poses is None


def test_damaged_file_is_a_model_error(tmp_path) -> None:
    (tmp_path / "known.npz").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match=r"known\.npz"):
        References.load(tmp_path / "known.npz")


@pytest.mark.parametrize("pose", POSES, ids=lambda pose: pose.key)
def test_notice_says_how_a_film_was_read(pose) -> None:
    notices = replace(predicts("Hand"), pose=pose).notices
    assert bool(notices) == (pose is not UPRIGHT)
    for notice in notices:
        for language in ("en", "es"):
            text = MESSAGES[notice.key].text(language).format(**notice.values)
            assert "{" not in text


@pytest.mark.parametrize("pose", POSES[1:], ids=lambda pose: pose.key)
def test_films_in_every_pose_keep_their_parts(classifier, films, pose) -> None:
    pictures = [read_radiograph(data).pixels for data in films.values()]
    upright = classifier.predict(pictures)
    laid = classifier.explain_all([LAID[pose](each) for each in pictures])
    same = [
        found.prediction.label == expected.label
        for found, expected in zip(laid, upright, strict=True)
    ]
    assert np.mean(same) > 0.8
    for explanation, picture in zip(laid, pictures, strict=True):
        assert explanation.heatmap.shape == LAID[pose](picture).shape


def test_film_in_a_bright_border_is_judged_by_what_lies_inside() -> None:
    came = view(3, 0.4, ood=True, poses=np.full(5, 0.2))
    assert further_poses(came, SETTINGS, bordered=True)[0] is BORDERED
    assert BORDERED not in further_poses(came, SETTINGS)
    sure = replace(came, probabilities=view(3, 0.9).probabilities, ood=False)
    assert further_poses(sure, SETTINGS, bordered=True) == []
    for strange in (False, True):
        inside = view(3, 0.5, pose=BORDERED, ood=strange)
        probabilities, chosen = combine([came, inside], SETTINGS)
        assert stays_ood([came, inside], inside, probabilities) is strange
        assert strange or chosen is inside
