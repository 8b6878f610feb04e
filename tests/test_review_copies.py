"""Corrected copies of what was decided."""

import csv
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.reviews import decide, make_report
from xray.cli import main
from xray.review.opinion import Choice

HAND, WRIST, OTHERS = 9, 21, 14


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return make_report(tmp_path)


def fix(report: Path, *words: str) -> int:
    out = str(report.with_name("copies"))
    return main(["fix", "--reviewed", str(report), "--out", out, *words])


def copies(report: Path) -> list[str]:
    out = report.with_name("copies")
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*.dcm"))


def test_dry_run_counts_and_writes_nothing(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    decide(report, "sure", Choice.PART, WRIST)
    decide(report, "near", Choice.HEADER, WRIST)
    decide(report, "silent", Choice.SEVERAL, HAND, WRIST)
    decide(report, "right", Choice.NOT_RADIOGRAPH)
    assert fix(report) == 0
    said = capsys.readouterr().out
    assert "1  SKULL → Hand" in said
    assert "1  CHEST → Wrist" in said
    assert "2  to correct" in said
    assert "1  nothing to change: the header was right" in said
    assert "1  by hand: several parts" in said
    assert "1  by hand: not a radiograph" in said
    assert "add --write" in said
    assert not report.with_name("copies").exists()


def test_copy_keeps_the_old_values_and_the_film_stays_as_it_was(report: Path) -> None:
    film = report.with_name("archive") / "surest.dcm"
    before = film.read_bytes()
    decide(report, "surest", Choice.PART, WRIST)
    assert fix(report, "--write") == 0
    assert film.read_bytes() == before
    old, new = dcmread(film), dcmread(report.with_name("copies") / "surest.dcm")
    assert new.BodyPartExamined == "WRIST"
    assert new.AnatomicRegionSequence[0].CodeValue == "74670003"
    assert new.SOPInstanceUID != old.SOPInstanceUID
    assert new.PixelData == old.PixelData
    (original,) = new.OriginalAttributesSequence
    assert original.ModifiedAttributesSequence[0].BodyPartExamined == "SKULL"


def test_second_run_writes_no_copy_twice(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    fix(report, "--write")
    first = (report.with_name("copies") / "surest.dcm").read_bytes()
    decide(report, "sure", Choice.PICTURE, HAND)
    fix(report, "--write")
    assert "1 copies written" in capsys.readouterr().out
    assert copies(report) == ["sure.dcm", "surest.dcm"]
    assert (report.with_name("copies") / "surest.dcm").read_bytes() == first
    with (report.with_name("copies") / "fixes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["before"], row["after"], row["who"]) for row in rows] == [
        ("SKULL", "Hand", "ann"),
        ("CHEST", "Hand", "ann"),
    ]


def test_what_a_kill_left_of_a_copy_is_no_copy(report: Path) -> None:
    film = decide(report, "surest", Choice.PICTURE, HAND).film
    out = report.with_name("copies")
    out.mkdir()
    (out / f".{film}.partial").write_bytes(b"half")
    assert fix(report, "--write") == 0
    assert dcmread(out / "surest.dcm").BodyPartExamined == "HAND"
    assert not list(out.glob(".*"))


def test_film_changed_since_it_was_reviewed_is_passed_over(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    path = report.with_name("archive") / "surest.dcm"
    film = dcmread(path)
    film.PatientName = "Another"
    film.save_as(path)
    assert fix(report, "--write") == 1
    assert "1  passed over: another file" in capsys.readouterr().out
    assert copies(report) == []


def test_film_that_is_gone_is_passed_over(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    (report.with_name("archive") / "surest.dcm").unlink()
    assert fix(report) == 1
    assert "1  passed over: gone" in capsys.readouterr().out


def test_what_is_disputed_or_taken_back_is_not_corrected(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    decide(report, "surest", Choice.PART, WRIST, who="ben")
    decide(report, "sure", Choice.SKIP)
    assert fix(report, "--write") == 0
    assert "2  not decided" in capsys.readouterr().out
    assert copies(report) == []


def test_others_has_no_code_to_write(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(report, "surest", Choice.PART, OTHERS)
    assert fix(report) == 0
    assert "1  by hand: Others" in capsys.readouterr().out


def test_copies_never_lie_among_the_films(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(report, "surest", Choice.PICTURE, HAND)
    inside = str(report.with_name("archive") / "copies")
    words = ["fix", "--reviewed", str(report), "--out", inside, "--write"]
    assert main(words) == 1
    assert "beside the archive" in capsys.readouterr().err
    assert not Path(inside).exists()


def test_hidden_paths_stay_hidden_in_the_copies(tmp_path: Path) -> None:
    report = make_report(tmp_path, {"film": ("SKULL", "Hand", 0.99)}, hide_paths=True)
    (key,) = [
        line.split(",")[0]
        for line in (report / "results.csv").read_text().splitlines()[1:]
    ]
    decide(report, key, Choice.PICTURE, HAND)
    assert fix(report, "--write") == 0
    assert copies(report) == [f"{key}.dcm"]
    assert "film" not in (report.with_name("copies") / "fixes.csv").read_text()


def test_confidence_is_no_matter_where_a_person_decided(report: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        fix(report, "--min-confidence", "0.5")
