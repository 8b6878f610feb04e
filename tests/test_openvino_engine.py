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

from xray.network.openvino.compiled import CompiledModel, CompiledModels

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
    """Notes what is compiled, the batch of each run, and whether two ran together."""

    def __init__(self) -> None:
        self.compiled: list[str] = []
        self.runs: list[int] = []
        self.together = False
        self._running = threading.Semaphore(1)

    def Core(self) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(
            get_property=lambda device, name: ["FP32"], compile_model=self.compile
        )

    def get_version(self) -> str:
        return "fake"

    def compile(self, model, device, options: dict[str, str]) -> SimpleNamespace:
        time.sleep(0.02)
        self.compiled.append(options["PERFORMANCE_HINT"])
        return SimpleNamespace(
            create_infer_request=lambda: SimpleNamespace(infer=self.infer),
            export_model=self.refuse,
        )

    def refuse(self) -> None:
        raise RuntimeError("nothing to keep")

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
    return found


def models() -> CompiledModels:
    build: Any = lambda: None  # noqa: E731
    return CompiledModels(build, 256, exact=False, weights="fake")


def test_models_compiled_at_once_run_first_one_after_the_other(fake) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(
            pool.map(
                lambda _: CompiledModel(lambda: None, 256, "LATENCY"), range(THREADS)
            )
        )
    assert fake.runs == [1] * THREADS  # once each, before it is handed out
    assert not fake.together


def test_second_hint_is_warmed_up_too(fake) -> None:
    made = models()
    made.when(busy=False)
    assert fake.runs == [1]
    squares = np.zeros((2, 1, 256, 256), np.float32)
    found = made.when(busy=True).run(squares, (0,))[0]
    assert fake.runs == [1, 1, 1, 1]  # one picture at a time
    assert found.shape == (2, 8, 8, 1856)


def test_model_is_compiled_once_for_each_use_however_many_ask(fake) -> None:
    made = models()
    with ThreadPoolExecutor(THREADS) as pool:
        alone = set(pool.map(lambda _: made.when(busy=False), range(THREADS)))
        many = list(pool.map(lambda n: made.when(busy=n > 1), range(THREADS)))
    assert len(alone) == 1
    assert fake.compiled == ["LATENCY", "THROUGHPUT"]
    assert not alone & set(many[2:])
    assert {*many[2:], made.when(busy=False)} == {many[-1]}  # both would cost memory
