"""The benchmark's machinery: turns, memory, rows; never a time limit."""

import json
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.archives import FILMS
from xray.cli import main
from xray.lab.bench import costs as bench_costs
from xray.lab.bench import figures as bench
from xray.lab.bench import speed as bench_speed
from xray.lab.bench.dicom import HEIGHT, WIDTH, big_dicom
from xray.lab.bench.machine import PeakMemory, describe_machine, peak_memory
from xray.lab.bench.turns import take_turns
from xray.reading.reader import read_radiograph


def test_take_turns_runs_contenders_alternately_after_one_warm_up() -> None:
    calls: list[str] = []
    found = take_turns({n: partial(calls.append, n) for n in ("a", "b")}, turns=3)
    assert calls == ["a", "b"] * 4
    assert set(found) == {"a", "b"}
    assert all(seconds >= 0 for seconds in found.values())


def test_peak_memory_counts_what_a_command_and_its_children_take() -> None:
    hold = "import time; held = b'x' * 80_000_000; time.sleep(0.3)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    assert 80e6 < peak_memory([sys.executable, "-c", code]) < 200e6


def test_peak_memory_command_that_fails_is_an_error() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        peak_memory([sys.executable, "-c", "raise SystemExit(3)"])


def test_peak_memory_of_a_block_sees_what_is_freed_within() -> None:
    with PeakMemory() as peak:
        before = peak.bytes
        held = np.ones(200_000_000, np.uint8)  # too large to reuse freed memory
        time.sleep(0.3)
        del held
    assert peak.bytes >= before + 150e6


def test_big_dicom_is_read_inverted_at_its_size() -> None:
    pixels = read_radiograph(big_dicom()).pixels
    assert pixels.shape == (HEIGHT, WIDTH)
    assert pixels[:100].mean() > 0.9
    assert pixels[-100:].mean() < 0.1


def test_describe_machine_names_processor_cores_and_versions() -> None:
    machine: dict[str, Any] = describe_machine()
    assert machine["processor"]
    assert machine["cores"] >= 1
    assert {"python", "openvino", "numpy"} <= set(machine["versions"])


def test_bench_prints_and_saves_every_row_and_leaves_out_missing_rivals(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    def missing(weights: object) -> None:
        raise ImportError

    speed: dict[str, Any] = {
        "MANY": 4,
        "BARE": 8,
        "SESSION": 2,
        "SESSIONS": 2,
        "FEW_TURNS": 1,
    }
    speed |= {"keras_vis": missing, "onnx_runtime": missing}
    costs: dict[str, Any] = {
        "TURNS": 1,
        "FEW_TURNS": 1,
        "FEW_FILES": 4,
        "MANY_FILES": 8,
    }
    costs |= {
        "_run": lambda *words: None,
        "peak_memory": lambda command: 300e6,
    }
    changes = (
        (bench, {"FOLDER": 12, "UNKNOWN": 6}),
        (bench_speed, speed),
        (bench_costs, costs),
    )
    for module, values in changes:
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)
    out = tmp_path / "bench.json"
    assert main(["bench", "--films", str(FILMS), "--out", str(out)]) == 0
    saved = json.loads(out.read_text())
    rows = {row["what"]: row for row in saved["rows"]}
    assert len(rows) == len(saved["rows"]) == 15
    left_out = [row for row in saved["rows"] if row["value"] is None]
    assert len(left_out) == 3
    assert all("is not installed" in row["details"]["left out"] for row in left_out)
    assert all(row["value"] is not None or row["met"] is None for row in saved["rows"])
    printed = capsys.readouterr().out
    assert all(what in printed for what in rows)
    words = ["bench", "--films", str(FILMS), "--out", str(out), "--only", "dicom"]
    assert main(words) == 0
    alone = [row["what"] for row in json.loads(out.read_text())["rows"]]
    assert alone == [what for what in rows if what in alone]
    assert len(alone) == 2


def test_bench_folder_without_radiographs_says_so(tmp_path: Path, capsys) -> None:
    assert main(["bench", "--films", str(tmp_path)]) == 1
    assert "Expected radiographs" in capsys.readouterr().err
