"""Files on disk: what a walk finds, what reading and writing refuse."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.errors import ImageError
from xray.limits import LIMITS
from xray.reading.files import fitting_name, make_folder, read_file, walk, write_file


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_walk_folder_finds_every_file_below_it_once_and_in_order(
    tmp_path: Path,
) -> None:
    expected = [tmp_path / name for name in ("b.png", "z.dcm", "a/1.png", "a/c/2")]
    touch(*expected)
    assert list(walk([tmp_path])) == expected


def test_walk_hidden_files_and_result_folder_are_left_out(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    touch(tmp_path / "a.png", tmp_path / ".hidden", tmp_path / ".git/x", maps / "m.png")
    assert list(walk([tmp_path], without=maps)) == [tmp_path / "a.png"]


def test_walk_link_in_a_circle_ends(tmp_path: Path) -> None:
    touch(tmp_path / "a.png")
    (tmp_path / "circle").symlink_to(tmp_path, target_is_directory=True)
    assert list(walk([tmp_path])) == [tmp_path / "a.png"]


def test_walk_result_folder_that_is_a_link_in_a_circle(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "x")
    (tmp_path / "out").symlink_to("out")
    assert list(walk([tmp_path / "a"], without=tmp_path / "out"))


def test_walk_missing_path_is_passed_on(tmp_path: Path) -> None:
    assert list(walk([tmp_path / "none"])) == [tmp_path / "none"]


def test_read_file_missing_file_names_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="No such file") as caught:
        read_file(tmp_path / "none")
    assert "abrir" in caught.value.text("es")


def test_read_file_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="regular file"):
        read_file(tmp_path)


def test_read_file_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ImageError, match="regular file"):
        read_file(tmp_path / "pipe")


def test_read_file_too_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(LIMITS.file_bytes + 1)
    with pytest.raises(ImageError, match=f"{LIMITS.file_bytes + 1:,} bytes"):
        read_file(path)


def test_write_file_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"first")
    write_file(tmp_path / "a", b"second")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"second"


@pytest.mark.parametrize("name", ["x" * 255, "\N{CJK UNIFIED IDEOGRAPH-6F22}" * 85])
def test_write_file_takes_names_as_long_as_a_disk_does(name: str, tmp_path) -> None:
    write_file(tmp_path / name, b"data")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_write_file_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()  # in the way of the renamed file
    with pytest.raises(ImageError, match="Expected to write"):
        write_file(tmp_path / "a", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@given(st.text(max_size=300), st.sampled_from([".png", "-12.png"]))
def test_fitting_name_fits_and_keeps_its_ending(stem: str, ending: str) -> None:
    stem = stem.encode(errors="replace").decode()  # no lone surrogates
    name = fitting_name(stem, ending)
    assert len(os.fsencode(name)) <= 255
    assert name.endswith(ending)
    assert stem.startswith(name.removesuffix(ending))


def test_write_file_without_its_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="another folder"):
        write_file(tmp_path / "none" / "a", b"")


def test_make_folder_where_a_file_is_says_so(tmp_path: Path) -> None:
    touch(tmp_path / "a")
    with pytest.raises(ImageError, match="File exists"):
        make_folder(tmp_path / "a")
