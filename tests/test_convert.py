"""Conversion to PNG: values, sizes, structure, names, failures."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from tests.dicom_files import make_dicom, phantom
from xray.commands import convert as command
from xray.errors import ImageError
from xray.reading.convert import convert_all, plan, to_png
from xray.reading.reader import read_radiograph


def read_png(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(("bits", "kind"), [(8, np.uint8), (16, np.uint16)])
def test_to_png_every_level_survives(bits, kind) -> None:
    @given(arrays.arrays(kind, (3, 5)))
    def check(levels: np.ndarray) -> None:
        pixels = levels.astype(np.float32) / np.float32(np.iinfo(kind).max)
        assert np.array_equal(read_png(to_png(pixels, bits)), levels)

    check()


@given(
    st.integers(1, 60), st.integers(1, 60), st.integers(1, 80), st.sampled_from((8, 16))
)
def test_to_png_size_bounds_the_longer_side_and_never_enlarges(
    height, width, size, bits
) -> None:
    shape = read_png(to_png(np.ones((height, width), np.float32), bits, size)).shape
    assert max(shape) == min(size, max(height, width))
    assert min(shape) >= 1


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with films in sub-folders, odd names, and one that is no film."""
    folder = tmp_path / "in"
    film = make_dicom(phantom())
    for name in ("hand.dcm", "hand.DCM", "1.2.840.113", "a/b/hand.dcm", "hand"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(film)
    (folder / "a" / "notes.txt").write_text("no film")
    return folder


def run(*words: object) -> int:
    """Run the command as the command line does."""
    import argparse

    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["convert", *map(str, words)])
    return int(arguments.run(arguments))


def test_convert_folder_keeps_structure_and_gives_every_film_its_own_name(
    archive: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "out"
    assert run(archive, out) == 1
    made = sorted(str(path.relative_to(out)) for path in out.rglob("*.png"))
    assert made == [
        "1.2.840.113.png",
        "a/b/hand.png",
        "hand-2.png",
        "hand-3.png",
        "hand.png",
    ]
    said = capsys.readouterr().err
    assert f"error: {archive / 'a' / 'notes.txt'}: Expected a DICOM" in said
    assert "1 of 6 files could not be converted" in said


def test_convert_one_file_to_a_named_png_shows_what_the_classifier_sees(
    archive: Path, tmp_path: Path
) -> None:
    target = tmp_path / "one.png"
    assert run(archive / "hand.dcm", target, "--bits", 16) == 0
    seen = read_radiograph((archive / "hand.dcm").read_bytes()).pixels
    assert np.allclose(read_png(target.read_bytes()) / 65535, seen, atol=1e-5)


def test_convert_into_a_folder_below_the_input_does_not_convert_its_own_results(
    archive: Path,
) -> None:
    out = archive / "png"
    assert [len(list(plan(archive, out))) for _ in range(2)] == [6, 6]
    list(convert_all(plan(archive, out)))
    assert len(list(plan(archive, out))) == 6


def test_convert_onto_itself_is_wrong_usage(archive: Path, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        run(archive, archive)
    assert caught.value.code == 2
    assert "OUT to differ from IN" in capsys.readouterr().err


def test_convert_missing_file_fails_and_is_named(tmp_path: Path, capsys) -> None:
    assert run(tmp_path / "none.dcm", tmp_path / "out") == 1
    assert "none.dcm: Expected a file that can be opened" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--bits", "12"], ["--size", "0"], ["--size", "x"]])
def test_convert_impossible_option_is_wrong_usage(words, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        run(tmp_path, tmp_path / "out", *words)
    assert caught.value.code == 2


@pytest.mark.parametrize("out", [".", "hand.png"])
def test_convert_never_writes_over_its_source(out, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = to_png(phantom().astype(np.float32) / np.float32(phantom().max()))
    Path("hand.png").write_bytes(before)
    if out == "hand.png":
        with pytest.raises(SystemExit):
            run("hand.png", out)
    else:
        assert run("hand.png", out) == 1
    assert Path("hand.png").read_bytes() == before


def test_convert_to_a_folder_above_is_wrong_usage(archive: Path) -> None:
    with pytest.raises(SystemExit) as raised:
        run(archive / "a", archive)
    assert raised.value.code == 2


def test_to_png_too_wide_is_a_typed_error() -> None:
    with pytest.raises(ImageError) as raised:
        to_png(np.zeros((1, 1_000_001), np.float32))
    assert raised.value.key == "side_too_long"
    assert read_png(to_png(np.zeros((1, 1_000_001), np.float32), size=100)).shape[1]


def test_convert_link_in_a_circle_costs_only_itself(archive: Path, capsys) -> None:
    (archive / "circle.png").symlink_to(archive / "circle.png")
    out = archive.parent / "out"
    assert run(archive, out) == 1
    assert "circle.png: Expected a file that can be opened" in capsys.readouterr().err
    assert (out / "a" / "b" / "hand.png").is_file()
    assert run(archive / "circle.png", out) == 1


def test_convert_names_of_any_length_give_pictures_of_their_own(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("x" * 251 + ".dcm", "x" * 255, "x" * 254):
        (tmp_path / "in" / name).write_bytes(make_dicom(phantom()))
    assert run(tmp_path / "in", tmp_path / "out") == 0
    assert len(list((tmp_path / "out").glob("*.png"))) == 3


def test_empty_folder_is_said(tmp_path: Path, capsys) -> None:
    (tmp_path / "in").mkdir()
    assert run(tmp_path / "in", tmp_path / "out") == 0
    assert "no file found" in capsys.readouterr().err
