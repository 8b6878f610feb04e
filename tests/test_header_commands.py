"""`audit`, `report` and `fix` as they are typed, with the shipped network."""

import time
from typing import Any

import highdicom
import pytest
from pydicom import dcmread

from tests.archives import FILMS, film, radiograph, write
from tests.hostile_files import deflate_bomb
from xray.cli import main

SURE_ENOUGH = ("--min-confidence", "0.5")  # whatever weights are shipped
pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def wrong(tmp_path):
    return write(
        tmp_path / "in.dcm", radiograph(film("knee"), BodyPartExamined="CHEST")
    )


def test_fix_is_a_dry_run_unless_told_otherwise(wrong, tmp_path, capsys):
    before = wrong.read_bytes()
    out = tmp_path / "new.dcm"
    assert main(["fix", str(wrong), "--out", str(out), *SURE_ENOUGH]) == 0
    said = capsys.readouterr().out
    assert "Knee" in said
    assert "- CHEST" in said
    assert "+ KNEE" in said
    assert "72696002" in said
    assert "dry run" in said
    assert not out.exists()
    assert wrong.read_bytes() == before


def test_fix_writes_a_copy_with_the_same_pixels(wrong, tmp_path, capsys):
    before = wrong.read_bytes()
    out = tmp_path / "new.dcm"
    assert main(["fix", str(wrong), "--out", str(out), "--write", *SURE_ENOUGH]) == 0
    assert wrong.read_bytes() == before
    copy, original = dcmread(out), dcmread(wrong)
    assert copy.BodyPartExamined == "KNEE"
    assert copy.PixelData == original.PixelData
    assert copy.SOPInstanceUID in capsys.readouterr().out
    again = str(tmp_path / "again.dcm")
    assert main(["fix", str(out), "--out", again, *SURE_ENOUGH]) == 0
    assert "nothing to change" in capsys.readouterr().out


def test_fix_refuses_below_a_confidence(wrong, tmp_path, capsys):
    out = tmp_path / "new.dcm"
    words = ["fix", str(wrong), "--out", str(out), "--write"]
    assert main([*words, "--min-confidence", "1"]) == 1
    assert capsys.readouterr().err.startswith("error: Expected a confidence")
    assert not out.exists()


def test_fix_never_replaces_the_file_itself(wrong, capsys):
    before = wrong.read_bytes()
    out = ["--out", str(wrong), "--write", *SURE_ENOUGH]
    assert main(["fix", str(wrong), *out]) == 1
    assert "exists" in capsys.readouterr().err
    assert wrong.read_bytes() == before


@pytest.mark.parametrize("share", ["2", "-0.1", "much"])
def test_confidence_out_of_range_is_wrong_usage(wrong, share):
    with pytest.raises(SystemExit) as raised:
        main(["fix", str(wrong), "--out", "x", "--min-confidence", share])
    assert raised.value.code == 2


def test_report_and_heat_map_are_written(wrong, tmp_path):
    report, heatmap = tmp_path / "sr.dcm", tmp_path / "sc.dcm"
    words = ["report", str(wrong), "--out", str(report), "--heatmap", str(heatmap)]
    assert main(words) == 0
    content: Any = highdicom.sr.srread(report).content
    (group,) = content.get_image_measurement_groups()
    (region,) = group.get_qualitative_evaluations()
    assert region.value.value == "72696002"
    capture = dcmread(heatmap)
    assert capture.StudyInstanceUID == dcmread(wrong).StudyInstanceUID
    assert capture.pixel_array.shape == (*film("knee").shape, 3)


def test_report_and_heat_map_in_one_file_is_wrong_usage(wrong, tmp_path):
    out = str(tmp_path / "sr.dcm")
    with pytest.raises(SystemExit) as raised:
        main(["report", str(wrong), "--out", out, "--heatmap", out])
    assert raised.value.code == 2
    assert not (tmp_path / "sr.dcm").exists()


@pytest.mark.parametrize("command", ["report", "fix"])
def test_picture_without_a_header_is_refused(command, tmp_path, capsys):
    out = tmp_path / "out.dcm"
    assert main([command, str(FILMS / "knee.jpg"), "--out", str(out)]) == 1
    assert "Expected a DICOM file" in capsys.readouterr().err


def test_audit_says_its_counts_and_where_the_report_is(wrong, tmp_path, capsys):
    out = tmp_path / "report"
    assert main(["audit", str(wrong), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "1  ≠ header disagrees" in said
    assert str(out / "report.html") in said
    assert main(["audit", "--merge", str(out), "--out", str(tmp_path / "all")]) == 0
    assert "1  ≠ header disagrees" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no", "--out", "r"], "expected a folder or file to audit, received no"),
        ([".", "--out", "."], "expected --out to differ from FOLDER"),
        (["--merge", ".", "--out", "r"], "expected results.csv of an audit"),
        (["--merge", ".", "--out", "r", "--hide-paths"], "as rows are made"),
        (["--merge", ".", "--out", "r", "--keep-uids"], "as rows are made"),
        ([".", "--merge", ".", "--out", "r"], "not allowed with"),
    ],
)
def test_audit_of_what_cannot_be_is_wrong_usage(
    words, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as raised:
        main(["audit", *words])
    assert raised.value.code == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_audit_needs_a_folder_or_reports_to_merge(tmp_path):
    with pytest.raises(SystemExit) as raised:
        main(["audit", "--out", str(tmp_path)])
    assert raised.value.code == 2


def test_report_leaves_a_bomb_to_the_decoding_process(tmp_path, capsys):
    bomb = tmp_path / "bomb.dcm"
    bomb.write_bytes(deflate_bomb(300))
    start = time.process_time()
    assert main(["report", str(bomb), "--out", str(tmp_path / "sr.dcm")]) == 1
    assert time.process_time() - start < 5
    assert capsys.readouterr().err.startswith("error: Expected ")
    assert not (tmp_path / "sr.dcm").exists()
