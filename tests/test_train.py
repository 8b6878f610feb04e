"""Training on made-up films with a tiny network: log, resumption, early stop."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from tests.datasets import make_kaggle, make_manifest
from tests.tiny_model import build_tiny_model
from xray.cli import main
from xray.errors import DatasetError
from xray.image import preprocess
from xray.lab.training import train as train_module
from xray.lab.training.dataset import FOLDS, Film, read_dataset, split
from xray.lab.training.densenet import get_weights
from xray.lab.training.learner import AVERAGED_EVERY, Learner, MovingAverage, learn
from xray.lab.training.loader import FilmLoader, cached_film, draw_weights, soft_labels
from xray.lab.training.recipes import RECIPES, Augmentation, Phase, Recipe
from xray.lab.training.run import TrainingRun
from xray.lab.training.teachers import Teachers
from xray.lab.training.train import BodyParts
from xray.network.card import read_card
from xray.network.weights import read_weights

RECIPE = Recipe(
    phases=(Phase(2, 16, 2), Phase(1, 24, 2)),
    optimizer="adamw",
    learning_rate=1e-2,
    augmentation=Augmentation(rotation=5, right_angles=0, shift=0.02, shear=0),
    cosine=True,
    weight_decay=0.01,
    label_smoothing=0.05,
    average=0.5,
)
SHORT = replace(RECIPE, phases=(Phase(1, 16, 2),))

Films = tuple[list[Film], list[Film]]


@pytest.fixture(autouse=True, scope="module")
def _tiny() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_module, "build_model", build_tiny_model)
        yield
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Films:
    return split(read_dataset(make_manifest(tmp_path_factory.mktemp("data"))), 0)


@pytest.fixture(scope="module")
def whole(films: Films, tmp_path_factory) -> Path:
    """Folder of a run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    learn(BodyParts(*films, RECIPE), folder)
    return folder


def read_log(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_epoch_is_logged_and_drawn(whole) -> None:
    rows = read_log(whole)
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [row["size"] for row in rows] == ["16", "16", "24"]
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(rows[0])
    assert (whole / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert read_weights(whole / "best.npz")["logits/kernel"].shape == (8, 22)


def test_finished_run_is_left_alone(films: Films, whole) -> None:
    before = (whole / "best.npz").stat().st_mtime_ns
    assert learn(BodyParts(*films, RECIPE), whole) == whole / "best.npz"
    assert (whole / "best.npz").stat().st_mtime_ns == before
    assert len(read_log(whole)) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"seed": 5}, "the same seed: 5"),
        ({"recipe": replace(RECIPE, learning_rate=0.5)}, "the same recipe"),
        ({"training": 1}, "the same films to learn from"),
    ],
)
def test_folder_of_another_run_is_refused(films: Films, whole, words, said) -> None:
    training, validation = films
    training = training[: -words.pop("training", 0) or None]
    recipe = words.pop("recipe", RECIPE)
    before = (whole / "state.json").read_bytes()
    with pytest.raises(DatasetError, match=said):
        learn(BodyParts(training, validation, recipe), whole, **words)
    assert (whole / "state.json").read_bytes() == before


def test_stopped_run_goes_on_where_it_stopped(films: Films, whole, tmp_path) -> None:
    class StopsInSecond(BodyParts):
        def loader(self, phase: Phase, epoch: int, seed: int) -> FilmLoader:
            if epoch == 1:
                raise KeyboardInterrupt
            return super().loader(phase, epoch, seed)

    with pytest.raises(KeyboardInterrupt):
        learn(StopsInSecond(*films, RECIPE), tmp_path)
    assert len(read_log(tmp_path)) == 1
    learn(BodyParts(*films, RECIPE), tmp_path)

    expected = read_weights(whole / "average.npz")
    found = read_weights(tmp_path / "average.npz")
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-3, atol=1e-4)
    losses = [
        [float(row["val_loss"]) for row in read_log(each)] for each in (whole, tmp_path)
    ]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-3)


def test_dropout_repeats_with_the_epoch_and_changes_with_it(tmp_path) -> None:
    recipe = replace(SHORT, dropout=0.5, average=0.0)
    run = TrainingRun(tmp_path, {})
    learner = Learner(16, BodyParts([], [], recipe), None, run, seed=3)
    features = np.ones((4, 8), np.float32)
    (dropout,) = (
        layer
        for layer in learner.model.layers
        if isinstance(layer, keras.layers.Dropout)
    )

    def drawn(epoch: int) -> np.ndarray:
        learner.seed_dropout(epoch)
        return keras.ops.convert_to_numpy(dropout(features, training=True))

    assert np.array_equal(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1), drawn(2))


def test_training_stops_when_nothing_gets_better(films: Films, tmp_path) -> None:
    class NeverBetter(BodyParts):
        def validate(self, *_: object) -> dict[str, float]:
            return {"val_loss": 1.0, "val_accuracy": 0.5}

    recipe = replace(RECIPE, phases=(Phase(9, 16, 8),), patience=1)
    learn(NeverBetter(*films, recipe), tmp_path)
    assert len(read_log(tmp_path)) == 3


def test_frozen_layers_do_not_move_and_the_last_epoch_is_kept(
    films: Films, whole, tmp_path
) -> None:
    recipe = replace(SHORT, frozen_layers=3, average=0.0)
    task = BodyParts(films[0], [], recipe)
    best = learn(task, tmp_path, start=whole / "best.npz")
    found, start = read_weights(best), read_weights(whole / "best.npz")
    for name in ("conv1_conv/kernel", "bn/gamma"):
        np.testing.assert_array_equal(found[name], start[name])
    assert not np.array_equal(found["logits/kernel"], start["logits/kernel"])
    last = read_weights(tmp_path / "last.npz")["logits/bias"]
    np.testing.assert_allclose(found["logits/bias"], last, atol=1e-3)
    assert "val_loss" not in read_log(tmp_path)[0]


def test_moving_average_follows_the_closed_form() -> None:
    model = build_tiny_model()
    average = MovingAverage(model, 0.5, {"logits/bias": np.zeros(22, np.float32)})
    average.values |= {name: array * 0 for name, array in get_weights(model).items()}
    model.get_layer("logits").bias.assign(np.ones(22))
    for batch in range(AVERAGED_EVERY):
        average.on_train_batch_end(batch)
    kept = 0.5**AVERAGED_EVERY
    np.testing.assert_allclose(average.values["logits/bias"], 1 - kept, rtol=1e-6)


def test_loader_repeats_its_batches_and_changes_with_the_epoch(films: Films) -> None:
    loaders = [FilmLoader(films[0], RECIPE, RECIPE.phases[0], e, 7) for e in (0, 0, 1)]
    first, again, next_epoch = (loader[0] for loader in loaders)
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], next_epoch[0])
    assert first[0].shape == (2, 16, 16, 3)
    assert np.abs(first[0]).max() <= 1
    assert sum(len(loaders[0][i][0]) for i in range(len(loaders[0]))) == len(films[0])


def test_several_labels_share_the_target(films: Films) -> None:
    soft = soft_labels(films[1])
    np.testing.assert_allclose(soft.sum(axis=1), 1)
    assert soft[0, [3, 21]].tolist() == [0.5, 0.5]


def test_draws_share_out_home_and_rare_parts(films: Films) -> None:
    recipe = replace(RECIPE, class_power=1.0, home_share=0.3)
    weights = draw_weights(films[0], recipe)
    home = np.array([film.source == "unifesp" for film in films[0]])
    assert weights.sum() == pytest.approx(1)
    assert weights[home].sum() == pytest.approx(0.3)


def test_training_sees_films_as_serving_does(films: Films) -> None:
    path = films[0][0].path
    square = preprocess(cached_film(path), 16)
    assert square.shape == (16, 16, 3)
    assert (square.min(), square.max()) == (-1, 1)


def test_large_films_are_kept_small_without_padding(tmp_path) -> None:
    path = tmp_path / "large.png"
    Image.fromarray(np.full((1000, 500), 200, np.uint8)).save(path)
    assert cached_film(path).shape == (384, 192)  # a negative would turn padding white
    assert cached_film(path).min() > 0


def test_recipes_plan_their_epochs() -> None:
    strong = replace(
        RECIPES["small"], phases=(Phase(5, 192, 24), Phase(4, 256, 20)), cosine=True
    )
    assert RECIPES["original"].epochs == 15
    assert RECIPES["original"].rate(14) == RECIPES["original"].learning_rate
    assert [strong.phase(e).size for e in (0, strong.epochs - 1)] == [192, 256]
    rates = [strong.rate(epoch) for epoch in range(strong.epochs)]
    assert rates == sorted(rates, reverse=True)
    with pytest.raises(IndexError):
        strong.phase(strong.epochs)


def test_command_trains_for_fewer_epochs_and_writes_a_card(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setitem(RECIPES, "original", RECIPE)
    data = make_kaggle(tmp_path)
    words = ["train", str(data), "--out", str(tmp_path / "run"), "--weights", "none"]
    assert main([*words, "--fold", "-1", "--mixed", "--epochs", "0"]) == 0
    assert len(read_log(tmp_path / "run")) == RECIPE.phases[0].epochs
    card = read_card(tmp_path / "run" / "best.npz")
    assert card.training.protocol == "all films"
    assert card.training.films == 12
    assert card.training.how["recipe"] == "original, 2 epochs"


def test_command_refuses_unknown_words(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", str(tmp_path), "--recipe", "secret"])
    assert stop.value.code == 2
    assert main(["train", str(tmp_path / "nowhere")]) == 1
    assert "manifest.csv or train.csv" in capsys.readouterr().err


class OneTeacher:
    """Says of every home film that it is a skull, and counts what it sees."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def teach(self, labels, films, squares, share):
        self.seen += squares
        said = np.eye(22, dtype=np.float32)[18]
        home = np.array([film.fold is not None for film in films])
        return np.where(home[:, None], (1 - share) * labels + share * said, labels)


def test_pupil_learns_from_labels_and_teachers_who_see_no_metal(films: Films) -> None:
    how = replace(RECIPE.augmentation, metal=1.0)
    recipe = replace(RECIPE, taught=0.25, augmentation=how)
    teacher: Any = OneTeacher()
    loader = FilmLoader(films[0], recipe, recipe.phases[0], 0, 7, teachers=teacher)
    pictures, labels = loader[0]
    chosen = [films[0][i] for i in loader.order[:2]]
    for row, film in zip(labels, chosen, strict=True):
        assert row[18] == (0.25 if film.fold is not None else 0)
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-6)
    for square, picture in zip(teacher.seen, pictures, strict=True):
        assert np.abs(square * 2 - 1 - picture[..., 0]).max() > 0.5


def test_teacher_of_a_home_film_is_the_one_kept_from_it(films: Films) -> None:
    asked: list[int] = []

    class Model:
        def __init__(self, fold: int) -> None:
            self.fold = fold

        def run(self, _picture, _outputs):
            asked.append(self.fold)
            return {0: np.zeros((1, 22), np.float32)}

    known = [film for film in films[0] if film.fold == 1][:1]
    foreign = [film for film in films[0] if film.fold is None][:1]
    labels = soft_labels([*known, *foreign])
    squares = [np.zeros((192, 192), np.float32)] * 2
    models: Any = [Model(fold) for fold in range(FOLDS)]
    taught = Teachers(models).teach(labels, [*known, *foreign], squares, 0.5)
    assert asked == [1]
    np.testing.assert_allclose(taught[0], 0.5 * labels[0] + 0.5 / 22, atol=1e-6)
    np.testing.assert_array_equal(taught[1], labels[1])


def test_large_sources_weigh_less_and_classes_as_much(films: Films) -> None:
    even = replace(RECIPE, class_power=0.5)
    capped = replace(even, source_power=0.5)
    away = Film(Path("x"), (3,), "g", None, "large")
    many = [*films[0], *[away] * 90]
    source = np.array([film.source for film in many])
    part = np.array([film.targets[0] for film in many])
    plain, fair = (draw_weights(many, recipe) for recipe in (even, capped))
    assert fair[source == "large"].sum() < 0.95 * plain[source == "large"].sum()
    for each in np.unique(part):
        shares = [weights[part == each].sum() for weights in (plain, fair)]
        assert shares[0] == pytest.approx(shares[1])
