"""OpenVINO's first run: alone, before an engine is handed to threads."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from xray.network.densenet import trunk
from xray.network.openvino.compiled import CompiledModel, CompiledModels
from xray.network.openvino.engine import OpenVinoEngine

THREADS = 8
SECONDS = 240  # compiling takes some; a deadlock takes forever

# In a process of its own: OpenVINO initializes itself once in a process, and threads
# that wait for each other for good would take the other tests with them.
SHARED = f"""
import sys, threading
import numpy as np
from xray.network.openvino.engine import OpenVinoEngine
from xray.network.weights import DEFAULT_WEIGHTS, read_weights

engine = OpenVinoEngine(read_weights(DEFAULT_WEIGHTS))
square = np.random.default_rng(0).random((1, 256, 256), np.float32)
start = threading.Barrier({THREADS})
found = []

def ask():
    start.wait()
    output = engine.forward(square, busy=sys.argv[1] == "busy")
    found.append(output.features.shape == (1, 1920))

threads = [threading.Thread(target=ask) for _ in range({THREADS})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(found))
"""


@pytest.mark.parametrize("mode", ["soon", "busy"])
def test_fresh_engine_answers_many_threads_at_once(mode) -> None:
    command = [sys.executable, "-c", SHARED, mode]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    assert done.stdout.split()[-1] == str(THREADS)


class FakeOpenVino:
    """Notes the batch of each run, and whether two ran together."""

    def __init__(self) -> None:
        self.runs: list[int] = []
        self.together = False
        self._running = threading.Semaphore(1)

    def Core(self) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(
            get_property=lambda device, name: ["FP32"],
            compile_model=lambda model, device, options: SimpleNamespace(
                create_infer_request=lambda: SimpleNamespace(infer=self.infer)
            ),
        )

    def infer(self, inputs: list[np.ndarray], **options: bool) -> list[np.ndarray]:
        alone = self._running.acquire(blocking=False)
        self.together |= not alone
        self.runs.append(len(inputs[0]))
        time.sleep(0.01)
        if alone:
            self._running.release()
        return [np.zeros((1, 8, 8, 1856), np.float32)]


@pytest.fixture
def fake(monkeypatch) -> FakeOpenVino:
    found = FakeOpenVino()
    monkeypatch.setitem(sys.modules, "openvino", found)
    monkeypatch.setattr("xray.network.openvino.compiled.compile_once", _compile_anew)
    return found


def _compile_anew(core, build, options, _weights) -> SimpleNamespace:
    return core.compile_model(build(), "CPU", options)


def test_model_has_run_once_before_it_is_handed_out(fake) -> None:
    CompiledModel(lambda: None, 256, "LATENCY")
    assert fake.runs == [1]


def test_models_compiled_at_once_run_first_one_after_the_other(fake) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(
            pool.map(
                lambda _: CompiledModel(lambda: None, 256, "LATENCY"), range(THREADS)
            )
        )
    assert fake.runs == [1] * THREADS
    assert not fake.together


def test_second_hint_is_warmed_up_too(fake, monkeypatch) -> None:
    monkeypatch.setattr(trunk, "build_trunk", lambda weights, layer: None)
    engine = OpenVinoEngine({}, "conv2_block6_concat")
    assert fake.runs == [1]
    found = engine.activations(np.zeros((2, 256, 256), np.float32), busy=True)
    assert fake.runs == [1, 1, 1, 1]  # one picture at a time
    assert found.shape == (2, 8, 8, 1856)


def test_model_is_compiled_once_for_each_use_however_many_ask(monkeypatch) -> None:
    made = []

    def compile_slowly(_build, _size, hint, _exact, _weights) -> str:
        time.sleep(0.05)
        made.append(hint)
        return hint

    monkeypatch.setattr("xray.network.openvino.compiled.CompiledModel", compile_slowly)
    models: Any = CompiledModels(lambda: None, 256, exact=False, weights="")
    with ThreadPoolExecutor(THREADS) as pool:
        alone = list(pool.map(lambda _: models.when(busy=False), range(THREADS)))
        many = list(pool.map(lambda n: models.when(busy=n > 1), range(THREADS)))
    assert set(alone) == {"LATENCY"}
    assert set(many[2:]) == {"THROUGHPUT"}
    assert made == ["LATENCY", "THROUGHPUT"]
    assert models.when(busy=False) == "THROUGHPUT"  # both would cost memory
