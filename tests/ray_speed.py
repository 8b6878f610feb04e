"""Films a second of a plan on Ray actors, against the executor of one machine.

    python -m tests.ray_speed FILMS [--films 300] [--turns 3]

Machines of one core are stood in for by nodes that are pinned to one each. All take
turns, so that other work on this machine slows each of them; loading is left out.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from xray.audit.archive import open_archive
from xray.audit.compare import Classify, Options
from xray.audit.home import Home
from xray.audit.local_executor import run_here
from xray.audit.plan import make_plan
from xray.audit.ray_executor import run_on_ray
from xray.commands.audit import load_classify
from xray.network.card import read_card
from xray.network.weights import DEFAULT_WEIGHTS

CHUNK = 20  # films
_ALL = os.sched_getaffinity(0)
_TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "t" * 64}
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "180"}


class Rate:
    """Counts films from the end of the first chunk on."""

    def __init__(self) -> None:
        self._times: list[float] = []

    def note(self, films: int = 1) -> None:
        """Note that films are done."""
        self._times += [time.perf_counter()] * films

    @property
    def films_a_second(self) -> float:
        """Of all but the first chunk, in which networks are loaded."""
        counted = self._times[CHUNK:]
        return len(counted) / (counted[-1] - self._times[CHUNK - 1])


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """Let what is started within have these cores."""
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, _ALL)


def here(out: Path, chunks: int, load: Callable[[], Classify], cores: int) -> float:
    """Make all chunks on this machine, as if it had so many cores."""
    rate = Rate()
    with pinned(set(sorted(_ALL)[:cores])):
        assert not run_here(out, range(chunks), load, rate.note)
    return rate.films_a_second


def on_ray(out: Path, chunks: int, load: Callable[[], Classify], nodes: int) -> float:
    """Make all chunks on so many nodes of one core."""
    from ray.cluster_utils import Cluster

    rate, cluster = Rate(), Cluster()
    for core in sorted(_ALL)[:nodes]:
        with pinned({core}):
            cluster.add_node(
                num_cpus=1, include_dashboard=False, object_store_memory=80 * 2**20
            )
    assert not run_on_ray(out, range(chunks), load, cluster.address, rate.note)
    cluster.shutdown()
    return rate.films_a_second


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--films", type=int, default=300)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    os.environ |= _TOKEN | _QUIET
    model = read_card(DEFAULT_WEIGHTS).version
    load = partial(load_classify, model, False, False)
    with tempfile.TemporaryDirectory() as folder:
        films = Path(folder, "films")
        films.mkdir()
        for path in sorted(arguments.folder.rglob("*.*"))[: arguments.films]:
            (films / path.name).symlink_to(path)
        out = Path(folder, "report")
        listed = open_archive(str(films)).walk()
        plan = make_plan(listed, Home(out), Options(str(films), model), CHUNK)
        contenders = {
            "here, 1 core": partial(here, cores=1),
            "1 Ray actor": partial(on_ray, nodes=1),
            "here, 2 cores": partial(here, cores=2),
            "2 Ray actors": partial(on_ray, nodes=2),
        }
        found: dict[str, list[float]] = {name: [] for name in contenders}
        for turn in range(arguments.turns):
            for name, measure in contenders.items():
                # Of its own: chunks that are done are not made again.
                place = Path(folder, f"{turn} {name}")
                shutil.copytree(out, place)
                found[name].append(measure(place, plan.chunks, load))
                sys.stdout.write(f"{name:14} {found[name][-1]:6.1f} films/s\n")
                sys.stdout.flush()
    middle = {name: statistics.median(each) for name, each in found.items()}
    for one, other in (
        ("1 Ray actor", "here, 1 core"),
        ("2 Ray actors", "here, 2 cores"),
        ("2 Ray actors", "1 Ray actor"),
    ):
        ratio = middle[one] / middle[other]
        sys.stdout.write(f"{one} against {other}: {ratio:.2f}\n")


if __name__ == "__main__":
    main()
