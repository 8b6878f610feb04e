"""Films a second through the node against `predict`: run with `python -m`.

Both classify the same films with the shipped network on this machine; the node also
receives them from storescu, keeps them and delivers a record of each. Where the
senders run on the same cores, the time of the clock charges them to the node: beside
it stands the ratio of processor time, of the program and its decoders, which is also
what can be compared on a machine that does other work.
`--quick` leaves the network out, to see what memory many films take.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.saying import say
from tests.servers.nodes import ANYBODY, rule, send, settings, small_films
from tests.servers.quick_classifier import QuickClassifier
from tests.servers.waiting import wait_until
from xray.classify.classifier import Classifier
from xray.classify.pipeline import Source, process_all
from xray.node.config import read_config
from xray.node.running import Node
from xray.reading import sandbox
from xray.reading.deadline import cpu_seconds
from xray.spool.item import State

LOG = '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n'
SENDERS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=200)
    parser.add_argument("--quick", action="store_true")
    words = parser.parse_args()
    classifier = QuickClassifier() if words.quick else Classifier.load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = small_films(folder / "films", words.films)

        def predict() -> None:
            sources = (Source(str(path), path) for path in paths)
            for _ in process_all(classifier, sources, lambda outcome: outcome, top=0):
                pass

        predict()  # everything is compiled and warm
        alone = _timed("predict", predict, words.films)
        config = read_config(settings(folder, ANYBODY, LOG, rule(["record"], ["log"])))
        with Node(config, classifier) as node, ThreadPoolExecutor(SENDERS) as senders:

            def through() -> None:
                sent = [
                    senders.submit(send, node.port, paths[number::SENDERS])
                    for number in range(SENDERS)
                ]
                wait_until(
                    lambda: node.spool.items.count()[State.DELIVERED] == words.films,
                    3600,
                )
                for each in sent:
                    each.result().check_returncode()

            before = _memory()
            whole = _timed("node", through, words.films)
            say(f"memory {before:,.0f} MB before, at most {_memory():,.0f} MB after")
        say(f"node / predict, films a second: {whole.rate / alone.rate:.2f}")
        say(f"node / predict, films a processor second: {alone.own / whole.own:.2f}")


class _Cost(NamedTuple):
    """What films took."""

    rate: float  # films a second of the clock
    own: float  # ms of processor time a film, of this program and its decoders


def _timed(name: str, work: Callable[[], None], films: int) -> _Cost:
    begun, own, others = time.perf_counter(), _own_seconds(), _ended_seconds()
    work()
    rate = films / (time.perf_counter() - begun)
    cost = _Cost(rate, 1000 * (_own_seconds() - own) / films)
    senders = 1000 * (_ended_seconds() - others) / films
    say(
        f"{name}: {rate:.2f} films a second; processor time a film: {cost.own:.1f} ms "
        f"of the program and its decoders, {senders:.1f} ms of senders"
    )
    return cost


def _own_seconds() -> float:
    """Processor time of this program and of its decoders, which are idle now."""
    decoders = (cpu_seconds(each.pid) or 0.0 for each in sandbox._idle)
    return time.process_time() + sum(decoders)


def _ended_seconds() -> float:
    """Processor time of the programs that this one called, and that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _memory() -> float:
    """Most memory that the process has held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
