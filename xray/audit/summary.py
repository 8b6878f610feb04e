"""The figures of an audit: shares with intervals, by group, and who meets whom.

Counted over the Parquet parts, see `parts`.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ..labels import BODY_PARTS
from ..records.verdict import Verdict
from .drift import Drift, find_drift
from .parts import count, parts_of

GROUPS = {
    "part": "Body part in the picture",
    "station": "Station",
    "manufacturer": "Manufacturer",
    "month": "Month",
}
SEVERAL = "several parts"
_COMPARED = (Verdict.AGREE, Verdict.NEIGHBORING, Verdict.DISAGREE)
_KINDS = ("model", "problem", "verdict")
_MEETING = ("header_parts", "part", "verdict")
_Z95 = 1.959964  # of the normal distribution, two-sided 95 %


@dataclass(slots=True)
class Summary:
    """Counts of an audit."""

    files: int = 0
    unread: int = 0  # files with an error instead of a result
    pictures: int = 0  # classified, but without a DICOM header to judge
    verdicts: Counter[str] = field(default_factory=Counter)
    groups: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    # (header's part, picture's part): how many of each verdict
    confusion: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)  # name and version
    drift: list[Drift] = field(default_factory=list)  # the furthest first

    @property
    def judged(self) -> int:
        """Files with a verdict."""
        return self.verdicts.total()


def interval(count: int, total: int) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 % (Wilson 1927).

    Args:
        count: Of `total`.
        total: 0 gives the whole range.

    Returns:
        Lower and upper bound, [0, 1].
    """
    if total == 0:
        return 0.0, 1.0
    share = count / total
    spread = _Z95**2 / total
    center = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return max(0.0, center - half), min(1.0, center + half)


def summarize(report: Path) -> Summary:
    """Count the rows of an audit.

    Args:
        report: Its folder, its rows closed.
    """
    import pyarrow.dataset as ds

    rows = parts_of(report)
    summary = Summary(groups={name: {} for name in GROUPS})
    for (model, problem, verdict), files in count(rows, _KINDS):
        summary.files += files
        summary.models[model] += files
        if problem:
            summary.unread += files
            summary.problems[problem] += files
        elif verdict:
            summary.verdicts[verdict] += files
        else:
            summary.pictures += files
    judged = (ds.field("problem") == "") & (ds.field("verdict") != "")
    for name, group in summary.groups.items():
        for (value, verdict), files in count(rows, (name, "verdict"), judged):
            group.setdefault(value, Counter())[verdict] += files
    compared = judged & ds.field("verdict").isin([each.value for each in _COMPARED])
    for (header, part, verdict), files in count(rows, _MEETING, compared):
        label = header_label(header), part
        summary.confusion.setdefault(label, Counter())[verdict] += files
    summary.drift = find_drift(rows, judged, summary.groups)
    return summary


def header_label(header_parts: str) -> str:
    """Name a claim as one row of the confusion matrix."""
    parts = header_parts.split("|")
    return SEVERAL if len(parts) > 1 else parts[0].removeprefix("~")


def label_order() -> list[str]:
    """The confusion matrix's labels: the parts, and what names more than one."""
    return [*(part.english for part in BODY_PARTS), SEVERAL]
