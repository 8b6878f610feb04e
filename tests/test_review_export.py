"""Reviewed films as a data set, and what it says of an archive."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.dicom_files import make_dicom, phantom
from tests.predictions import predicts
from tests.reviews import decide, films_of, make_report
from xray.classify.classifier import Classifier
from xray.classify.trust.confidence import Band
from xray.cli import main
from xray.errors import ModelError
from xray.lab.evaluation.local import green_threshold
from xray.lab.training.dataset import Film as Labeled
from xray.lab.training.dataset import read_dataset
from xray.lab.training.splits import by_review
from xray.lab.writing import write_local_card
from xray.network.local_card import LocalCard, read_local_card
from xray.review import export as exporting
from xray.review import sending
from xray.review.opinion import Choice, Opinion
from xray.review.queue import Queue
from xray.review.store import OpinionStore

HAND, WRIST = 9, 21


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return make_report(tmp_path)


def export(report: Path) -> list[Labeled]:
    out = report.with_name("data")
    assert main(["review", str(report), "--export", str(out)]) == 0
    return read_dataset(out)


def test_export_is_what_the_dataset_reader_takes(report: Path) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    decide(report, "sure", Choice.SEVERAL, HAND, WRIST)
    films = export(report)
    assert sorted(film.targets for film in films) == [(HAND,), (HAND, WRIST)]
    assert {film.source for film in films} == {"local-review"}
    assert all(film.fold in range(5) for film in films)
    assert len({film.group for film in films}) == 2
    with Image.open(films[0].path) as picture:
        assert picture.mode == "L"


def test_export_holds_no_patient_data(report: Path) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    decide(report, "sure", Choice.NOT_RADIOGRAPH)
    export(report)
    written = report.with_name("data").rglob("*")
    everything = b"".join(path.read_bytes() for path in written if path.is_file())
    for secret in (b"Secret", b"S3CRET", b"PATIENT", b"surest", b"SKULL", b"20240517"):
        assert secret not in everything


def test_what_is_no_radiograph_becomes_a_stranger(report: Path) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    decide(report, "sure", Choice.NOT_RADIOGRAPH)
    assert len(export(report)) == 1
    strangers = report.with_name("data") / "strangers" / "reviewed"
    assert len(list(strangers.glob("*.png"))) == 1


def test_film_with_burned_in_text_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = make_report(tmp_path, BurnedInAnnotation="YES")
    decide(report, "surest", Choice.PICTURE, HAND)
    words = ["review", str(report), "--export", str(tmp_path / "data")]
    assert main(words) == 1
    assert "found none" in capsys.readouterr().err


def test_films_of_one_patient_are_one_group(tmp_path: Path) -> None:
    report = make_report(tmp_path, PatientID="same")
    for name in ("surest", "sure", "near"):
        decide(report, name, Choice.PICTURE, HAND)
    assert len({film.group for film in export(report)}) == 1


def test_random_sample_is_all_up_to_the_last_film_drawn(report: Path) -> None:
    films = sorted(films_of(report).values(), key=lambda film: film.key)
    store = OpinionStore(report)
    for film in (films[0], films[2]):
        store.append(
            Opinion(film.key, Choice.PICTURE, "ann", (HAND,), queue=Queue.SAMPLE.value)
        )
    store.append(Opinion(films[1].key, Choice.PICTURE, "ann", (HAND,), queue="look"))
    store.append(Opinion(films[4].key, Choice.PICTURE, "ann", (HAND,), queue="look"))
    labeled = export(report)
    sampled = {film.path.stem for film in labeled if film.source == "local-sample"}
    assert sampled == {film.key for film in films[:3]}
    assert {film.path.stem for film in by_review(labeled).validation} == sampled


def test_threshold_for_green_counts_one_error_more_than_it_saw() -> None:
    confidences = np.linspace(0.999, 0.71, 100)
    right = np.ones(100, bool)
    assert green_threshold(confidences, right, 0.01) is not None
    assert green_threshold(confidences[:98], right[:98], 0.01) is None
    right[50] = False
    above = green_threshold(confidences, right, 0.05)
    assert above is not None
    kept = confidences > above
    assert ((~right[kept]).sum() + 1) / (kept.sum() + 1) <= 0.05
    assert green_threshold(confidences, ~right, 0.05) is None


def test_threshold_lies_never_between_equal_confidences() -> None:
    confidences = np.full(200, 0.95)
    right = np.ones(200, bool)
    right[-1] = False
    assert green_threshold(confidences, right, 0.01) == pytest.approx(0.7)
    right[-5:] = False
    assert green_threshold(confidences, right, 0.01) is None


def local(classifier: Classifier, **changes: object) -> LocalCard:
    values: dict[str, object] = {
        "name": "clinic",
        "weights_sha256": classifier.card.sha256,
        "temperature": 2.0,
        "green_above": 0.8,
        "green_error": 0.01,
        "films": 300,
        "patients": 280,
        "made": "2026-11-28",
        "figures": {},
    }
    return LocalCard(**{**values, **changes})  # type: ignore[arg-type]


def test_local_card_changes_confidence_and_color_and_is_named(
    classifier: Classifier, films: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "clinic.json"
    write_local_card(local(classifier), path)
    calibrated = Classifier.load(card=path)
    assert calibrated.version == f"{classifier.version} + local card clinic"
    (plain,) = classifier.predict([films["hand"]])
    (said,) = calibrated.predict([films["hand"]])
    assert said.part == plain.part
    assert said.confidence < plain.confidence
    assert said.high_above == 0.8
    assert list(np.argsort(said.probabilities)) == list(np.argsort(plain.probabilities))


def test_local_card_is_taken_from_the_environment_but_never_to_measure(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clinic.json"
    write_local_card(local(classifier), path)
    monkeypatch.setenv("XRAY_CARD", str(path))
    assert Classifier.load().local == local(classifier)
    assert Classifier.load(card="").local is None


def test_border_of_green_is_that_of_the_local_card() -> None:
    answer = predicts("Hand", 0.85)
    bands = [replace(answer, high_above=each).band for each in (answer.high_above, 0.8)]
    assert bands == [Band.MEDIUM, Band.HIGH]


@pytest.mark.parametrize("text", ["", "{}", '{"name": "clinic"}', '["clinic"]', "\x00"])
def test_damaged_local_card_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clinic.json"
    path.write_text(text)
    with pytest.raises(ModelError, match="XRAY_CARD"):
        read_local_card(path, "abc")


def test_local_card_of_other_weights_is_refused(
    classifier: Classifier, tmp_path: Path
) -> None:
    path = tmp_path / "clinic.json"
    write_local_card(local(classifier, weights_sha256="0" * 64), path)
    with pytest.raises(ModelError, match="measured with 00000000"):
        read_local_card(path, classifier.card.sha256)


@pytest.mark.parametrize(
    "changes",
    [{"temperature": 0}, {"green_above": 0.5}, {"green_above": 1.0}, {"name": "../x"}],
)
def test_local_card_out_of_range_is_refused(
    classifier: Classifier, tmp_path: Path, changes: dict[str, object]
) -> None:
    path = tmp_path / "clinic.json"
    write_local_card(local(classifier), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(ModelError, match="could not read"):
        read_local_card(path, classifier.card.sha256)


def test_evaluate_says_how_good_it_is_here_and_keeps_a_card(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    store = OpinionStore(report)
    for film in films_of(report).values():
        store.append(
            Opinion(film.key, Choice.PICTURE, "ann", (HAND,), queue=Queue.SAMPLE.value)
        )
    export(report)
    words = ["evaluate", str(data), "--protocol", "reviewed", "--green-error", "0.2"]
    card = tmp_path / "cards" / "clinic.json"
    out = ["--out", str(tmp_path / "figures"), "--save-card", str(card)]
    assert main([*words, *out]) == 0
    said = capsys.readouterr().out
    assert "on 5 films of 5 patients, drawn at random" in said
    assert "XRAY_CARD" in said
    assert Classifier.load(card=card).local is not None
    with (tmp_path / "figures" / "films.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 5


def test_no_card_is_made_of_films_that_were_not_drawn_at_random(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    export(report)
    words = ["evaluate", str(tmp_path / "data"), "--protocol", "reviewed"]
    out = ["--out", str(tmp_path / "out"), "--save-card", str(tmp_path / "c.json")]
    assert main([*words, *out]) == 1
    assert "at random" in capsys.readouterr().err
    assert not (tmp_path / "c.json").exists()


def test_mistake_of_ours_is_not_called_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise TypeError

    film = tmp_path / "film.dcm"
    film.write_bytes(make_dicom(phantom()))
    assert sending._parcel(film, "pacs").delivery.destination == "pacs"
    monkeypatch.setattr(sending, "Delivery", broken)
    with pytest.raises(TypeError):
        sending._parcel(film, "pacs")
    monkeypatch.setattr("xray.reading.dicom.file.looks_like_dicom", broken)
    with pytest.raises(TypeError):
        exporting._patient(b"")
