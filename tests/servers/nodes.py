"""Settings, films and senders for the tests of the node."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset

from tests.archives import film, radiograph
from tests.servers.waiting import wait_until

ROOT = Path(__file__).parents[2]


def small_films(
    folder: Path, count: int, names: Sequence[str] = ("hand", "foot", "knee", "chest")
) -> list[Path]:
    """Write small films as DICOM files, no two of them with one UID or one picture."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        pixels = film(names[number % len(names)])[::2, ::2].copy()
        pixels[0, 0] = number % 256
        pixels[0, 1] = number // 256
        dataset = radiograph(np.ascontiguousarray(pixels), InstanceNumber=number + 1)
        paths.append(folder / f"{number:05}.dcm")
        dataset.save_as(paths[-1], enforce_file_format=True)
    return paths


def settings(folder: Path, *more: str, **node: Any) -> Path:
    """Write a settings file; the node's spool lies beside it."""
    values = {
        "ae_title": "XRAY",
        "port": 0,
        "spool": "spool",
        "keep_free_gib": 0,
    } | node
    lines = ["[node]", *(f"{name} = {_toml(value)}" for name, value in values.items())]
    path = folder / "node.toml"
    path.write_text("\n".join([*lines, *more]) + "\n")
    return path


ANYBODY = '[[peer]]\nae_title = "*"\n'


def pacs(port: int, **more: Any) -> str:
    """Write the settings of a PACS as destination."""
    values = {
        "name": "pacs",
        "kind": "dicom",
        "host": "127.0.0.1",
        "port": port,
        "ae_title": "ORTHANC",
    } | more
    return "[[destination]]\n" + "".join(
        f"{name} = {_toml(value)}\n" for name, value in values.items()
    )


def rule(send: Sequence[str], to: Sequence[str], when: str = "") -> str:
    """Write the settings of a rule."""
    return (
        f'[[rule]]\nname = "{"-".join(to)}"\nsend = {_toml(list(send))}\n'
        f"to = {_toml(list(to))}\n" + (f"[rule.when]\n{when}\n" if when else "")
    )


def run_tool(name: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run one of DCMTK's programs."""
    return subprocess.run(
        [name, *map(str, words)], capture_output=True, text=True, check=False
    )


def send(
    port: int, paths: Iterable[Path], *words: object, title: str = "STORESCU"
) -> subprocess.CompletedProcess[str]:
    """Send films with DCMTK's storescu over one association."""
    who = ("-aet", title, "-aec", "XRAY")
    return run_tool("storescu", *who, *words, "127.0.0.1", port, *paths)


@contextmanager
def running(config: Path, real: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """Run a node as a process that listens; killed in the end, if it still runs.

    Args:
        config: Its settings; what it logs is added to `node.log` beside them.
        real: With the shipped network, not one that answers at once.
    """
    program = "xray" if real else "tests.servers.quick_classifier"
    # A file, not a pipe: nobody reads while it runs, and a full pipe stops it.
    log = log_of(config)
    begun = log.stat().st_size if log.exists() else 0
    with (
        log.open("ab") as file,
        subprocess.Popen(
            [sys.executable, "-m", program, "node", "--config", str(config)],
            stderr=file,
            cwd=config.parent,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as process,
    ):
        try:

            def listens() -> bool:
                said = log.read_bytes()[begun:]
                assert process.poll() is None, said.decode()
                return b"listening" in said

            wait_until(listens, 300)
            yield process
        finally:
            process.kill()


def log_of(config: Path) -> Path:
    """Where a node that runs in a test logs to."""
    return config.with_name("node.log")


def end(process: subprocess.Popen[bytes]) -> int:
    """Ask a node to stop, and wait: its exit status."""
    process.terminate()
    return process.wait(120)


def referred(report: Dataset) -> list[str]:
    """List the instances that a report is about."""
    return [
        str(instance.ReferencedSOPInstanceUID)
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str | Path) else str(value)
