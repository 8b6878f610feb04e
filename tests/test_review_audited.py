"""An audit's rows, and the way back from each to its film."""

import json
import zipfile
from pathlib import Path

import fsspec
import pytest

from tests.planned import classify, make_archive, plan_of, run_missing
from tests.reviews import FILMS, films_of, make_report
from xray.audit.archive import open_archive
from xray.audit.compare import Options
from xray.audit.home import Home
from xray.audit.merging import merge
from xray.audit.plan import make_plan
from xray.errors import DatasetError, ImageError
from xray.review.audited import Report
from xray.review.queue import NEEDS_A_LOOK, Queue, arrange


def test_every_film_is_found_again(tmp_path: Path) -> None:
    folder = make_report(tmp_path)
    for name, film in films_of(folder).items():
        data = Report(folder).read(film)
        assert data == (tmp_path / "archive" / f"{name}.dcm").read_bytes()


def test_films_are_found_by_key_where_paths_are_hidden(tmp_path: Path) -> None:
    folder = make_report(tmp_path, hide_paths=True)
    report = Report(folder)
    films = report.every_film()
    assert {film.path for film in films} == {""}
    assert len({report.read(film) for film in films}) == len(FILMS)


def test_member_of_a_zip_is_read_from_it(tmp_path: Path) -> None:
    first = make_report(tmp_path / "first")
    archive = tmp_path / "second" / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "films.zip", "w") as zipped:
        for path in sorted((first.with_name("archive")).iterdir()):
            zipped.write(path, f"disc/{path.name}")
    folder = make_report(tmp_path / "second", {}, keep=FILMS)
    found = {film.path: film for film in Report(folder).every_film()}
    data = Report(folder).read(found["films.zip!/disc/near.dcm"])
    assert data == (first.with_name("archive") / "near.dcm").read_bytes()


def test_path_that_leads_out_of_the_archive_is_not_followed(tmp_path: Path) -> None:
    folder = make_report(tmp_path)
    secret = tmp_path / "secret.dcm"
    secret.write_bytes((tmp_path / "archive" / "sure.dcm").read_bytes())
    rows = (folder / "results.csv").read_text()
    assert "sure.dcm" in rows
    (film,) = [f for f in Report(folder).every_film() if f.path == "sure.dcm"]
    object.__setattr__(film, "path", "../secret.dcm")  # its key is of another path
    (tmp_path / "archive" / "sure.dcm").unlink()
    with pytest.raises(ImageError) as raised:
        Report(folder).read(film)
    assert raised.value.key == "film_gone"


def test_surest_disagreement_is_first_and_sample_is_in_the_order_of_keys(
    tmp_path: Path,
) -> None:
    report = Report(make_report(tmp_path))
    look = arrange(report.films(NEEDS_A_LOOK), Queue.LOOK)
    names = [Path(film.path).stem for film in look]
    assert names == ["surest", "sure", "near", "silent"]
    drawn = [film.key for film in arrange(report.every_film(), Queue.SAMPLE)]
    assert drawn == sorted(drawn)
    assert len(drawn) == len(FILMS)


def test_merged_report_says_to_review_the_ones_it_is_of(tmp_path: Path) -> None:
    merged = tmp_path / "merged"
    merge([make_report(tmp_path)], merged)
    with pytest.raises(DatasetError, match="one by one"):
        Report(merged)


def test_planned_audit_is_reviewed_once_it_is_finished(tmp_path: Path) -> None:
    archive, folder = make_archive(tmp_path / "films", 9), tmp_path / "r"
    plan_of(archive, folder, chunk_files=5)
    run_missing(folder, [0], classify)
    with pytest.raises(DatasetError, match="2 chunks 1 are missing"):
        Report(folder)
    run_missing(folder, [1], classify)
    report = Report(folder)
    films = report.every_film()
    assert len(films) == 9
    for film in films:
        assert report.read(film) == (archive / film.path).read_bytes()


def test_plan_of_a_store_is_not_reviewed(tmp_path: Path) -> None:
    fsspec.filesystem("memory").pipe_file("/shelf/Hand_1.dcm", b"x")
    archive = open_archive("memory://shelf")
    make_plan(archive.walk(), Home(tmp_path), Options("memory://shelf", "x"))
    run_missing(tmp_path, [0], classify)
    with pytest.raises(DatasetError, match="store memory://shelf"):
        Report(tmp_path)


def test_audit_of_a_server_is_not_reviewed(tmp_path: Path) -> None:
    folder = make_report(tmp_path)
    path = folder / "audit.json"
    state = json.loads(path.read_text()) | {"folder": "https://pacs.example/dicom-web"}
    path.write_text(json.dumps(state))
    with pytest.raises(DatasetError, match=r"pacs\.example"):
        Report(folder)
