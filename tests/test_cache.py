"""What a start keeps of the compiled network for the next one."""

import hashlib
import os
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from xray.network.openvino import cache
from xray.network.openvino.cache import compile_once, digest

OPTIONS = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
PICTURE = np.linspace(-1, 1, 16, dtype=np.float32).reshape(1, 1, 4, 4)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "xray"


class Builder:
    """Builds a network that multiplies, and counts how often."""

    def __init__(self, factor: float = 3) -> None:
        self.factor = factor
        self.times = 0

    def __call__(self) -> ov.Model:
        self.times += 1
        picture = op.parameter([1, 1, 4, 4], np.float32)
        product = op.multiply(picture, op.constant(np.float32(self.factor)))
        return ov.Model([op.result(product)], [picture], "product")


def answer(build: Builder, weights: str = "w", **options: str) -> np.ndarray:
    compiled = compile_once(ov.Core(), build, {**OPTIONS, **options}, weights)
    return np.array(compiled([PICTURE])[0])


def test_second_start_opens_what_the_first_kept(folder: Path) -> None:
    build = Builder()
    first = answer(build)
    assert np.array_equal(answer(build), first)
    assert np.array_equal(answer(build, PERFORMANCE_HINT="THROUGHPUT"), first)
    assert build.times == 1
    assert folder.stat().st_mode & 0o077 == 0  # nobody else's business


def test_other_weights_or_precision_are_made_anew(folder: Path) -> None:
    build = Builder()
    answer(build)
    assert np.allclose(answer(Builder(5), "other"), PICTURE * 5)
    answer(build, INFERENCE_PRECISION_HINT="bf16")
    assert build.times == 2
    assert len([*folder.iterdir()]) == 3


def test_changed_code_is_made_anew(folder: Path, monkeypatch) -> None:
    build = Builder()
    answer(build)
    monkeypatch.setattr(cache, "code_digest", lambda: "later")
    answer(build)
    assert build.times == 2


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "foreign"])
def test_damaged_network_is_made_anew_and_kept_again(folder: Path, damage: str) -> None:
    build = Builder()
    expected = answer(build)
    (path,) = folder.iterdir()
    data = path.read_bytes()
    middle = len(data) // 2
    foreign = b"no network"
    path.write_bytes(
        {
            "cut": data[:middle],
            "changed": data[:middle] + b"?" + data[middle + 1 :],
            "empty": b"",
            # Whole, but nothing that OpenVINO could open.
            "foreign": hashlib.sha256(foreign).digest() + foreign,
        }[damage]
    )
    assert np.array_equal(answer(build), expected)
    assert build.times == 2
    assert np.array_equal(answer(build), expected)
    assert build.times == 2


def test_folder_that_cannot_be_written_costs_only_time(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    build = Builder()
    assert np.allclose(answer(build), PICTURE * 3)
    assert np.allclose(answer(build), PICTURE * 3)
    assert build.times == 2


def test_long_unused_networks_go(folder: Path) -> None:
    build = Builder()
    for number in range(4):
        answer(build, str(number))
    for age, path in enumerate(sorted(folder.iterdir(), key=os.path.getmtime)):
        os.utime(path, (age, age))
    answer(build, "0")  # the oldest, used again
    answer(build, "4")
    built = build.times
    answer(build, "0")
    assert build.times == built
    answer(build, "1")
    assert build.times == built + 1
    assert len([*folder.iterdir()]) == 4


def test_digest_tells_weights_apart() -> None:
    zeros, ones = (np.full((2, 3), each, np.float32) for each in (0, 1))
    weights = {"a": zeros, "b": ones}
    assert digest(weights) == digest({"b": ones, "a": zeros})
    others = [
        {"a": ones, "b": ones},
        {"a": zeros, "c": ones},
        {"a": zeros.reshape(3, 2), "b": ones},
        {"a": zeros},
    ]
    assert len({digest(weights), *map(digest, others)}) == 5
    assert digest(weights, weights) != digest(weights)
