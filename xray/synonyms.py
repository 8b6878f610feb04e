"""Read a text as body parts: "RX TORAX PA E PERFIL" is a chest.

Words are compared whole, without accents or case, the longest phrase first, so
that "Handgelenk" is a wrist and "forearm" no arm. What is in no table (sides,
views, positions) is passed over.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import product

from .synonym_table import (
    NEAR,
    PARTS,
    SPINE_ADJECTIVES,
    SPINE_NOUNS,
    VAGUE,
    VAGUE_NEAR,
)

LONGEST_TEXT = 256  # characters of a text that are looked at


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text says about the body part, as class numbers."""

    parts: frozenset[int]
    near: frozenset[int] = frozenset()  # those of `parts` only touched upon


def understand(text: str) -> Meaning | None:
    """Read a text as body parts, whatever its language; None if no word is known."""
    words = _words(_repair(text[:LONGEST_TEXT]))
    for table in (_table(), _vague_table()):
        found = _matches(words, table)
        if found:
            exact = frozenset(part for part, near in found if not near)
            return Meaning(
                exact | {part for part, _ in found},
                frozenset(part for part, _ in found) - exact,
            )
    return None


_Table = dict[tuple[str, ...], frozenset[tuple[int, bool]]]  # (part, only near?)

_SMALL_WORDS = """
    a the of and with both de del do da dos das du des le la les los las el en em et
    y e o und der die von beide beider mit di della dello dei delle il lo gli ed con
    com
"""
_STANDING = re.compile(r"\b(?:em pe|in piedi)\b")
_MAYBE_STANDING = re.compile(r"\b(?:de|en) pie\b")  # or "of the foot"
_TOES = re.compile(r"\b(dedos? )de pie\b")
_SIDES = ("right", "left", "rt", "lt", "r", "l", "bilateral")
_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"))


def _repair(text: str) -> str:
    """Undo UTF-8 that was read as Latin-1: "TÃ³RAX" is "TóRAX"."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _fold(text: str) -> str:
    """Take case, accents, digits and signs away: words of a to z remain."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    plain = " ".join(re.findall(r"[a-z]+", plain))
    plain = _TOES.sub(r"\1pie", plain)
    return _MAYBE_STANDING.sub("depie", _STANDING.sub(" ", plain))


def _words(text: str) -> list[str]:
    small = _SMALL_WORDS.split()
    return [word for word in _fold(text).split() if word not in small]


def _matches(words: list[str], table: _Table) -> set[tuple[int, bool]]:
    """Find the longest known phrases from left to right, and what they mean."""
    longest = max(map(len, table))
    found: set[tuple[int, bool]] = set()
    start = 0
    while start < len(words):
        for length in range(min(longest, len(words) - start), 0, -1):
            phrase = tuple(words[start : start + length])
            meaning = table.get(phrase)
            if meaning is None and length == 1:
                meaning = table.get((_without_side(phrase[0]),))
            if meaning is not None:
                found |= meaning
                start += length - 1
                break
        start += 1
    return found


def _without_side(word: str) -> str:
    """Take a glued side off: "rhand" and "rthand" are hands."""
    for side in _SIDES:
        rest = word.removeprefix(side)
        if rest != word and len(rest) >= 3:
            return rest
    return word


def _spellings(phrase: str) -> set[tuple[str, ...]]:
    """Both ways to write German umlauts without them, as words."""
    spelled = phrase.lower()
    for umlaut, letters in _UMLAUTS:
        spelled = spelled.replace(umlaut, letters)
    return {tuple(_words(phrase)), tuple(_words(spelled))} - {()}


def _phrases(text: str) -> list[str]:
    return re.split(r"[,\n]", text)


def _build(
    exact: dict[tuple[int, ...], str], near: dict[tuple[int, ...], str]
) -> _Table:
    table: dict[tuple[str, ...], set[tuple[int, bool]]] = {}
    for source, is_near in ((exact, False), (near, True)):
        for parts, phrases in source.items():
            for words in set().union(*map(_spellings, _phrases(phrases))):
                meaning = table.setdefault(words, set())
                meaning.update((part, is_near) for part in parts)
    return {words: frozenset(meaning) for words, meaning in table.items()}


@cache
def _table() -> _Table:
    table = _build(PARTS, NEAR)
    for part, adjectives in SPINE_ADJECTIVES.items():
        pairs = product(_phrases(adjectives), _phrases(SPINE_NOUNS))
        for adjective, noun in pairs:
            first, second = _words(adjective), _words(noun)
            table[*first, *second] = table[*second, *first] = frozenset({(part, False)})
    return table


@cache
def _vague_table() -> _Table:
    return _build(VAGUE, VAGUE_NEAR)
