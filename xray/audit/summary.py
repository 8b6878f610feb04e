"""The figures of an audit: shares with intervals, by group, and who meets whom.

Counted from the Parquet parts batch by batch: memory grows with the number of
different stations, manufacturers and months, not with the number of files.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..classify.verdict import Verdict
from ..labels import BODY_PARTS
from .rows import PARTS_NAME, schema
from .table import Row

if TYPE_CHECKING:
    import pyarrow as pa

GROUPS = {
    "part": "Body part in the picture",
    "station": "Station",
    "manufacturer": "Manufacturer",
    "month": "Month",
}
SEVERAL = "several parts"
_COMPARED = (Verdict.AGREE, Verdict.NEIGHBORING, Verdict.DISAGREE)
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


def summarize(folder: Path) -> Summary:
    """Count the rows of an audit.

    Args:
        folder: The report's folder, its rows closed.
    """
    import pyarrow.dataset as ds

    columns = ["verdict", "problem", "model", "header_parts", *GROUPS]
    summary = Summary(groups={name: {} for name in GROUPS})
    rows = ds.dataset(folder / PARTS_NAME, schema=schema(), format="parquet")
    for batch in rows.to_batches(columns=columns):
        for row in _count(batch, columns):
            _add(summary, row)
    return summary


def rows_of(folder: Path, keys: Iterable[str]) -> dict[str, Row]:
    """Look a few rows up by their keys."""
    import pyarrow.dataset as ds

    rows = ds.dataset(folder / PARTS_NAME, schema=schema(), format="parquet")
    wanted = list(keys)
    if not wanted:
        return {}
    table = rows.to_table(filter=ds.field("key").isin(wanted))
    return {values["key"]: Row(**values) for values in table.to_pylist()}


def header_label(header_parts: str) -> str:
    """Name a claim as one row of the confusion matrix."""
    parts = header_parts.split("|")
    return SEVERAL if len(parts) > 1 else parts[0].removeprefix("~")


def label_order() -> list[str]:
    """The confusion matrix's labels: the parts, and what names more than one."""
    return [*(part.english for part in BODY_PARTS), SEVERAL]


def _count(batch: "pa.RecordBatch", columns: list[str]) -> list[dict[str, Any]]:
    """Count equal rows: the values of the columns, and `count_all`."""
    import pyarrow as pa

    table = pa.Table.from_batches([batch])
    counted: list[dict[str, Any]] = (
        table.group_by(columns).aggregate([([], "count_all")]).to_pylist()
    )
    return counted


def _add(summary: Summary, values: dict[str, Any]) -> None:
    count = int(values["count_all"])
    summary.files += count
    summary.models[values["model"]] += count
    verdict = values["verdict"]
    if values["problem"]:
        summary.unread += count
        summary.problems[values["problem"]] += count
        return
    if not verdict:
        summary.pictures += count
        return
    summary.verdicts[verdict] += count
    for name in GROUPS:
        group = summary.groups[name].setdefault(values[name], Counter())
        group[verdict] += count
    if Verdict(verdict) in _COMPARED:
        header = header_label(values["header_parts"])
        cell = summary.confusion.setdefault((header, values["part"]), Counter())
        cell[verdict] += count
