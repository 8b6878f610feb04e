"""What is known of chunks that could not be done at once, whoever does them.

A chunk that ends its process again and again is read file by file, so that the file
that does it is known and becomes a row with the reason.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from ..classify.pipeline import Outcome, Source
from ..errors import XrayError
from .compare import Classify

CAREFUL_AFTER = 2  # deaths over one chunk
MOST_TRIES = 20  # of one chunk, each of which may name one more file


class Attempts:
    """Counts what went wrong with each chunk."""

    def __init__(self) -> None:
        self.failed: dict[int, str] = {}  # why, of those given up
        self._tries: Counter[int] = Counter()
        self._crashing: dict[int, set[str]] = {}

    def how(self, number: int) -> tuple[bool, tuple[str, ...]]:
        """Say whether to read a chunk file by file, and which not to open."""
        crashing = tuple(sorted(self._crashing.get(number, ())))
        return self._tries[number] >= CAREFUL_AFTER, crashing

    def died(self, number: int, begun: str | None) -> bool:
        """Note that a process died over a chunk, and say whether to try again.

        Args:
            number: Of the chunk.
            begun: The file that it had begun, if it was reading file by file.
        """
        self._tries[number] += 1
        if begun is not None:
            self._crashing.setdefault(number, set()).add(begun)
        if self._tries[number] < MOST_TRIES:
            return True
        self.failed[number] = f"{MOST_TRIES} processes died over it"
        return False

    def refused(self, number: int, error: Exception) -> bool:
        """Note why a chunk could not be done, and say whether to try again."""
        self._tries[number] += 1
        if isinstance(error, XrayError) and self._tries[number] < MOST_TRIES // 4:
            return True  # a share may come back
        words = str(error) if isinstance(error, XrayError) else type(error).__name__
        self.failed[number] = words
        return False


def one_by_one(classify: Classify, note: Callable[[str | None], object]) -> Classify:
    """Classify file by file, and tell which is begun; None when all are done."""

    def classified(sources: Iterable[Source]) -> Iterator[Outcome]:
        for source in sources:
            if not isinstance(source.data, XrayError):
                note(source.name)
            yield from classify([source])
        note(None)

    return classified
