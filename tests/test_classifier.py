"""The one door: every kind of picture, order, labels, refusals, threads."""

import io
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.archives import FILMS
from xray import BODY_PARTS, Classifier, ImageError, ModelError, Prediction, XrayError
from xray.network.card import card_path, read_card
from xray.network.weights import DEFAULT_WEIGHTS
from xray.reading.reader import read_radiograph

# What the films show, by their names; the shipped weights know them all.
PARTS = {
    "ankle": 1,
    "chest": 3,
    "foot": 6,
    "hand": 9,
    "knee": 11,
    "lower_leg": 12,
    "lumbar_spine": 13,
    "pelvis": 15,
    "shoulder": 16,
}


def test_predict_real_radiographs_names_their_parts(classifier, films) -> None:
    found = classifier.predict(list(films.values()))
    assert dict(zip(films, (each.label for each in found), strict=True)) == PARTS
    assert all(each.part is BODY_PARTS[each.label] for each in found)


def test_predict_every_kind_of_picture_gives_the_same_answer(classifier, films) -> None:
    path = FILMS / "hand.jpg"
    radiograph = read_radiograph(films["hand"])
    kinds = [path, str(path), films["hand"], radiograph, radiograph.pixels]
    found = [classifier.predict([each])[0].probabilities for each in kinds]
    for each in found:
        assert each.shape == (22,)
        assert each.sum() == pytest.approx(1, abs=1e-5)
        assert np.array_equal(each, found[0])


def test_predict_nothing_gives_nothing(classifier: Classifier) -> None:
    assert classifier.predict([]) == []


def test_predict_more_than_a_batch_equals_one_by_one(classifier, films) -> None:
    data = list(films.values()) * 2
    for together, each in zip(classifier.predict(data), data, strict=True):
        (alone,) = classifier.predict([each])
        assert together.label == alone.label
        assert np.allclose(together.probabilities, alone.probabilities, atol=2e-3)


def test_predict_unreadable_file_raises_with_its_reason(classifier, tmp_path) -> None:
    with pytest.raises(ImageError, match="something else"):
        classifier.predict([b"no picture"])
    with pytest.raises(ImageError, match="No such file"):
        classifier.predict([tmp_path / "none.png"])


def test_explain_likeliest_part_maps_it_on_the_original_picture(
    classifier, films
) -> None:
    explanation = classifier.explain(films["hand"])
    height, width = read_radiograph(films["hand"]).pixels.shape
    assert explanation.heatmap.shape == (height, width)
    assert 0 <= explanation.heatmap.min() < explanation.heatmap.max() <= 1
    assert list(explanation.maps) == [PARTS["hand"]]


def test_explain_another_part_leaves_the_prediction_as_it_is(classifier, films) -> None:
    likeliest = classifier.explain(films["hand"])
    other = classifier.explain(films["hand"], label=21)
    assert list(other.maps) == [21]
    assert np.array_equal(
        other.prediction.probabilities, likeliest.prediction.probabilities
    )
    assert not np.array_equal(other.maps[21], likeliest.maps[PARTS["hand"]])


def test_explain_all_map_is_the_same_asked_for_or_among_the_likeliest(
    classifier, films
) -> None:
    (several,) = classifier.explain_all([films["knee"]], top=3)
    for label, expected in several.maps.items():
        found = classifier.explain(films["knee"], label).maps[label]
        assert np.allclose(found, expected, atol=1e-5)


def test_explain_all_without_maps_only_predicts(classifier, films) -> None:
    (explanation,) = classifier.explain_all([films["knee"]], top=0)
    assert explanation.maps == {}
    assert isinstance(explanation.prediction, Prediction)


def test_one_classifier_serves_many_threads_without_mixing_them_up(
    classifier, films
) -> None:
    data = list(films.values()) * 3
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(classifier.explain, data))
    labels = [each.prediction.label for each in found]
    assert labels == list(PARTS.values()) * 3


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The shipped weights and card, somewhere else."""
    path = tmp_path / "weights.npz"
    shutil.copy(DEFAULT_WEIGHTS, path)
    content = json.loads(card_path(DEFAULT_WEIGHTS).read_text(encoding="utf-8"))
    content.pop("rejection", None)  # its features stay where they are
    card_path(path).write_text(json.dumps(content))
    second = DEFAULT_WEIGHTS.with_name(content["ensemble"]["file"])
    shutil.copy(second, path.with_name(second.name))
    return path


def test_load_from_elsewhere_works(copied: Path) -> None:
    second = read_card(DEFAULT_WEIGHTS).ensemble.file
    shutil.copy(DEFAULT_WEIGHTS.with_name(second), copied.with_name(second))
    assert Classifier.load(copied).predict([FILMS / "hand.jpg"])[0].label == 9


def test_load_damaged_weights_are_refused_by_their_sha256(copied: Path) -> None:
    data = bytearray(copied.read_bytes())
    data[len(data) // 2] ^= 1
    copied.write_bytes(data)
    with pytest.raises(ModelError, match="sha256"):
        Classifier.load(copied)


def test_load_features_of_another_card_are_refused(copied: Path) -> None:
    known = DEFAULT_WEIGHTS.with_name("densenet201_known.npz")
    content = json.loads(card_path(DEFAULT_WEIGHTS).read_text(encoding="utf-8"))
    card_path(copied).write_text(json.dumps(content))
    shutil.copy(known, copied.with_name(known.name))
    assert Classifier.load(copied)
    np.savez(copied.with_name(known.name), **np.load(known))  # not the same bytes
    with pytest.raises(ModelError, match="reference films"):
        Classifier.load(copied)


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.zeros((8, 8, 3)), r"shape \(8, 8, 3\)"),
        (np.zeros((0, 8)), r"shape \(0, 8\)"),
        (np.full((8, 8), 255, np.uint8), "255 to 255"),
        (np.full((8, 8), -1.0), "-1 to -1"),
        (np.full((8, 8), np.nan), "nan"),
    ],
)
def test_arrays_that_are_no_gray_pixels_are_refused(classifier, pixels, said) -> None:
    with pytest.raises(ImageError, match=said):
        classifier.predict([pixels])


def test_doubles_are_answered_as_floats(classifier, films) -> None:
    pixels = read_radiograph(films["knee"]).pixels
    found = classifier.predict([pixels, pixels.astype(np.float64)])
    np.testing.assert_array_equal(*(each.probabilities for each in found))


def test_load_without_card_or_weights_says_what_to_restore(copied: Path) -> None:
    card_path(copied).unlink()
    with pytest.raises(ModelError, match="Restore"):
        Classifier.load(copied)


def test_content_may_come_in_any_form(classifier, films) -> None:
    data = films["hand"]
    with (FILMS / "hand.jpg").open("rb") as file:
        found = classifier.predict(
            [data, bytearray(data), memoryview(data), io.BytesIO(data), file]
        )
    for each in found[1:]:
        np.testing.assert_allclose(
            each.probabilities, found[0].probabilities, atol=1e-5
        )


@pytest.mark.parametrize(
    "picture",
    [
        None,
        object(),
        3,
        ["hand.png"],
        [[0.1, 0.2], [0.3]],
        io.StringIO("no bytes"),
        io.BytesIO(),
        memoryview(b"GIF89a"),
        "a\0b",
        Path("a\0b"),
    ],
    ids=lambda picture: type(picture).__name__,
)
def test_what_is_no_picture_is_refused_in_words(classifier, picture) -> None:
    with pytest.raises(ImageError) as refused:
        classifier.predict([picture])
    assert len(str(refused.value)) > 20


def test_closed_file_is_refused_in_words(classifier, films) -> None:
    file = io.BytesIO(films["hand"])
    file.close()
    with pytest.raises(ImageError, match="ValueError"):
        classifier.predict([file])


@pytest.mark.parametrize("label", [99, 22, -1])
def test_label_that_is_no_class_is_refused_in_words(classifier, films, label) -> None:
    with pytest.raises(XrayError, match=f"from 0 to 21 .* Received: {label}"):
        classifier.explain(films["hand"], label)


def test_fewer_labels_than_images_are_refused(classifier, films) -> None:
    with pytest.raises(XrayError, match="Received: 1 for 2 images"):
        classifier.explain_all([films["hand"]] * 2, [9])


def test_map_that_was_not_asked_for_is_refused_in_words(classifier, films) -> None:
    (plain,) = classifier.explain_all([films["hand"]], top=0)
    with pytest.raises(XrayError, match="received class 9 of maps of"):
        _ = plain.heatmap
    explained = classifier.explain(films["hand"])
    with pytest.raises(XrayError, match=r"received class 3 of maps of \[9\]"):
        explained.heatmap_of(3)


def test_load_of_the_small_network_says_it_cannot_be_the_first() -> None:
    small = DEFAULT_WEIGHTS.with_name("efficientnet_lite2.npz")
    with pytest.raises(
        ModelError,
        match=r"DenseNet201.*Received: efficientnet_lite2\.npz, of Eff.* Nam",
    ):
        Classifier.load(small, card="")
