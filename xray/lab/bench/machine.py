"""The machine that is measured, and how much memory processes take on it."""

import os
import platform
import subprocess
import threading
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from ...threads import count_cores

_PACKAGES = ("openvino", "numpy", "tensorflow", "onnxruntime", "tf-keras-vis")
_PAUSE = 0.02  # seconds between two checks at a process


def describe_machine() -> dict[str, object]:
    """Name the processor, the cores in use, the load and the versions."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": count_cores(),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "versions": versions,
    }


def own_memory() -> int:
    """Bytes of this process and those it started (Linux)."""
    return _tree_memory(os.getpid())


def peak_memory(command: Sequence[str]) -> int:
    """Run a command; the most bytes it and what it starts take together (Linux).

    Pages that processes share are counted once.

    Raises:
        CalledProcessError: The command fails.
    """
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, _tree_memory(process.pid))
            time.sleep(_PAUSE)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return peak


class PeakMemory:
    """Watches `own_memory` while its block runs."""

    def __enter__(self) -> "PeakMemory":
        self.bytes = own_memory()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_PAUSE):
            self.bytes = max(self.bytes, own_memory())


def _tree_memory(pid: int) -> int:
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += 1024 * int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").iterdir():
            children = (task / "children").read_text().split()
            total += sum(_tree_memory(int(child)) for child in children)
    except OSError:
        return total  # it ended while we looked
    return total


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    names = {key.strip(): value.strip() for key, value in facts.items()}
    name = names.get("model name", platform.processor())
    flags = names.get("flags", "").split()
    known = [
        flag
        for flag in ("avx2", "avx512f", "avx512_vnni", "amx_bf16", "amx_int8")
        if flag in flags
    ]
    return f"{name} ({', '.join(known)})" if known else name
