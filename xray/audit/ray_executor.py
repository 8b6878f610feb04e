"""A plan's chunks on a Ray cluster: one classifier an actor, one chunk at a time.

Parts are the only state, so nothing is lost with a node or with this driver: what has
no part is done again.
"""

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import DatasetError
from .attempts import Attempts, one_by_one
from .chunks import run_chunk
from .compare import Classify
from .home import open_home
from .plan import Plan, files_of, read_plan

_PAUSE = 0.5  # seconds between two looks at an actor that is being restarted


def run_on_ray(
    place: str | Path,
    numbers: Iterable[int],
    load: Callable[[], Classify],
    address: str,
    each: Callable[[int], object] = lambda _files: None,
) -> dict[int, str]:
    """Make the parts of chunks.

    Args:
        place: The report's folder or store, which every node sees under this name.
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
        return _Driver(place, load).run(numbers, each)
    finally:
        ray.shutdown()


class _Driver:
    """Hands chunks to actors, and those of dead ones to others."""

    def __init__(self, place: str | Path, load: Callable[[], Classify]) -> None:
        import ray

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
            actor.remote(place, load, self.last_begun)
            for _ in range(max(1, sum(each // least for each in cores)))
        ]
        self.attempts = Attempts()

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
                if number is not None and self._died(number):
                    waiting.append(number)
                time.sleep(_PAUSE)
                working[actor.ready.remote()] = (actor, None)
            except ray.exceptions.RayTaskError as error:
                if number is None:
                    raise error.cause from error
                if self.attempts.refused(number, error.cause):
                    time.sleep(_PAUSE)
                    waiting.append(number)
                idle.append(actor)
            else:
                idle.append(actor)
                if number is not None:
                    each(files)
            # Who had nothing left to do takes over what a dead one leaves.
            while waiting and idle:
                working.update([self._begin(idle.pop(), waiting.popleft())])
        return self.attempts.failed

    def _begin(self, actor: Any, number: int) -> tuple[Any, tuple[Any, int]]:
        """Let an actor begin a chunk."""
        how = self.attempts.how(number)
        return actor.run.remote(number, *how), (actor, number)

    def _died(self, number: int) -> bool:
        """Note that an actor died over a chunk; say whether it is to be done again."""
        import ray

        begun = ray.get(self.last_begun.of.remote(number))
        return self.attempts.died(number, begun)


class _Worker:
    """An actor: loads the network once, then does chunk after chunk."""

    def __init__(
        self, place: str | Path, load: Callable[[], Classify], last_begun: Any
    ) -> None:
        self.home = ExitStack().enter_context(
            open_home(place)
        )  # until the process ends
        self.classify = load()
        self.last_begun = last_begun

    @cached_property
    def plan(self) -> Plan:
        """Read the plan when the first chunk is asked for: its errors are a chunk's."""
        return read_plan(self.home.folder)

    def ready(self) -> int:
        """Answer when the network is loaded."""
        return 0

    def run(self, number: int, careful: bool, crashing: tuple[str, ...]) -> int:
        """Do one chunk, and say how many files it has."""
        import ray

        classify = self.classify
        if careful:

            def note(name: str | None) -> None:
                ray.get(self.last_begun.note.remote(number, name))

            classify = one_by_one(classify, note)
        run_chunk(self.home, self.plan, number, classify, crashing=crashing)
        return len(files_of(self.home.folder, number))


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
