"""The network of findings: compiled answers, 8 bits, training, measuring."""

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import pytest

from tests.lively import lively_weights
from xray.errors import DatasetError, ModelError
from xray.lab.findings.films import (
    UNBROKEN,
    MarkedFilm,
    read_films,
    read_unbroken,
    split,
)
from xray.lab.findings.fitting import fit_scaling, fit_temperature
from xray.lab.findings.loader import UNCLEAR, MarkedLoader, draw_weights, to_cells
from xray.lab.findings.measure import (
    FilmLogits,
    false_alarms,
    fracture_auroc,
    measure,
    operating_points,
    peaks,
)
from xray.lab.findings.network import build_findings, freeze
from xray.lab.findings.ship import PARTS, answer, in_8_bits, join, scaled, ship
from xray.lab.findings.train import FindingsTask, film_loss, where_loss
from xray.lab.training.densenet import get_weights, set_weights
from xray.lab.training.learner import learn
from xray.lab.training.recipes import FINDINGS, Phase
from xray.lab.writing import write_weights
from xray.network.findings.card import OperatingPoint, Scaling, read_findings_card
from xray.network.findings.network import SIZE, FindingsNetwork
from xray.network.findings.points import POINTS
from xray.network.weights import read_weights

COLUMNS = "file,group,fold,fractured,boxes,region,hardware,frontal,lateral,oblique"


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return build_findings(SIZE)


@pytest.fixture(scope="module")
def lively(network) -> dict[str, np.ndarray]:
    weights = lively_weights(network)
    return weights | {"film/kernel": weights["film/kernel"] * 50}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A hundred drawn films: gray noise, and bright bars for what is marked."""
    place = tmp_path_factory.mktemp("films")
    random = np.random.default_rng(0)
    rows: list[list[object]] = [[*COLUMNS.split(",")]]
    for number in range(100):
        film = random.integers(20, 90, (90, 60)).astype(np.uint8)
        fractured, metal, kind = number % 3 == 0, number % 7 == 0, number % 4
        box = [[20, 30, 34, 42]] if fractured else []
        if fractured:
            film[30:42, 20:34] = 200
        if metal:
            film[60:80, 10:14] = 255
        cv2.imwrite(str(place / f"{number}.png"), film)
        shown = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]][kind]
        group, fold = f"g{number // 2}", number // 2 % 5
        marked = [int(fractured), json.dumps(box), "hand", int(metal)]
        rows.append([f"{number}.png", group, fold, *marked, *shown])
    with (place / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return place


def test_films_are_read_with_their_marks(folder) -> None:
    films = read_films(folder)
    assert len(films) == 100
    first = films[0]
    assert first.fractured and first.hardware and first.projection == "frontal"
    assert films[3].projection == "several"
    assert first.marks(*first.size).sum() == 12 * 14
    learned, kept = split(films, 2)
    assert {film.fold for film in kept} == {2}
    assert not {film.group for film in kept} & {film.group for film in learned}


def test_table_without_boxes_is_told(tmp_path) -> None:
    (tmp_path / "manifest.csv").write_text("file,group,fold\na.png,g,0\n")
    with pytest.raises(DatasetError, match="fractured"):
        read_films(tmp_path)


def test_films_without_fractures_come_from_the_data_of_body_parts(tmp_path) -> None:
    lines = ["file,target,group,fold,source,suspect_label"]
    for number in range(40):
        source = ("shoimp", "kneeoa", "unifesp", "fracatlas")[number % 4]
        lines.append(f"{number}.png,16,g{number},,{source},")
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    films = read_unbroken(tmp_path)
    assert {film.region: film.hardware for film in films} == UNBROKEN
    assert len(films) == 20 and not any(film.fractured for film in films)
    learned, kept = split(films, 0)
    assert learned and kept
    (tmp_path / "manifest.csv").write_text("\n".join([lines[0], lines[3]]))
    with pytest.raises(DatasetError, match="shoimp"):
        read_unbroken(tmp_path)


def test_false_alarms_are_counted_by_kind() -> None:
    names = ("shoimp", "shoimp", "kneeoa")
    films = [
        MarkedFilm(Path("unused"), "g", 0, False, (), name == "shoimp", "frontal", name)
        for name in names
    ]
    logits = np.array([[3, 3], [-3, -3], [-3, -3]], np.float32)
    answers = FilmLogits(films, logits, np.zeros((3, 24, 24), np.float32))
    points = {"balanced": OperatingPoint(0.5, 1.0, 1.0)}
    found: dict[str, Any] = false_alarms(answers, Scaling(), Scaling(), points)
    assert [*found["shoimp"].values()] == [2, 1, 2, 1]
    assert [*found["kneeoa"].values()] == [1, 0, 0, 0]


def test_cells_are_clear_only_inside_and_far_from_a_box() -> None:
    marks = np.zeros((64, 64), np.float32)
    marks[16:34, 16:32] = 1  # one cell, and two rows of the next
    cells = to_cells(marks)
    assert cells[1, 1] == 1
    assert cells[2, 1] == UNCLEAR
    assert cells[0, 0] == 0
    tiny = np.zeros((64, 64), np.float32)
    tiny[30:34, 30:34] = 1  # between four cells
    assert (to_cells(tiny) == 1).sum() == 4


def test_fractured_films_are_drawn_more_often_than_they_are(folder) -> None:
    films = read_films(folder)
    weights = draw_weights(films)
    fractured = np.array([film.fractured for film in films])
    assert weights.sum() == pytest.approx(1)
    assert weights[fractured].sum() == pytest.approx(0.35)


def test_batch_holds_pictures_maps_and_answers(folder) -> None:
    recipe = dataclasses.replace(FINDINGS, films_per_epoch=20)
    loader = MarkedLoader(read_films(folder), recipe, Phase(1, 64, 16), 0, 0)
    pictures, targets = loader[0]
    assert pictures.shape == (16, 64, 64, 3)
    assert targets["where"].shape == (16, 4, 4, 1)
    assert targets["film"].shape == (16, 6)
    assert np.array_equal(targets["film"][:, 2:].sum(axis=1), np.ones(16))
    again = MarkedLoader(read_films(folder), recipe, Phase(1, 64, 16), 0, 0)[0]
    assert np.array_equal(pictures, again[0])
    assert len(loader[1][0]) == 4  # the rest


def test_nothing_is_learned_from_what_is_unclear() -> None:
    random = np.random.default_rng(0)
    logits = random.standard_normal((2, 4, 4, 1)).astype(np.float32)
    targets = np.zeros((2, 4, 4, 1), np.float32)
    targets[:, 1, 1] = 1
    targets[:, 2, 2] = UNCLEAR
    changed = logits.copy()
    changed[:, 2, 2] += 5
    assert np.allclose(where_loss(targets, logits), where_loss(targets, changed))
    film = np.array([[UNCLEAR, 0, 1, 0, 0, 0]], np.float32)
    low, high = (np.array([[x, 0, 0, 0, 0, 0]], np.float32) for x in (-5, 5))
    assert np.allclose(film_loss(film, low), film_loss(film, high))


def test_first_stages_stay_as_imagenet_taught_them(network) -> None:
    freeze(network)
    assert not network.get_layer("stage2_block3_project_conv").trainable
    assert network.get_layer("stage3_block1_expand_conv").trainable
    assert network.get_layer("where").trainable


@pytest.mark.slow
def test_compiled_answers_are_those_of_keras(network, lively) -> None:
    set_weights(network, lively)
    square = np.random.default_rng(0).random((SIZE, SIZE), np.float32)
    film = MarkedFilm(Path("unused"), "g", 0, False, (), False, "frontal")
    expected = network.predict(
        np.repeat((square * 2 - 1)[None, ..., None], 3, axis=-1), verbose=0
    )
    assert film.projection == "frontal"
    from xray.network.findings.graph import build
    from xray.network.openvino.compiled import CompiledModel

    model = CompiledModel(lambda: build(lively, SIZE).model(), SIZE, "LATENCY", True)
    found = model.run((square * 2 - 1)[None, None], (0, 1))
    assert np.allclose(found[0], expected["film"], atol=2e-3)
    assert np.allclose(found[1][0, 0], expected["where"][0, ..., 0], atol=2e-3)


@pytest.mark.slow
def test_shipped_network_answers_as_it_was_measured(folder, lively, tmp_path) -> None:
    films = read_films(folder)
    runs = {}
    for fold in (0, 1):
        runs[fold] = tmp_path / f"fold{fold}.npz"
        write_weights(runs[fold], lively)
    out = tmp_path / "findings.npz"
    shipped = tmp_path / "shipped.npz"
    write_weights(shipped, lively | {"film/bias": lively["film/bias"] + 1})
    unbroken = [film for film in films if film.fold == 2 and not film.fractured]
    card = ship(shipped, runs, films, unbroken=unbroken, out=out, training={"seed": 1})
    assert read_findings_card(out) == card
    assert set(card.points) == set(POINTS) and card.parts == PARTS
    assert card.figures["films"] == sum(film.fold == 0 for film in films)
    assert card.figures["unbroken"]["hand"]["films"] == len(unbroken)
    crossed = card.figures["cross_validated"]["films"]
    assert crossed == sum(film.fold in (0, 1) for film in films)
    text = (tmp_path / "FINDINGS.md").read_text()
    assert "not for diagnosis" in text and "CC BY 4.0" in text
    for failure in card.figures["failures"]:
        assert (tmp_path / failure["file"]).is_file()
        assert failure["file"] in text
    network = FindingsNetwork(out)
    kept = [film for film in films if film.fold == 0]
    image = cv2.imread(str(kept[0].path), cv2.IMREAD_GRAYSCALE) / np.float32(255)
    (asked,) = network.ask([image])
    measured = answer(read_weights(out), kept)
    expected = card.fracture.probability(measured.film[0, 0])
    assert asked.fracture == pytest.approx(float(expected), abs=1e-5)
    assert asked.where.shape == (24, 24)
    assert asked.projection.sum() == pytest.approx(1, abs=1e-5)
    out.write_bytes(out.read_bytes() + b"x")
    with pytest.raises(ModelError, match="sha256"):
        FindingsNetwork(out)


@pytest.mark.slow
def test_integers_follow_full_precision(folder, lively) -> None:
    films = read_films(folder)[:8]
    full, eight = answer(lively, films), answer(in_8_bits(lively, films), films)
    assert not np.array_equal(full.film, eight.film)
    spread = np.abs(full.film).max()
    assert np.abs(full.film - eight.film).max() < 0.15 * spread


@pytest.mark.slow
def test_training_goes_on_where_it_stopped(folder, tmp_path) -> None:
    films = read_films(folder)
    start = tmp_path / "start.npz"
    write_weights(start, get_weights(build_findings(64)))
    short = dataclasses.replace(FINDINGS, phases=(Phase(2, 64, 4),), films_per_epoch=8)
    task, run = FindingsTask(films, short), tmp_path / "run"
    best = learn(task, run, start=start)
    before = best.read_bytes()
    assert learn(task, run, start=start) == best
    assert best.read_bytes() == before
    log = (run / "log.csv").read_text().splitlines()
    assert len(log) == 3
    with pytest.raises(DatasetError, match="films"):
        learn(FindingsTask(films[:50], short), run, start=start)


def test_networks_of_other_scales_stand_beside_each_other() -> None:
    ours = _made_up()
    theirs = FilmLogits(ours.films, ours.film * 3 - 4, ours.where)
    alone = fracture_auroc(scaled(ours))
    assert alone == fracture_auroc(ours)
    both = join([scaled(ours), scaled(theirs)])
    assert fracture_auroc(both) == pytest.approx(alone, abs=1e-3)
    assert fracture_auroc(join([ours, theirs])) < alone - 0.01


def _made_up(count: int = 400) -> FilmLogits:
    random = np.random.default_rng(1)
    films, where = [], np.zeros((count, 24, 24), np.float32)
    logits = np.zeros((count, 6), np.float32)
    names = ("frontal", "lateral", "oblique", "several")
    for i in range(count):
        fractured = i % 4 == 0
        films.append(_Film(f"g{i // 4}", fractured, names[i % 3], i % 10 == 0))
        logits[i, 0] = random.normal(2 if fractured else -2, 1.5)
        logits[i, 1] = random.normal(4 if i % 10 == 0 else -4, 0.5)
        logits[i, 2 + i % 3] = 3
        where[i, 6, 12] = 1
    return FilmLogits(films, logits, where)


def _Film(group: str, fractured: bool, projection: str, metal: bool) -> MarkedFilm:  # noqa: N802
    path = Path(__file__).parent / "films" / "none.png"
    boxes = ((190.0, 94.0, 210.0, 114.0),) if fractured else ()
    return _Sized(path, group, 0, fractured, boxes, metal, projection, "hand")


class _Sized(MarkedFilm):
    @property
    def size(self) -> tuple[int, int]:
        return 384, 384


def test_scaling_makes_probabilities_of_logits() -> None:
    answers = _made_up()
    scaling = fit_scaling(answers.film[:, 0], answers.fractured)
    found = scaling.probability(answers.film[:, 0])
    assert found.mean() == pytest.approx(answers.fractured.mean(), abs=1e-4)
    assert scaling.slope > 0
    assert Scaling().probability(0.0) == 0.5


def test_operating_points_cost_what_they_say() -> None:
    answers = _made_up()
    found = fit_scaling(answers.film[:, 0], answers.fractured).probability(
        answers.film[:, 0]
    )
    points = operating_points(found, answers.fractured)
    assert list(points) == list(POINTS)
    for point in points.values():
        flagged = found >= point.threshold
        assert flagged[answers.fractured].mean() == pytest.approx(
            point.sensitivity, abs=0.006
        )
        assert (~flagged[~answers.fractured]).mean() == pytest.approx(
            point.specificity, abs=0.006
        )
    assert points["sensitive"].threshold < points["specific"].threshold


def test_measured_figures_are_those_of_the_answers() -> None:
    answers = _made_up()
    temperature = fit_temperature(answers)
    figures: dict[str, Any] = measure(answers, Scaling(), temperature)
    scores, fractured = answers.film[:, 0], answers.fractured
    pairs = scores[fractured][:, None] > scores[~fractured][None]
    assert figures["fracture"]["auroc"]["value"] == pytest.approx(
        pairs.mean(), abs=1e-4
    )
    assert figures["hardware"]["auroc"]["value"] == 1
    assert figures["projection"]["frontal_against_lateral"] == 1
    assert figures["pointing"]["in_a_box"] == 1  # (200, 104) in each box
    assert figures["regions"]["hand"]["films"] == 400


def test_peak_of_the_map_is_told_in_the_pixels_of_the_film() -> None:
    answers = _made_up(4)
    (x, y), *_ = peaks(answers.where, answers.films)
    assert (x, y) == pytest.approx((200, 104), abs=1.5)
