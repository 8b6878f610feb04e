"""The figures of an audit: shares with intervals, by group, and who meets whom.

Counted over the Parquet parts, see `parts`.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..classify.verdict import Verdict
from ..labels import BODY_PARTS
from .drift import COMPARED, GROUPED_BY, Drift, find_drift
from .parts import rows_in
from .views import ViewCounts, count_views

if TYPE_CHECKING:
    import duckdb

GROUPS = {
    "part": "Body part in the picture",
    "station": "Station",
    "manufacturer": "Manufacturer",
    "month": "Month",
}
SEVERAL = "several parts"
_COMPARED = (Verdict.AGREE, Verdict.NEIGHBORING, Verdict.DISAGREE)
_JUDGED = "CREATE VIEW judged AS FROM rows WHERE problem = '' AND verdict <> ''"
ASKED, FRACTURE, HARDWARE = "asked", "fracture", "hardware"
# Rows that an older version wrote, or where nobody asked, have no flag.
_FOUND = """
    SELECT part, count(*), count_if(fracture_flag = 'yes'),
    count_if(hardware_flag = 'yes')
    FROM rows WHERE fracture_flag <> '' GROUP BY ALL ORDER BY ALL
"""
_Z95 = 1.959964  # of the normal distribution, two-sided 95 %

FoundCounts = dict[str, Counter[str]]  # by part: asked, fracture, hardware


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
    views: ViewCounts = field(default_factory=ViewCounts)  # sides and projections
    found: FoundCounts = field(default_factory=dict)  # findings

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
    """Count the rows of an audit that are in its folder, closed."""
    summary = Summary(groups={name: {} for name in GROUPS})
    with rows_in(report) as rows:
        for model, problem, verdict, files in _count(rows, "model, problem, verdict"):
            summary.files += files
            summary.models[model] += files
            if problem:
                summary.unread += files
                summary.problems[problem] += files
            elif verdict:
                summary.verdicts[verdict] += files
            else:
                summary.pictures += files
        rows.execute(_JUDGED)
        for header, part, verdict, files in _count(
            rows, "header_parts, part, verdict", "judged"
        ):
            summary.groups["part"].setdefault(part, Counter())[verdict] += files
            if Verdict(verdict) in _COMPARED:
                label = header_label(header), part
                cell = summary.confusion.setdefault(label, Counter())
                cell[verdict] += files
        for name in GROUPED_BY:
            _group(summary, name, rows)
        summary.views = count_views(rows)
        summary.found = count_found(rows)
    summary.drift.sort(key=lambda each: -each.index)
    return summary


def count_found(rows: "duckdb.DuckDBPyConnection") -> FoundCounts:
    """Count the rows of an audit that have findings."""
    return {
        part: Counter({ASKED: asked, FRACTURE: fractures, HARDWARE: metal})
        for part, asked, fractures, metal in rows.execute(_FOUND).fetchall()
    }


def summed(counts: FoundCounts) -> Counter[str]:
    """Add up the counts of all parts."""
    return sum(counts.values(), Counter())


def header_label(header_parts: str) -> str:
    """Name a claim as one row of the confusion matrix."""
    parts = header_parts.split("|")
    return SEVERAL if len(parts) > 1 else parts[0].removeprefix("~")


def label_order() -> list[str]:
    """The confusion matrix's labels: the parts, and what names more than one."""
    return [*(part.english for part in BODY_PARTS), SEVERAL]


def _group(summary: Summary, name: str, rows: "duckdb.DuckDBPyConnection") -> None:
    """Count by month, station or maker, and see which of them differ."""
    found: dict[str, dict[str, Counter[str]]] = {what: {} for what in COMPARED}
    for value, *bins, files in _count(rows, f"{name}, {', '.join(COMPARED)}", "judged"):
        for what, bin_ in zip(COMPARED, bins, strict=True):
            found[what].setdefault(value, Counter())[bin_] += files
    summary.groups[name] = found["verdict"]
    for what, counts in found.items():
        summary.drift += find_drift(name, what, counts)


def _count(
    rows: "duckdb.DuckDBPyConnection", columns: str, view: str = "rows"
) -> list[tuple[Any, ...]]:
    """Count rows by some columns, in the order of their values."""
    query = f"SELECT {columns}, count(*) FROM {view} GROUP BY ALL ORDER BY ALL"
    return rows.execute(query).fetchall()
