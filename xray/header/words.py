"""A text as words with their numbers, and tables of phrases."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from .synonyms import LONGEST_TEXT, Phrase, pieces, repair

Table = Mapping[Phrase, frozenset[str]]

_ELIDED = re.compile(r"\b(?:[ld]|dell|all|nell|dall)['’`´]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def words_of(text: str) -> list[str]:
    """Take case, accents and signs away, and what is glued apart.

    >>> words_of("KneeLAT 2V, l'épaule")
    ['knee', 'lat', '2', 'v', 'epaule']
    """
    folded = repair(text[:LONGEST_TEXT]).casefold()
    plain = unicodedata.normalize("NFKD", _ELIDED.sub(" ", folded))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    found = re.findall(r"[a-z]+|[0-9]+", plain)
    return [piece for word in found for piece in _unglued(word)]


def _unglued(word: str) -> list[str]:
    """Take a side, a view and a part apart; "tibial" is no left tibia."""
    found = pieces(word)
    return [word] if found[-1] in ("l", "r") else found


def make_table(source: Iterable[tuple[Iterable[str], str]]) -> Table:
    """Make a table of meanings and their phrases; a comma or a line ends a phrase."""
    table: dict[Phrase, frozenset[str]] = {}
    for meaning, phrases in source:
        for phrase in re.split(r"[,\n]", phrases):
            for spelled in (phrase, phrase.lower().translate(_UMLAUTS)):
                if words := tuple(words_of(spelled)):
                    table[words] = table.get(words, frozenset()) | frozenset(meaning)
    return table
