"""Which side a DICOM header says that a film shows, as it stands there.

Elements and descriptions are told apart: the first are what programs go by, the
second what somebody typed, and the two may contradict each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from .anatomy_codes import phrase_of_code
from .descriptions import WORDED, code, hint_texts, items, show, text
from .projection import understand_views
from .synonyms import Table, make_table, split, words_of
from .view_table import BOTH, LAST_SIDES, LAST_WORD_SIDES, LEFT, NO_SIDES, RIGHT, SIDES

if TYPE_CHECKING:
    from pydicom import Dataset

_ELEMENTS = (
    0x00209072,  # Frame Laterality
    0x00200062,  # Image Laterality
    0x00200060,  # Laterality
)
_ANATOMIC_REGION = 0x00082218
_REGION_MODIFIER = 0x00082220
_UNPAIRED = "U"
_KNOWN = (LEFT, RIGHT, BOTH, _UNPAIRED)


@dataclass(frozen=True, slots=True)
class LateralityClaim:
    """The side that a header states: "L", "R", "B" for both, "U" for unpaired."""

    side: str | None = None  # of an element; None where none says
    source: str | None = None  # the tag it was read from, as "(gggg,eeee)"
    described: str | None = None  # "L", "R" or "B" in the words of the descriptions
    described_in: str | None = None  # the tag of that description

    @property
    def missing(self) -> bool:
        """Whether neither an element nor a description names a side."""
        return self.side is None and self.described is None


def read_laterality(dataset: "Dataset") -> LateralityClaim:
    """Read the side from the elements and, apart from them, from the descriptions."""
    side, source = next(_stated(dataset), (None, None))
    described, described_in = next(_described(dataset), (None, None))
    return LateralityClaim(side, source, described, described_in)


def understand_side(words: str) -> str | None:
    """Read a text as "L", "R" or "B", whatever its language; None if it names none."""
    found, rest = split(words_of(words), _table())
    sides = frozenset().union(*(_table()[phrase] for phrase in found))
    if not sides and len(rest) > 1:
        sides = _last_side(words, rest[-1])
    if len(sides) > 1:
        return BOTH
    return next(iter(sides), None)


def _last_side(words: str, last: str) -> frozenset[str]:
    """Read what is a side only at the end: "MANO DX", "Hand re. a.p."."""
    if found := _last_words().get((last,)):
        return found
    *before, end = [*understand_views(words).rest] or [""]
    return _last_table().get((end,), frozenset()) if before else frozenset()


def _stated(dataset: "Dataset") -> Iterator[tuple[str, str]]:
    for tag in _ELEMENTS:
        found = text(dataset, tag).upper()
        if found in _KNOWN:
            yield found, show(tag)
    for region in items(dataset, _ANATOMIC_REGION):
        for item in items(region, _REGION_MODIFIER):
            number, scheme, meaning = code(item)
            side = understand_side(phrase_of_code(number, scheme) or meaning)
            if side:
                yield side, show(_REGION_MODIFIER)


def _described(dataset: "Dataset") -> Iterator[tuple[str, str]]:
    for tag in WORDED:
        found = map(understand_side, hint_texts(dataset, tag))
        sides = {side for side in found if side is not None}
        if sides:
            yield (BOTH if len(sides) > 1 else sides.pop()), show(tag)


@cache
def _table() -> Table:
    no_sides: list[tuple[str, str]] = [("", NO_SIDES)]
    return make_table([*SIDES.items(), *no_sides])


@cache
def _last_table() -> Table:
    return make_table(LAST_SIDES.items())


@cache
def _last_words() -> Table:
    return make_table(LAST_WORD_SIDES.items())
