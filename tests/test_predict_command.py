"""`xray predict`: what it prints, what it writes, how it ends."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.archives import FILMS
from tests.hostile_files import make_png
from tests.predictions import explains
from xray.classify.pipeline import Outcome
from xray.classify.prediction import Prediction
from xray.classify.trust.confidence import band
from xray.cli import main
from xray.commands.predict import heatmap_name, row
from xray.labels import BODY_PARTS


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_predict_json_has_the_documented_keys_in_order(capsys) -> None:
    assert main(["predict", "--json", str(FILMS / "hand.jpg")]) == 0
    (line,) = lines(capsys)
    assert list(line)[:6] == [
        "file",
        "label",
        "class",
        "confidence",
        "band",
        "probabilities",
    ]
    assert line["file"] == str(FILMS / "hand.jpg")
    assert line["label"] == BODY_PARTS[line["class"]].english == "Hand"
    assert len(line["probabilities"]) == 22
    assert sum(line["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert line["confidence"] == max(line["probabilities"])
    assert line["band"] == band(line["confidence"]).value


def test_predict_folder_reads_all_below_and_reports_what_is_no_film(
    tmp_path: Path, capsys
) -> None:
    (tmp_path / "a").mkdir()
    for name in ("a/hand.jpg", "knee.jpg"):
        (tmp_path / name).write_bytes((FILMS / Path(name).name).read_bytes())
    (tmp_path / "notes.txt").write_text("no film")
    assert main(["predict", "--json", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    found = [json.loads(line) for line in captured.out.splitlines()]
    assert [Path(line["file"]).name for line in found] == [
        "knee.jpg",
        "notes.txt",
        "hand.jpg",
    ]
    assert list(found[1]) == ["file", "error"]
    assert captured.err == "1 of 3 files could not be read\n"


def test_predict_zip_is_read_whole_however_many_it_holds(
    tmp_path: Path, capsys, limits
) -> None:
    limits(upload_files=2, upload_bytes=9, zip_members=2)
    path = tmp_path / "films.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(4):
            packed.write(FILMS / "hand.jpg", f"{number}.jpg")
    assert main(["predict", "--json", str(path)]) == 0
    assert len(lines(capsys)) == 4


def test_predict_table_names_every_part_and_never_rounds_up_to_sure() -> None:
    probabilities = np.zeros(22, np.float32)
    probabilities[[9, 21]] = 0.996, 0.004
    said = explains(Prediction(probabilities, part_threshold=0.003), 30, 20)
    assert "Hand + Wrist" in (shown := row(Outcome("film.png", explanation=said)))
    assert "> 99 %" in shown


def test_predict_zip_names_every_member_once(tmp_path: Path, capsys) -> None:
    path = tmp_path / "films.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a/hand.jpg", "b/hand.jpg", "knee.jpg"):
            archive.write(FILMS / Path(name).name, name)
        archive.writestr("notes.txt", "no film")
    assert main(["predict", "--json", str(path)]) == 1
    found = lines(capsys)
    assert [line["file"].removeprefix(str(path)) for line in found] == [
        " / hand.jpg",
        " / hand.jpg (2)",
        " / knee.jpg",
        " / notes.txt",
    ]
    assert "error" in found[3]


def test_predict_table_shows_word_icon_and_file(tmp_path: Path, capsys) -> None:
    hostile = tmp_path / "a\x1b[31m\nb.jpg"
    hostile.write_bytes((FILMS / "hand.jpg").read_bytes())
    assert main(["predict", str(hostile), str(tmp_path / "none")]) == 1
    captured = capsys.readouterr()
    (line,) = captured.out.splitlines()
    assert "Hand" in line
    assert line.endswith("a\\x1b[31m\\nb.jpg")
    assert line[0] in "✓~!"
    assert "\x1b" not in captured.out + captured.err
    assert "none: Expected a file that can be opened" in captured.err


def test_predict_table_gives_a_rejected_picture_its_reason(
    tmp_path: Path, capsys
) -> None:
    blank = tmp_path / "blank.png"
    Image.new("L", (300, 200), 90).save(blank)
    assert main(["predict", str(blank)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "not judged" in line
    assert line.endswith(
        "blank.png: Blank exposure: the picture has hardly any contrast."
    )
    assert "%" not in line


def test_predict_heatmaps_are_written_at_the_size_of_the_picture(
    tmp_path: Path, capsys
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "hand.jpg").write_bytes((FILMS / "hand.jpg").read_bytes())
    maps = tmp_path / "maps"
    words = ["predict", "--json", str(tmp_path), "--heatmaps", str(maps)]
    for _ in range(2):  # the second time finds the first one's maps, and skips them
        assert main(words) == 0
        found = [line["heatmap"] for line in lines(capsys)]
        assert len(set(found)) == 2
        assert sorted(map(str, maps.iterdir())) == sorted(found)
    with Image.open(found[0]) as drawn, Image.open(FILMS / "hand.jpg") as film:
        assert drawn.size == film.size
        assert drawn.mode == "RGB"
        assert np.ptp(np.asarray(drawn), axis=-1).max() > 50  # there are colors


@pytest.mark.parametrize(
    ("one", "other"),
    [("a/x.png", "b/x.png"), ("x.png", "x.dcm"), ("a b.png", "a_b.png")],
)
def test_heatmap_name_two_files_never_share_one(one: str, other: str) -> None:
    assert heatmap_name(one) != heatmap_name(other)


@pytest.mark.parametrize("file", ["../../etc/passwd", "a/" + "x" * 250, "/", "ü\n.png"])
def test_heatmap_name_any_name_stays_in_the_folder(file: str) -> None:
    name = heatmap_name(file)
    assert Path(name).name == name
    assert len(os.fsencode(name)) < 255
    assert name.isprintable()


def test_predict_heatmap_that_no_png_can_hold_costs_only_itself(
    tmp_path: Path, capsys
) -> None:
    wide = make_png(1_000_001, 1, b"\0" + bytes(1_000_001))
    (tmp_path / "a.png").write_bytes(wide)
    (tmp_path / "b.jpg").write_bytes((FILMS / "hand.jpg").read_bytes())
    words = ["predict", str(tmp_path), "--heatmaps", str(tmp_path / "maps")]
    assert main([*words, "--json"]) == 1
    first, second = lines(capsys)
    assert first["error"].startswith("Expected at most 1,000,000 pixels a side")
    assert first["rejected"] == "rejected_small"
    assert Path(second["heatmap"]).is_file()
    assert main(words) == 1
    captured = capsys.readouterr()
    assert "a.png: Too small to tell" in captured.out
    assert "a.png: Expected at most 1,000,000 pixels a side" in captured.err


def test_predict_heatmaps_into_a_file_fails_with_a_reason(tmp_path, capsys) -> None:
    (tmp_path / "a").write_text("in the way")
    words = ["predict", str(FILMS / "hand.jpg"), "--heatmaps", str(tmp_path / "a")]
    assert main(words) == 1
    assert capsys.readouterr().err.startswith("error: Expected to write")


def test_predict_without_paths_is_wrong_usage(capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["predict"])
    assert caught.value.code == 2


def test_predict_interrupted_delivers_what_has_begun(tmp_path: Path) -> None:
    count = 2000
    films = tmp_path / "films"
    films.mkdir()
    for number in range(count):
        (films / f"{number:04}.jpg").symlink_to(FILMS / "hand.jpg")
    with (
        (tmp_path / "said").open("w+") as messages,
        subprocess.Popen(
            [sys.executable, "-m", "xray", "predict", "--json", str(films)],
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        printed = [process.stdout.readline()]
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: children too
        printed += process.stdout.readlines()
        process.wait(timeout=60)
    found = [json.loads(line) for line in printed]
    said = (tmp_path / "said").read_text()
    names = [Path(line["file"]).name for line in found]
    assert names == [f"{number:04}.jpg" for number in range(len(names))]
    assert 1 <= len(names) < count
    assert all("error" not in line for line in found)
    assert process.returncode == 1, said
    assert "stopping" in said
    assert "Traceback" not in said
