"""Evaluation end to end: the command on a made-up data set, and its figures."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets import make_manifest
from xray.classify.classifier import Classifier
from xray.classify.prediction import Prediction
from xray.classify.trust.confidence import Band
from xray.classify.trust.pose import POSES
from xray.cli import main
from xray.errors import ModelError
from xray.image import fit_square, stretch_contrast
from xray.lab.cards import make_card
from xray.lab.evaluation.answers import Answers
from xray.lab.evaluation.changes import CHANGES
from xray.lab.evaluation.fitting import LAID_AS, REFERENCES, draw_references
from xray.lab.evaluation.protocols import (
    accuracy_figures,
    calibration_figures,
    change_figures,
    part_figures,
    stranger_figures,
)
from xray.lab.evaluation.readme import write_readme
from xray.lab.evaluation.readme_figures import measured
from xray.lab.evaluation.strangers import make_strangers
from xray.lab.training.dataset import Film
from xray.lab.training.log import record_training
from xray.lab.writing import write_card
from xray.labels import BODY_PARTS
from xray.network.backbones import EFFICIENTNET_LITE2
from xray.network.card import Card, EnsembleSettings, Training, read_card
from xray.network.weights import DEFAULT_WEIGHTS

RANDOM = np.random.default_rng(0)
SECOND = DEFAULT_WEIGHTS.with_name("efficientnet_lite2.npz")


def sure(
    label: int, confidence: float = 0.95, rejected: str | None = None
) -> Prediction:
    row = np.full(22, (1 - confidence) / 21, np.float32)
    row[label] = confidence
    return Prediction(row, rejected)


def film(*targets: int, group: str = "a", suspect: bool = False) -> Film:
    return Film(Path("film.png"), targets, group, 0, "unifesp", suspect)


@pytest.fixture
def answers() -> Answers:
    """Ten films of ten patients: eight right, one a neighbor, one far off."""
    films = [film(9, group=str(n)) for n in range(9)] + [film(9, 21, group="9")]
    predictions = [*[sure(9)] * 7, sure(21, 0.8), sure(3, 0.6), sure(21, 0.5)]
    return Answers(films, predictions)


@pytest.mark.parametrize("name", CHANGES)
def test_changes_keep_the_range_and_leave_the_film_alone(name) -> None:
    image = RANDOM.random((40, 30)).astype(np.float32)
    before = image.copy()
    changed = CHANGES[name](image)
    assert changed.dtype == np.float32
    assert 0 <= changed.min() <= changed.max() <= 1
    np.testing.assert_array_equal(image, before)


def test_turns_and_mirrors_undo_themselves() -> None:
    image = RANDOM.random((40, 30)).astype(np.float32)
    four = image
    for _ in range(4):
        four = CHANGES["turned 90°"](four)
    np.testing.assert_array_equal(four, image)
    back = CHANGES["turned 270°"](CHANGES["turned 90°"](image))
    np.testing.assert_array_equal(back, image)
    for name in ("turned 180°", "mirrored"):
        np.testing.assert_array_equal(CHANGES[name](CHANGES[name](image)), image)
    assert CHANGES["cropped to half"](image).size == pytest.approx(600, rel=0.05)


def test_accuracy_counts_labels_neighbors_and_singles(answers) -> None:
    found = accuracy_figures(answers)
    assert found["any_label"]["value"] == 0.8
    assert found["any_label_or_neighbor"]["value"] == 0.9
    assert found["strict"] | {"low": 0, "high": 0} == {
        "value": round(7 / 9, 4),
        "films": 9,
        "low": 0,
        "high": 0,
    }
    assert found["any_label"]["low"] < 0.8 < found["any_label"]["high"]
    assert sum(each["films"] for each in found["classes"]) == 10
    assert found["patients"] == 10


def test_bands_share_out_all_films(answers) -> None:
    bands = calibration_figures(answers, 1.0)["bands"]
    assert sum(each["films"] for each in bands.values()) == 10
    assert bands[Band.HIGH.value]["error_rate"] == 0
    assert bands[Band.MEDIUM.value]["error_rate"] == 1


def test_changes_cost_points(answers) -> None:
    worse = Answers(answers.films, [sure(3)] * 10)
    figures = change_figures(answers, {"worse": worse})["worse"]
    assert figures == {"any_label": 0.0, "points_lost": 80.0, "rejected": 0.0}


def test_naming_two_parts_is_better_for_two_labels() -> None:
    row = np.zeros(22, np.float32)
    row[[9, 21]] = 0.6, 0.4
    figures = part_figures(Answers([film(9, 21)], [Prediction(row)]), 0.3)
    assert figures["several_f1"] == 1
    assert figures["several_f1_naming_one_part"] == pytest.approx(2 / 3, abs=1e-4)


def test_only_a_body_part_in_green_is_harm() -> None:
    answers = [sure(9), sure(14), sure(9, 0.3), sure(9, rejected="rejected_rough")]
    figures = stranger_figures({"cats": answers})["cats"]
    assert figures == {
        "pictures": 4,
        "rejected": 1,
        "rejected_or_others_or_red": 3,
        "a_body_part_in_green": 1,
    }


def test_strangers_are_the_same_each_time() -> None:
    first, again = make_strangers(), make_strangers()
    for kind, pictures in first.items():
        np.testing.assert_array_equal(np.stack(pictures[:2]), np.stack(again[kind][:2]))
        assert all(0 <= each.min() <= each.max() <= 1 for each in pictures)


def test_every_pose_but_upright_has_the_change_that_lays_films_so() -> None:
    picture = RANDOM.random((40, 30)).astype(np.float32)
    upright = stretch_contrast(fit_square(picture, 64))
    assert list(LAID_AS) == [pose.key for pose in POSES[1:]]
    for pose in POSES[1:]:
        laid = LAID_AS[pose.key](picture)
        found = pose.undo(laid, stretch_contrast(fit_square(laid, 64)))
        assert np.abs(found - upright).mean() < 0.02


def test_references_are_half_from_home() -> None:
    films = [Film(Path("x"), (0,), "g", None, source) for source in ["unifesp"] * 900]
    others = [Film(Path("x"), (0,), "g", None, "fracatlas")] * 2000
    drawn = draw_references([*films, *others])
    assert len(drawn) == REFERENCES
    assert sum(each.source == "unifesp" for each in drawn) == REFERENCES // 2
    assert len(draw_references(films)) == len(films)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory) -> Path:
    """A folder with data, weights, strangers, and the command run on them."""
    folder = tmp_path_factory.mktemp("evaluate")
    for name in ("data", "models", "strangers/dots"):
        (folder / name).mkdir(parents=True)
    make_manifest(folder / "data")
    (folder / "models" / "network.npz").symlink_to(DEFAULT_WEIGHTS)
    dots = np.where(RANDOM.random((90, 90)) > 0.5, 255, 0).astype(np.uint8)
    Image.fromarray(dots).save(folder / "strangers" / "dots" / "1.png")
    words = ["evaluate", str(folder / "data"), "--fit", "--write-card"]
    words += ["--weights", str(folder / "models" / "network.npz")]
    words += ["--out", str(folder / "out"), "--strangers", str(folder / "strangers")]
    assert main(words) == 0
    return folder


def test_command_fits_a_card_that_serves(evaluated) -> None:
    weights = evaluated / "models" / "network.npz"
    card = read_card(weights)
    assert 0.05 <= card.calibration.temperature <= 10
    assert card.rejection.references == 16
    assert set(card.figures["rejection"]["auroc_by_score"]) == {
        "nearest neighbor",
        "Mahalanobis",
        "energy",
    }
    assert Classifier.load(weights).card == card


def test_command_writes_tables_that_agree_with_the_figures(evaluated) -> None:
    out = evaluated / "out"
    figures = json.loads((out / "figures.json").read_text(encoding="utf-8"))
    with (out / "films.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    right = [row["answer"] in row["labels"].split("|") for row in rows]
    assert figures["accuracy"]["any_label"]["value"] == np.mean(right)
    assert figures["strangers"]["dots"]["rejected"] == 1
    assert set(figures["changes"]) == set(CHANGES)
    with (out / "confusion.csv").open(encoding="utf-8") as file:
        counts = [row[1:] for row in csv.reader(file)][1:]
    assert np.array(counts, int).sum() == len(rows) == 8
    for name in ("confusion.png", "reliability.png"):
        with Image.open(out / name) as picture:
            assert picture.size > (400, 400)


def test_command_writes_a_card_for_people(evaluated) -> None:
    text = (evaluated / "models" / "README.md").read_text(encoding="utf-8")
    assert "python -m xray evaluate data --fold 0 --strangers strangers" in text
    assert "--fit --weights models/network.npz`" in text
    assert str(evaluated) not in text
    assert "not a medical device" in text
    assert "## Not measured" in text
    for part in BODY_PARTS:
        assert f"| {part.english} |" in text


def test_card_for_people_tells_of_the_second_network(evaluated, tmp_path) -> None:
    made = Training("fold 0 by patient", 1234, log="x_log.csv", how={"recipe": "quick"})
    small = Card(tmp_path / "x.json", "x", "0" * 64, EFFICIENTNET_LITE2, training=made)
    write_card(small.with_figures(in_8_bits={"same_answer": 0.9856}))
    card = replace(
        read_card(evaluated / "models" / "network.npz"),
        path=tmp_path / "network.json",
        ensemble=EnsembleSettings("x.npz", "0" * 64, 0.7),
    )
    alone = {"unifesp": {"any_label": 0.94, "films": 348}}
    said = {"second_alone": alone, "in_8_bits": {"same_answer": 0.999}}
    write_readme(card.with_figures(**said))
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "[x.npz](x.npz), an EfficientNet-Lite2" in text
    assert "counts 70.0 % of the answer" in text
    assert "Alone it answers 94.0 % of 348 films rightly" in text
    assert "| recipe | quick |" in text
    assert "It computes in 8 bits, which leaves 98.6 % of its answers" in text
    assert "It computes in 8 bits, which leaves 99.9 % of its answers" in text


def test_card_for_people_tells_how_true_the_maps_are(evaluated) -> None:
    card = read_card(evaluated / "models" / "network.npz")
    (figures,) = card.figures["splits"].values()
    kinds = {"map": 0.87, "random": 0.47, "gaussian": 0.7}
    figures["explanations"] = {
        "films": 24,
        "average_drop": kinds,
        "deletion": kinds | {"better_than_random": 0.875, "better_than_gaussian": 0.5},
        "randomization": {"head": {"rank_correlation": 0.54}},
    }
    text = "\n\n".join(measured("fold 0 by patient", figures))
    assert "(lower) | 0.87 | 0.47 | 0.70 |" in text
    assert "87.5 % of the films, the Gaussian on 50.0 %" in text
    assert "head 0.54" in text
    assert "insertion" not in text


def test_command_measures_a_left_out_source_without_touching_the_card(
    evaluated, capsys
) -> None:
    weights = evaluated / "models" / "network.npz"
    before = read_card(weights)
    words = ["evaluate", str(evaluated / "data"), "--weights", str(weights)]
    words += ["--out", str(evaluated / "abroad"), "--protocol", "source"]
    assert main([*words, "--leave-out", "fracatlas"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["seen_in_training"] is True
    assert shown["accuracy"]["films"] == 8
    assert read_card(weights) == before


@pytest.fixture(scope="module")
def second(evaluated) -> Path:
    """A second network that has learned from home films only, with its card."""
    weights = evaluated / "second.npz"
    weights.symlink_to(SECOND)
    made = Training("without fracatlas", films_by_source={"unifesp": 8})
    write_card(replace(make_card(weights, EFFICIENTNET_LITE2), training=made))
    return weights


@pytest.fixture
def left_out(evaluated, second, tmp_path) -> list[str]:
    """The words that measure a network of home films beside that second one."""
    weights = tmp_path / "network.npz"
    weights.symlink_to(DEFAULT_WEIGHTS)
    card = read_card(evaluated / "models" / "network.npz")
    made = Training("all films", films_by_source={"unifesp": 8})
    path = weights.with_suffix(".json")
    figures = {"rejection": card.figures["rejection"]}
    write_card(replace(card, path=path, training=made, rejection=None, figures=figures))
    words = ["evaluate", str(evaluated / "data"), "--weights", str(weights)]
    words += ["--second", str(second), "--out", str(tmp_path / "out"), "--write-card"]
    return words


@pytest.mark.slow
def test_left_out_source_is_measured_into_the_card(left_out) -> None:
    assert main([*left_out, "--protocol", "source", "--leave-out", "fracatlas"]) == 0
    weights = Path(left_out[left_out.index("--weights") + 1])
    figures = read_card(weights).figures["left_out"]["without fracatlas"]
    assert figures["accuracy"]["films"] == 8
    assert figures["seen_in_training"] is False
    text = weights.with_name("README.md").read_text(encoding="utf-8")
    assert "| without fracatlas | 8 |" in text
    assert "**Another hospital**" not in text
    assert "**The original project's protocol**" in text


@pytest.mark.slow
def test_source_that_a_network_saw_is_refused(left_out, capsys) -> None:
    assert main([*left_out, "--fold", "0"]) == 1
    assert "may have learned from them" in capsys.readouterr().err


@pytest.mark.slow
def test_calibration_is_fitted_on_a_left_out_source_too(
    evaluated, second, tmp_path
) -> None:
    weights = tmp_path / "network.npz"
    weights.symlink_to(DEFAULT_WEIGHTS)
    words = ["evaluate", str(evaluated / "data"), "--weights", str(weights), "--fit"]
    words += ["--left-out-networks", str(second), "--out", str(tmp_path / "out")]
    assert main(words) == 0
    card = read_card(weights)
    assert card.calibration.fitted_on == "fold 0 by patient, without fracatlas"
    assert card.calibration.films == 16
    assert card.rejection.fitted_on == "films of fracatlas"
    assert [*card.figures["rejection"]["rejected_if_source_unknown"]] == ["fracatlas"]


def test_training_run_is_told_of_with_fit_only(evaluated, capsys) -> None:
    weights = str(evaluated / "models" / "network.npz")
    words = ["evaluate", str(evaluated / "data"), "--weights", weights]
    assert main([*words, "--training-run", weights]) == 1
    assert "Expected --training-run with --fit" in capsys.readouterr().err


def test_training_run_goes_into_the_card(evaluated, tmp_path) -> None:
    weights = evaluated / "models" / "network.npz"
    (tmp_path / "log.csv").write_text(
        "epoch,loss,accuracy,val_loss,val_accuracy\n"
        "1,2,0.1,2,0.5\n2,1,0.2,1,0.5\n3,1,0.3,1,0.4\n"  # a tie: the lower loss
    )
    run = Card(tmp_path / "best.json", "best", "0" * 64, "densenet201")
    write_card(replace(run, training=Training(how={"seed": 3})))
    record_training(read_card(weights), tmp_path)
    training = read_card(weights).training
    assert training.how == {"seed": 3, "epochs": 3, "best_epoch": 2}
    assert training.log == "network_log.csv"
    assert (weights.parent / "curves.png").is_file()


def test_training_run_without_a_log_is_refused(evaluated, tmp_path) -> None:
    card = read_card(evaluated / "models" / "network.npz")
    with pytest.raises(ModelError, match=r"best\.json"):
        record_training(card, tmp_path)
    write_card(Card(tmp_path / "best.json", "best", "0" * 64, "densenet201"))
    with pytest.raises(ModelError, match=r"log\.csv"):
        record_training(card, tmp_path)


def test_command_refuses_a_fold_without_films(evaluated, capsys) -> None:
    assert main(["evaluate", str(evaluated / "data"), "--fold", "4"]) == 1
    assert "Choose another fold" in capsys.readouterr().err
