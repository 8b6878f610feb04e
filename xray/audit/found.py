"""Findings in an audit: how many films were asked about, and how many were flagged."""

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

ASKED, FRACTURE, HARDWARE = "asked", "fracture", "hardware"
# Rows that an older version wrote, or where nobody asked, have no flag.
_COUNTS = """
    SELECT part, count(*), count_if(fracture_flag = 'yes'),
    count_if(hardware_flag = 'yes')
    FROM rows WHERE fracture_flag <> '' GROUP BY ALL ORDER BY ALL
"""

FoundCounts = dict[str, Counter[str]]  # by part: asked, fracture, hardware


def count_found(rows: "duckdb.DuckDBPyConnection") -> FoundCounts:
    """Count the rows of an audit that have findings."""
    return {
        part: Counter({ASKED: asked, FRACTURE: fractures, HARDWARE: metal})
        for part, asked, fractures, metal in rows.execute(_COUNTS).fetchall()
    }


def summed(counts: FoundCounts) -> Counter[str]:
    """Add up the counts of all parts."""
    return sum(counts.values(), Counter())
