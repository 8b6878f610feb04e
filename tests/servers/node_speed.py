"""Films a second through the node against `predict`: run with `python -m`.

Both classify the same films with the shipped network on this machine; the node also
receives them from storescu, keeps them, writes a report of each and delivers a record.
`--quick` leaves the network out, to see what memory many films take.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.saying import say
from tests.servers.nodes import ANYBODY, rule, send, settings, small_films
from tests.servers.quick_classifier import QuickClassifier
from tests.servers.waiting import wait_until
from xray.classify.classifier import Classifier
from xray.classify.pipeline import Source, process_all
from xray.node.config import read_config
from xray.node.node import Node
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
                for number in range(SENDERS):
                    senders.submit(send, node.port, paths[number::SENDERS])
                wait_until(
                    lambda: node.spool.items.count()[State.DELIVERED] == words.films,
                    3600,
                )

            before = _memory()
            whole = _timed("node", through, words.films)
            say(f"memory {before:,.0f} MB before, at most {_memory():,.0f} MB after")
        say(f"node / predict: {whole / alone:.2f}")


def _timed(name: str, work: Callable[[], None], films: int) -> float:
    begun, used = time.perf_counter(), time.process_time()
    work()
    rate = films / (time.perf_counter() - begun)
    cpu = 1000 * (time.process_time() - used) / films
    say(f"{name}: {rate:.2f} films a second, {cpu:.0f} ms of this process a film")
    return rate


def _memory() -> float:
    """Most memory that the process has held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
