"""Data sets on disk: both layouts, the splits, and what can't be used."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.datasets import PARTS, make_kaggle, make_manifest
from tests.dicom_files import make_dicom, phantom
from xray.errors import DatasetError
from xray.lab.training.dataset import FOLDS, Film, read_dataset, split
from xray.lab.training.splits import by_film, by_patient, by_source, was_seen
from xray.network.card import Training


@pytest.fixture
def manifest(tmp_path) -> list[Film]:
    return read_dataset(make_manifest(tmp_path))


def test_manifest_films_carry_their_columns(manifest) -> None:
    first, _, third, _, fifth = manifest[:5]
    assert first.targets == (3, 21)
    assert not first.single
    assert (third.fold, third.source) == (1, "unifesp")
    assert (fifth.fold, fifth.source, fifth.license) == (None, "fracatlas", "CC BY 4.0")
    assert all(film.path.is_file() for film in manifest)


def test_kaggle_films_are_found_in_any_sub_folder(tmp_path) -> None:
    films = read_dataset(make_kaggle(tmp_path))
    assert len(films) == 3 * len(PARTS)
    assert {film.targets for film in films} == {(part,) for part in PARTS}
    assert all(0 <= film.fold < FOLDS for film in films)


def test_kaggle_films_of_one_study_share_a_fold(tmp_path) -> None:
    lines = ["SOPInstanceUID,Target"]
    for number in range(8):
        data = make_dicom(phantom(), StudyInstanceUID="1.2.3.4")
        (tmp_path / f"1.2.{number}-c.dcm").write_bytes(data)
        lines.append(f"1.2.{number},3")
    (tmp_path / "train.csv").write_text("\n".join(lines), encoding="utf-8")
    films = read_dataset(tmp_path)
    assert {film.group for film in films} == {"1.2.3.4"}
    assert len({film.fold for film in films}) == 1


@pytest.mark.parametrize("fold", [0, 1])
def test_split_by_patient_never_shares_a_patient(manifest, fold) -> None:
    training, validation = split(manifest, fold)
    assert validation
    assert not {f.group for f in training} & {f.group for f in validation}


def test_suspect_films_train_nothing_but_are_measured(manifest) -> None:
    doubtful = [
        Film(f.path, f.targets, f.group, f.fold, f.source, suspect=True)
        for f in manifest
    ]
    training, validation = split(doubtful, 0)
    assert not training
    assert validation


def test_all_films_train_without_a_fold(manifest) -> None:
    every = by_patient(manifest, -1)
    assert len(every.training) == len(manifest)
    assert not every.validation


def test_split_by_film_takes_a_fifth_of_single_label_home_films(manifest) -> None:
    found = by_film(manifest)
    chosen = [*found.training, *found.validation]
    assert len(found.validation) == round(0.2 * len(chosen))
    assert all(film.single and film.source == "unifesp" for film in chosen)
    assert by_film(manifest).validation == found.validation
    assert by_film(manifest, seed=1).validation != found.validation


def test_split_by_film_may_train_on_other_sources_too(manifest) -> None:
    plain, more = by_film(manifest), by_film(manifest, ["fracatlas"])
    assert more.validation == plain.validation
    added = more.training[len(plain.training) :]
    assert {film.source for film in added} == {"fracatlas"}


def test_films_are_seen_unless_they_or_their_source_were_kept_out(manifest) -> None:
    patient, source = by_patient(manifest, 0), by_source(manifest, "fracatlas")
    at_home = Training(by_film(manifest).name, films_by_source={"unifesp": 8})
    assert was_seen(patient, at_home)
    assert not was_seen(source, at_home)
    assert was_seen(source, Training(films_by_source={"fracatlas": 1}))
    assert was_seen(source, Training())
    assert not was_seen(patient, Training(patient.name))


def test_split_by_source_leaves_none_of_it_in_training(manifest) -> None:
    found = by_source(manifest, "fracatlas")
    assert {film.source for film in found.validation} == {"fracatlas"}
    assert not found.may_pick
    assert "fracatlas" not in {film.source for film in found.training}
    home = by_source(manifest, "fracatlas", ["unifesp", "fracatlas"])
    assert {film.source for film in home.training} == {"unifesp"}
    assert not by_source(manifest, "fracatlas", ["fracatlas"]).training


@pytest.mark.parametrize("source", [None, "elsewhere"])
def test_unknown_source_lists_those_there_are(manifest, source) -> None:
    with pytest.raises(DatasetError, match="fracatlas, unifesp"):
        by_source(manifest, source)


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("manifest.csv", "file,label\na.png,3", "missing: target"),
        ("manifest.csv", "file,target\na.png", "class numbers 0 to 21.* line 2"),
        ("manifest.csv", "file,target,fold\na.png,3,x", "a fold from 0.* line 2"),
        ("manifest.csv", "file,target\na.png,22", "line 2"),
        ("manifest.csv", "file,target\na.png,", "line 2"),
        ("train.csv", "SOPInstanceUID,Target\n1.2.3,4", r"1\.2\.3\.dcm"),
    ],
)
def test_unusable_tables_say_what_is_wrong(tmp_path, table, text, expected) -> None:
    (tmp_path / table).write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=expected):
        read_dataset(tmp_path)


def test_folder_without_a_table_is_refused(tmp_path) -> None:
    with pytest.raises(DatasetError, match=r"manifest\.csv or train\.csv"):
        read_dataset(tmp_path)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=30))
def test_split_leaves_groups_whole(pairs) -> None:
    films = [
        Film(Path("x"), (0,), f"{group}", fold, "unifesp") for group, fold in pairs
    ]
    training, validation = split(films, 0)
    assert not {f.group for f in training} & {f.group for f in validation}
    assert np.all([film.fold == 0 for film in validation])


def test_table_in_another_encoding_says_what_to_do(tmp_path) -> None:
    (tmp_path / "manifest.csv").write_bytes(
        "file,target\nrodilla_ñ,3".encode("latin-1")
    )
    with pytest.raises(DatasetError, match="in UTF-8"):
        read_dataset(tmp_path)
