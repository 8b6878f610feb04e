"""Which months, stations and makers differ from the whole archive.

The population stability index of two distributions p and q over the same bins is
sum((p - q) ln(p / q)); above 0.25 it is usually called a major shift (Siddiqi 2006,
"Credit Risk Scorecards"). A detector that began to write wrong tags in March shows
as a month and a station whose verdicts are others.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

GROUPED_BY = ("month", "station", "manufacturer")
COMPARED = {"verdict": "verdicts", "part": "body parts", "band": "confidence"}
THRESHOLD = 0.25
LEAST_FILES = 200  # with fewer, chance alone shifts 22 parts by 0.1

_HALF = 0.5  # of a film is added to each bin, so that none is empty


@dataclass(frozen=True, slots=True)
class Drift:
    """A group that differs from the whole."""

    group: str  # one of GROUPED_BY
    name: str  # which month, station or maker
    what: str  # one of COMPARED
    files: int
    index: float  # population stability index
    bin: str  # the bin that contributes most
    share: float  # of the group's files in it
    usual: float  # of all files


def find_drift(
    group: str, what: str, counts: Mapping[str, Mapping[str, int]]
) -> list[Drift]:
    """List what differs from the whole.

    Counts are of judged files, by name of a group and by bin.
    """
    whole: Counter[str] = Counter()
    for each in counts.values():
        whole.update(each)
    found = []
    for name, each in counts.items():
        files = sum(each.values())
        if files < LEAST_FILES:
            continue
        terms = stability_terms(each, whole)
        index = sum(terms.values())
        if index <= THRESHOLD:
            continue
        most = max(terms, key=lambda bin_: terms[bin_])
        share, usual = each.get(most, 0) / files, whole[most] / whole.total()
        found.append(Drift(group, name, what, files, index, most, share, usual))
    return found


def stability_terms(
    counts: Mapping[str, int], whole: Mapping[str, int]
) -> dict[str, float]:
    """Compute what each bin adds to the population stability index of a group.

    Args:
        counts: Files of the group by bin.
        whole: Files of all groups by bin; holds every bin of `counts`.
    """
    ours = sum(counts.values()) + _HALF * len(whole)
    theirs = sum(whole.values()) + _HALF * len(whole)
    terms = {}
    for bin_, everyone in whole.items():
        p = (counts.get(bin_, 0) + _HALF) / ours
        q = (everyone + _HALF) / theirs
        terms[bin_] = (p - q) * math.log(p / q)
    return terms
