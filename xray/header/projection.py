"""What a DICOM header claims about the projection: frontal, lateral or oblique.

View Code Sequence (0054,0220) and View Position (0018,5101), then, as weak hints, the
words of the descriptions that the body part is read from. AP and PA are both frontal.

A claim never says more than the header does. What describes a whole study, counts views
("knee 2 views") or names one that is neither (axial, Towne, mortise) leaves room for
others: `OTHER` is among its projections.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from ..labels import SINUS, SKULL
from .anatomy_codes import phrase_of_code
from .descriptions import OF_STUDY, WORDED, code, items, show, texts_of, value
from .synonyms import Phrase, Table, make_table, split, words_of
from .view_table import (
    COUNTED,
    FACE,
    FRONTAL,
    JOINING,
    NUMBERS,
    OTHER,
    PROJECTIONS,
    VIEW_POSITION,
)

if TYPE_CHECKING:
    from pydicom import Dataset

_VIEW_CODES = 0x00540220
_VIEW_MODIFIERS = 0x00540222
_VIEW_POSITION = 0x00185101
_HEAD = {SKULL, SINUS}


@dataclass(frozen=True, slots=True)
class ProjectionClaim:
    """The header's own reading of the projection."""

    projections: frozenset[str] = frozenset()  # "frontal", "lateral" …, or "other"
    source: str | None = None  # the tag it was read from, as "(gggg,eeee)"
    view: str | None = None  # known words of a code or CS value; never free text
    hint: bool = False  # read from a description: a weak claim

    @property
    def missing(self) -> bool:
        """Whether the header says nothing about the projection."""
        return self.source is None


@dataclass(frozen=True, slots=True)
class HeaderViews:
    """What a text says of the projection."""

    named: frozenset[str]  # of "frontal", "lateral", "oblique", "other"
    phrases: tuple[Phrase, ...]  # the words that say so
    rest: tuple[str, ...]  # the words that say nothing of it
    more: bool  # it counts more views than it names


def read_projection(dataset: "Dataset", parts: frozenset[int]) -> ProjectionClaim:
    """Read what a header claims, in the order of how strongly it claims it.

    The parts are those that the same header claims.
    """
    unknown: ProjectionClaim | None = None
    for tag, views in _strong_claims(dataset, parts):
        view = " ".join(word for phrase in views.phrases for word in phrase).upper()
        claim = ProjectionClaim(views.named, show(tag), view or None)
        if views.named:
            return claim
        unknown = unknown or claim
    more: str | None = None  # tag of a description that tells of views unnamed
    for tag, text in texts_of(dataset, WORDED):
        views = understand_views(text, parts)
        others = views.more or tag in OF_STUDY or more is not None
        if views.named - {OTHER}:
            named = views.named | ({OTHER} if others else set())
            return ProjectionClaim(named, show(tag), hint=True)
        if views.named or views.more:
            more = more or show(tag)
    if unknown is None and more is not None:
        return ProjectionClaim(frozenset({OTHER}), more, hint=True)
    return unknown or ProjectionClaim()


def understand_views(text: str, parts: frozenset[int] = frozenset()) -> HeaderViews:
    """Read a text as projections, whatever its language.

    The parts are those that it may be about.
    """
    return _understand(words_of(text), _table(), parts)


def _understand(words: list[str], table: Table, parts: frozenset[int]) -> HeaderViews:
    phrases, rest = split(words, table)
    named = frozenset().union(*(table[phrase] for phrase in phrases))
    if FACE in named:
        is_view = bool(parts) and not parts & _HEAD
        named = named - {FACE} | ({FRONTAL} if is_view else set())
    count, rest = _count(rest)
    more = count > max(1, len(named))
    return HeaderViews(named, tuple(phrases), tuple(rest), more)


def _strong_claims(
    dataset: "Dataset", parts: frozenset[int]
) -> Iterator[tuple[int, HeaderViews]]:
    for item in items(dataset, _VIEW_CODES):
        number, scheme, meaning = code(item)
        words = [phrase_of_code(number, scheme) or meaning]
        words += [code(modifier)[2] for modifier in items(item, _VIEW_MODIFIERS)]
        if number or meaning:
            yield _VIEW_CODES, understand_views(" ".join(words), parts)
    if found := words_of(value(dataset, _VIEW_POSITION)):
        yield _VIEW_POSITION, _understand(found, _view_positions(), parts)


def _count(words: list[str]) -> tuple[int, list[str]]:
    """Find how many views a text counts, and what is left of its words."""
    count, rest = 0, []
    numbers, counted, joining = _numbers(), _words(COUNTED), _words(JOINING)
    for word, after in pairwise([*words, ""]):
        number = int(word) if word.isdecimal() and len(word) == 1 else numbers.get(word)
        if number and after in counted:
            count = max(count, number)
        elif not (word.isdecimal() or word in counted or word in joining):
            rest.append(word)
    return count, rest


@cache
def _table() -> Table:
    return make_table(PROJECTIONS.items())


@cache
def _view_positions() -> Table:
    return {**_table(), **make_table(VIEW_POSITION.items())}


@cache
def _words(phrases: str) -> frozenset[str]:
    return frozenset(word for phrase in make_table([((), phrases)]) for word in phrase)


@cache
def _numbers() -> dict[str, int]:
    return {
        word: number
        for number, words in NUMBERS.items()
        for (word,) in make_table([((), words)])
    }
