"""Load on a real server: `python -m tests.load`, or `--minutes 20`.

Measures what it can take, then asks for 80 % of that and looks at the slowest answers,
then for three times as much and looks at what it says. Its memory must stay as it is.
`--latency` compares one film over HTTP with `Classifier.explain` in this process.
"""

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

import httpx2

from tests.archives import FILMS
from tests.saying import say
from xray.classify.classifier import Classifier
from xray.threads import count_cores

_SERVING = re.compile(r"^serving on (\S+)$", re.MULTILINE)
_REFUSED = {429, 503}
_CUT = 0  # stands for a connection that broke
_GROWTH = 1.1  # of the memory, from the middle of the run to its end
_TRIES = 30  # films of the comparison


class Load:
    """Asks a server, and keeps what it answers."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self._films = cycle(path.read_bytes() for path in sorted(FILMS.glob("*.jpg")))
        self.clear()

    def clear(self) -> None:
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()

    async def ask(self) -> None:
        begun = time.perf_counter()
        try:
            answer = await self._client.post(
                "/v1/predictions", content=next(self._films)
            )
        except httpx2.TransportError:
            self.statuses[_CUT] += 1
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code == 200:
            self.seconds.append(time.perf_counter() - begun)

    async def as_fast_as_it_goes(self, seconds: float) -> float:
        """Ask without a pause from a few places: films a second."""
        self.clear()
        begun = time.perf_counter()

        async def one_after_the_other() -> None:
            while time.perf_counter() - begun < seconds:
                await self.ask()

        await asyncio.gather(*(one_after_the_other() for _ in range(count_cores() + 2)))
        return len(self.seconds) / (time.perf_counter() - begun)

    async def at(self, rate: float, seconds: float) -> None:
        """Ask so many times a second, whether or not answers come."""
        self.clear()
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                await asyncio.sleep(begun + number / rate - time.perf_counter())
                group.create_task(self.ask())

    async def memory(self) -> float:
        text = (await self._client.get("/metrics")).text
        found = re.search(r"^process_resident_memory_bytes (\S+)", text, re.MULTILINE)
        assert found
        return float(found[1])


@contextmanager
def server() -> Iterator[str]:
    """Run a server with the shipped network."""
    command = [sys.executable, "-m", "xray", "serve", "--port", "0"]
    with (
        tempfile.NamedTemporaryFile() as log,  # no pipe: nobody would empty it
        subprocess.Popen(command, stderr=log) as process,
    ):
        try:
            while not (found := _SERVING.search(Path(log.name).read_text())):
                assert process.poll() is None
                time.sleep(0.1)
            yield found[1]
        finally:
            process.terminate()
            process.wait()


async def run(address: str, seconds: float, bound: float) -> bool:
    """Load a server; says whether it stood it."""
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(
        base_url=address, limits=limits, timeout=120
    ) as client:
        load = Load(client)
        await load.as_fast_as_it_goes(min(20, seconds / 4))  # everything is compiled
        capacity = await load.as_fast_as_it_goes(min(60, seconds / 2))
        say(f"capacity  {capacity:.1f} films/s")
        await load.at(0.8 * capacity, seconds / 2)
        middle = await load.memory()
        slow = quantiles(load.seconds, n=100)[98]
        await load.at(0.8 * capacity, seconds / 2)
        end = await load.memory()
        slow = max(slow, quantiles(load.seconds, n=100)[98])
        calm = dict(load.statuses)
        say(
            f"80 %      p50 {median(load.seconds):.2f} s, p99 {slow:.2f} s, {calm}; "
            f"memory {middle / 2**20:.0f} to {end / 2**20:.0f} MiB"
        )
        await load.at(3 * capacity, min(30, seconds))
        say(f"300 %     {dict(load.statuses)}")
        return (
            slow <= bound
            and set(calm) == {200}
            and set(load.statuses) <= {200} | _REFUSED
            and end <= _GROWTH * middle
        )


def compare(address: str) -> bool:
    """Ask over HTTP and in this process in turn; says whether HTTP is near."""
    classifier = Classifier.load()
    films = [path.read_bytes() for path in sorted(FILMS.glob("*.jpg"))]
    with httpx2.Client(base_url=address, timeout=120) as client:
        tasks: dict[str, Callable[[bytes], object]] = {
            "POST /v1/predictions": lambda data: client.post(
                "/v1/predictions", content=data
            ),
            "Classifier.explain": classifier.explain,
            "Classifier.predict": lambda data: classifier.predict([data]),
        }
        seconds: dict[str, list[float]] = {name: [] for name in tasks}
        for number, data in zip(range(-len(films), _TRIES), cycle(films), strict=False):
            for name, task in tasks.items():
                begun = time.perf_counter()
                task(data)
                if number >= 0:  # after one round to warm up
                    seconds[name].append(time.perf_counter() - begun)
    outside, *inside = (median(each) for each in seconds.values())
    say(f"one film  {1000 * outside:.0f} ms over HTTP")
    for name, each in zip(list(tasks)[1:], inside, strict=True):
        say(f"          {1000 * each:.0f} ms by {name}: {outside / each:.2f}")
    return outside / inside[0] <= 1.15


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--p99", type=float, default=2.0, help="seconds, at 80 %%")
    parser.add_argument("--latency", action="store_true")
    words = parser.parse_args()
    with server() as address:
        if words.latency:
            return int(not compare(address))
        return int(not asyncio.run(run(address, 60 * words.minutes, words.p99)))


if __name__ == "__main__":
    sys.exit(main())
