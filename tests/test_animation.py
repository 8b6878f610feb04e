"""The GIF: its frames, its caption, its size; its maps layer by layer."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import numpy as np
import pytest
from PIL import Image, ImageSequence

from xray.classify.trust.pose import POSES
from xray.explanation import animation
from xray.explanation.animation import LARGEST, LAYERS, SIDE, animate, attention
from xray.labels import BODY_PARTS
from xray.network.densenet.architecture import EXPLAINED_LAYER
from xray.reading.reader import read_radiograph


@pytest.fixture(scope="module")
def knee(films) -> np.ndarray:
    return read_radiograph(films["knee"]).pixels


@pytest.fixture(scope="module")
def gif(classifier, knee) -> bytes:
    return animate(classifier, knee)


def frames(gif: bytes) -> list[np.ndarray]:
    shown = ImageSequence.Iterator(Image.open(io.BytesIO(gif)))
    return [np.asarray(each.convert("RGB")) for each in shown]


def bar(frame: np.ndarray) -> float:
    """Share of the progress bar that is full."""
    row = frame[-13].astype(int)
    full = (row[:, 0] - row[:, 2]) > 100
    return float(full.sum() / (len(row) - 24))


def test_gif_loops_and_is_small(gif) -> None:
    image = Image.open(io.BytesIO(gif))
    assert image.format == "GIF"
    assert image.info["loop"] == 0
    assert len(gif) <= LARGEST
    assert max(image.size) >= SIDE


def test_gif_begins_with_the_result_and_then_goes_through_the_layers(gif) -> None:
    shown = frames(gif)
    assert len(shown) > 3 * len(LAYERS)
    assert bar(shown[0]) > 0.97
    progress = [bar(each) for each in shown[1:]]
    assert progress == sorted(progress)
    assert progress[0] < 0.05
    assert len(set(progress)) == len(progress)


def test_gif_captions_change_with_the_layer(gif) -> None:
    strips = {each[-54:-20].tobytes() for each in frames(gif)}
    assert len(strips) == len(LAYERS)


def test_gif_first_frame_shows_the_film_in_gray_and_a_map(gif, knee) -> None:
    first = frames(gif)[0]
    drawn = first[:-54].astype(int)
    gray = np.ptp(drawn, axis=-1) < 16
    assert 0.3 < gray.mean() < 0.999


def test_gif_names_the_part_in_the_language(classifier, knee, gif) -> None:
    label = classifier.predict([knee])[0].label
    english = animate(classifier, knee, label)
    assert english == gif
    spanish = animate(classifier, knee, label, "es")
    part = BODY_PARTS[label]
    assert part.english != part.spanish
    same = [a[:-54] for a in frames(spanish)], [a[:-54] for a in frames(gif)]
    assert all(np.array_equal(a, b) for a, b in zip(*same, strict=True))
    assert not np.array_equal(frames(spanish)[0], frames(gif)[0])


@pytest.mark.parametrize("shape", [(700, 40), (40, 700), (5, 5)])
def test_gif_of_an_odd_film_still_has_its_caption(classifier, shape) -> None:
    film = np.random.default_rng(0).random(shape, np.float32)
    found = animate(classifier, film)
    assert len(found) <= LARGEST
    assert bar(frames(found)[0]) > 0.97


def test_attention_ends_with_the_map_the_classifier_shows(classifier, knee) -> None:
    explanation = classifier.explain(knee)
    label = explanation.prediction.label
    maps = attention(classifier, knee, label)
    assert tuple(maps) == LAYERS
    assert np.abs(maps[EXPLAINED_LAYER] - explanation.maps[label]).max() < 0.1


def test_attention_of_a_turned_film_turns_with_it(classifier, knee) -> None:
    turned = np.ascontiguousarray(np.rot90(knee))
    expected = attention(classifier, knee, 11)[EXPLAINED_LAYER]
    found = attention(classifier, turned, 11, POSES[1])[EXPLAINED_LAYER]
    assert np.abs(np.rot90(found, -1) - expected).max() < 0.2


def test_attention_grids_get_coarser(classifier, knee) -> None:
    maps = attention(classifier, knee, 9)
    sides = [each.shape[0] for each in maps.values()]
    assert sides == sorted(sides, reverse=True)
    assert (sides[0], sides[-1]) == (64, 8)
    for each in maps.values():
        assert each.min() >= 0
        assert each.max() == pytest.approx(1) or not each.any()


def test_gifs_of_two_tabs_build_their_network_once(monkeypatch, tmp_path) -> None:
    weights = tmp_path / "any.npz"
    built: list[Path] = []
    both = Barrier(2)

    def read(path: Path) -> Path:
        built.append(path)
        with suppress(BrokenBarrierError):  # else another tab is building it too
            both.wait(0.2)
        return path

    monkeypatch.setattr(animation, "read_weights", read)
    monkeypatch.setattr(animation, "OpenVinoEngine", lambda *_: object())
    monkeypatch.setattr(animation, "Tail", lambda *_: object())
    with ThreadPoolExecutor(2) as tabs:
        first, second = tabs.map(animation._network, [weights] * 2)
    assert first is second
    assert built == [weights]
