"""A plan's chunks on a Ray cluster: one classifier an actor, one chunk at a time.

Parts are the only state, so nothing is lost with a node or with this driver: what has
no part is done again. A chunk whose actor dies again and again is read file by file, so
that the file that ends the program is known and becomes a row with the reason.
"""

import logging
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ..classify.pipeline import Outcome, Source
from ..errors import DatasetError, XrayError
from .chunks import run_chunk
from .compare import Classify
from .plan import files_of, missing, read_plan

CAREFUL_AFTER = 2  # deaths in one chunk
MOST_TRIES = 20  # of one chunk, each of which may name one more file
_PAUSE = 0.5  # seconds between two looks at an actor that is being restarted


def run_on_ray(
    out: Path,
    numbers: Iterable[int],
    load: Callable[[], Classify],
    address: str,
    each: Callable[[int], object] = lambda _files: None,
) -> dict[int, str]:
    """Make the parts of chunks that are missing.

    Args:
        out: The report's folder, which every node sees under this path.
        numbers: Of the chunks.
        load: Makes what classifies, once in each actor.
        address: Of the cluster, as `ray.init` takes it.
        each: Is told how many files a finished chunk had.

    Returns:
        Why, for each chunk that could not be done.

    Raises:
        DatasetError: The cluster can't be reached, or asks for no token.
    """
    if os.environ.get("RAY_AUTH_MODE") != "token":
        raise DatasetError(
            "Expected RAY_AUTH_MODE=token: whoever reaches an open Ray port runs any "
            "program on it. Received: none. Set it here and on every node, see "
            "docs/scale.md."
        )
    import ray

    try:
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise DatasetError(
            f"Expected a Ray cluster at {address}, received: {error}. Start one with "
            "`ray start --head`, with the same RAY_AUTH_TOKEN."
        ) from error
    try:
        return _Driver(out, load).run(missing(out, read_plan(out), numbers), each)
    finally:
        ray.shutdown()


class _Driver:
    """Hands chunks to actors, and those of dead ones to others."""

    def __init__(self, out: Path, load: Callable[[], Classify]) -> None:
        import ray

        self.out = out
        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        cores = [
            int(node["Resources"].get("CPU", 0)) for node in nodes if node["Alive"]
        ]
        # Ray gives each actor's libraries as many threads as it has processors.
        least = max(1, min((each for each in cores if each), default=1))
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        # Beside the driver: what it knows must not go with another node.
        here = NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        last_begun: Any = ray.remote(num_cpus=0)(_LastBegun)
        self.last_begun = last_begun.options(scheduling_strategy=here).remote()
        actor = ray.remote(num_cpus=least, max_restarts=-1, max_task_retries=0)(_Worker)
        self.actors: list[Any] = [
            actor.remote(str(out), load, self.last_begun)
            for _ in range(max(1, sum(each // least for each in cores)))
        ]
        self.crashing: dict[int, set[str]] = {}
        self.tries: Counter[int] = Counter()
        self.failed: dict[int, str] = {}

    def run(
        self, numbers: Iterable[int], each: Callable[[int], object]
    ) -> dict[int, str]:
        """Do chunks until all are done or have failed."""
        import ray

        waiting = deque(numbers)
        idle: list[Any] = []
        # Chunk each actor works on; None while it makes ready.
        working: dict[Any, tuple[Any, int | None]] = {
            actor.ready.remote(): (actor, None) for actor in self.actors
        }
        while waiting or any(number is not None for _, number in working.values()):
            (done, *_), _ = ray.wait(list(working), num_returns=1)
            actor, number = working.pop(done)
            try:
                files = ray.get(done)
            except ray.exceptions.RayActorError:
                waiting.extend(self._died(number))
                time.sleep(_PAUSE)
                working[actor.ready.remote()] = (actor, None)
            except ray.exceptions.RayTaskError as error:
                waiting.extend(self._refused(number, error.cause))
                idle.append(actor)
            else:
                idle.append(actor)
                if number is not None:
                    each(files)
            # Who had nothing left to do takes over what a dead one leaves.
            while waiting and idle:
                working.update([self._begin(idle.pop(), waiting.popleft())])
        return self.failed

    def _begin(self, actor: Any, number: int) -> tuple[Any, tuple[Any, int]]:
        """Let an actor begin a chunk."""
        careful = self.tries[number] >= CAREFUL_AFTER
        crashing = tuple(self.crashing.get(number, ()))
        return actor.run.remote(number, careful, crashing), (actor, number)

    def _died(self, number: int | None) -> Iterator[int]:
        """Note that an actor died over a chunk; give it back to be done again."""
        import ray

        if number is None:
            return
        self.tries[number] += 1
        name = ray.get(self.last_begun.of.remote(number))
        if name is not None:
            self.crashing.setdefault(number, set()).add(name)
        if self.tries[number] < MOST_TRIES:
            yield number
        else:
            self.failed[number] = f"{MOST_TRIES} actors died over it"

    def _refused(self, number: int | None, error: Exception) -> Iterator[int]:
        """Note why a chunk could not be done, or give it back for another try."""
        if number is None:
            raise error
        self.tries[number] += 1
        if isinstance(error, XrayError) and self.tries[number] < MOST_TRIES // 4:
            time.sleep(_PAUSE)  # a share may come back
            yield number
        else:
            words = str(error) if isinstance(error, XrayError) else type(error).__name__
            self.failed[number] = words


class _Worker:
    """An actor: loads the network once, then does chunk after chunk."""

    def __init__(self, out: str, load: Callable[[], Classify], last_begun: Any) -> None:
        self.out = Path(out)
        self.classify = load()
        self.last_begun = last_begun

    def ready(self) -> int:
        """Answer when the network is loaded."""
        return 0

    def run(self, number: int, careful: bool, crashing: tuple[str, ...]) -> int:
        """Do one chunk, and say how many files it has."""
        classify = self._one_by_one(number) if careful else self.classify
        run_chunk(self.out, number, classify, crashing=crashing)
        return len(files_of(self.out, number))

    def _one_by_one(self, number: int) -> Classify:
        import ray

        def classify(sources: Iterable[Source]) -> Iterator[Outcome]:
            for source in sources:
                if not isinstance(source.data, XrayError):
                    ray.get(self.last_begun.note.remote(number, source.name))
                yield from self.classify([source])
            ray.get(self.last_begun.note.remote(number, None))

        return classify


class _LastBegun:
    """An actor: which file of each chunk was begun last, read file by file."""

    def __init__(self) -> None:
        self.names: dict[int, str | None] = {}

    def note(self, number: int, name: str | None) -> None:
        """Note what is begun now."""
        self.names[number] = name

    def of(self, number: int) -> str | None:
        """Say what was begun last; None where nothing is in work."""
        return self.names.get(number)
