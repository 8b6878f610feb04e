"""Whether a tab looks for findings, and how its films are seen with and without.

Off, every film is seen as if nobody had ever asked; what was found stays in the history
for when the switch is turned on again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..classify.prediction import Explanation
from ..network.findings.points import BALANCED, Point
from .history import Entry
from .memory import UnreadFile


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking for findings on a film."""

    key: str
    explanation: Explanation
    problem: UnreadFile | None = None


@dataclass
class Looking:
    """What a tab's switch for findings says, and the work it has begun."""

    on: bool = False
    point: Point = BALANCED  # a fracture is flagged by it
    found: Iterator[Looked] | None = None  # to come
    total: int = 0  # films of that work
    done: int = 0
    _seen: dict[str, tuple[Entry, Entry]] = field(default_factory=dict)

    def turn(self, on: bool, point: Point) -> None:
        """Set switch and operating point; nothing is computed for either."""
        if (on, point) != (self.on, self.point):
            self._seen.clear()
        self.on, self.point = on, point
        if not on:
            self.stop()

    @property
    def wanted(self) -> Point | bool:
        """What to ask for beside the body part of a film that comes."""
        return self.point if self.on else False

    def seen(self, entry: Entry) -> Entry:
        """A film of the history as the page is to show it."""
        findings = entry.prediction.findings
        wanted = self.point if self.on and findings is not None else None
        if findings is None or findings.point == wanted:
            return entry
        known, seen = self._seen.get(entry.key, (None, entry))
        if known is not entry:
            said = None if wanted is None else findings.at(wanted)
            explanation = entry.explanation.with_findings(said)
            seen = replace(entry, explanation=explanation)
            self._seen[entry.key] = entry, seen
        return seen

    def stop(self) -> None:
        """Let go of the work that was begun."""
        self.found = None

    def forget(self, key: str) -> None:
        """Let go of a film."""
        self._seen.pop(key, None)

    def forget_all(self) -> None:
        """Let go of every film."""
        self._seen.clear()
