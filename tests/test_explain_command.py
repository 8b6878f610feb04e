"""`xray explain`: what it writes and says."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.archives import FILMS
from tests.hostile_files import make_png
from tests.servers.quick_classifier import QuickClassifier
from xray.cli import main
from xray.messages import MESSAGES
from xray.reading.reader import read_radiograph


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, loaded) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explain(*words: str) -> int:
    return main(["explain", str(FILMS / "knee.jpg"), *words])


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_explain_writes_the_picture_at_its_size_with_a_caption(folder, capsys) -> None:
    assert explain() == 0
    film = read_radiograph((FILMS / "knee.jpg").read_bytes()).pixels
    height, width = film.shape
    shown = opened(folder / "knee-explained.png")
    assert shown.shape[0] > height
    assert shown.shape[1] == max(width, 240)
    out, _ = capsys.readouterr()
    assert out.startswith("Knee  ")
    assert "wrote knee-explained.png" in out


def test_explain_out_and_gif_write_both(folder, capsys) -> None:
    assert explain("--out", "a.jpg", "--gif", "b.gif") == 0
    assert {path.name for path in folder.iterdir()} == {"a.jpg", "b.gif"}
    assert (folder / "a.jpg").read_bytes().startswith(b"\xff\xd8")
    with Image.open(folder / "b.gif") as gif:
        assert len(list(ImageSequence.Iterator(gif))) > 8
    assert capsys.readouterr().out.count("wrote") == 2


def test_explain_contours_are_gray_and_palettes_differ(folder) -> None:
    assert explain("--out", "lines.png", "--contours") == 0
    height = read_radiograph((FILMS / "knee.jpg").read_bytes()).pixels.shape[0]
    assert np.ptp(opened(folder / "lines.png")[:height], axis=-1).max() == 0
    for palette in ("inferno", "cividis"):
        assert explain("--out", f"{palette}.png", "--palette", palette) == 0
    first, second = opened(folder / "inferno.png"), opened(folder / "cividis.png")
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("word", ["Hand", "mano", "HAND", "9"])
def test_explain_label_takes_names_terms_and_numbers(folder, capsys, word) -> None:
    assert explain("--label", word, "--out", "a.png") == 0
    assert capsys.readouterr().out.startswith("Hand  ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--label", "nose"], "received 'nose'"),
        (["--label", ""], "received ''"),
        (["--out", "a.bmp"], r"ending in .png, .jpg or .jpeg"),
        (["--palette", "jet"], "invalid choice"),
    ],
)
def test_explain_wrong_words_are_usage_errors(capsys, words, message) -> None:
    with pytest.raises(SystemExit) as stopped:
        explain(*words)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["film.png", "--out", "film.png"],
        ["film.png", "--gif", "sub/../film.png"],
        ["film.png", "--out", "link.png"],
        ["film.png", "--out", "new.png", "--gif", "sub/../new.png"],
    ],
)
def test_explain_never_writes_over_its_film_or_itself(folder, words) -> None:
    (folder / "sub").mkdir()
    before = (FILMS / "knee.jpg").read_bytes()
    (folder / "film.png").write_bytes(before)
    (folder / "link.png").symlink_to("film.png")
    with pytest.raises(SystemExit) as stopped:
        main(["explain", *words])
    assert stopped.value.code == 2
    assert (folder / "film.png").read_bytes() == before
    assert not (folder / "new.png").exists()


def test_explain_unreadable_file_is_an_error(folder, capsys) -> None:
    assert main(["explain", "missing.dcm"]) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert list(folder.iterdir()) == []


def test_explain_strip_of_pixels_is_not_dwarfed_by_its_caption(folder, capsys) -> None:
    strip = make_png(70_000, 4, (b"\0" + bytes(range(250)) * 280) * 4)
    (folder / "strip.png").write_bytes(strip)
    assert main(["explain", "strip.png", "--out", "a.png", "--gif", "a.gif"]) == 0
    assert opened(folder / "a.png").shape == (4, 70_000, 3)
    assert main(["explain", "strip.png", "--out", "a.jpg"]) == 1
    assert "65,500 pixels a side, as JPEG files" in capsys.readouterr().err


class Silent(QuickClassifier):
    """Sees a hand that nothing in the picture speaks for."""

    def explain_all(self, images: Sequence[Any], *_: Any, **__: Any):
        (found,) = super().explain_all(images)
        return [replace(found, maps={9: np.zeros((8, 8), np.float32)})]


def test_explain_says_that_a_map_is_empty(folder, capsys, load) -> None:
    load(Silent())
    assert explain("--out", "a.png") == 0
    assert MESSAGES["map_empty"].english in capsys.readouterr().err


def test_explain_says_that_a_color_picture_is_not_judged(folder, capsys) -> None:
    rows, columns = np.mgrid[0:255:120j, 0:255:160j]
    photograph = np.stack([rows, columns, 255 - columns], axis=-1).astype(np.uint8)
    Image.fromarray(photograph).save(folder / "cat.png")
    assert main(["explain", str(folder / "cat.png")]) == 0
    assert "not judged" in (said := capsys.readouterr().err)
    assert "it is a color picture" in said
