"""The figures of an audit on sides and projections.

Which films show a part that has a side, and whether the header says which; and, where
findings were asked for, how the projections of header and picture compare.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from ..labels import BODY_PARTS, SIDED

if TYPE_CHECKING:
    import duckdb

_SIDED = [BODY_PARTS[part].english for part in sorted(SIDED)]
# Rows that an older version wrote have no such column, and aren't counted.
_FILMS = """
    FROM judged WHERE list_contains(?, part) AND band <> 'low'
    AND header_laterality IS NOT NULL
"""
_SIDE = """
    CASE WHEN header_laterality <> '' THEN 'stated'
    WHEN described_laterality <> '' THEN 'described' ELSE 'missing' END
"""
_OPPOSITE = """
    header_laterality || described_laterality IN ('LR', 'RL')
"""


class Side(Enum):
    """Where the header of a film says which side it shows."""

    STATED = "stated"  # in an element
    DESCRIBED = "described"  # only in the words of a description
    MISSING = "missing"


@dataclass(slots=True)
class ViewCounts:
    """Counts of films by side and projection."""

    sides: dict[str, Counter[str]] = field(default_factory=dict)  # by part: `Side`s
    opposite: int = 0  # films whose element and description name the two sides
    projections: Counter[str] = field(default_factory=Counter)  # verdicts
    # (header's projections, picture's): how many of each verdict
    confusion: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    @property
    def sided(self) -> int:
        """Films that show a part with a side."""
        return sum(each.total() for each in self.sides.values())

    @property
    def without_side(self) -> int:
        """Those of them whose header doesn't say which."""
        return sum(each[Side.MISSING.value] for each in self.sides.values())


def count_views(rows: "duckdb.DuckDBPyConnection") -> ViewCounts:
    """Count the judged rows of an audit.

    They are in the view `judged`.
    """
    views = ViewCounts()

    def ask(query: str, *values: object) -> list[tuple[Any, ...]]:
        return rows.execute(query, list(values)).fetchall()

    grouped = "GROUP BY ALL ORDER BY ALL"
    for part, side, films in ask(
        f"SELECT part, {_SIDE}, count(*) {_FILMS} {grouped}", _SIDED
    ):
        views.sides.setdefault(part, Counter())[side] = films
    ((views.opposite,),) = ask(f"SELECT count(*) {_FILMS} AND {_OPPOSITE}", _SIDED)
    for header, picture, verdict, films in ask(
        "SELECT header_projection, projection, projection_verdict, count(*) FROM "
        f"judged WHERE projection_verdict <> '' {grouped}"
    ):
        views.projections[verdict] += films
        if header:
            cell = views.confusion.setdefault((header, picture), Counter())
            cell[verdict] += films
    return views
