"""Texts as words, and as body parts: "RX TORAX PA E PERFIL" is a chest.

Words are compared whole, without accents or case, the longest phrase first, so
that "Handgelenk" is a wrist and "forearm" no arm. What is in no table (sides,
views, positions) is passed over.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TypeVar

from .synonym_table import NEAR, PARTS, SPINE_ADJECTIVES, SPINE_NOUNS, VAGUE, VAGUE_NEAR

LONGEST_TEXT = 256  # characters of a text that are looked at


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text says about the body part, as class numbers."""

    parts: frozenset[int]
    near: frozenset[int] = frozenset()  # those of `parts` only touched upon


def understand(text: str) -> Meaning | None:
    """Read a text as body parts, whatever its language; None if no word is known."""
    words = [
        piece for word in _words(repair(text[:LONGEST_TEXT])) for piece in pieces(word)
    ]
    for table in (_table(), _vague_table(), _vaguest_table()):
        phrases, _ = split(words, table)
        found = {meant for phrase in phrases for meant in table[phrase]}
        if found:
            parts = frozenset(part for part, _ in found)
            return Meaning(parts, parts - {part for part, near in found if not near})
    return None


def keep_known(text: str) -> str:
    """Leave out every word that names no part, side, view or technique.

    What is left of a free text is safe to show: a patient's name is in no table.
    """
    words = re.split(r"[\W_]+", repair(text[:LONGEST_TEXT]))
    return " ".join(word for word in words if _is_known(word))


Phrase = tuple[str, ...]
Table = Mapping[Phrase, frozenset[str]]
_Meant = TypeVar("_Meant")
_Part = tuple[int, bool]  # its number, and whether only near

_SMALL_WORDS = """
    a the of and with both de del do da dos das du des le la les los las el en em et
    y e o und der die von beide beider mit di della dello dei delle il lo gli ed con
    com rear
"""
_STANDING = re.compile(r"\b(?:em pe|in piedi)\b")
_MAYBE_STANDING = re.compile(r"\b(?:de|en) pie\b")  # or "of the foot"
_TOES = re.compile(r"\b(dedos? )de pie\b")
# What is written without a space before or after a part: side, view, technique.
_GLUED = frozenset(
    {
        *("r", "l", "rt", "lt", "right", "left", "bilat", "bilateral"),
        *("ap", "pa", "lat", "obl", "axial", "joint", "view"),
        *("rx", "xr", "cr", "dx", "rontgen", "roentgen"),
    }
)
_ELIDED = re.compile(r"\b(?:[ld]|dell|all|nell|dall)['’`´]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def repair(text: str) -> str:
    """Undo UTF-8 that was read as Latin-1: "TÃ³RAX" is "TóRAX"."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def words_of(text: str) -> list[str]:
    """Take case, accents and signs away, and what is glued apart; numbers stay.

    >>> words_of("KneeLAT 2V, l'épaule")
    ['knee', 'lat', '2', 'v', 'epaule']
    """
    folded = _ELIDED.sub(" ", repair(text[:LONGEST_TEXT]).casefold())
    found = re.findall(r"[a-z]+|[0-9]+", _fold(folded))
    return [piece for word in found for piece in _unglued(word)]


def make_table(
    source: Iterable[tuple[Iterable[_Meant], str]],
    read: Callable[[str], list[str]] = words_of,
) -> dict[Phrase, frozenset[_Meant]]:
    """Make a table of meanings and their phrases; a comma or a line ends a phrase."""
    table: dict[Phrase, frozenset[_Meant]] = {}
    for meaning, phrases in source:
        for phrase in re.split(r"[,\n]", phrases):
            # Both ways to write German umlauts without them.
            for spelled in (phrase, phrase.lower().translate(_UMLAUTS)):
                if words := tuple(read(spelled)):
                    table[words] = table.get(words, frozenset()) | frozenset(meaning)
    return table


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return "".join(char for char in folded if not unicodedata.combining(char))


def _words(text: str) -> list[str]:
    """Read the words that may name a part: no numbers, and no small words."""
    plain = _TOES.sub(r"\1pie", " ".join(re.findall(r"[a-z]+", _fold(text))))
    plain = _MAYBE_STANDING.sub("depie", _STANDING.sub(" ", plain))
    small = _SMALL_WORDS.split()
    return [word for word in plain.split() if word not in small]


def split(
    words: list[str], table: Mapping[Phrase, object]
) -> tuple[list[Phrase], list[str]]:
    """Find the longest known phrases from left to right.

    Returns:
        The phrases, and the words that are in none of them.
    """
    longest = max(map(len, table))
    found: list[Phrase] = []
    rest: list[str] = []
    start = 0
    while start < len(words):
        for length in range(min(longest, len(words) - start), 0, -1):
            phrase = tuple(words[start : start + length])
            if phrase in table:
                found.append(phrase)
                break
        else:
            length = 1
            rest.append(words[start])
        start += length
    return found, rest


def pieces(word: str) -> list[str]:
    """Take an unknown word apart where both halves are known.

    "rthand" is a side and a hand, "thoraxpa" a thorax and a view, "lumbarspine"
    two words; "handgelenk" is known, and stays whole.
    """
    known = _vocabulary()
    if word in known:
        return [word]
    for cut in range(1, len(word)):
        halves = [word[:cut], word[cut:]]
        parts = sum(half in known and len(half) > 2 for half in halves)
        glued = sum(half in _GLUED for half in halves)
        if parts and parts + glued == 2:
            return halves
    return [word]


def _unglued(word: str) -> list[str]:
    """Take a side, a view and a part apart; "tibial" is no left tibia."""
    found = pieces(word)
    return [word] if found[-1] in ("l", "r") else found


def _build(
    exact: dict[tuple[int, ...], str], near: dict[tuple[int, ...], str]
) -> dict[Phrase, frozenset[_Part]]:
    sources = ((exact, False), (near, True))
    return make_table(
        (
            ([(part, is_near) for part in parts], phrases)
            for source, is_near in sources
            for parts, phrases in source.items()
        ),
        _words,
    )


@cache
def _table() -> Mapping[Phrase, frozenset[_Part]]:
    table = _build(PARTS, NEAR)
    nouns: Table = make_table([((), SPINE_NOUNS)], _words)
    for part, adjectives in SPINE_ADJECTIVES.items():
        for first, second in product(make_table([((), adjectives)], _words), nouns):
            table[*first, *second] = table[*second, *first] = frozenset({(part, False)})
    return table


@cache
def _vague_table() -> Mapping[Phrase, frozenset[_Part]]:
    return _build(VAGUE, {})


@cache
def _vaguest_table() -> Mapping[Phrase, frozenset[_Part]]:
    return _build({}, VAGUE_NEAR)


def _is_known(word: str) -> bool:
    found = [piece for small in _words(word) for piece in pieces(small)]
    return bool(found) and all(piece in _all_words() for piece in found)


@cache
def _all_words() -> frozenset[str]:
    tables = (_table(), _vague_table(), _vaguest_table())
    phrases = [words for table in tables for words in table]
    return _GLUED.union(*phrases)


@cache
def _vocabulary() -> frozenset[str]:
    """Every word that means something alone."""
    tables = (_table(), _vague_table(), _vaguest_table())
    return frozenset(words[0] for table in tables for words in table if len(words) == 1)
