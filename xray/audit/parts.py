"""The rows of an audit as Parquet parts, and what is counted over all of them.

Arrow reads part after part and keeps only what is counted: memory grows with the
number of different stations or months, not with the number of files.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .table import NAMES, Row

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

PARTS_NAME = "results"  # the folder of Parquet parts, one table


def schema() -> "pa.Schema":
    """The columns of the parts."""
    import pyarrow as pa

    return pa.schema(
        (name, pa.float32() if name == "probability" else pa.string()) for name in NAMES
    )


def write_part(path: Path, rows: Sequence[Row]) -> None:
    """Write rows to one part, whole or not at all.

    Raises:
        OSError: The file can't be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([asdict(row) for row in rows], schema())
    partial = path.with_suffix(".partial")
    pq.write_table(table, partial)
    partial.replace(path)


def parts_of(report: Path) -> "ds.FileSystemDataset":
    """Open all parts of a report as one table."""
    import pyarrow.dataset as ds

    # In order of name, so that equal parts give equal figures to the last digit.
    paths = sorted((report / PARTS_NAME).glob("*.parquet"))
    return ds.dataset([str(path) for path in paths], schema=schema(), format="parquet")


def count(
    rows: "ds.Dataset", columns: Sequence[str], where: "pc.Expression | None" = None
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Count rows by the values of some columns.

    Args:
        rows: Of any number.
        columns: At least one.
        where: Which rows count; None is all.

    Yields:
        Values of the columns, and how many rows have them; in order of the values.
    """
    from pyarrow import acero

    steps = [acero.Declaration("scan", acero.ScanNodeOptions(rows, filter=where))]
    if where is not None:  # the scan only leaves out what no row group can hold
        steps.append(acero.Declaration("filter", acero.FilterNodeOptions(where)))
    counted = acero.AggregateNodeOptions(
        [([], "hash_count_all", None, "files")], keys=list(columns)
    )
    steps.append(acero.Declaration("aggregate", counted))
    table = acero.Declaration.from_sequence(steps).to_table()
    values = zip(*(table[name].to_pylist() for name in columns), strict=True)
    yield from sorted(zip(values, table["files"].to_pylist(), strict=True))


def rows_of(report: Path, keys: Iterable[str]) -> dict[str, Row]:
    """Look a few rows up by their keys."""
    import pyarrow.dataset as ds

    wanted = list(keys)
    if not wanted:
        return {}
    table = parts_of(report).to_table(filter=ds.field("key").isin(wanted))
    return {values["key"]: Row(**values) for values in table.to_pylist()}
